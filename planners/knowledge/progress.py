"""How far a plan is, level by level."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus
from prefect_harmonic.planners.knowledge.tables import EntityRow
from prefect_harmonic.planners.knowledge.tree import chunks, depths, entity_row, subtree


class Progress(BaseModel):
    """How many nodes there are and how far they are. What was dropped is not counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: int
    planning: int
    executing: int
    completed: int
    blocked: int
    percent: float = Field(description="Completed of all, 0 to 100; 0 where there is nothing.")


class LevelProgress(Progress):
    """The same for the nodes at one depth of the tree."""

    depth: int


class PlanProgress(BaseModel):
    """How far everything below an entity is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str
    whole: Progress
    levels: tuple[LevelProgress, ...] = Field(description="The levels below the entity, from the top.")
    unassigned_leaves: tuple[str, ...] = Field(description="Leaves that no agent does yet.")


async def progress_of(session: AsyncSession, entity: str) -> PlanProgress:
    """How far everything below an entity is."""
    await entity_row(session, entity)
    below = {place.id: place.below for place in await subtree(session, entity) if place.below}
    rows: list[EntityRow] = []
    for chunk in chunks(below):
        found = select(EntityRow).where(EntityRow.id.in_(chunk), EntityRow.type == PLAN).order_by(EntityRow.number)
        rows += (await session.execute(found)).scalars()
    wanted = [row for row in rows if not row.details.get("dropped")]
    own_depth = (await depths(session, [entity]))[entity]
    levels: dict[int, list[str]] = defaultdict(list)
    for row in wanted:
        levels[own_depth + below[row.id]].append(str(row.status))
    return PlanProgress(
        plan=entity,
        whole=Progress(**_counted([str(row.status) for row in wanted])),
        levels=tuple(LevelProgress(depth=depth, **_counted(levels[depth])) for depth in sorted(levels)),
        unassigned_leaves=await _unassigned(session, wanted),
    )


def progress_in(rows: Iterable[EntityRow], kind: str) -> Progress:
    """How far those of some nodes are that say under `kind` what they stand for."""
    return Progress(**_counted([str(row.status) for row in rows if isinstance(row.details.get(kind), str)]))


async def _unassigned(session: AsyncSession, rows: list[EntityRow]) -> tuple[str, ...]:
    without = [row.id for row in rows if not row.details.get("assigned_agent")]
    return tuple([each for each in without if len(await subtree(session, each)) == 1])


def _counted(statuses: list[str]) -> dict[str, float]:
    count = Counter(statuses)
    total = len(statuses)
    return {
        "total": total,
        "percent": round(100 * count[PlanStatus.COMPLETED] / total, 1) if total else 0.0,
        **{status.value: count[status] for status in PlanStatus},
    }
