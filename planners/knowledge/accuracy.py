"""How good estimates were, and what kinds of work took: what later estimates are made from."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import mean, stdev

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.artifact import Effort
from prefect_harmonic.planners.knowledge.effort_log import hours_by_clock
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus, estimated_hours
from prefect_harmonic.planners.knowledge.tables import EntityRow
from prefect_harmonic.planners.knowledge.tree import checked_ids, chunks, subtree

LEAST_SAMPLES = 3
"""So much finished work of a kind must be known before anything is concluded from it."""


class AgentAccuracy(BaseModel):
    """How good the estimates of finished work were."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(description="How much finished work with an estimate there is.")
    estimated_hours: float
    actual_hours: float
    accuracy: float | None = Field(
        description="Actual by estimated hours, summed up; none where nothing was estimated."
    )
    spread: float | None = Field(description="Standard deviation of the single accuracies; none for fewer than two.")


class EstimateAccuracy(AgentAccuracy):
    """The same over a whole tree, and for each agent in it."""

    by_agent: dict[str, AgentAccuracy] = Field(default_factory=dict)


class LearnedKind(BaseModel):
    """What finished work of one kind took, by agent, type and effort."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    count: int
    mean_hours: float
    spread_hours: float = Field(description="Standard deviation.")


async def accuracy_of(session: AsyncSession, entity: str) -> EstimateAccuracy:
    """How good the estimates were of all that is finished at and below an entity; wholes do not count beside parts."""
    await checked_ids(session, [entity])
    places = [place.id for place in await subtree(session, entity)]
    rows: list[EntityRow] = []
    for chunk in chunks(places):
        found = select(EntityRow).where(EntityRow.id.in_(chunk), EntityRow.status == PlanStatus.COMPLETED.value)
        rows += (await session.execute(found.order_by(EntityRow.number))).scalars()
    clocked = await hours_by_clock(session, [row.id for row in rows])
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        estimated, actual = estimated_hours(row.details), _actual(row, clocked.get(row.id))
        if row.type == PLAN and estimated and actual is not None and not row.details.get("kept"):
            pairs[str(row.details.get("assigned_agent") or "-")].append((estimated, actual))
    by_agent = {agent: _accuracy(pairs[agent]) for agent in sorted(pairs)}
    whole = _accuracy([pair for agent in sorted(pairs) for pair in pairs[agent]])
    return EstimateAccuracy(**whole.model_dump(), by_agent=by_agent)


def _accuracy(pairs: Sequence[tuple[float, float]]) -> AgentAccuracy:
    estimated, actual = sum(one for one, _ in pairs), sum(other for _, other in pairs)
    single = [took / thought for thought, took in pairs]
    return AgentAccuracy(
        count=len(pairs),
        estimated_hours=round(estimated, 6),
        actual_hours=round(actual, 6),
        accuracy=round(actual / estimated, 4) if estimated else None,
        spread=round(stdev(single), 4) if len(single) > 1 else None,
    )


def _actual(row: EntityRow, clocked: float | None) -> float | None:
    stated = row.details.get("actual_hours")
    return float(stated) if isinstance(stated, int | float) else clocked


async def learned_kinds(session: AsyncSession, least: int = LEAST_SAMPLES) -> tuple[LearnedKind, ...]:
    """What each kind of finished work took, where there are enough samples; what was kept from before counts once.

    Kinds are named as `planners.effort.kind_of` names those of artifacts.
    """
    rows = select(EntityRow).where(EntityRow.type == PLAN, EntityRow.status == PlanStatus.COMPLETED.value)
    done = [
        row
        for row in (await session.execute(rows.order_by(EntityRow.number))).scalars()
        if row.details.get("assigned_agent") and not row.details.get("kept")
    ]
    clocked = await hours_by_clock(session, [row.id for row in done])
    hours: dict[str, list[float]] = defaultdict(list)
    for row in done:
        if (actual := _actual(row, clocked.get(row.id))) is not None:
            hours[_kind(row)].append(actual)
    return tuple(
        LearnedKind(
            kind=kind,
            count=len(hours[kind]),
            mean_hours=round(mean(hours[kind]), 6),
            spread_hours=round(stdev(hours[kind]), 6) if len(hours[kind]) > 1 else 0.0,
        )
        for kind in sorted(hours)
        if len(hours[kind]) >= least
    )


def _kind(row: EntityRow) -> str:
    stated = row.details.get("kind")
    if isinstance(stated, str):
        return stated
    effort = row.details.get("estimated_effort") or Effort.MEDIUM.value
    return f"{row.details.get('assigned_agent')}/{row.details.get('domain_type') or '-'}/{effort}"
