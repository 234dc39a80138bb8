"""Milliseconds that the stages of a planning took."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")
STAGES = ("context", "generate", "score", "refine")


class Stopwatch:
    """Takes the time of stages; one that several candidates go through counts from its first start to its last end.

    Args:
        clock: Seconds from any start, such as `time.perf_counter`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._start = clock, clock()
        self._spans: dict[str, tuple[float, float]] = {}

    async def timing(self, stage: str, work: Awaitable[Result]) -> Result:
        """What the work gives, its time counted towards the stage."""
        started = self._clock()
        try:
            return await work
        finally:
            first, _ = self._spans.get(stage, (started, started))
            self._spans[stage] = (min(first, started), self._clock())

    def milliseconds(self) -> dict[str, float]:
        """Time by stage, and in total since the watch was made."""
        spans = {stage: self._spans.get(stage, (0.0, 0.0)) for stage in STAGES}
        total = (self._clock() - self._start) * 1000
        return {"total": total} | {stage: (end - start) * 1000 for stage, (start, end) in spans.items()}
