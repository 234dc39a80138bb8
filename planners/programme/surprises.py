"""What the evidence shows that the remaining plan does not reckon with: complexity, and orders that it leaves out.

Source: second design document, table of replanning triggers.
"""

from collections.abc import Collection, Mapping

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.opening import Opening


class NewDependency(BaseModel):
    """An order that came to light while the plan was carried out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str = Field(description="What has to wait.")
    requires: str = Field(description="What it has to wait for.")
    because: str = Field(description="Who says so, in words.")


def complexities(
    evidence: Mapping[str, Evidence], graph: ArtifactGraph, finished: Collection[str], closed: Collection[str] = ()
) -> tuple[Opening, ...]:
    """Unexpected complexity, each as an opening, sorted by key."""
    raise NotImplementedError


def new_dependencies(
    evidence: Mapping[str, Evidence], failed: Mapping[str, str], graph: ArtifactGraph
) -> tuple[NewDependency, ...]:
    """Orders that the evidence names and the plan leaves out, sorted; together with the plan's they have no cycle."""
    raise NotImplementedError
