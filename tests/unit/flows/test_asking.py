"""The key under which Prefect keeps what a person answers."""

from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy

from prefect_harmonic.flows.asking import key_in
from prefect_harmonic.planners.programme.question import AnswerAction, Question, QuestionKind


@pytest.mark.parametrize(
    ("tries", "before", "expected"),
    [
        (1, None, "asked-1"),
        (2, {"asked-1"}, "asked-1"),  # it was suspended, and goes on
        (2, set(), "asked-2"),  # it crashed while it waited and is retried; the form of the first try is still there
        (3, {"asked-2", "another-1"}, "asked-2"),
    ],
)
def test_run_that_is_retried_asks_under_another_key(tries: int, before: set[str] | None, expected: str) -> None:
    """One that goes on finds its answer, and one that asks again is not refused for having asked before."""
    run = FlowRun(flow_id=uuid4(), run_count=tries, empirical_policy=FlowRunPolicy(pause_keys=before))
    question = Question(
        key="asked", kind=QuestionKind.EXHAUSTED, subject="work", text="What now?", options=(AnswerAction.SKIP,)
    )
    assert key_in(run, question) == expected
