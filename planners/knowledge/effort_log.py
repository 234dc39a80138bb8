"""How long work took: stretches from start to end by the clock, and what the past says about the next estimate."""

from collections.abc import Collection, Sequence
from datetime import datetime
from statistics import mean, median, stdev

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus, estimated_hours
from prefect_harmonic.planners.knowledge.tables import EffortRow, EntityRow
from prefect_harmonic.planners.knowledge.tree import chunks, entity_row

_SECONDS_PER_HOUR = 3600.0


class Stretch(BaseModel):
    """One stretch of work on an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    started_at: datetime
    finished_at: datetime | None = Field(default=None, description="None while the work goes on.")
    ended_as: str | None = Field(default=None, description="The status in which it ended.")
    reason: str | None = Field(default=None, description="What blocked it, if it ended blocked.")


class EffortAccount(BaseModel):
    """What work on an entity was thought to take and what it took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str
    estimated_hours: float | None = Field(description="As stated, else what the estimated effort usually means.")
    actual_hours: float | None = Field(description="As stated, else by the clock; none before any work has ended.")
    accuracy: float | None = Field(description="Actual hours by estimated hours: over 1 is longer than thought.")
    stretches: tuple[Stretch, ...] = ()


class LearnedEstimate(BaseModel):
    """What finished work of one agent and type took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: str
    type: str
    count: int = Field(description="How many finished entities it is learned from; with none there is no estimate.")
    mean_hours: float | None = None
    median_hours: float | None = None
    spread_hours: float | None = Field(default=None, description="Standard deviation; none for fewer than two.")
    mean_accuracy: float | None = Field(default=None, description="Mean of actual by estimated hours.")


async def work_started(transaction: Transaction, entity: str) -> None:
    """Starts the clock for an entity, unless it is running."""
    if await _open_stretch(transaction.session, entity) is None:
        transaction.session.add(EffortRow(entity_id=entity, started_at=transaction.now))
        await transaction.session.flush()


async def work_finished(transaction: Transaction, entity: str, ended_as: str, reason: str | None = None) -> None:
    """Stops the clock for an entity, if it is running. A clock that was set back is taken to have stood still."""
    stretch = await _open_stretch(transaction.session, entity)
    if stretch is not None:
        stretch.finished_at = max(stretch.started_at, transaction.now)
        stretch.ended_as, stretch.reason = ended_as, reason
        await transaction.session.flush()


async def work_interrupted(transaction: Transaction, entity: str) -> None:
    """Starts the clock anew for work whose process was killed.

    How long it had gone on nobody knows, and the time in which nothing ran is no work, so that stretch counts nothing.
    """
    stretch = await _open_stretch(transaction.session, entity)
    if stretch is not None:
        stretch.finished_at, stretch.ended_as = stretch.started_at, "interrupted"
        await transaction.session.flush()
    await work_started(transaction, entity)


async def _open_stretch(session: AsyncSession, entity: str) -> EffortRow | None:
    found = select(EffortRow).where(EffortRow.entity_id == entity, EffortRow.finished_at.is_(None))
    return (await session.execute(found)).scalar_one_or_none()


async def effort_of(session: AsyncSession, entity: str) -> EffortAccount:
    """What work on an entity was thought to take and what it took."""
    return (await _accounts(session, [await entity_row(session, entity)]))[0]


async def hours_by_clock(session: AsyncSession, ids: Collection[str]) -> dict[str, float]:
    """The hours that ended stretches of work took; entities without any are left out."""
    found = await _stretches(session, ids)
    return {entity: hours for entity, stretches in found.items() if (hours := _hours(stretches)) is not None}


async def seconds_by_clock(session: AsyncSession, ids: Collection[str]) -> dict[str, float]:
    """The seconds that ended stretches of work took, to the last digit; entities without any are left out."""
    found = await _stretches(session, ids)
    return {
        entity: sum((each.finished_at - each.started_at).total_seconds() for each in stretches if each.finished_at)
        for entity, stretches in found.items()
        if any(each.finished_at for each in stretches)
    }


async def _accounts(session: AsyncSession, rows: Sequence[EntityRow]) -> list[EffortAccount]:
    stretches = await _stretches(session, [row.id for row in rows])
    return [_account(row, tuple(stretches.get(row.id, ()))) for row in rows]


async def _stretches(session: AsyncSession, ids: Collection[str]) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {}
    for chunk in chunks(ids):
        rows = select(EffortRow).where(EffortRow.entity_id.in_(chunk)).order_by(EffortRow.number)
        for row in (await session.execute(rows)).scalars():
            stretch = Stretch(
                started_at=row.started_at, finished_at=row.finished_at, ended_as=row.ended_as, reason=row.reason
            )
            found.setdefault(row.entity_id, []).append(stretch)
    return found


def _hours(stretches: Sequence[Stretch]) -> float | None:
    seconds = [(each.finished_at - each.started_at).total_seconds() for each in stretches if each.finished_at]
    return round(sum(seconds) / _SECONDS_PER_HOUR, 6) if seconds else None


def _account(row: EntityRow, stretches: tuple[Stretch, ...]) -> EffortAccount:
    stated = row.details.get("actual_hours")
    actual = float(stated) if isinstance(stated, int | float) else _hours(stretches)
    estimated = estimated_hours(row.details)
    accuracy = round(actual / estimated, 4) if actual is not None and estimated else None
    return EffortAccount(
        entity=row.id, estimated_hours=estimated, actual_hours=actual, accuracy=accuracy, stretches=stretches
    )


async def learned_estimate(session: AsyncSession, agent: str, kind: str) -> LearnedEstimate:
    """What the finished work of an agent and type took, where the type is `domain_type`, or else the entity's own."""
    rows = select(EntityRow).where(EntityRow.type == PLAN, EntityRow.status == PlanStatus.COMPLETED.value)
    done = [
        row
        for row in (await session.execute(rows.order_by(EntityRow.number))).scalars()
        if row.details.get("assigned_agent") == agent and (row.details.get("domain_type") or row.type) == kind
    ]
    accounts = await _accounts(session, done)
    hours = [account.actual_hours for account in accounts if account.actual_hours is not None]
    accuracies = [account.accuracy for account in accounts if account.accuracy is not None]
    return LearnedEstimate(
        agent=agent,
        type=kind,
        count=len(hours),
        mean_hours=round(mean(hours), 6) if hours else None,
        median_hours=round(median(hours), 6) if hours else None,
        spread_hours=round(stdev(hours), 6) if len(hours) > 1 else None,
        mean_accuracy=round(mean(accuracies), 4) if accuracies else None,
    )
