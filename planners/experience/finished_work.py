"""Artifacts that earlier runs made, and how long each took."""

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.effort import default_hours

TELLING_HOURS = 1 / 60
"""An artifact that was made faster says how fast a machine wrote a file, and nothing about the work."""


class FinishedWork(BaseModel):
    """One artifact that was made, with what it was thought to take and what it took.

    >>> FinishedWork(run="r1", agent="builder", kind="builder/model/low", effort="low", hours=0.5).thought_hours
    1.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str = Field(description="Id of the pursuit that made it.")
    agent: str
    kind: str = Field(description="Agent, type and effort, as `planners.effort.kind_of` names them.")
    effort: str
    stated_hours: float | None = Field(default=None, description="What the plan said, if it said hours.")
    hours: float = Field(ge=0, description="What it took, by the clock or as stated.")

    @property
    def thought_hours(self) -> float:
        """What it was thought to take before anything was learned."""
        return default_hours(self.effort) if self.stated_hours is None else self.stated_hours

    @property
    def is_telling(self) -> bool:
        """Whether what it took says something about the work, so that plans may be chosen by it."""
        return self.hours >= TELLING_HOURS
