"""The one tree that `decomposes_to` and `spawned` make: who is above whom, and what is below.

Depth, progress, budget and reflection all walk this tree and no other.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Select, bindparam, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH, MAX_TOTAL
from prefect_harmonic.planners.knowledge.link import TREE
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow

_CHUNK = 5_000  # both databases take about 32,000 parameters in a statement

IS_TREE_LINK = LinkRow.type.in_([link_type.value for link_type in sorted(TREE)])


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entity stands below the entity that was asked about."""

    id: str
    below: int


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """How far a tree may grow, as its root says."""

    root: str
    max_depth: int
    max_total: int


def chunks(ids: Collection[str]) -> Iterator[list[str]]:
    """The ids, sorted and without repetition, in parts that a statement can take."""
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]


async def entity_row(session: AsyncSession, entity: str) -> EntityRow:
    """The row of an entity.

    Raises:
        UnknownRecordError: There is none.
    """
    row = (await session.execute(select(EntityRow).where(EntityRow.id == entity))).scalar_one_or_none()
    if row is None:
        raise UnknownRecordError("entity", [entity])
    return row


async def checked_ids(session: AsyncSession, ids: Collection[str]) -> None:
    """Sees to it that all of these entities exist.

    Raises:
        UnknownRecordError: Some do not; all of those are named.
    """
    known: set[str] = set()
    for chunk in chunks(ids):
        known.update((await session.execute(select(EntityRow.id).where(EntityRow.id.in_(chunk)))).scalars())
    if missing := sorted(set(ids) - known):
        raise UnknownRecordError("entity", missing)


async def parent_of(session: AsyncSession, entity: str) -> LinkRow | None:
    """The link from an entity's parent to it."""
    found = select(LinkRow).where(LinkRow.target_id == entity, IS_TREE_LINK)
    return (await session.execute(found)).scalar_one_or_none()


def _above() -> CTE:
    """Everything above the entity that the parameter `entity` names, with how far up it is."""
    above = (
        select(LinkRow.source_id.label("id"), literal(1).label("up"))
        .where(LinkRow.target_id == bindparam("entity"), IS_TREE_LINK)
        .cte("above", recursive=True)
    )
    further = select(LinkRow.source_id, above.c.up + 1).join(above, LinkRow.target_id == above.c.id)
    return above.union_all(further.where(IS_TREE_LINK))


# Statements that every step of every node needs are made once: making one takes longer than running it.
_ABOVE = _above()
_ANCESTORS = select(_ABOVE.c.id).order_by(_ABOVE.c.up)
_ROWS_ABOVE = (
    select(EntityRow)
    .join(_ABOVE, _ABOVE.c.id == EntityRow.id)
    .where(EntityRow.status.in_(bindparam("statuses", expanding=True)))
    .order_by(_ABOVE.c.up)
)


async def ancestors(session: AsyncSession, entity: str) -> tuple[str, ...]:
    """Everything above an entity, its parent first and its root last; nothing for a root."""
    return tuple((await session.execute(_ANCESTORS, {"entity": entity})).scalars())


async def rows_above(session: AsyncSession, entity: str, *statuses: str) -> tuple[EntityRow, ...]:
    """The rows of everything above an entity that has one of these statuses, its parent first."""
    given = {"entity": entity, "statuses": list(statuses)}
    return tuple((await session.execute(_ROWS_ABOVE, given)).scalars())


async def depths(session: AsyncSession, ids: Collection[str]) -> dict[str, int]:
    """How far below its root each entity stands."""
    found = dict.fromkeys(ids, 0)
    for chunk in chunks(ids):
        above = (
            select(LinkRow.target_id.label("origin"), LinkRow.source_id.label("id"), literal(1).label("up"))
            .where(LinkRow.target_id.in_(chunk), IS_TREE_LINK)
            .cte("above", recursive=True)
        )
        further = select(above.c.origin, LinkRow.source_id, above.c.up + 1)
        above = above.union_all(further.join(above, LinkRow.target_id == above.c.id).where(IS_TREE_LINK))
        for origin, up in await session.execute(select(above.c.origin, above.c.up)):
            found[origin] = max(found[origin], up)
    return found


def _subtree() -> Select[Any]:  # its type arguments are written otherwise by each version of SQLAlchemy
    below = (
        select(EntityRow.id.label("id"), literal(0).label("below"))
        .where(EntityRow.id == bindparam("entity"))
        .cte("below", recursive=True)
    )
    further = select(LinkRow.target_id, below.c.below + 1).join(below, LinkRow.source_id == below.c.id)
    below = below.union_all(further.where(IS_TREE_LINK))
    found = select(below.c.id, below.c.below).join(EntityRow, EntityRow.id == below.c.id)
    return found.order_by(below.c.below, EntityRow.number)


_SUBTREE = _subtree()


async def subtree(session: AsyncSession, entity: str) -> tuple[Place, ...]:
    """An entity and everything below it, level by level, each level in the order in which it was written."""
    rows = await session.execute(_SUBTREE, {"entity": entity})
    return tuple(Place(row.id, row.below) for row in rows)


async def children(session: AsyncSession, entity: str) -> tuple[str, ...]:
    """The entities right below one, in the order in which they were written."""
    found = (
        select(EntityRow.id)
        .join(LinkRow, LinkRow.target_id == EntityRow.id)
        .where(LinkRow.source_id == entity, IS_TREE_LINK)
        .order_by(EntityRow.number)
    )
    return tuple((await session.execute(found)).scalars())


async def limits_of(session: AsyncSession, entity: str) -> TreeLimits:
    """The limits of the tree that an entity stands in."""
    root = ((await ancestors(session, entity)) or (entity,))[-1]
    details = (await entity_row(session, root)).details
    max_depth, max_total = details.get("max_depth"), details.get("max_total")
    return TreeLimits(
        root,
        max_depth if isinstance(max_depth, int) else MAX_DEPTH,
        max_total if isinstance(max_total, int) else MAX_TOTAL,
    )
