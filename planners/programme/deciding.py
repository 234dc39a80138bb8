"""What follows an evaluation: go on, change the plan, or ask a person.

| what is seen | what follows |
|---|---|
| a phase completed, criteria met | go on |
| an artifact failed or is blocked | the plan is changed: it is unblocked |
| unexpected complexity | the remaining plan is changed |
| an order that the plan leaves out | the order is added |
| confidence below the threshold | the plan is changed: more research |
| gaps or contradictions beyond the criteria | the plan is changed: each gets its closing artifact |
| nothing new to close, something left to be made | go on; what was added may still close it |
| nothing new to close, nothing left to be made | a person is asked |
| no more gain, iterations used up, changes used up | a person is asked |

Source: second design document, table of replanning triggers; semantics, "Evaluation and replanning".
"""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.surprises import NewDependency


class NextStep(StrEnum):
    """What follows an evaluation."""

    PROCEED = "proceed"
    REPLAN = "replan"
    ESCALATE = "escalate"


class Trigger(StrEnum):
    """What made the next step necessary."""

    PHASE_COMPLETED = "phase completed"
    UNEXPECTED_COMPLEXITY = "unexpected complexity"
    NEW_DEPENDENCY = "new dependency"
    LOW_CONFIDENCE = "confidence below the threshold"
    ITERATIONS_USED_UP = "iterations used up"
    BLOCKED = "artifact blocked"
    GUIDANCE = "guidance from a person"


class ReplanLimits(BaseModel):
    """How often, and by how much, a plan may change while it is carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_replans: int = Field(default=5, ge=0, description="Changes of the plan in one run at most.")
    max_closings: int = Field(default=10, ge=1, description="Closing artifacts added by one change at most.")


class Decision(BaseModel):
    """The next step, why, and what made it necessary."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: NextStep
    reason: str = Field(description="One sentence that a person understands.")
    trigger: Trigger


_LONGEST = 120
_PRESSING = {
    OpeningKind.GUIDANCE: Trigger.GUIDANCE,
    OpeningKind.FAILURE: Trigger.BLOCKED,
    OpeningKind.COMPLEXITY: Trigger.UNEXPECTED_COMPLEXITY,
}
"""Openings for which the plan is changed whatever the criteria say."""


def next_step(
    evaluation: Evaluation,
    *,
    to_close: Sequence[Opening],
    replans: int,
    phases_left: bool,
    limits: ReplanLimits | None = None,
    criteria: Criteria | None = None,
    dependencies: Sequence[NewDependency] = (),
) -> Decision:
    """What follows an evaluation.

    Args:
        evaluation: The last one.
        to_close: What is open and has no closing artifact yet (`closing.to_close`), surprises included.
        replans: How often the plan was changed in this run.
        phases_left: Whether anything is still to be made.
        limits: How often the plan may be changed.
        criteria: What must be reached.
        dependencies: Orders that came to light.

    >>> met = Evaluation(phase="ask", iteration=1, confidence=0.8, outcome="converged", rationale="All is met.")
    >>> next_step(met, to_close=(), replans=0, phases_left=True).step.value
    'proceed'
    """
    limits, criteria = limits or ReplanLimits(), criteria or Criteria()
    outcome = evaluation.outcome
    if outcome in {EvaluationOutcome.EXHAUSTED, EvaluationOutcome.PLATEAUED}:
        is_used_up = outcome is EvaluationOutcome.EXHAUSTED
        trigger = Trigger.ITERATIONS_USED_UP if is_used_up else _missed(evaluation, criteria)
        return Decision(step=NextStep.ESCALATE, reason=evaluation.rationale, trigger=trigger)
    is_converged = outcome is EvaluationOutcome.CONVERGED
    pressing = _pressing(to_close, dependencies)
    wanted = pressing or (None if is_converged or not to_close else _missed(evaluation, criteria))
    if wanted is None:
        return _without_change(evaluation, criteria, is_over=not phases_left)
    if replans < limits.max_replans:
        return Decision(step=NextStep.REPLAN, reason=_told(to_close, dependencies, evaluation), trigger=wanted)
    reason = (
        f"{_told(to_close, dependencies, evaluation)} The plan was changed {_times(replans)}, which is all allowed."
    )
    return Decision(step=NextStep.ESCALATE, reason=reason, trigger=Trigger.ITERATIONS_USED_UP)


def _pressing(to_close: Sequence[Opening], dependencies: Sequence[NewDependency]) -> Trigger | None:
    """What changes the plan even where the criteria are met."""
    kinds = {opening.kind for opening in to_close}
    for kind, trigger in _PRESSING.items():
        if kind in kinds:
            return trigger
    return Trigger.NEW_DEPENDENCY if dependencies else None


def _missed(evaluation: Evaluation, criteria: Criteria) -> Trigger:
    is_low = evaluation.confidence < criteria.min_confidence
    return Trigger.LOW_CONFIDENCE if is_low else Trigger.PHASE_COMPLETED


def _without_change(evaluation: Evaluation, criteria: Criteria, *, is_over: bool) -> Decision:
    """What follows where there is nothing new to close."""
    if evaluation.outcome is EvaluationOutcome.CONVERGED:
        return Decision(step=NextStep.PROCEED, reason=evaluation.rationale, trigger=Trigger.PHASE_COMPLETED)
    trigger = _missed(evaluation, criteria)
    if is_over:
        reason = f"{evaluation.rationale} Nothing is left to be made that could change this."
        return Decision(step=NextStep.ESCALATE, reason=reason, trigger=trigger)
    reason = f"{evaluation.rationale} What is still to be made may change this."
    return Decision(step=NextStep.PROCEED, reason=reason, trigger=trigger)


def _told(to_close: Sequence[Opening], dependencies: Sequence[NewDependency], evaluation: Evaluation) -> str:
    """What is to be closed, the most pressing in its words."""
    parts = []
    if to_close:
        more = f" and {len(to_close) - 1} more" if len(to_close) > 1 else ""
        parts.append(f"To be closed: {to_close[0].kind.value} “{_clipped(to_close[0].text)}”{more}.")
    if dependencies:
        first = dependencies[0]
        more = f", and {len(dependencies) - 1} more such orders" if len(dependencies) > 1 else ""
        parts.append(f"{first.artifact} has to wait for {first.requires}{more}.")
    return " ".join((evaluation.rationale, *parts))


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rsplit(' ', 1)[0]}…"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
