"""Milliseconds of stages, on a clock that only moves when it is told to."""

import asyncio
from dataclasses import dataclass

from prefect_harmonic.planners.stopwatch import STAGES, Stopwatch


@dataclass
class Clock:
    """Seconds that pass when somebody says so."""

    now: float = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def test_stage_takes_from_its_start_to_its_end() -> None:
    """What passes while the work is done, and nothing for stages that were never entered."""
    clock = Clock()
    watch = Stopwatch(clock)

    async def work() -> str:
        clock.now += 2
        return "done"

    assert await watch.timing("generate", work()) == "done"
    clock.now += 1
    assert watch.milliseconds() == {"total": 3000.0, "context": 0.0, "generate": 2000.0, "score": 0.0, "refine": 0.0}


async def test_overlapping_work_counts_from_the_first_start_to_the_last_end() -> None:
    """The one that starts first ends last, so that its whole time is the stage's."""
    clock, inner_may_end, outer_may_end = Clock(), asyncio.Event(), asyncio.Event()
    watch = Stopwatch(clock)
    outer = asyncio.create_task(watch.timing("generate", outer_may_end.wait()))
    await asyncio.sleep(0)
    clock.now += 5
    inner = asyncio.create_task(watch.timing("generate", inner_may_end.wait()))
    await asyncio.sleep(0)
    clock.now += 1
    inner_may_end.set()
    await inner
    clock.now += 4
    outer_may_end.set()
    await outer
    assert watch.milliseconds()["generate"] == 10_000.0


async def test_failed_work_is_timed_too() -> None:
    """An error costs time as well, and comes through."""
    clock = Clock()
    watch = Stopwatch(clock)

    async def work() -> None:
        clock.now += 1
        raise ValueError("no")

    (error,) = await asyncio.gather(watch.timing("refine", work()), return_exceptions=True)
    assert isinstance(error, ValueError)
    assert watch.milliseconds()["refine"] == 1000.0


def test_all_stages_are_told_even_before_anything_happened() -> None:
    """The contract's keys are always there."""
    assert set(Stopwatch(Clock()).milliseconds()) == {"total", *STAGES}
