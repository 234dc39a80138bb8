"""What came of a run, artifact by artifact, as plain JSON."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.dispatch import FINISHED, ArtifactState
from prefect_harmonic.planners.evidence import Evidence

MODEL_FAILURE = "model_failure"
"""Where the data of evidence says why a model gave nothing."""


class ArtifactOutcome(BaseModel):
    """Where one artifact ended, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: ArtifactState
    agent: str | None = None
    reason: str | None = Field(default=None, description="Why it failed or never ran.")
    waited_for: str | None = Field(default=None, description="The requirement that it waited for in vain.")
    files: tuple[str, ...] = Field(default=(), description="What it wrote, relative to the workspace.")
    confidence: float | None = None
    summary: str | None = None
    started: str | None = Field(default=None, description="ISO time.")
    finished: str | None = Field(default=None, description="ISO time.")
    seconds: float | None = None
    left_open: int = Field(default=0, ge=0, description="Parts of it that its maker left to be written.")
    model_failure: str | None = Field(default=None, description="Why its model gave nothing, and it was made without.")

    @property
    def is_finished(self) -> bool:
        """Whether the artifact is there."""
        return self.state in FINISHED

    @property
    def is_skeleton(self) -> bool:
        """Whether it is there only in outline."""
        return self.is_finished and self.left_open > 0


def model_failure(evidence: Evidence) -> str | None:
    """Why a model gave nothing, where the embedded specialist's evidence stands in its place."""
    told = evidence.data.get(MODEL_FAILURE)
    return told if isinstance(told, str) else None


class RunOutcome(BaseModel):
    """Where every artifact ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifacts: dict[str, ArtifactOutcome]
    workspace: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every artifact is there."""
        return all(outcome.is_finished for outcome in self.artifacts.values())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many artifacts ended in each state, only states that occur."""
        return dict(sorted(Counter(outcome.state.value for outcome in self.artifacts.values()).items()))

    @property
    def skeletons(self) -> int:
        """How many artifacts are there in outline, with parts that their makers left to be written."""
        return sum(outcome.is_skeleton for outcome in self.artifacts.values())

    def _counted_apart(self) -> Mapping[str, int]:
        """As `counts`, without the skeletons."""
        whole = (outcome.state.value for outcome in self.artifacts.values() if not outcome.is_skeleton)
        return dict(sorted(Counter(whole).items()))

    def to_document(self) -> dict[str, Any]:
        """The outcome as plain JSON values, with whether it is complete and its headline."""
        summary = {"complete": self.is_complete, "headline": self.headline(), "counts": dict(self.counts)}
        return summary | {"skeletons": self.skeletons} | self.model_dump(mode="json")

    def headline(self) -> str:
        """The outcome in one line.

        >>> RunOutcome(artifacts={"A": ArtifactOutcome(state=ArtifactState.DONE)}).headline()
        'all 1 artifacts are there: 1 done'
        """
        finished = sum(outcome.is_finished for outcome in self.artifacts.values())
        told = ", ".join(f"{number} {state}" for state, number in self._counted_apart().items())
        if self.skeletons:
            kind = "skeleton" if self.skeletons == 1 else "skeletons"
            told = ", ".join(filter(None, (told, f"{self.skeletons} {kind} with parts left to be written")))
        told += self._without_model()
        if self.is_complete:
            return f"all {finished} artifacts are there: {told}"
        return f"{len(self.artifacts) - finished} of {len(self.artifacts)} artifacts were not made: {told}"

    def _without_model(self) -> str:
        """How many artifacts a model was to make and did not, with the most frequent reason."""
        reasons = Counter(outcome.model_failure for outcome in self.artifacts.values() if outcome.model_failure)
        return f"; {reasons.total()} without the model ({reasons.most_common(1)[0][0]})" if reasons else ""
