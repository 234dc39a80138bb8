"""What a specialist is asked to do: one artifact, with all it needs to make it."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Evidence


class Assignment(BaseModel):
    """One artifact to be made, and what is known when it starts.

    What a required artifact produced reaches its dependents through `inputs`, whole; what lies further back is in
    `background`, as evidence too, so that a decision can rest on figures found three steps earlier.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: Artifact
    goal: str = ""
    requirements: tuple[str, ...] = ()
    project: str | None = Field(default=None, description="Absolute path of the project's root, to be read only.")
    workspace: str | None = Field(
        default=None,
        description="Absolute path of the workspace, to be read only: "
        "what an agent makes goes into its evidence, and the executor writes it.",
    )
    inputs: dict[str, Evidence] = Field(default_factory=dict, description="Evidence of what the artifact requires.")
    background: dict[str, Evidence] = Field(default_factory=dict, description="Evidence of what those require.")
    today: date = Field(description="The date, given so that nothing reads the clock.")
    seed: int = Field(default=0, description="Seed for whatever is drawn at random.")
