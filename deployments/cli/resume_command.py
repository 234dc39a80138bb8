"""`harmonic resume`: answers what a run has asked, and carries it on."""

import asyncio
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape

from prefect_harmonic.deployments.cli.console import speaking
from prefect_harmonic.deployments.cli.options import Shown, option, shown_options
from prefect_harmonic.deployments.cli.prefect_setting import quieten_prefect
from prefect_harmonic.deployments.cli.pursuing import pursue
from prefect_harmonic.deployments.cli.pursuit_place import workspace_named
from prefect_harmonic.errors import WorkspaceError
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question
from prefect_harmonic.planners.programme.questions import choices

if TYPE_CHECKING:
    from prefect_harmonic.tasks.pursuit_state import PursuitState
    from prefect_harmonic.tasks.workspace import Workspace

WAITING = 3


@click.command()
@click.argument("programme", metavar="ID")
@option("--answer", type=click.Choice([action.value for action in AnswerAction]), help="What to do about what it asks.")
@option("--guidance", metavar="TEXT", default="", help="What to take into account.", show_default=False)
@option("--by", metavar="NAME", default="", help="Who answers, for the record.", show_default=False)
@shown_options
def resume(programme: str, answer: str | None, guidance: str, by: str, shown: Shown) -> int:
    """Carry on the run with this ID (or in this workspace folder), with an answer if it waits for one.

    What is done is not done again. A run that is paused in Prefect goes on where it is. One that was stopped with a
    question open, by a person or because nobody answered, takes an answer afterwards.
    """
    quieten_prefect(verbose=shown.verbose)
    from prefect_harmonic.tasks.pursuit_state import read_state

    console = speaking(shown)
    workspace = workspace_named(programme)
    state = read_state(workspace)
    if state is None:
        raise WorkspaceError(str(workspace.root), "holds nothing that could be carried on")
    question = state.unsettled_question
    if answer is not None:
        given = Answer(action=AnswerAction(answer), guidance=guidance, by=by or "a person, on the command line")
        if is_heard_elsewhere(console, workspace, state, _checked(question, given), given):
            return 0
    elif guidance:
        raise click.UsageError("--guidance goes with an --answer")
    elif question is not None:
        console.print(escape(printable(question.text)))
        console.print(f"{escape(question.findings)}\n\n{escape(choices(question))}")
        console.print(f"Answer with: harmonic resume {escape(programme)} --answer {'|'.join(question.options)}")
        return WAITING
    return pursue({**state.parameters, "workspace": str(workspace.root)}, console, as_json=shown.json)


def _checked(question: Question | None, given: Answer) -> Question:
    """The question that is answered. Raises `UsageError` if nothing is asked or this is no answer."""
    if question is None:
        raise click.UsageError("nothing is asked: leave --answer out to carry the run on")
    if given.action not in question.options:
        raise click.UsageError(f"{given.action.value} is no answer to this; give one of {', '.join(question.options)}")
    if given.action is AnswerAction.REPLAN and not given.guidance.strip():
        raise click.UsageError("replan needs --guidance TEXT: what to change")
    return question


def is_heard_elsewhere(
    console: Console, workspace: "Workspace", state: "PursuitState", question: Question, given: Answer
) -> bool:
    """Gives the answer to the run that waits for it in Prefect; else leaves it where the next run finds it.

    Raises:
        UsageError: Another run has gone on in the meantime, and asks this no more.
    """
    from prefect_harmonic.flows.answering import answer_waiting_run
    from prefect_harmonic.tasks.pursuit_state import read_state, write_state

    is_attended = workspace.is_leased()
    if state.flow_run and asyncio.run(answer_waiting_run(state.flow_run, given, is_attended=is_attended)):
        console.print(f"The run goes on: {given.action.value}.")
        return True
    with workspace.leased():
        present = read_state(workspace)
        if present is None or present.unsettled_question != question:
            raise click.UsageError("another run has gone on in the meantime; harmonic status says how it stands")
        write_state(workspace, present.reopened().model_copy(update={"given": given}))
    return False
