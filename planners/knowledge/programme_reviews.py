"""The reviews of a programme: those that are planned, each with a task for its day, and those that were held.

A review informs the goal and is no part of it: a programme whose work is done is done, whoever looks at it afterwards.

Source: second design document, "Workflow 3: Multi-Month Strategic Initiative".
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entities import entity_added, entity_updated
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.linking import linked
from prefect_harmonic.planners.knowledge.programme_notes import notes_about
from prefect_harmonic.planners.knowledge.tables import EntityRow, TaskRow
from prefect_harmonic.planners.knowledge.tasks import OPEN_TASKS, TaskStatus, task_added, task_updated

REVIEW = "review"
"""Type of what is noted."""

PLANNED, HELD = "planned", "held"
REVIEWER = "hierarchical-planner"


async def reviews_planned(transaction: Transaction, root: str, milestones: Sequence[Mapping[str, JsonValue]]) -> None:
    """Has a planned review, with a task for its day, for each milestone; those that are there get the day it is now.

    Args:
        transaction: What to write with.
        root: The goal.
        milestones: Each with its `name`, and the days of its `due` and `review`.
    """
    for milestone in milestones:
        name, day = str(milestone["name"]), milestone.get("review")
        note = await _note(transaction.session, root, name)
        if note is None:
            await _planned(transaction, root, name, day, milestone)
        elif note.status == PLANNED and note.details.get("scheduled_date") != day:
            await entity_updated(transaction, note.id, "", "", {"scheduled_date": day, "due": milestone.get("due")})
            for task in await _open_tasks(transaction.session, note.id):
                await task_updated(transaction, task, metadata={"scheduled_date": day})


async def review_noted(transaction: Transaction, root: str, name: str, review: Mapping[str, JsonValue]) -> None:
    """Keeps the review of a milestone; its task is completed. One that was kept before is replaced."""
    note = await _note(transaction.session, root, name)
    if note is None:
        note = await _planned(transaction, root, name, review.get("planned"), {"name": name})
    await entity_updated(transaction, note.id, "", "", {"status": HELD, "review": dict(review)})
    for task in await _open_tasks(transaction.session, note.id):
        await task_updated(transaction, task, status=TaskStatus.COMPLETED.value)


async def _planned(
    transaction: Transaction, root: str, name: str, day: JsonValue, milestone: Mapping[str, JsonValue]
) -> EntityRow:
    title = f"Review of {name}"
    metadata = {"type": REVIEW, "status": PLANNED, "key": name, "milestone": name, "scheduled_date": day}
    note = await entity_added(transaction, title, title, {**metadata, "due": milestone.get("due")})
    await linked(transaction, note.id, root, LinkType.INFORMS)
    instruction = f"Compare {name} with its plan and adjust what follows."
    told = {"scheduled_date": day, "agent": REVIEWER, "review": True}
    await task_added(transaction, f"Review {name} progress", instruction, note.id, told)
    found = await _note(transaction.session, root, name)
    assert found is not None  # noqa: S101 - it was written just now, in this transaction
    return found


async def _note(session: AsyncSession, root: str, name: str) -> EntityRow | None:
    found = [row for row in await notes_about(session, root, REVIEW) if row.details.get("key") == name]
    return found[0] if found else None


async def _open_tasks(session: AsyncSession, note: str) -> tuple[str, ...]:
    statuses = [status.value for status in OPEN_TASKS]
    rows = select(TaskRow.id).where(TaskRow.entity_id == note, TaskRow.status.in_(statuses)).order_by(TaskRow.number)
    return tuple((await session.execute(rows)).scalars())
