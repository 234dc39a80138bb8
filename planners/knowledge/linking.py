"""Links between entities: both ends exist, what waits for what has no cycle, and everything has one parent."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import LinkCycleError, LinkRefusedError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import PlanStatus
from prefect_harmonic.planners.knowledge.link import TREE, Direction, Link, LinkedEntity, LinkType
from prefect_harmonic.planners.knowledge.ordering import awaited_by, in_order, path_between
from prefect_harmonic.planners.knowledge.reading import read_entities
from prefect_harmonic.planners.knowledge.tables import LinkRow
from prefect_harmonic.planners.knowledge.tree import (
    ancestors,
    checked_ids,
    depths,
    entity_row,
    limits_of,
    parent_of,
    subtree,
)


async def linked(transaction: Transaction, source: str, target: str, link_type: LinkType) -> Link:
    """Links two entities; linking them in the same way again changes nothing.

    Raises:
        UnknownRecordError: An end does not exist.
        LinkCycleError: It would close a cycle.
        LinkRefusedError: The target has another parent, or the tree would become too deep.
    """
    session = transaction.session
    await checked_ids(session, [source, target])
    known = select(LinkRow).where(
        LinkRow.source_id == source, LinkRow.target_id == target, LinkRow.type == link_type.value
    )
    row = (await session.execute(known)).scalar_one_or_none()
    if row is None:
        if source == target:
            raise LinkCycleError(source, target, link_type.value, (source, target))
        if link_type in TREE:
            await _check_place(session, source, target, link_type)
        else:
            await _check_order(session, source, target, link_type)
        row = LinkRow(source_id=source, target_id=target, type=link_type.value, created_at=transaction.now)
        session.add(row)
        await session.flush()
    return _link(row)


async def _check_order(session: AsyncSession, source: str, target: str, link_type: LinkType) -> None:
    first, then = (target, source) if link_type is LinkType.REQUIRES else (source, target)
    way_back = await path_between(session, then, first)
    if way_back:
        raise LinkCycleError(source, target, link_type.value, (first, *way_back))


async def _check_place(session: AsyncSession, parent: str, child: str, link_type: LinkType) -> None:
    present = await parent_of(session, child)
    if present is not None:
        problem = f"it already is a part of {present.source_id}, and everything has one parent"
        raise LinkRefusedError(parent, child, link_type.value, problem)
    above = (parent, *await ancestors(session, parent))
    if child in above:
        cycle = (child, *reversed(above[: above.index(child)]), child)
        raise LinkCycleError(parent, child, link_type.value, cycle)
    limits = await limits_of(session, parent)
    deepest = len(above) + max(place.below for place in await subtree(session, child))
    if deepest > limits.max_depth:
        problem = f"the tree of {limits.root} would be {deepest} deep, where {limits.max_depth} is the most"
        raise LinkRefusedError(parent, child, link_type.value, problem)
    is_parent_done = (await entity_row(session, parent)).status == PlanStatus.COMPLETED
    if is_parent_done and (await entity_row(session, child)).status != PlanStatus.COMPLETED:
        raise LinkRefusedError(parent, child, link_type.value, f"{parent} is completed and takes nothing unfinished")


async def set_required(transaction: Transaction, entity: str, required: Collection[str]) -> None:
    """Has an entity require exactly these, as far as `requires` says it."""
    session = transaction.session
    await checked_ids(session, required)
    outdated = delete(LinkRow).where(
        LinkRow.source_id == entity,
        LinkRow.type == LinkType.REQUIRES.value,
        LinkRow.target_id.not_in(sorted(set(required))),
    )
    await session.execute(outdated)
    for each in sorted(set(required)):
        await linked(transaction, entity, each, LinkType.REQUIRES)


async def links_of(session: AsyncSession, entity: str, direction: Direction | None) -> tuple[LinkedEntity, ...]:
    """The entities that one is linked with: those it links to first, each group in the order of the work."""
    await checked_ids(session, [entity])
    found: list[tuple[Direction, LinkRow]] = []
    if direction != "to":
        rows = select(LinkRow).where(LinkRow.source_id == entity).order_by(LinkRow.number)
        found += [("from", row) for row in (await session.execute(rows)).scalars()]
    if direction != "from":
        rows = select(LinkRow).where(LinkRow.target_id == entity).order_by(LinkRow.number)
        found += [("to", row) for row in (await session.execute(rows)).scalars()]
    others = [row.target_id if side == "from" else row.source_id for side, row in found]
    entities = {each.id: each for each in await read_entities(session, list(dict.fromkeys(others)))}
    place = {each: at for at, each in enumerate(await _in_order_of_work(session, others))}
    linked_entities = [
        LinkedEntity(
            id=other,
            link_type=LinkType(row.type),
            direction=side,
            source=row.source_id,
            target=row.target_id,
            type=entities[other].type,
            title=entities[other].title,
            metadata=entities[other].metadata,
        )
        for (side, row), other in zip(found, others, strict=True)
    ]
    return tuple(sorted(linked_entities, key=lambda each: (each.direction, place[each.id])))


async def _in_order_of_work(session: AsyncSession, ids: Sequence[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(ids))
    return in_order(unique, await awaited_by(session, unique))


def _link(row: LinkRow) -> Link:
    return Link(source=row.source_id, target=row.target_id, link_type=LinkType(row.type), created_at=row.created_at)


async def depth_of(session: AsyncSession, entity: str) -> int:
    """How far below its root an entity stands."""
    return (await depths(session, [entity]))[entity]
