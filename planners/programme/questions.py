"""The questions that a run puts to a person: what is stuck, what is known, what each answer would do."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.deciding import Decision
from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, one_line
from prefect_harmonic.planners.programme.question import AnswerAction, Question, QuestionKind
from prefect_harmonic.planners.programme.replanning import Replanning

_MOST_LISTED = 12


def escalation_question(
    decision: Decision, evaluation: Evaluation, openings: Sequence[Opening], failed: Mapping[str, str]
) -> Question:
    """What to do where a run cannot get on by itself.

    Args:
        decision: Why a person is asked.
        evaluation: The last one.
        openings: What is still open.
        failed: Artifacts that failed, each with why.
    """
    kind = _kind(evaluation, failed)
    stuck = [f"{name} could not be made: {reason}" for name, reason in sorted(failed.items())]
    listed = stuck or [opening.text for opening in openings]
    findings = [
        f"Confidence {evaluation.confidence:.2f} after {printable(evaluation.phase)}. {evaluation.rationale}",
        *_listed("Still open:" if not stuck else "Stuck:", listed),
    ]
    return Question(
        key=_key(kind, evaluation.phase if kind is QuestionKind.BLOCKED else "", (one.key for one in openings)),
        kind=kind,
        subject=", ".join(sorted(failed)) if failed else evaluation.phase,
        text=f"{decision.reason} What now?",
        findings="\n".join(findings),
    )


def approval_question(replanning: Replanning, phase: str) -> Question:
    """Whether to take a change of the plan: only what changes is shown."""
    difference = replanning.difference
    lines = [
        f"{one.change.value}: {one.artifact} ({one.reason})"
        for one in difference.changes
        if one.change not in {Change.KEPT, Change.OPEN}
    ]
    kept = len(difference.of(Change.KEPT))
    hours = f"{difference.hours_new:g} h new, {difference.hours_again:g} h made again, {kept} finished artifacts kept."
    return Question(
        key=_key(QuestionKind.APPROVAL, phase, (closing.artifact for closing in replanning.closings), lines),
        kind=QuestionKind.APPROVAL,
        subject=phase,
        text=f"Change the plan after {printable(phase)}? {hours}",
        options=(AnswerAction.APPROVE, AnswerAction.SKIP, AnswerAction.REPLAN, AnswerAction.STOP),
        findings="\n".join([one_line(replanning.reason), *_listed("Changes:", lines)]),
    )


def _kind(evaluation: Evaluation, failed: Mapping[str, str]) -> QuestionKind:
    if failed:
        return QuestionKind.BLOCKED
    exhausted = evaluation.outcome is EvaluationOutcome.EXHAUSTED
    return QuestionKind.EXHAUSTED if exhausted else QuestionKind.PLATEAUED


def _listed(heading: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = len(items) - _MOST_LISTED
    shown = [f"- {printable(one_line(item))}" for item in items[:_MOST_LISTED]]
    return ["", heading, *shown, *([f"- and {more} more"] if more > 0 else [])]


def _key(kind: QuestionKind, subject: str, *parts: Iterable[str]) -> str:
    """The same for the same question, whichever process asks it."""
    told = "\x1f".join([kind.value, subject, *(item for part in parts for item in sorted(part))])
    return f"{kind.value}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
