"""A pursuit that came to its end, as far as later planning can learn from it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.effort import EffortModel, kind_of
from prefect_harmonic.planners.experience.duration import RunTime
from prefect_harmonic.planners.experience.features import features_of
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan

CONVERGED = "converged"
"""The outcome of a run whose findings met all criteria."""

COMPLETED = frozenset({CONVERGED, "accepted", "inconclusive"})
"""Outcomes in which everything was made and nothing was asked for any more: such plans are worth using again."""


class PastRun(BaseModel):
    """One pursuit all of whose artifacts were made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="Id of its tree in the knowledge base.")
    project: str = Field(default="", description="Identity of the project it was about; empty for none.")
    model: str = Field(default="", description="The language model it used; empty for none.")
    outcome: str = Field(description="How it ended.")
    ended_at: datetime
    workers: int = Field(ge=1, description="How many artifacts were made at once.")
    seconds: float | None = Field(
        default=None, gt=0, description="How long it took; none where it was interrupted or waited for a person."
    )
    is_declared: bool = Field(default=False, description="Whether its plan lists all that its artifacts consume.")
    planned: Plan = Field(description="The plan with which it began.")
    proven: Plan = Field(description="The plan with which it ended, without what was added for its own findings.")

    @property
    def goal(self) -> str:
        """What it was to reach."""
        return self.planned.goal

    def time(self, effort: EffortModel, *, project: str) -> RunTime | None:
        """What it teaches about durations in a project under an effort model; nothing where its time is not known."""
        if self.seconds is None or not self.planned.artifacts:
            return None
        graph = ArtifactGraph(self.planned)
        return RunTime(
            features=features_of(graph, effort.durations(graph), self.workers),
            kinds=frozenset(kind_of(artifact) for artifact in graph.artifacts.values()),
            seconds=self.seconds,
            is_own=self.project == project,
        )
