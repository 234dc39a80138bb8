"""The form in which a person answers, and the key under which Prefect keeps the answer."""

from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, FlowRunPolicy

from prefect_harmonic.flows.asking import form_of, key_in
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


def test_form_offers_the_answers_to_its_question_and_says_what_each_does() -> None:
    """Nobody reads of an answer that is refused, or of what it does to a question of another kind."""
    options = (AnswerAction.RETRY, AnswerAction.STOP)
    question = Question(key="asked", kind=QuestionKind.BUDGET, subject="run", text="It is spent.", options=options)
    action = form_of(question).model_json_schema()["properties"]["action"]
    assert action["enum"] == ["retry", "stop"]
    assert action["description"] == "retry: allow as much again; stop: start nothing more and report what there is."
