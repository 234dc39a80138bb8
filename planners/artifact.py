"""Artifacts: what must exist for a goal to be reached, and what each requires.

Owns the unit that every other module of the planners speaks about. Knows nothing of graphs, files or engines.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

CONTRACT_TYPES = frozenset({"contract", "interface", "protocol", "schema", "specification"})
"""Kinds of artifact that say what others must look like."""


class Effort(StrEnum):
    """How much work an artifact is, when nobody said how many hours."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Priority(StrEnum):
    """How urgent an artifact is among others that are ready at the same time."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Requirement(BaseModel):
    """One edge of a plan: the artifact that must be there first, and why.

    In JSON an edge without a reason is the bare id, and one with a reason an object.

    >>> Requirement(id="DbConfig", because="reads the connection URL").model_dump()
    {'id': 'DbConfig', 'because': 'reads the connection URL'}
    >>> Requirement(id="DbConfig").model_dump()
    'DbConfig'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="The artifact that must be done first.")
    because: str | None = Field(default=None, description="What the requiring artifact needs it for.")

    @model_serializer(mode="wrap")
    def _as_short_as_possible(self, full: SerializerFunctionWrapHandler) -> dict[str, Any] | str:
        return self.id if self.because is None else full(self)


def _as_requirement(value: object) -> Requirement:
    return Requirement.model_validate({"id": value} if isinstance(value, str) else value)


def _as_requirements(value: object) -> object:
    """One id is one requirement (not as many as it has letters), and naming it twice is naming it once."""
    if value is None:
        return ()
    if isinstance(value, str | Mapping | Requirement):
        value = (value,)
    if not isinstance(value, list | tuple):
        return value
    edges = [edge if isinstance(edge, Requirement) else _as_requirement(edge) for edge in value]
    merged: dict[str, Requirement] = {}
    for edge in edges:
        known = merged.get(edge.id)
        if known is None or known.because is None:
            merged[edge.id] = edge
    return tuple(merged[name] for name in sorted(merged))


def _as_names(value: object) -> object:
    """A lone string is one name; order and repetition carry no meaning, so names are sorted and unique."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, list | tuple | set | frozenset):
        return value
    return tuple(sorted(set(value))) if all(isinstance(name, str) for name in value) else tuple(value)


Requirements = Annotated[tuple[Requirement, ...], BeforeValidator(_as_requirements)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_names)]


class Artifact(BaseModel):
    """Something that must exist, with what it takes to make it.

    Only the id is needed. Values that the gate judges (effort, priority, agent, paths) are kept as they were given,
    so that a plan with a wrong one can be read and told what is wrong (P007, P009) instead of being unreadable.

    Source: contract, "Plan file"; artifact-first planning in the first design document.

    >>> Artifact(id="UserModel", requires="UserProtocol").requires
    (Requirement(id='UserProtocol', because=None),)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str = Field(description="Name of the artifact, unique in its plan.")
    description: str = Field(default="", description="What it is, in a sentence.")
    contract: str = Field(default="", description="What it promises to those that require it; how to tell it is done.")
    requires: Requirements = Field(default=(), description="What must be done first, with reasons.")
    consumes: Names = Field(default=(), description="What it takes in, by the names under which others produce it.")
    produces: Names = Field(default=(), description="What it hands to others.")
    produces_file: str | None = Field(default=None, description="File it writes, relative to the workspace.")
    domain_type: str | None = Field(default=None, description="Kind of artifact, such as model, protocol, test.")
    agent: str | None = Field(default=None, description="Specialist that makes it; chosen by the planner if left out.")
    effort: str = Field(default=Effort.MEDIUM.value, description="low, medium or high.")
    estimated_hours: float | None = Field(default=None, description="Working hours; overrides the effort.")
    phase: str | None = Field(default=None, description="Group of work that is evaluated together.")
    covers: Names = Field(default=(), description="Requirements of the goal that it fulfils.")
    priority: str = Field(default=Priority.NORMAL.value, description="low, normal, high or critical.")

    @property
    def required_ids(self) -> tuple[str, ...]:
        """Ids of what it requires, sorted."""
        return tuple(edge.id for edge in self.requires)

    def requiring(self, *edges: Requirement) -> "Artifact":
        """The same artifact with exactly these requirements."""
        return self.model_copy(update={"requires": _as_requirements(edges)})


class ArtifactLimits(BaseModel):
    """How large a plan may be (P005, P006).

    >>> ArtifactLimits()
    ArtifactLimits(max_artifacts=50, max_depth=10)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_artifacts: int = Field(default=50, ge=1, description="Artifacts in one plan at most.")
    max_depth: int = Field(default=10, ge=1, description="Artifacts on one chain at most.")
