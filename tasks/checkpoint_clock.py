"""The clock that checkpoints go by: the event loop's own, or one that a caller gives and moves."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class CheckpointClock(Protocol):
    """Tells the time in seconds from any fixed moment, and lets callers wait for a later one."""

    def now(self) -> float:
        """The time."""
        ...

    async def reached(self, moment: float) -> None:
        """Returns once that moment is reached."""
        ...


class LoopClock:
    """The clock of the event loop, which no change of the calendar's moves."""

    def now(self) -> float:
        """See `CheckpointClock.now`."""
        return asyncio.get_running_loop().time()

    async def reached(self, moment: float) -> None:
        """See `CheckpointClock.reached`."""
        await asyncio.sleep(max(0.0, moment - self.now()))


_given: ContextVar[CheckpointClock | None] = ContextVar("harmonic_checkpoint_clock", default=None)


def current_checkpoint_clock() -> CheckpointClock:
    """The clock that a run started here goes by."""
    return _given.get() or LoopClock()


@contextmanager
def using_checkpoint_clock(clock: CheckpointClock) -> Iterator[None]:
    """Has the runs that are started within go by this clock."""
    token = _given.set(clock)
    try:
        yield
    finally:
        _given.reset(token)
