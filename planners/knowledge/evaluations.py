"""Evaluations of an entity, iteration by iteration, and what follows from them. Nothing of their history is lost.

The verdict is the one of `planners.programme.evaluation`: nobody can state another.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.evidence import Contradiction
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.refusal import plain_json, read_as, refused
from prefect_harmonic.planners.knowledge.tables import EvaluationEntryRow, EvaluationRow
from prefect_harmonic.planners.knowledge.tree import checked_ids
from prefect_harmonic.planners.programme.evaluation import Criteria, EvaluationOutcome, Verdict, verdict_on

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class EvaluationDecision(StrEnum):
    """What was decided after an evaluation."""

    CONVERGE = "converge"
    LOOP = "loop"
    REPLAN = "replan"
    ESCALATE = "escalate"


class EvaluationUpdate(BaseModel):
    """What an update of an evaluation may say; what it leaves out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    iteration: int | None = Field(default=None, ge=1, description="Which one it is about; the next if a new one.")
    confidence: float | None = Field(default=None, ge=0, le=1)
    gaps: list[_Text] | None = None
    contradictions: list[Contradiction | _Text] | None = Field(default=None, strict=False)
    status: EvaluationOutcome | None = Field(default=None, strict=False, description="Must be what follows.")
    decision: EvaluationDecision | None = Field(default=None, strict=False)
    rationale: str | None = None


class EvaluationEntry(BaseModel):
    """What an evaluation said after one update."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iteration: int
    confidence: float
    gaps: tuple[str, ...] = ()
    contradictions: tuple[Contradiction | str, ...] = ()
    decision: EvaluationDecision | None = None
    rationale: str = ""
    recorded_at: datetime


class EvaluationRecord(BaseModel):
    """An evaluation with its whole history."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    eval_id: str
    entity_id: str
    criteria: Criteria
    status: EvaluationOutcome
    history: tuple[EvaluationEntry, ...] = Field(description="Every update, oldest first.")


class Convergence(BaseModel):
    """Whether the findings about an entity are good enough, and what follows if not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    converged: bool
    outcome: EvaluationOutcome
    reason: str
    confidence: float | None = Field(description="None before the first iteration.")
    gaps: tuple[str, ...]
    contradictions: tuple[Contradiction | str, ...]
    iteration: int = Field(description="The last one; 0 before the first.")


async def evaluation_added(
    transaction: Transaction, entity: str, max_iterations: int, criteria: Mapping[str, object]
) -> EvaluationRecord:
    """Starts to evaluate an entity by these criteria."""
    await checked_ids(transaction.session, [entity])
    given = plain_json("criteria", criteria)
    if given.setdefault("max_iterations", max_iterations) != max_iterations:
        raise refused("criteria.max_iterations", given["max_iterations"], f"the call itself says {max_iterations}")
    checked = read_as(Criteria, given, "criteria")
    row = EvaluationRow(
        id=transaction.new_id(),
        entity_id=entity,
        criteria=checked.model_dump(mode="json"),
        created_at=transaction.now,
    )
    transaction.session.add(row)
    await transaction.session.flush()
    return _record(row, ())


async def evaluation_updated(
    transaction: Transaction, evaluation: str, values: Mapping[str, object]
) -> EvaluationRecord:
    """Adds an iteration, or more about the last one.

    An update that names a confidence and no iteration is the next one; without a confidence it is about the last.

    Raises:
        UnknownRecordError: There is no such evaluation.
        RefusedValueError: A value is outside its range, iterations are used up or skipped, or the status that is
            stated is not what follows.
    """
    row = await _row(transaction.session, evaluation)
    history = await _history(transaction.session, evaluation)
    criteria = read_as(Criteria, row.criteria, "criteria")
    update = read_as(EvaluationUpdate, plain_json("evaluation", values), "evaluation")
    entry = _next_entry(update, history, criteria, transaction.now)
    verdict = _verdict((*history, entry), criteria)
    if update.status is not None and update.status is not verdict.outcome:
        told = f"what follows is {verdict.outcome.value}. {verdict.rationale}"
        raise refused("evaluation.status", update.status.value, told)
    stored = entry.model_dump(mode="json", include={"gaps", "contradictions"})
    transaction.session.add(
        EvaluationEntryRow(
            evaluation_id=evaluation,
            iteration=entry.iteration,
            confidence=entry.confidence,
            gaps=stored["gaps"],
            contradictions=stored["contradictions"],
            decision=entry.decision.value if entry.decision else None,
            rationale=entry.rationale,
            recorded_at=transaction.now,
        )
    )
    await transaction.session.flush()
    return _record(row, (*history, entry))


def _next_entry(
    update: EvaluationUpdate, history: Sequence[EvaluationEntry], criteria: Criteria, now: datetime
) -> EvaluationEntry:
    last = history[-1].iteration if history else 0
    stated = update.iteration or (last if update.confidence is None and history else last + 1)
    if stated not in (last, last + 1) or stated == 0:
        raise refused("evaluation.iteration", stated, f"the last one was {last}")
    if stated > criteria.max_iterations:
        raise refused("evaluation.iteration", stated, f"the {criteria.max_iterations} iterations are used up")
    before = history[-1] if stated == last else None
    confidence = update.confidence if update.confidence is not None else before and before.confidence
    if confidence is None:
        raise refused("evaluation.confidence", None, f"iteration {stated} needs one, from 0 to 1")
    given = update.model_dump(exclude_none=True, include={"gaps", "contradictions", "decision", "rationale"})
    kept = before.model_dump(include={"gaps", "contradictions", "decision", "rationale"}) if before else {}
    return EvaluationEntry(**{**kept, **given, "iteration": stated, "confidence": confidence, "recorded_at": now})


async def convergence_of(session: AsyncSession, evaluation: str) -> Convergence:
    """What follows from an evaluation as it stands."""
    row = await _row(session, evaluation)
    history = await _history(session, evaluation)
    verdict = _verdict(history, read_as(Criteria, row.criteria, "criteria"))
    last = history[-1] if history else None
    return Convergence(
        converged=verdict.outcome is EvaluationOutcome.CONVERGED,
        outcome=verdict.outcome,
        reason=verdict.rationale,
        confidence=last.confidence if last else None,
        gaps=last.gaps if last else (),
        contradictions=last.contradictions if last else (),
        iteration=last.iteration if last else 0,
    )


async def evaluation_of(session: AsyncSession, evaluation: str) -> EvaluationRecord:
    """An evaluation with its whole history."""
    return _record(await _row(session, evaluation), await _history(session, evaluation))


async def evaluations_for(session: AsyncSession, entity: str) -> tuple[EvaluationRecord, ...]:
    """The evaluations of an entity, oldest first."""
    rows = select(EvaluationRow).where(EvaluationRow.entity_id == entity).order_by(EvaluationRow.number)
    found = (await session.execute(rows)).scalars().all()
    return tuple([_record(row, await _history(session, row.id)) for row in found])


async def _row(session: AsyncSession, evaluation: str) -> EvaluationRow:
    row = (await session.execute(select(EvaluationRow).where(EvaluationRow.id == evaluation))).scalar_one_or_none()
    if row is None:
        raise UnknownRecordError("evaluation", [evaluation])
    return row


async def _history(session: AsyncSession, evaluation: str) -> tuple[EvaluationEntry, ...]:
    rows = select(EvaluationEntryRow).where(EvaluationEntryRow.evaluation_id == evaluation)
    found = (await session.execute(rows.order_by(EvaluationEntryRow.number))).scalars()
    return tuple(
        EvaluationEntry(
            iteration=row.iteration,
            confidence=row.confidence,
            gaps=tuple(map(str, row.gaps)),
            contradictions=tuple(_contradiction(value) for value in row.contradictions),
            decision=EvaluationDecision(row.decision) if row.decision else None,
            rationale=row.rationale,
            recorded_at=row.recorded_at,
        )
        for row in found
    )


def _contradiction(value: JsonValue) -> Contradiction | str:
    return value if isinstance(value, str) else read_as(Contradiction, value, "contradiction")


def _verdict(history: Sequence[EvaluationEntry], criteria: Criteria) -> Verdict:
    """The verdict on the last entry of each iteration."""
    by_iteration = {entry.iteration: entry for entry in history}
    last = history[-1] if history else None
    return verdict_on(
        [by_iteration[iteration].confidence for iteration in sorted(by_iteration)],
        criteria,
        gaps=len(last.gaps) if last else 0,
        contradictions=len(last.contradictions) if last else 0,
    )


def _record(row: EvaluationRow, history: tuple[EvaluationEntry, ...]) -> EvaluationRecord:
    criteria = read_as(Criteria, row.criteria, "criteria")
    return EvaluationRecord(
        eval_id=row.id,
        entity_id=row.entity_id,
        criteria=criteria,
        status=_verdict(history, criteria).outcome,
        history=history,
    )
