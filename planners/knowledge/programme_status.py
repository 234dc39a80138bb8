"""How a pursuit stands: what is done, what is blocked and why, what a person was asked, what it took."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.knowledge.accuracy import EstimateAccuracy, accuracy_of
from prefect_harmonic.planners.knowledge.budgeting import BudgetAccount, spending
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus
from prefect_harmonic.planners.knowledge.evaluations import EvaluationDecision, EvaluationEntry, evaluations_for
from prefect_harmonic.planners.knowledge.programme_notes import OPEN, QUESTION, REPLANNING, notes_about
from prefect_harmonic.planners.knowledge.programme_steps import NOT_RUN
from prefect_harmonic.planners.knowledge.programme_tree import ARTIFACT, rows_below
from prefect_harmonic.planners.knowledge.progress import PlanProgress, Progress, progress_in, progress_of
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow
from prefect_harmonic.planners.knowledge.tree import IS_TREE_LINK, entity_row

MOST_PROGRAMMES = 100


class BlockedPart(BaseModel):
    """A node that is blocked, or was never started because of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    agent: str | None
    reason: str
    is_waiting: bool = Field(description="Whether it is not blocked itself, but waits for what is.")


class ProgrammeStatus(BaseModel):
    """How a pursuit stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    goal: str
    workspace: str | None
    status: PlanStatus
    outcome: str | None = Field(description="How the last run of it ended; none while there was none.")
    reason: str | None = Field(description="Why it is blocked, if it is.")
    created_at: datetime
    updated_at: datetime
    progress: PlanProgress = Field(description="How far all parts are, and those at each level.")
    artifacts: Progress = Field(description="How far the artifacts of the plan are, without phases and parts.")
    executing: tuple[str, ...] = Field(description="Titles of what is being worked on, wholes before their parts.")
    blocked: tuple[BlockedPart, ...]
    question: dict[str, JsonValue] | None = Field(description="What a person was asked and has not answered.")
    evaluations: tuple[EvaluationEntry, ...] = Field(description="Every evaluation, oldest first, as in the report.")
    replannings: int = Field(description="How often the plan was changed.")
    accuracy: EstimateAccuracy = Field(description="How good the estimates of finished work were.")
    spent: BudgetAccount


async def status_of(transaction: Transaction, root: str) -> ProgrammeStatus:
    """How a pursuit stands.

    Raises:
        UnknownRecordError: There is none.
    """
    session = transaction.session
    row = await entity_row(session, root)
    below = [one for one in await rows_below(session, root) if not one.details.get("dropped")]
    return ProgrammeStatus(
        id=row.id,
        goal=_text(row, "goal") or row.title,
        workspace=_text(row, "workspace"),
        status=PlanStatus(row.status or PlanStatus.PLANNING),
        outcome=_text(row, "outcome"),
        reason=_text(row, "blocker"),
        created_at=row.created_at,
        updated_at=max((one.updated_at for one in below), default=row.updated_at),
        progress=await progress_of(session, root),
        artifacts=progress_in(below, ARTIFACT),
        executing=tuple(one.title for one in below if one.status == PlanStatus.EXECUTING),
        blocked=tuple(part for one in below if (part := _blocked(one)) is not None),
        question=await _open_question(session, root),
        evaluations=await _evaluations(session, root),
        replannings=len(await notes_about(session, root, REPLANNING)),
        accuracy=await accuracy_of(session, root),
        spent=await spending(session, root, transaction.now),
    )


async def programme_roots(session: AsyncSession, most: int = MOST_PROGRAMMES) -> tuple[str, ...]:
    """The goals that are pursued or planned as a hierarchy, newest first; of runs that go on from another the last."""
    is_part = select(LinkRow.number).where(LinkRow.target_id == EntityRow.id, IS_TREE_LINK).exists()
    rows = select(EntityRow).where(EntityRow.type == PLAN, ~is_part).order_by(EntityRow.number.desc())
    found = tuple((await session.execute(rows)).scalars())
    # What a later run of the same goal in the same workspace goes on from is told by that one.
    continued = {(row.details.get("continues"), row.details.get("goal")) for row in found}
    wanted = (row for row in found if (row.id, row.details.get("goal")) not in continued)
    return tuple(row.id for row in wanted if row.details.get("goal") or row.details.get("strategy"))[:most]


def _blocked(row: EntityRow) -> BlockedPart | None:
    is_waiting = row.status == PlanStatus.PLANNING and _text(row, NOT_RUN) is not None
    if row.status != PlanStatus.BLOCKED and not is_waiting:
        return None
    reason = _text(row, NOT_RUN if is_waiting else "blocker") or ""
    return BlockedPart(
        id=row.id, title=row.title, agent=_text(row, "assigned_agent"), reason=reason, is_waiting=is_waiting
    )


async def _open_question(session: AsyncSession, root: str) -> dict[str, JsonValue] | None:
    asked = [row for row in await notes_about(session, root, QUESTION) if row.status == OPEN]
    question = asked[-1].details.get("question") if asked else None
    return dict(question) if isinstance(question, dict) else None


async def _evaluations(session: AsyncSession, root: str) -> tuple[EvaluationEntry, ...]:
    """All evaluations, each with what was decided after it; several may belong to one iteration, which counts tries."""
    found: list[EvaluationEntry] = []
    for record in await evaluations_for(session, root):
        for place, entry in enumerate(record.history):
            if place and _is_about_the_same(record.history[place - 1], entry):
                found[-1] = entry.model_copy(update={"rationale": found[-1].rationale})
            else:
                found.append(entry)
    return tuple(found)


def _is_about_the_same(before: EvaluationEntry, entry: EvaluationEntry) -> bool:
    """Whether an update says more of the evaluation before it: that the plan was changed, or what leaves its reason."""
    is_decision = entry.decision is EvaluationDecision.REPLAN and entry.confidence == before.confidence
    return entry.iteration == before.iteration and (is_decision or entry.rationale == before.rationale)


def _text(row: EntityRow, key: str) -> str | None:
    value = row.details.get(key)
    return value if isinstance(value, str) and value else None
