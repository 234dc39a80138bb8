"""`harmonic resume`: an answer reaches what asks for it, and nothing else."""

from pathlib import Path

import click
import pytest
from rich.console import Console
from support.plans import graph_of

from prefect_harmonic.deployments.cli.resume_command import is_heard_elsewhere
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind
from prefect_harmonic.tasks.pursuit_state import PursuitState, read_state, write_state
from prefect_harmonic.tasks.workspace import Workspace

QUESTION = Question(key="question-1", kind=QuestionKind.PLATEAUED, subject="design", text="What now?")
GIVEN = Answer(action=AnswerAction.RETRY, by="Ada")


def test_answer_is_left_for_the_next_run_unless_one_has_gone_on(tmp_path: Path) -> None:
    """Written over what a run has decided since the question was read, it would undo that."""
    workspace, plan = Workspace.opened(tmp_path), graph_of({"A": ""}).plan
    asked = PursuitState(key="k", plan=plan, first_plan=plan).asking(QUESTION)
    write_state(workspace, asked)
    assert not is_heard_elsewhere(Console(), workspace, asked, QUESTION, GIVEN)
    assert read_state(workspace) == asked.model_copy(update={"given": GIVEN})

    over = asked.answered(GIVEN).model_copy(update={"outcome": "converged"})
    write_state(workspace, over)
    with pytest.raises(click.UsageError, match="in the meantime"):
        is_heard_elsewhere(Console(), workspace, asked, QUESTION, GIVEN)
    assert read_state(workspace) == over
