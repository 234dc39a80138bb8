"""Timing: what is compared is run in turn, so that whatever else the machine does falls on all alike."""

from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from time import perf_counter

Timed = Callable[[], Awaitable[object]]


async def medians(rivals: Mapping[str, Timed], repetitions: int) -> Mapping[str, float]:
    """Median seconds of each rival. Every round runs all of them once, each round beginning with another.

    Args:
        rivals: What is compared.
        repetitions: Number of rounds.
    """
    names = list(rivals)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repetitions):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            started = perf_counter()
            await rivals[name]()
            taken[name].append(perf_counter() - started)
    return {name: median(seconds) for name, seconds in taken.items()}


def median_seconds(work: Callable[[], object], repetitions: int) -> float:
    """Median seconds that a call takes."""
    taken = []
    for _ in range(repetitions):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return median(taken)
