"""Tasks: what an agent is told to do for an entity, and whether it is done."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import IllegalStepError, UnknownRecordError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.refusal import plain_json, plain_text, refused
from prefect_harmonic.planners.knowledge.tables import TaskRow
from prefect_harmonic.planners.knowledge.tree import ancestors, checked_ids


class TaskStatus(StrEnum):
    """How far a task is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_TASKS = frozenset({TaskStatus.PENDING, TaskStatus.RUNNING})
"""Tasks that are still to be done; while there are any, what they are for is not completed."""

_STEPS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset(TaskStatus) - {TaskStatus.PENDING},
    TaskStatus.RUNNING: frozenset(TaskStatus) - {TaskStatus.RUNNING},
    TaskStatus.FAILED: frozenset({TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.CANCELLED}),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}


class Task(BaseModel):
    """Something that an agent is told to do for an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    entity_id: str
    title: str
    instruction: str
    status: TaskStatus
    metadata: dict[str, JsonValue] = Field(description="As given, with `plan_id`, the root of the entity's tree.")
    created_at: datetime
    updated_at: datetime


async def task_added(
    transaction: Transaction, title: str, instruction: str, entity: str, metadata: Mapping[str, object]
) -> Task:
    """Adds a pending task for an entity."""
    await checked_ids(transaction.session, [entity])
    row = TaskRow(
        id=transaction.new_id(),
        entity_id=entity,
        title=plain_text("title", title, is_needed=True),
        instruction=plain_text("instruction", instruction),
        status=TaskStatus.PENDING.value,
        details=plain_json("metadata", metadata),
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    transaction.session.add(row)
    await transaction.session.flush()
    return await _task(transaction.session, row)


async def task_updated(
    transaction: Transaction,
    task: str,
    *,
    status: str | None = None,
    title: str = "",
    instruction: str = "",
    metadata: Mapping[str, object] | None = None,
) -> Task:
    """Changes what is named of a task; a text that is empty leaves what is there, and metadata is merged."""
    row = await task_row(transaction.session, task)
    if status is not None:
        row.status = _step(row, status).value
    row.title = plain_text("title", title) or row.title
    row.instruction = plain_text("instruction", instruction) or row.instruction
    row.details = {**row.details, **plain_json("metadata", metadata or {})}
    row.updated_at = transaction.now
    await transaction.session.flush()
    return await _task(transaction.session, row)


def _step(row: TaskRow, status: str) -> TaskStatus:
    before, after = TaskStatus(row.status), task_status(status)
    if after is not before and after not in _STEPS[before]:
        told = f"only {' or '.join(sorted(_STEPS[before])) or 'nothing'} can follow {before.value}"
        raise IllegalStepError(f"task {row.id}", before.value, after.value, told)
    return after


def task_status(name: str) -> TaskStatus:
    """The status of that name.

    Raises:
        RefusedValueError: There is none.
    """
    try:
        return TaskStatus(name)
    except ValueError:
        raise refused("task status", name, f"give one of {', '.join(TaskStatus)}") from None


async def task_row(session: AsyncSession, task: str) -> TaskRow:
    """The row of a task.

    Raises:
        UnknownRecordError: There is none.
    """
    row = (await session.execute(select(TaskRow).where(TaskRow.id == task))).scalar_one_or_none()
    if row is None:
        raise UnknownRecordError("task", [task])
    return row


async def read_task(session: AsyncSession, task: str) -> Task:
    """One task."""
    return await _task(session, await task_row(session, task))


async def tasks_with(session: AsyncSession, status: TaskStatus | None, entity: str | None = None) -> tuple[Task, ...]:
    """The tasks of a status, or all; of one entity, or all; oldest first."""
    rows = select(TaskRow).order_by(TaskRow.number)
    if status is not None:
        rows = rows.where(TaskRow.status == status.value)
    if entity is not None:
        rows = rows.where(TaskRow.entity_id == entity)
    roots: dict[str, str] = {}
    return tuple([await _task(session, row, roots) for row in (await session.execute(rows)).scalars().all()])


async def _task(session: AsyncSession, row: TaskRow, roots: dict[str, str] | None = None) -> Task:
    roots = {} if roots is None else roots
    if row.entity_id not in roots:
        roots[row.entity_id] = ((await ancestors(session, row.entity_id)) or (row.entity_id,))[-1]
    return Task(
        id=row.id,
        entity_id=row.entity_id,
        title=row.title,
        instruction=row.instruction,
        status=TaskStatus(row.status),
        metadata=dict(sorted({"plan_id": roots[row.entity_id], **row.details}.items())),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
