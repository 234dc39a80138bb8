"""What a flow is asked for reaches its request, whole."""

from dataclasses import fields
from inspect import signature
from typing import Any

import pytest
from prefect import Flow

from prefect_harmonic.flows import advance_program, harmonic_planning, pursue_goal
from prefect_harmonic.flows.counsel import EvaluatorKind
from prefect_harmonic.flows.planning_request import PlanningRequest
from prefect_harmonic.flows.pursuit_request import PursuitRequest


@pytest.mark.parametrize(
    ("flow", "request_type", "own"),
    [
        (harmonic_planning, PlanningRequest, set()),
        (pursue_goal, PursuitRequest, set()),
        (advance_program, PursuitRequest, {"milestones", "start", "today"}),
    ],
)
def test_every_parameter_of_a_flow_is_in_its_request(
    flow: Flow[..., Any], request_type: type[PlanningRequest], own: set[str]
) -> None:
    """One that is added to a flow and not to its request would be accepted and forgotten."""
    assert {one.name for one in fields(request_type)} == set(signature(flow.fn).parameters) - own


def test_recorded_run_learns_nothing_from_earlier_ones() -> None:
    """Or its replay would come to other questions another day."""
    given = {name: one.default for name, one in signature(harmonic_planning.fn).parameters.items()}
    plain = PlanningRequest.of({**given, "goal": "Ship it"})
    recorded = PlanningRequest.of({**given, "goal": "Ship it", "record": "exchanges"})
    assert (plain.options.reuse_plans, recorded.options) == (True, plain.options.unlearned())


@pytest.mark.parametrize("evaluator", EvaluatorKind)
def test_rules_evaluate_alone_where_that_is_asked_for(evaluator: EvaluatorKind) -> None:
    """The model goes on changing the plan and judging candidates."""
    given = {name: one.default for name, one in signature(pursue_goal.fn).parameters.items()}
    asked = {"goal": "Ship it", "model": "openai:m", "base_url": "http://127.0.0.1:1/v1", "judge": True}
    request = PursuitRequest.of({**given, **asked, "evaluator": evaluator})
    counsel = request.counsel(request.language_model(), None)
    assert (counsel.judge is None) == (evaluator is EvaluatorKind.RULES)
    assert counsel.plan_judge is not None
    assert type(counsel.remainder).__name__ == "ModelRemainder"
