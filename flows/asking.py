"""Putting a question to a person, and what happens where nobody can answer.

Prefect's own pause and suspend do the waiting: a form in the UI, `POST /flow_runs/{id}/resume` from anywhere. A run
that was not started by a deployment cannot be suspended by Prefect; it ends in order, with the question kept in its
workspace, and `harmonic resume` carries it on.
"""

from enum import StrEnum
from typing import Any, Literal

from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import pause_flow_run, suspend_flow_run
from prefect.input import RunInput
from pydantic import Field, create_model

from prefect_harmonic.events import EventName
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question
from prefect_harmonic.planners.programme.questions import choices
from prefect_harmonic.tasks.publishing import publish_question
from prefect_harmonic.tasks.recording import Recording, noted
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.views.question import question_row

POLL_SECONDS = 10
"""How often a paused run looks for its answer."""


class OnEscalation(StrEnum):
    """What a run does when it has a question for a person."""

    PAUSE = "pause"
    """Waits in its process until somebody answers."""
    SUSPEND = "suspend"
    """Ends its process and goes on in another once somebody has answered."""
    FAIL = "fail"
    """Starts nothing more and ends as failed."""
    SKIP = "skip"
    """Goes on with what there is."""


class AnswerForm(RunInput):
    """The form in which a person answers."""

    action: Literal["retry", "skip", "replan", "stop", "approve"] = Field(title="What now")
    guidance: str = Field(default="", title="Guidance", description="What to take into account, for replan and retry.")
    by: str = Field(default="", title="Your name", description="Who answers, for the record.")


def default_way() -> OnEscalation:
    """Pause where the run belongs to a deployment, and so to a server that people look at; else fail."""
    run = _flow_run()
    is_deployed = run is not None and run.deployment_id is not None
    return OnEscalation.PAUSE if is_deployed else OnEscalation.FAIL


async def answer_to(question: Question, way: OnEscalation, patience_seconds: float) -> Answer | None:
    """The answer to a question; nothing where the run has to end and wait for it.

    Args:
        question: What is asked.
        way: What to do about it.
        patience_seconds: How long a paused run waits before it stops.
    """
    if way is OnEscalation.SKIP:
        return Answer(action=AnswerAction.SKIP, by="standing order: skip")
    if way is OnEscalation.FAIL:
        return Answer(action=AnswerAction.STOP, by="standing order: fail")
    form = form_of(question)
    if way is OnEscalation.PAUSE:
        return await _paused(question, form, patience_seconds)
    run = _flow_run()
    if run is None or run.deployment_id is None:
        return None
    suspend: Any = suspend_flow_run  # typed for callers without an event loop
    return _answer(await suspend(wait_for_input=form, key=key_in(run, question)))


def was_answered(question: Question) -> bool:
    """Whether this flow run was suspended with a question and goes on, as it does once it is answered."""
    run = _flow_run()
    return run is not None and _key_before(run, question) is not None


def key_in(run: FlowRun, question: Question) -> str:
    """Under which key Prefect keeps the answer to a question in a flow run.

    A run that goes on has it under the key with which it was suspended. One that Prefect retries is asked anew, and
    needs another key for that than its first try.
    """
    return _key_before(run, question) or f"{question.key}-{run.run_count}"


def _key_before(run: FlowRun, question: Question) -> str | None:
    keys = run.empirical_policy.pause_keys or set()  # forgotten where a run is retried
    return next((key for key in sorted(keys) if key.startswith(f"{question.key}-")), None)


def _flow_run() -> FlowRun | None:
    context = FlowRunContext.get()
    return None if context is None else context.flow_run


async def question_told(
    question: Question, log: RunLog, recording: Recording | None, *, how_to_answer: str = "", is_news: bool = True
) -> None:
    """Tells everyone who follows a run what a person is asked: by an event, in Prefect and in its record.

    A question that comes with its answer is no news: only the record has it, for the answer to be kept with.
    """
    if is_news:
        told = {"key": question.key, "kind": question.kind.value, "text": question.to_markdown()}
        log.tell(EventName.QUESTION_ASKED, question.subject, **told, choices=choices(question))
        await publish_question(question_row(question), how_to_answer=how_to_answer)
    await noted(recording, lambda record: record.asked(question.model_dump(mode="json")))


async def answer_told(question: Question, answer: Answer, log: RunLog, recording: Recording | None) -> None:
    """Tells them what the person said."""
    given = {"action": answer.action.value, "guidance": answer.guidance, "by": answer.by}
    log.tell(EventName.QUESTION_ANSWERED, question.subject, key=question.key, **given)
    await noted(recording, lambda record: record.answered({"key": question.key, **given}))


def form_of(question: Question) -> type[AnswerForm]:
    """The form for one question, which says what its answers do. Prefect refuses an action that is none of them."""
    offered: Any = Literal[tuple(action.value for action in question.options)]  # known only when it is asked
    action = Field(title="What now", description=choices(question))
    asked = create_model("AnswerForm", __base__=AnswerForm, action=(offered, action))
    return asked.with_initial_data(description=question.to_markdown())


async def _paused(question: Question, form: type[AnswerForm], patience_seconds: float) -> Answer:
    pause: Any = pause_flow_run  # typed for callers without an event loop
    run = _flow_run()
    key = question.key if run is None else key_in(run, question)
    try:
        given = await pause(wait_for_input=form, timeout=int(patience_seconds), poll_interval=POLL_SECONDS, key=key)
    except FlowPauseTimeout:
        return Answer(action=AnswerAction.STOP, by=f"nobody answered within {patience_seconds:.0f} seconds")
    return _answer(given)


def _answer(form: AnswerForm) -> Answer:
    return Answer(action=AnswerAction(form.action), guidance=form.guidance, by=form.by or "a person, through Prefect")
