"""A changed plan for what remains: the best of several, with what it means for the work that is done.

Source: semantics, "Evaluation and replanning"; second design document, "Evaluate-Replan Pattern".
"""

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.candidate import CandidateStatus, Yardstick
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.deciding import Trigger
from prefect_harmonic.planners.programme.difference import PlanDifference
from prefect_harmonic.planners.programme.surprises import NewDependency
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.sources.remainder import RemainderSource, ReplanRequest
from prefect_harmonic.planners.variance import Style

__all__ = ["RemainderCandidate", "RemainderSource", "ReplanRequest", "Replanning", "closings_for", "replanned"]


class RemainderCandidate(BaseModel):
    """One changed plan that was compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    style: Style
    status: CandidateStatus
    reason: str | None = Field(default=None, description="Why it failed or was refused.")
    expected_makespan_hours: float | None = Field(default=None, description="Hours for what is still to be made.")


class Replanning(BaseModel):
    """A change of the plan: what was compared, what was chosen and why, and what it means for the work done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iteration: int = Field(ge=1, description="The evaluation that it follows.")
    trigger: Trigger
    candidates: tuple[RemainderCandidate, ...]
    selected: str = Field(description="Id of the candidate that was chosen.")
    reason: str = Field(description="Why, in one sentence.")
    difference: PlanDifference
    closings: tuple[Closing, ...] = Field(default=(), description="What this change adds.")
    dependencies: tuple[NewDependency, ...] = Field(default=(), description="Orders that this change adds.")
    plan: Plan

    @property
    def graph(self) -> ArtifactGraph:
        """The changed plan, to be walked."""
        return ArtifactGraph(self.plan)


def closings_for(request: ReplanRequest) -> tuple[Closing, ...]:
    """The closings that a request asks for: one for each opening that has none yet."""
    raise NotImplementedError


async def replanned(
    request: ReplanRequest,
    source: RemainderSource,
    yardstick: Yardstick | None = None,
    *,
    scorer: Scorer = Scorer.EXPECTED_MAKESPAN,
) -> Replanning:
    """The best of several changed plans for what remains.

    Args:
        request: What to make it from.
        source: Who proposes changed plans.
        yardstick: What they are measured with; made from the request if left out.
        scorer: How valid candidates are ranked.

    Raises:
        NoValidPlanError: No candidate is valid; the error lists every reason.
    """
    raise NotImplementedError
