"""Work that several ask for at once and that is done once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SharedWork(Generic[Result]):
    """Runs one piece of work for each key at a time; whoever asks meanwhile waits for the same result.

    Work that nobody waits for any more is called off. Belongs to one event loop at a time for each key.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Result]] = {}
        self._waiting: dict[str, int] = {}

    async def once(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        """The result of the work under a key, which is started unless it is running."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(_awaited(work))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if self._waiting[key] == 1 and not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            raise
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key]


async def _awaited(work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()
