"""Runs and finished artifacts as later planning learns from them."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.artifact import Effort
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.effort_log import seconds_by_clock
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow, PastRunRow
from prefect_harmonic.planners.knowledge.tree import IS_TREE_LINK, checked_ids, chunks
from prefect_harmonic.planners.plan import plan_from_document

MOST_FINISHED = 2_000
"""So many finished artifacts are looked at, the latest: what took long ago says less of what will."""

MOST_RUNS = 100
"""So many runs are looked at, the latest."""

_SECONDS_PER_HOUR = 3600.0


async def run_kept(transaction: Transaction, run: PastRun) -> None:
    """Keeps a run; said again, it takes the place of what was said.

    Raises:
        UnknownRecordError: It has no tree.
    """
    session = transaction.session
    await checked_ids(session, [run.id])
    row = (await session.execute(select(PastRunRow).where(PastRunRow.root_id == run.id))).scalar_one_or_none()
    if row is None:
        row = PastRunRow(root_id=run.id)
        session.add(row)
    row.project, row.model, row.outcome = run.project, run.model, run.outcome
    row.workers, row.seconds, row.is_declared = run.workers, run.seconds, run.is_declared
    row.planned, row.proven, row.ended_at = run.planned.to_document(), run.proven.to_document(), run.ended_at
    await session.flush()


async def past_runs(session: AsyncSession, *, model: str, project: str) -> tuple[PastRun, ...]:
    """The latest runs with a model, or without any, the latest last: of a project, and of whatever project."""
    latest = select(PastRunRow).where(PastRunRow.model == model).order_by(PastRunRow.number.desc()).limit(MOST_RUNS)
    rows: dict[int, PastRunRow] = {}
    for found in (latest, latest.where(PastRunRow.project == project)):
        rows.update((row.number, row) for row in (await session.execute(found)).scalars())
    return tuple(_run(rows[number]) for number in sorted(rows))


def _run(row: PastRunRow) -> PastRun:
    return PastRun(
        id=row.root_id,
        project=row.project,
        model=row.model,
        outcome=row.outcome,
        ended_at=row.ended_at,
        workers=row.workers,
        seconds=row.seconds,
        is_declared=row.is_declared,
        planned=plan_from_document(row.planned, f"run {row.root_id}"),
        proven=plan_from_document(row.proven, f"run {row.root_id}"),
    )


async def finished_work(session: AsyncSession, *, model: str) -> tuple[FinishedWork, ...]:
    """The latest finished artifacts of pursuits with a model, or without any; what was kept from before counts once.

    The hours are those that are stated, else those by the clock.
    """
    is_done: ColumnElement[bool] = EntityRow.status == PlanStatus.COMPLETED.value
    latest = select(EntityRow).where(EntityRow.type == PLAN, is_done).order_by(EntityRow.number.desc())
    rows = [
        row
        for row in (await session.execute(latest.limit(MOST_FINISHED))).scalars()
        if row.details.get("assigned_agent") and not row.details.get("kept") and not row.details.get("dropped")
    ]
    ids = [row.id for row in rows]
    clocked, roots = await seconds_by_clock(session, ids), await _roots(session, ids)
    models = await _models(session, set(roots.values()))
    known = []
    for row in reversed(rows):
        stated, seconds = row.details.get("actual_hours"), clocked.get(row.id)
        by_clock = None if seconds is None else seconds / _SECONDS_PER_HOUR
        hours = float(stated) if isinstance(stated, int | float) else by_clock
        if hours is not None and models.get(roots[row.id], "") == model:
            known.append(_work(row, roots[row.id], hours))
    return tuple(known)


def _work(row: EntityRow, root: str, hours: float) -> FinishedWork:
    agent = str(row.details["assigned_agent"])
    effort = str(row.details.get("estimated_effort") or Effort.MEDIUM.value)
    kind, stated = row.details.get("kind"), row.details.get("estimated_hours")
    return FinishedWork(
        run=root,
        agent=agent,
        kind=kind if isinstance(kind, str) else f"{agent}/{row.details.get('domain_type') or '-'}/{effort}",
        effort=effort,
        stated_hours=float(stated) if isinstance(stated, int | float) else None,
        hours=max(hours, 0.0),
    )


async def _roots(session: AsyncSession, ids: list[str]) -> dict[str, str]:
    """The root of the tree in which each entity stands."""
    roots = {one: one for one in ids}
    standing = set(ids)
    while standing:
        above: dict[str, str] = {}
        for chunk in chunks(standing):
            links = select(LinkRow.target_id, LinkRow.source_id).where(LinkRow.target_id.in_(chunk), IS_TREE_LINK)
            above.update((child, parent) for child, parent in await session.execute(links))
        roots = {one: above.get(root, root) for one, root in roots.items()}
        standing = set(above.values())
    return roots


async def _models(session: AsyncSession, roots: set[str]) -> dict[str, str]:
    """The language model with which the pursuit of each root was started."""
    models: dict[str, str] = {}
    for chunk in chunks(roots):
        rows = select(EntityRow.id, EntityRow.details).where(EntityRow.id.in_(chunk))
        for root, details in await session.execute(rows):
            parameters = details.get("parameters")
            stated = parameters.get("model") if isinstance(parameters, dict) else None
            models[root] = stated if isinstance(stated, str) else ""
    return models
