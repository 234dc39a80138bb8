"""What an agent is told when it starts on an entity: what stands above it, beside it, before it, and what is left."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.evidence import summarised
from prefect_harmonic.planners.json_reading import texts_in
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.evaluations import evaluations_for
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.ordering import awaited_by, in_order
from prefect_harmonic.planners.knowledge.progress import PlanProgress, progress_of
from prefect_harmonic.planners.knowledge.reading import read_entities
from prefect_harmonic.planners.knowledge.spawning import SpawnBudget, spawn_budget
from prefect_harmonic.planners.knowledge.tables import LinkRow
from prefect_harmonic.planners.knowledge.tree import ancestors, children


class Summary(BaseModel):
    """An entity in short; the whole of it is under its id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    status: str | None
    agent: str | None
    summary: str = Field(description="At most 1,000 characters of its content.")
    gaps: tuple[str, ...] = Field(description="What is still missing, as last evaluated.")


class SpawnContext(BaseModel):
    """What stands around an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    parents: tuple[Summary, ...] = Field(description="What it is a part of, from its root down.")
    siblings: tuple[Summary, ...] = Field(description="The other parts of its parent, in the order of the work.")
    inputs: tuple[Summary, ...] = Field(description="What informs it.")
    budget: SpawnBudget
    progress: PlanProgress = Field(description="How far everything below it is.")


async def context_of(session: AsyncSession, entity: str) -> SpawnContext:
    """What stands around an entity."""
    (own,) = await read_entities(session, [entity])
    above = await ancestors(session, entity)
    beside = list(await children(session, above[0])) if above else []
    beside = [each for each in in_order(beside, await awaited_by(session, beside)) if each != entity]
    informing = select(LinkRow.source_id).where(LinkRow.target_id == entity, LinkRow.type == LinkType.INFORMS.value)
    inputs = (await session.execute(informing.order_by(LinkRow.number))).scalars().all()
    return SpawnContext(
        id=own.id,
        title=own.title,
        parents=await _summaries(session, tuple(reversed(above))),
        siblings=await _summaries(session, beside),
        inputs=await _summaries(session, inputs),
        budget=await spawn_budget(session, entity),
        progress=await progress_of(session, entity),
    )


async def _summaries(session: AsyncSession, ids: Iterable[str]) -> tuple[Summary, ...]:
    return tuple([await _summary(session, entity) for entity in await read_entities(session, list(ids))])


async def _summary(session: AsyncSession, entity: Entity) -> Summary:
    return Summary(
        id=entity.id,
        title=entity.title,
        status=entity.status,
        agent=entity.agent,
        summary=summary_of(entity),
        gaps=await gaps_of(session, entity),
    )


def summary_of(entity: Entity) -> str:
    """What an entity holds, in at most 1,000 characters: its own summary if it states one, else its first sentences."""
    stated = entity.metadata.get("summary")
    text = stated if isinstance(stated, str) else entity.content
    return summarised(*text.replace("\n", ". ").replace("..", ".").split(". ")) if len(text) > 1000 else text


async def gaps_of(session: AsyncSession, entity: Entity) -> tuple[str, ...]:
    """What is missing about an entity: as last evaluated, and as its metadata says."""
    evaluations = [record for record in await evaluations_for(session, entity.id) if record.history]
    evaluated = evaluations[-1].history[-1].gaps if evaluations else ()
    return tuple(dict.fromkeys((*evaluated, *texts_in(entity.metadata.get("gaps")))))
