"""Where a pursuit stands: one JSON document in the workspace, written whole after every step.

A run that was killed and is started again reads here what had been decided: the plan as it was changed last, the
verdicts, what was asked and answered. What had been made it finds in the ledger. Together nothing is decided twice,
filled twice or made twice.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, JsonValue, ValidationError

from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.evaluation import Evaluation
from prefect_harmonic.planners.programme.judgement import Judgement
from prefect_harmonic.planners.programme.question import AnswerAction, Question
from prefect_harmonic.planners.programme.replanning import Replanning
from prefect_harmonic.tasks.asking_state import AskingState
from prefect_harmonic.tasks.ledger import digest
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

_log = logger(__name__)

STATE_VERSION = 1
STATE = f"{LEDGER_FOLDER}/pursuit.json"


class PursuitState(AskingState):
    """All that a pursuit has decided so far."""

    version: int = STATE_VERSION
    key: str = Field(description="Digest of what was asked for; another goal in the same workspace begins anew.")
    plan: Plan = Field(description="The plan as it is now, replanning included.")
    first_plan: Plan = Field(description="The plan before it was changed for the first time.")
    planning: dict[str, Any] | None = Field(default=None, description="How the first plan was chosen, if it was.")
    effort: EffortModel = Field(default=EffortModel(), description="The hours by which what is ready goes first.")
    is_declared: bool = Field(default=False, description="Whether the plan lists all that its artifacts consume.")
    prediction: dict[str, Any] | None = Field(default=None, description="How long the run was foretold to take.")
    parameters: dict[str, JsonValue] = Field(default_factory=dict, description="What it was started with.")
    flow_run: str = Field(default="", description="Id of the Prefect flow run that pursues it, or did last.")
    evaluations: tuple[Evaluation, ...] = ()
    replannings: tuple[Replanning, ...] = ()
    proposed: Replanning | None = Field(default=None, description="A change of the plan that waits for approval.")
    declined: frozenset[str] = Field(default=frozenset(), description="Keys of openings that people leave open.")
    tries: tuple[int, ...] = Field(default=(), description="Places of the evaluations that changed the plan.")
    is_stale: bool = Field(default=False, description="Whether what is known has to be evaluated once more.")
    fresh_from: int = Field(default=0, ge=0, description="Evaluations before this one no longer count as tries.")
    evaluated: frozenset[str] = Field(default=frozenset(), description="What the evaluations knew of, as digests.")
    again: dict[str, str] = Field(
        default_factory=dict,
        description="What a person wanted made again, with when the one that is there was finished.",
    )
    judgements: tuple[Judgement, ...] = Field(default=(), description="What a judge added to the findings.")

    @property
    def closings(self) -> tuple[Closing, ...]:
        """What all changes of the plan added to close something."""
        return tuple(closing for replanning in self.replannings for closing in replanning.closings)

    @property
    def counted(self) -> tuple[Evaluation, ...]:
        """The evaluations that count as tries: those that fell short and changed the plan.

        One that fell short while there was nothing to try is no try, or a long plan would be exhausted by its length.
        """
        return tuple(self.evaluations[place] for place in self.tries if place >= self.fresh_from)

    @property
    def unsettled_question(self) -> Question | None:
        """The question that an answer would carry the pursuit on from: the open one, or the one it was stopped with."""
        last = self.questions[-1] if self.questions else None
        if last is not None and last.answer is not None and last.answer.action is AnswerAction.STOP:
            return last.question
        return self.open_question

    def reopened(self) -> "PursuitState":
        """The state with the question open again that the pursuit was stopped with; as it is if it was not."""
        if self.open_question is not None or self.unsettled_question is None:
            return self
        last = self.questions[-1].model_copy(update={"answer": None})
        return self.model_copy(update={"questions": (*self.questions[:-1], last), "outcome": ""})


def pursuit_key(goal: str, plan: Plan | None, parts: Sequence[object]) -> str:
    """What a state belongs to: the goal or the plan that was given, and what shapes a plan, as options and project."""
    return digest([goal, None if plan is None else plan.to_document(), [str(part) for part in parts]])


def read_state(workspace: Workspace, key: str | None = None) -> PursuitState | None:
    """The state that a workspace holds; nothing if there is none, or it belongs to something else, or is unreadable.

    Args:
        workspace: Where the pursuit writes.
        key: What the state must belong to; anything if left out.
    """
    path = workspace.root / STATE
    try:
        state = PursuitState.model_validate_json(path.read_bytes())
    except OSError:
        return None
    except ValidationError:
        aside = path.with_suffix(".unreadable.json")
        path.replace(aside)
        _log.warning("pursuit.unreadable", set_aside=str(aside), effect="decides anew what to do; what is made is kept")
        return None
    return state if state.version == STATE_VERSION and key in (None, state.key) else None


def write_state(workspace: Workspace, state: PursuitState) -> None:
    """Puts a state in the place of the one before, in one step. Raises `WorkspaceError`."""
    workspace.write_own(STATE, state.model_dump_json(indent=1) + "\n")
