"""The seam between planning and whatever proposes plans."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.variance import Variation


class CandidateRequest(BaseModel):
    """What a source is asked for: one plan for a goal, different in the given way."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    goal: str
    requirements: tuple[str, ...] = ()
    variation: Variation
    limits: ArtifactLimits = ArtifactLimits()
    workers: int = 4
    context: ContextProvider


class RefinementRequest(BaseModel):
    """What a source is asked for when a plan should become better: the whole plan, its figures, what to mend."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    plan: Plan
    feedback: str
    findings: tuple[str, ...] = ()
    round: int = 1
    limits: ArtifactLimits = ArtifactLimits()
    workers: int = 4
    context: ContextProvider


class CandidateSource(Protocol):
    """Proposes plans. The gate judges them; a source may be wrong but not silent."""

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the goal asks for, item by item."""
        ...

    async def candidate(self, request: CandidateRequest) -> Plan:
        """One plan.

        Raises:
            CandidateError: There is none; the reason is told to the user.
        """
        ...

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """A better plan for the same goal, or nothing if the source knows none."""
        ...


@runtime_checkable
class DeclaringSource(Protocol):
    """A source that says of itself how far its plans can be taken at their word."""

    @property
    def is_declaring(self) -> bool:
        """Whether its artifacts list all that they consume, so that an edge it leaves out is not one it forgot."""
        ...


@runtime_checkable
class NotingSource(Protocol):
    """A source that has something to say about a goal, beside its plans."""

    def notes(self, goal: str) -> tuple[str, ...]:
        """What a person should know about the plans for a goal, a sentence each."""
        ...


@runtime_checkable
class MeteredSource(Protocol):
    """A source whose plans cost something to ask for."""

    def usage(self) -> Mapping[str, Usage]:
        """What was spent so far, by candidate id and under the source's own names for the rest."""
        ...
