"""The artifact that closes an opening, and when an opening is closed."""

from collections.abc import Collection, Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.opening import Opening


class Closing(BaseModel):
    """An opening with the one artifact that is to close it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opening: Opening
    artifact: str = Field(description="Id of the artifact that closes it.")
    iteration: int = Field(ge=1, description="The evaluation that added it.")


def filling(closings: Iterable[Closing]) -> Mapping[str, Opening]:
    """For each closing artifact the opening that it is to close."""
    return {closing.artifact: closing.opening for closing in closings}


def closed_by(
    closings: Iterable[Closing], evidence: Mapping[str, Evidence], failed: Collection[str] = ()
) -> frozenset[str]:
    """Keys of the openings whose closing artifact is done and does not report them again."""
    raise NotImplementedError


def to_close(openings: Iterable[Opening], closings: Iterable[Closing]) -> tuple[Opening, ...]:
    """The openings that have no closing artifact yet, in the same order. Each gets one, ever."""
    known = {closing.opening.key for closing in closings}
    return tuple(opening for opening in openings if opening.key not in known)


def beyond_closing(
    openings: Iterable[Opening],
    closings: Iterable[Closing],
    evidence: Mapping[str, Evidence],
    failed: Collection[str] = (),
) -> tuple[Opening, ...]:
    """The openings whose closing artifact is through and did not close them: these are for a person."""
    raise NotImplementedError


def closing_artifact(opening: Opening, graph: ArtifactGraph, *, agents: Collection[str] | None = None) -> Artifact:
    """The artifact that closes an opening: what it is and what it requires, not yet what waits for it.

    Args:
        opening: What is open.
        graph: The plan that it is to be added to.
        agents: Specialists that it may name; any if left out.
    """
    raise NotImplementedError
