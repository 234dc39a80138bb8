"""What waits for what: the graph that the ordering links make, without cycles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.link import FORWARD, LinkType
from prefect_harmonic.planners.knowledge.tables import LinkRow
from prefect_harmonic.planners.knowledge.tree import chunks

_DIRECTIONS = (
    ([link_type.value for link_type in sorted(FORWARD)], LinkRow.source_id, LinkRow.target_id),
    ([LinkType.REQUIRES.value], LinkRow.target_id, LinkRow.source_id),
)
"""Types of links with the end that comes first and the end that waits for it."""


async def waiting_for(session: AsyncSession, ids: Collection[str]) -> dict[str, set[str]]:
    """For each entity, what waits for it directly."""
    found: dict[str, set[str]] = {}
    for first, then in await _orders(session, ids, is_first=True):
        found.setdefault(first, set()).add(then)
    return found


async def awaited_by(session: AsyncSession, ids: Collection[str]) -> dict[str, set[str]]:
    """For each entity, what it waits for directly."""
    found: dict[str, set[str]] = {}
    for first, then in await _orders(session, ids, is_first=False):
        found.setdefault(then, set()).add(first)
    return found


async def _orders(session: AsyncSession, ids: Collection[str], *, is_first: bool) -> list[tuple[str, str]]:
    """The pairs in which an entity of these comes first, or else second: what comes first, and what waits for it."""
    found: list[tuple[str, str]] = []
    for chunk in chunks(ids):
        for kinds, first, then in _DIRECTIONS:
            known = first if is_first else then
            pairs = select(first, then).where(known.in_(chunk), LinkRow.type.in_(kinds))
            found += ((one, other) for one, other in await session.execute(pairs))
    return found


async def path_between(session: AsyncSession, first: str, last: str) -> tuple[str, ...]:
    """A shortest way from one entity to another along what waits for it; nothing if there is none."""
    came_from: dict[str, str] = {}
    frontier = [first]
    while frontier and last not in came_from:
        onward = await waiting_for(session, frontier)
        reached = sorted((then, one) for one in frontier for then in onward.get(one, ()))
        frontier = []
        for then, one in reached:
            if then != first and then not in came_from:
                came_from[then] = one
                frontier.append(then)
    return tuple(reversed(list(_way_back(came_from, first, last)))) if last in came_from else ()


def _way_back(came_from: Mapping[str, str], first: str, last: str) -> Iterable[str]:
    at = last
    while at != first:
        yield at
        at = came_from[at]
    yield first


def in_order(ids: Sequence[str], awaited: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The ids so that each comes after what it waits for, otherwise in the order in which they were given.

    >>> in_order(["b", "a", "c"], {"b": {"a"}})
    ('a', 'b', 'c')
    """
    position = {each: place for place, each in enumerate(ids)}
    open_count = {each: len(set(awaited.get(each, ())) & position.keys()) for each in ids}
    then: dict[str, list[str]] = {}
    for each in ids:
        for first in sorted(set(awaited.get(each, ())) & position.keys()):
            then.setdefault(first, []).append(each)
    ready = [position[each] for each in ids if not open_count[each]]
    heapify(ready)
    ordered: list[str] = []
    while ready:
        each = ids[heappop(ready)]
        ordered.append(each)
        for later in then.get(each, ()):
            open_count[later] -= 1
            if not open_count[later]:
                heappush(ready, position[later])
    return tuple(ordered)
