"""Steps from one status of a plan's node to the next: which are legal, and what they bring about.

What waits does not start; what has started has started everything above it; nothing is completed over open parts.
"""

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import IllegalStepError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.effort_log import work_finished, work_started
from prefect_harmonic.planners.knowledge.entity import PLAN, STEPS, PlanStatus
from prefect_harmonic.planners.knowledge.link import FORWARD, LinkType
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow, TaskRow
from prefect_harmonic.planners.knowledge.tasks import OPEN_TASKS
from prefect_harmonic.planners.knowledge.tree import chunks, rows_above, subtree

_OPEN = frozenset({PlanStatus.PLANNING, PlanStatus.EXECUTING})
_FORWARD = [link_type.value for link_type in sorted(FORWARD)]
_NAMED_AT_MOST = 5

# Made once, as every step needs it.
_UNMET = (
    select(EntityRow)
    .where(
        EntityRow.id.in_(
            select(LinkRow.source_id)
            .where(LinkRow.target_id == bindparam("entity"), LinkRow.type.in_(_FORWARD))
            .union(
                select(LinkRow.target_id).where(
                    LinkRow.source_id == bindparam("entity"), LinkRow.type == LinkType.REQUIRES.value
                )
            )
        ),
        EntityRow.type == PLAN,
        EntityRow.status != PlanStatus.COMPLETED.value,
    )
    .order_by(EntityRow.number)
)


async def step_taken(transaction: Transaction, row: EntityRow, after: PlanStatus) -> None:
    """Takes a node of a plan to another status; to the one it has, nothing changes.

    The reason of a block is `blocker` in the details of the row, and it ends with the block.

    Raises:
        IllegalStepError: The step is not legal, something it waits for or consists of is not done, or a block has no
            reason.
    """
    before = PlanStatus(row.status or PlanStatus.PLANNING)
    if after is before:
        return
    if after not in STEPS[before]:
        possible = " or ".join(sorted(STEPS[before]))
        told = f"only {possible} can follow {before.value}" if possible else f"nothing follows {before.value}"
        raise IllegalStepError(row.id, before.value, after.value, told)
    if after is PlanStatus.EXECUTING:
        await _check_start(transaction.session, row, before)
    if after is PlanStatus.COMPLETED:
        await _check_end(transaction.session, row, before)
    await status_entered(transaction, row, after, before)


async def status_entered(
    transaction: Transaction, row: EntityRow, status: PlanStatus, before: PlanStatus | None = None
) -> None:
    """Sets the status of a node with all that it brings about, the node being new if there was none before."""
    if status is PlanStatus.BLOCKED and not row.details.get("blocker"):
        origin = (before or PlanStatus.PLANNING).value
        raise IllegalStepError(row.id, origin, status.value, "say why in metadata.blocker")
    if status is PlanStatus.EXECUTING:
        if before is None:
            await _check_start(transaction.session, row, PlanStatus.PLANNING)
        if before is PlanStatus.BLOCKED and row.details.get("blocker") is not None:
            row.details = {**row.details, "blocker": None}
        await _start_above(transaction, row.id)
        row.status = status.value
        await work_started(transaction, row.id)
    elif before is PlanStatus.EXECUTING:
        reason = row.details.get("blocker") if status is PlanStatus.BLOCKED else None
        row.status = status.value
        await work_finished(transaction, row.id, status.value, reason if isinstance(reason, str) else None)
    row.status = status.value


async def unmet(session: AsyncSession, entity: str) -> tuple[EntityRow, ...]:
    """What an entity waits for and what is not completed yet; what was dropped is waited for no longer."""
    rows = (await session.execute(_UNMET, {"entity": entity})).scalars()
    return tuple(row for row in rows if not row.details.get("dropped"))


async def _check_start(session: AsyncSession, row: EntityRow, before: PlanStatus) -> None:
    waits = await unmet(session, row.id)
    if waits:
        told = ", ".join(f"{each.id} ({each.title}: {each.status})" for each in waits[:_NAMED_AT_MOST])
        raise IllegalStepError(row.id, before.value, PlanStatus.EXECUTING.value, f"it waits for {told}")


async def _start_above(transaction: Transaction, entity: str) -> None:
    """A part that has started has started what it is a part of."""
    for row in await rows_above(transaction.session, entity, PlanStatus.PLANNING):
        if row.type == PLAN:
            await _check_start(transaction.session, row, PlanStatus.PLANNING)
            row.status = PlanStatus.EXECUTING.value
            row.updated_at = transaction.now
            await work_started(transaction, row.id)


async def _check_end(session: AsyncSession, row: EntityRow, before: PlanStatus) -> None:
    """A node is not done while parts or tasks of it are open; blocked parts are, with their reasons, a known gap."""
    below = [place.id for place in await subtree(session, row.id)]
    still_open: list[str] = []
    dropped: set[str] = set()
    for chunk in chunks(set(below) - {row.id}):
        parts = select(EntityRow).where(EntityRow.id.in_(chunk), EntityRow.type == PLAN)
        for part in (await session.execute(parts.order_by(EntityRow.number))).scalars():
            if part.details.get("dropped"):
                dropped.add(part.id)
            elif part.status in _OPEN:
                still_open.append(f"{part.id} ({part.title}: {part.status})")
    for chunk in chunks(set(below) - dropped):
        tasks = select(TaskRow).where(TaskRow.entity_id.in_(chunk), TaskRow.status.in_(sorted(OPEN_TASKS)))
        still_open += [
            f"task {task.id} ({task.title}: {task.status})"
            for task in (await session.execute(tasks.order_by(TaskRow.number))).scalars()
        ]
    if still_open:
        more = f" and {len(still_open) - _NAMED_AT_MOST} more" if len(still_open) > _NAMED_AT_MOST else ""
        told = f"{', '.join(still_open[:_NAMED_AT_MOST])}{more} must be done or dropped first"
        raise IllegalStepError(row.id, before.value, PlanStatus.COMPLETED.value, told)
