"""What follows an evaluation: go on, change the plan, or ask a person.

Source: second design document, table of replanning triggers; semantics, "Evaluation and replanning".
"""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation
from prefect_harmonic.planners.programme.opening import Opening
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
    """
    raise NotImplementedError
