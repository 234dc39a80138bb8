"""A small memory that the candidates of one planning share, so that what all of them need is found out once.

Source: first design document (there called Convergence), and semantics, "Working memory".
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

CAPACITY = 7
TIME_TO_LIVE_SECONDS = 300.0

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Slot:
    """Something remembered: how relevant it is (0 to 1) and until when, on the memory's clock, in seconds."""

    name: str
    content: Any  # whatever is remembered; the caller knows its type
    relevance: float
    expires: float


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """How often something was there (hits), had to be found out (misses), or had to go (evictions)."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


@dataclass
class WorkingMemory:
    """Seven slots. Expired ones go first, then the least relevant; a newcomer of less relevance than all stays out.

    Asking for something while it is being found out waits for it instead of finding it out again; that counts as a
    hit. It is made for one event loop.
    """

    capacity: int = CAPACITY
    time_to_live: float = TIME_TO_LIVE_SECONDS
    clock: Callable[[], float] = time.monotonic
    report: MemoryReport = field(default_factory=MemoryReport)
    _slots: dict[str, Slot] = field(default_factory=dict)
    _pending: dict[str, asyncio.Future[Any]] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """What is remembered and has not expired, sorted."""
        now = self.clock()
        return tuple(sorted(name for name, slot in self._slots.items() if slot.expires > now))

    def remember(self, name: str, content: Any, *, relevance: float = 1.0) -> bool:
        """Takes something in, and says whether there was room for it."""
        if self.capacity < 1:
            return False
        now = self.clock()
        for expired in [known for known, slot in self._slots.items() if slot.expires <= now]:
            del self._slots[expired]
        if name not in self._slots and len(self._slots) >= self.capacity:
            weakest = min(self._slots.values(), key=lambda slot: (slot.relevance, slot.expires, slot.name))
            if relevance < weakest.relevance:
                return False
            del self._slots[weakest.name]
            self._count(evictions=1)
        self._slots[name] = Slot(name, content, relevance, now + self.time_to_live)
        return True

    async def recall_or_find(self, name: str, find: Callable[[], Awaitable[Found]], *, relevance: float = 1.0) -> Found:
        """What is remembered, or else what `find` gives, found once however many ask at the same time.

        A failure is told to all who wait for it and is not remembered. One that stops waiting stops nobody else.
        """
        slot = self._slots.get(name)
        if slot is not None and slot.expires > self.clock():
            self._count(hits=1)
            return cast("Found", slot.content)
        search = self._pending.get(name)
        self._count(hits=int(search is not None), misses=int(search is None))
        if search is None:
            search = asyncio.ensure_future(self._find(name, find, relevance))
            self._pending[name] = search
        return cast("Found", await asyncio.shield(search))

    async def closed(self) -> None:
        """Ends whatever is still being found out, as nobody will ask for it any more."""
        searches = [*self._pending.values()]
        for search in searches:
            search.cancel()
        await asyncio.gather(*searches, return_exceptions=True)

    async def _find(self, name: str, find: Callable[[], Awaitable[Found]], relevance: float) -> Found:
        try:
            content = await find()
            self.remember(name, content, relevance=relevance)
        finally:
            del self._pending[name]
        return content

    def _count(self, *, hits: int = 0, misses: int = 0, evictions: int = 0) -> None:
        known = self.report
        self.report = MemoryReport(known.hits + hits, known.misses + misses, known.evictions + evictions)
