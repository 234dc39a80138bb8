"""Entities as they are read: the row with what is stored elsewhere put back into its metadata."""

from collections.abc import Collection, Sequence

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.planners.knowledge.effort_log import hours_by_clock
from prefect_harmonic.planners.knowledge.entity import PLAN, Entity
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.tables import ClaimRow, EntityRow, LinkRow, SourceRow
from prefect_harmonic.planners.knowledge.tree import IS_TREE_LINK, chunks, depths


async def read_entity(session: AsyncSession, entity: str) -> Entity:
    """One entity.

    Raises:
        UnknownRecordError: There is none.
    """
    return (await read_entities(session, [entity]))[0]


async def read_entities(session: AsyncSession, ids: Sequence[str]) -> tuple[Entity, ...]:
    """The entities in the order of their ids as given.

    Raises:
        UnknownRecordError: Some do not exist; all of those are named.
    """
    rows: dict[str, EntityRow] = {}
    for chunk in chunks(ids):
        found = (await session.execute(select(EntityRow).where(EntityRow.id.in_(chunk)))).scalars()
        rows.update((row.id, row) for row in found)
    if missing := sorted(set(ids) - rows.keys()):
        raise UnknownRecordError("entity", missing)
    parents = await _parents(session, ids)
    required = await _required(session, ids)
    claimed = await claims_of(session, ids)
    standing = await depths(session, ids)
    hours = await hours_by_clock(session, ids)
    return tuple(
        _entity(
            rows[each],
            depth=standing[each] if rows[each].type == PLAN or each in parents else None,
            parent=parents.get(each),
            required=required.get(each, []),
            claims=claimed.get(each, ()),
            hours=hours.get(each),
        )
        for each in ids
    )


def _entity(
    row: EntityRow,
    *,
    depth: int | None,
    parent: str | None,
    required: list[str],
    claims: Sequence[Claim],
    hours: float | None,
) -> Entity:
    metadata: dict[str, JsonValue] = {**row.details, "type": row.type}
    if row.status is not None:
        metadata["status"] = row.status
    if depth is not None:
        metadata |= {"depth": depth, "parent_plan": parent}
    if depth is not None or required:
        metadata["dependencies"] = list[JsonValue](sorted(required))
    if hours is not None and metadata.get("actual_hours") is None:
        metadata["actual_hours"] = hours
    if claims:
        metadata["claims"] = [claim.model_dump(mode="json") for claim in claims]
    return Entity(
        id=row.id,
        type=row.type,
        title=row.title,
        content=row.content,
        metadata=dict(sorted(metadata.items())),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def _parents(session: AsyncSession, ids: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunks(ids):
        query = select(LinkRow.target_id, LinkRow.source_id).where(LinkRow.target_id.in_(chunk), IS_TREE_LINK)
        found.update((child, parent) for child, parent in await session.execute(query))
    return found


async def _required(session: AsyncSession, ids: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for chunk in chunks(ids):
        query = select(LinkRow.source_id, LinkRow.target_id)
        query = query.where(LinkRow.source_id.in_(chunk), LinkRow.type == LinkType.REQUIRES.value)
        for waiting, first in await session.execute(query):
            found.setdefault(waiting, []).append(first)
    return found


async def claims_of(session: AsyncSession, ids: Collection[str]) -> dict[str, tuple[Claim, ...]]:
    """The claims that were found out for each entity, with their sources, in the order in which they were recorded."""
    found: dict[str, list[Claim]] = {}
    for chunk in chunks(ids):
        rows = select(ClaimRow).where(ClaimRow.entity_id.in_(chunk)).order_by(ClaimRow.number)
        claims = list((await session.execute(rows)).scalars())
        sources: dict[int, list[Source]] = {}
        with_sources = (
            select(SourceRow)
            .join(ClaimRow, ClaimRow.number == SourceRow.claim_number)
            .where(ClaimRow.entity_id.in_(chunk))
            .order_by(SourceRow.number)
        )
        for row in (await session.execute(with_sources)).scalars():
            source = Source(path=row.path, line=row.line, quote=row.quote, grade=Grade(row.grade))
            sources.setdefault(row.claim_number, []).append(source)
        for claim in claims:
            told = Claim(text=claim.text, sources=tuple(sources.get(claim.number, ())), confidence=claim.confidence)
            found.setdefault(claim.entity_id, []).append(told)
    return {entity: tuple(told) for entity, told in found.items()}
