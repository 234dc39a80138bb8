"""What is noted about a pursuit beside its tree: evaluations, changes of the plan, questions and answers.

Changes and questions are entities of their own that inform the goal; they are no parts of it and count for no progress.
"""

import hashlib
import json
from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entities import entity_added, entity_updated
from prefect_harmonic.planners.knowledge.evaluations import (
    EvaluationDecision,
    EvaluationRecord,
    evaluation_added,
    evaluation_updated,
    evaluations_for,
)
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.linking import linked
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome

REPLANNING, QUESTION = "replanning", "question"
"""Types of what is noted."""

OPEN, ANSWERED = "open", "answered"
_DECISIONS = {
    EvaluationOutcome.CONVERGED: EvaluationDecision.CONVERGE,
    EvaluationOutcome.CONTINUE: EvaluationDecision.LOOP,
    EvaluationOutcome.PLATEAUED: EvaluationDecision.ESCALATE,
    EvaluationOutcome.EXHAUSTED: EvaluationDecision.ESCALATE,
}
_LONGEST_TITLE = 200


async def evaluation_noted(transaction: Transaction, root: str, evaluation: Evaluation, criteria: Criteria) -> None:
    """Enters an evaluation into the history of a goal.

    An iteration of the run is one of the history. Where a person allowed more iterations than the criteria do, a new
    evaluation with a history of its own goes on from there.
    """
    records = await evaluations_for(transaction.session, root)
    values = _values(evaluation)
    if any(_is_same(record, values) for record in records[-1:]):
        return
    before = sum(record.history[-1].iteration for record in records[:-1] if record.history)
    record = records[-1] if records else None
    last = record.history[-1].iteration if record and record.history else 0
    iteration = last + 1 if evaluation.iteration - before > last else max(1, last)
    if record is None or iteration > record.criteria.max_iterations:
        given = criteria.model_dump(mode="json")
        record = await evaluation_added(transaction, root, criteria.max_iterations, given)
        iteration = 1
    await evaluation_updated(transaction, record.eval_id, {**values, "iteration": iteration})


def _values(evaluation: Evaluation) -> dict[str, JsonValue]:
    return {
        "confidence": evaluation.confidence,
        "gaps": [gap for gap in evaluation.gaps if gap.strip()],
        "contradictions": [one.model_dump(mode="json") for one in evaluation.contradictions],
        "decision": _DECISIONS[evaluation.outcome].value,
        "rationale": f"After {evaluation.phase}: {evaluation.rationale}",
    }


def _is_same(record: EvaluationRecord, values: Mapping[str, JsonValue]) -> bool:
    """Whether the last thing that a history says is this."""
    if not record.history:
        return False
    last = record.history[-1].model_dump(mode="json")
    return all(last[key] == value for key, value in values.items())


async def replanning_noted(transaction: Transaction, root: str, record: Mapping[str, JsonValue]) -> None:
    """Keeps a change of the plan, once, and says in the evaluation before it that the plan was changed."""
    key = _key(record)
    known = await notes_about(transaction.session, root, REPLANNING)
    if any(row.details.get("key") == key for row in known):
        return
    reason = str(record.get("reason") or "the plan was changed")
    title = f"Replanning {len(known) + 1}: {reason}"
    await _noted(transaction, root, title, {"type": REPLANNING, "key": key, "record": dict(record)})
    records = await evaluations_for(transaction.session, root)
    if records and records[-1].history:
        values = {"decision": EvaluationDecision.REPLAN.value, "rationale": reason}
        await evaluation_updated(transaction, records[-1].eval_id, values)


async def question_noted(transaction: Transaction, root: str, question: Mapping[str, JsonValue]) -> None:
    """Keeps a question that a person is asked, unless the same one is open."""
    key = str(question.get("key") or _key(question))
    for row in await notes_about(transaction.session, root, QUESTION):
        if row.status == OPEN and row.details.get("key") == key:
            return
    title = f"Question: {question.get('text') or question.get('subject') or key}"
    metadata = {"type": QUESTION, "status": OPEN, "key": key, "question": dict(question)}
    await _noted(transaction, root, title, metadata)


async def answer_noted(transaction: Transaction, root: str, answer: Mapping[str, JsonValue]) -> None:
    """Keeps the answer to the question that it names by key, or else to the one that was asked last.

    Raises:
        UnknownRecordError: Nothing like it was asked.
    """
    asked = await notes_about(transaction.session, root, QUESTION)
    named = [row for row in asked if answer.get("key") in (None, row.details.get("key"))]
    still_open = [row for row in named if row.status == OPEN]
    if still_open:
        changes = {"status": ANSWERED, "answer": dict(answer)}
        await entity_updated(transaction, still_open[-1].id, "", "", changes)
    elif not any(row.details.get("answer") == dict(answer) for row in named):
        raise UnknownRecordError("open question", [str(answer.get("key") or root)])


async def _noted(transaction: Transaction, root: str, title: str, metadata: Mapping[str, object]) -> None:
    line = " ".join(title.split())
    title = line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"
    note = await entity_added(transaction, title, line, metadata)
    await linked(transaction, note.id, root, LinkType.INFORMS)


async def notes_about(session: AsyncSession, root: str, kind: str) -> tuple[EntityRow, ...]:
    """What was noted about a pursuit, of one kind, oldest first."""
    noted = (
        select(EntityRow)
        .join(LinkRow, LinkRow.source_id == EntityRow.id)
        .where(LinkRow.target_id == root, LinkRow.type == LinkType.INFORMS.value, EntityRow.type == kind)
        .order_by(EntityRow.number)
    )
    return tuple((await session.execute(noted)).scalars())


def _key(record: Mapping[str, JsonValue]) -> str:
    text = json.dumps(dict(record), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
