"""How often a server is asked for one answer: counted, and allowed, by whoever keeps account of it further out."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Room = Callable[[], Awaitable[None]]
"""Makes room for a further attempt; raises where there is none."""


@dataclass(slots=True)
class Attempts:
    """How often a server was asked for one answer.

    Attributes:
        room: Is asked before every attempt but the first, which has its room already.
        outer: Counts along.
        made: How many attempts there were.
    """

    room: Room | None = None
    outer: "Attempts | None" = None
    made: int = 0

    async def begin(self) -> None:
        """One more attempt. Raises what those do who have no room for it."""
        if self.outer is not None:
            await self.outer.begin()
        if self.made and self.room is not None:
            await self.room()
        self.made += 1


_attempts: ContextVar[Attempts | None] = ContextVar("harmonic_model_attempts", default=None)


@contextmanager
def counting_attempts(room: Room | None = None) -> Iterator[Attempts]:
    """Counts how often a server is asked within, and has each further attempt allowed; both hold outside as well.

    >>> import asyncio
    >>> with counting_attempts() as outer, counting_attempts() as inner:
    ...     asyncio.run(begin_attempt())
    >>> outer.made, inner.made
    (1, 1)
    """
    counted = Attempts(room, _attempts.get())
    token = _attempts.set(counted)
    try:
        yield counted
    finally:
        _attempts.reset(token)


async def begin_attempt() -> None:
    """Goes before every attempt. Raises what those do who have no room for it."""
    if (counted := _attempts.get()) is not None:
        await counted.begin()
