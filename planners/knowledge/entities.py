"""Adding and changing entities."""

import re
from collections.abc import Iterable, Mapping

from prefect_harmonic.errors import TreeLimitError
from prefect_harmonic.planners.knowledge.claims import claims_recorded, claims_removed
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import (
    NOTE,
    PLAN,
    Entity,
    Metadata,
    PlanStatus,
    plan_status,
    read_metadata,
)
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.linking import depth_of, linked, set_required
from prefect_harmonic.planners.knowledge.reading import read_entity
from prefect_harmonic.planners.knowledge.refusal import plain_text, refused
from prefect_harmonic.planners.knowledge.steps import status_entered, step_taken
from prefect_harmonic.planners.knowledge.tables import EntityRow
from prefect_harmonic.planners.knowledge.tree import entity_row, limits_of, parent_of, subtree
from prefect_harmonic.planners.words import stem

_WORD = re.compile(r"[^\W_]+")
_INDEXED_AT_MOST = 200_000
_LONGEST_WORD = 100


async def entity_added(
    transaction: Transaction,
    title: str,
    content: str,
    metadata: Mapping[str, object],
    *,
    as_part: LinkType = LinkType.DECOMPOSES_TO,
) -> Entity:
    """Adds an entity, with the links that its metadata names."""
    known, details = read_metadata(metadata)
    row = EntityRow(
        id=transaction.new_id(),
        type=known.type or (PLAN if known.parent_plan else NOTE),
        status=known.status,
        title=plain_text("title", title, is_needed=True),
        content=plain_text("content", content),
        details=details,
        title_words=search_words(title),
        content_words=search_words(content),
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    status = plan_status(known.status or PlanStatus.PLANNING) if row.type == PLAN else None
    row.status = PlanStatus.PLANNING.value if status else known.status
    transaction.session.add(row)
    await transaction.session.flush()
    if known.parent_plan:
        await _check_depth(transaction, known.parent_plan)
        await linked(transaction, known.parent_plan, row.id, as_part)
        await _check_stated_depth(transaction, row.id, known)
    await set_required(transaction, row.id, known.dependencies or ())
    await claims_recorded(transaction, row.id, known.claims or ())
    if status is not None and status is not PlanStatus.PLANNING:
        await status_entered(transaction, row, status)
    await transaction.session.flush()
    return await read_entity(transaction.session, row.id)


async def entity_updated(
    transaction: Transaction, entity: str, title: str, content: str, metadata: Mapping[str, object]
) -> Entity:
    """Changes what is named of an entity. An empty text leaves what is there; metadata is merged key by key."""
    row = await entity_row(transaction.session, entity)
    known, details = read_metadata(metadata)
    if known.type is not None and known.type != row.type:
        raise refused("metadata.type", known.type, f"{entity} is a {row.type} and stays one")
    row.details = {**row.details, **details}
    if title:
        row.title = plain_text("title", title, is_needed=True)
        row.title_words = search_words(title)
    if content:
        row.content = plain_text("content", content)
        row.content_words = search_words(content)
    row.updated_at = transaction.now
    await transaction.session.flush()
    if known.parent_plan:
        await _move(transaction, entity, known.parent_plan)
    await _check_stated_depth(transaction, entity, known)
    await _check_limit(transaction, entity, known)
    if known.dependencies is not None:
        await set_required(transaction, entity, known.dependencies)
    if known.claims is not None:
        await claims_removed(transaction, entity)
        await claims_recorded(transaction, entity, known.claims)
    await _set_status(transaction, row, known.status)
    await transaction.session.flush()
    return await read_entity(transaction.session, entity)


async def _set_status(transaction: Transaction, row: EntityRow, status: str | None) -> None:
    if status is None:
        return
    if row.type == PLAN:
        await step_taken(transaction, row, plan_status(status))
    else:
        row.status = status


async def _check_depth(transaction: Transaction, parent: str) -> None:
    await entity_row(transaction.session, parent)
    limits = await limits_of(transaction.session, parent)
    if await depth_of(transaction.session, parent) >= limits.max_depth:
        raise TreeLimitError(parent, f"it stands at depth {limits.max_depth}, the limit of its tree")


async def _move(transaction: Transaction, entity: str, parent: str) -> None:
    """Gives an entity without a parent this one. One that has it already keeps it; one with another is refused."""
    present = await parent_of(transaction.session, entity)
    if present is None or present.source_id != parent:
        await linked(transaction, parent, entity, LinkType.DECOMPOSES_TO)


async def _check_stated_depth(transaction: Transaction, entity: str, known: Metadata) -> None:
    """The tree says how deep an entity stands. A depth stated before it has its parent says nothing yet."""
    if known.depth is None or await parent_of(transaction.session, entity) is None:
        return
    depth = await depth_of(transaction.session, entity)
    if known.depth != depth:
        raise refused("metadata.depth", known.depth, f"below its parent it stands at depth {depth}")


async def _check_limit(transaction: Transaction, entity: str, known: Metadata) -> None:
    if known.max_depth is None or await parent_of(transaction.session, entity) is not None:
        return
    deepest = max(place.below for place in await subtree(transaction.session, entity))
    if deepest > known.max_depth:
        raise refused("metadata.max_depth", known.max_depth, f"its tree is already {deepest} deep")


def search_words(text: str) -> str:
    """The words of a text as they are searched for: without case and ending, so that both databases find the same.

    >>> search_words("Migrating the Real-time_API")
    'migrat the real tim api'
    """
    return " ".join(indexed(_WORD.findall(text[:_INDEXED_AT_MOST].casefold())))


def indexed(words: Iterable[str]) -> Iterable[str]:
    """The words without their endings, those left out that are too long to be words."""
    return (stem(word) for word in words if len(word) <= _LONGEST_WORD)
