"""How a plan is to be made: one set of options for the library, the flow and the command line."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.scheduling import DEFAULT_WORKERS
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy

MAX_WORKERS = 1024
MAX_REFINEMENT_ROUNDS = 10


class HoursFrom(StrEnum):
    """Where the hours of artifacts come from."""

    HISTORY = "history"
    """What earlier artifacts took, where enough is known of them."""
    DEFAULT = "default"
    """Their effort alone."""


class PlanningOptions(BaseModel):
    """Options of planning with their defaults. Source: contract, "Command line"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: int = Field(default=5, ge=1, le=MAX_CANDIDATES, description="Plans to generate and compare.")
    variance: VarianceStrategy = Field(
        default=VarianceStrategy.PROMPTING, description="What is varied between candidates."
    )
    refinement_rounds: int = Field(
        default=1, ge=0, le=MAX_REFINEMENT_ROUNDS, description="Attempts to make the winner better."
    )
    scorer: Scorer = Field(default=Scorer.EXPECTED_MAKESPAN, description="By what valid candidates are ranked.")
    workers: int = Field(default=DEFAULT_WORKERS, ge=1, le=MAX_WORKERS, description="The parallelism to plan for.")
    limits: ArtifactLimits = Field(default=ArtifactLimits(), description="How large a plan may be.")
    harmonic: bool = Field(default=True, description="Compare several candidates; otherwise make do with one.")
    seed: int = Field(default=0, description="Seed for whatever is drawn at random.")

    hours: HoursFrom = Field(
        default=HoursFrom.HISTORY, description="Take hours from earlier runs, or from the effort alone."
    )
    reuse_plans: bool = Field(default=True, description="Offer a plan that served a similar goal as a candidate.")

    def effective(self) -> "PlanningOptions":
        """The options with `harmonic` worked in: without it there is one plain candidate, no refinement, no reuse."""
        if self.harmonic:
            return self
        # The first variation by prompting is an emphasis already; by temperature it is the plain style.
        plain = {
            "candidates": 1,
            "refinement_rounds": 0,
            "variance": VarianceStrategy.TEMPERATURE,
            "reuse_plans": False,
        }
        return self.model_copy(update=plain)

    def unlearned(self) -> "PlanningOptions":
        """The options without what earlier runs taught, which may be another thing tomorrow."""
        return self.model_copy(update={"hours": HoursFrom.DEFAULT, "reuse_plans": False})
