"""Clocks that tests move."""

import asyncio
from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def move(self, **by: float) -> None:
        """Moves it on, or back."""
        self.now += timedelta(**by)


class MovableCheckpoints:
    """A clock of checkpoints that stands until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._news = asyncio.Event()

    def now(self) -> float:
        """The time it shows."""
        return self.seconds

    async def reached(self, moment: float) -> None:
        """Returns once a test has moved it there."""
        if moment > self.seconds:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((moment, reached))
            self._news.set()
            await reached

    async def move(self, seconds: float) -> None:
        """Moves it on, once somebody waits for a later moment."""
        async with asyncio.timeout(120):
            while not any(not future.done() for _, future in self._waiting):
                self._news.clear()
                await self._news.wait()
        self.seconds += seconds
        for moment, future in self._waiting:
            if moment <= self.seconds and not future.done():
                future.set_result(None)
