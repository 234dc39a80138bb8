"""What a judge of plans thinks of a candidate: told beside the figures, and without any say in what is chosen."""

from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.context import ProjectContext

NO_SAY = "Soundness is what the judge thinks of a plan; it has no say in the choice."
"""What stands beside judgements wherever they are shown."""


class Soundness(BaseModel):
    """How far a plan makes sense to a judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: float | None = Field(default=None, ge=0, le=1, description="From 0 to 1; none where there is no judgement.")
    remarks: tuple[str, ...] = Field(default=(), description="What the judge finds wrong, each with its artifact.")
    failure: str = Field(default="", description="Why there is no judgement.")

    @property
    def share(self) -> str:
        """The score as a percentage; a dash where there is no judgement."""
        return "-" if self.score is None else f"{self.score:.0%}"

    def __str__(self) -> str:
        if self.score is None:
            return f"no judgement: {self.failure}"
        return f"{self.score:.0%} sound" + (f": {'; '.join(self.remarks)}" if self.remarks else "")

    def to_document(self) -> dict[str, Any]:
        """The judgement as plain JSON values."""
        return self.model_dump(mode="json")


class PlanJudge(Protocol):
    """Judges valid candidates."""

    async def soundness(self, candidate: Candidate, context: ProjectContext) -> Soundness:
        """How far a plan makes sense.

        Raises:
            CandidateError: It has nothing to say that can be read; the reason is told.
            BudgetSpentError: The run may not ask it any more.
        """
        ...
