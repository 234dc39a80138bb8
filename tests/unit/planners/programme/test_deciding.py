"""What follows an evaluation: each row of the design's table of triggers."""

import pytest

from prefect_harmonic.planners.programme.deciding import NextStep, ReplanLimits, Trigger, next_step
from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.surprises import NewDependency

ORDER = NewDependency(artifact="Page", requires="Store", because="it is so")


def evaluation(outcome: str, confidence: float = 0.8) -> Evaluation:
    """An evaluation with this outcome."""
    return Evaluation(
        phase="ask", iteration=1, confidence=confidence, outcome=EvaluationOutcome(outcome), rationale="So it is."
    )


def opened(kind: str = "gap") -> Opening:
    """Something open."""
    return Opening(key=f"{kind}-1", kind=OpeningKind(kind), text="no load figures", origins=("A",))


@pytest.mark.parametrize(
    ("outcome", "confidence", "kinds", "orders", "is_left", "step", "trigger"),
    [
        ("converged", 0.8, [], False, True, "proceed", Trigger.PHASE_COMPLETED),
        ("converged", 0.8, ["gap"], False, True, "proceed", Trigger.PHASE_COMPLETED),
        ("converged", 0.8, [], False, False, "proceed", Trigger.PHASE_COMPLETED),
        ("converged", 0.8, ["gap", "complexity"], False, True, "replan", Trigger.UNEXPECTED_COMPLEXITY),
        ("converged", 0.8, [], True, True, "replan", Trigger.NEW_DEPENDENCY),
        ("converged", 0.8, ["failure"], False, False, "replan", Trigger.BLOCKED),
        ("converged", 0.8, ["guidance", "failure"], False, False, "replan", Trigger.GUIDANCE),
        ("continue", 0.4, ["gap"], False, True, "replan", Trigger.LOW_CONFIDENCE),
        ("continue", 0.8, ["gap"], False, True, "replan", Trigger.PHASE_COMPLETED),
        ("continue", 0.4, [], False, True, "proceed", Trigger.LOW_CONFIDENCE),
        ("continue", 0.4, [], False, False, "escalate", Trigger.LOW_CONFIDENCE),
        ("continue", 0.4, ["gap"], False, False, "replan", Trigger.LOW_CONFIDENCE),
        ("plateaued", 0.4, ["gap"], False, True, "escalate", Trigger.LOW_CONFIDENCE),
        ("exhausted", 0.4, ["gap"], True, True, "escalate", Trigger.ITERATIONS_USED_UP),
    ],
)
def test_next_step_and_its_trigger(
    outcome: str, confidence: float, kinds: list[str], orders: bool, is_left: bool, step: str, trigger: Trigger
) -> None:
    """Three outcomes that are told apart, and what made each necessary."""
    decision = next_step(
        evaluation(outcome, confidence),
        to_close=[opened(kind) for kind in kinds],
        replans=0,
        phases_left=is_left,
        dependencies=[ORDER] if orders else [],
    )
    assert (decision.step.value, decision.trigger) == (step, trigger)


def test_plan_changes_only_so_often() -> None:
    """Then a person is asked, and told why."""
    decision = next_step(
        evaluation("continue", 0.4),
        to_close=[opened()],
        replans=2,
        phases_left=True,
        limits=ReplanLimits(max_replans=2),
    )
    assert (decision.step, decision.trigger) == (NextStep.ESCALATE, Trigger.ITERATIONS_USED_UP)
    assert decision.reason.endswith("The plan was changed 2 times, which is all allowed.")


def test_reason_names_what_is_to_be_closed() -> None:
    """In the words in which it was reported."""
    decision = next_step(
        evaluation("continue"), to_close=[opened(), opened("doubt")], replans=0, phases_left=True, dependencies=[ORDER]
    )
    assert decision.reason == "So it is. To be closed: gap “no load figures” and 1 more. Page has to wait for Store."
