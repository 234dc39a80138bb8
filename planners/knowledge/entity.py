"""Entities: what is known, and what may be said of it.

Owns the values and the rules that one entity can break alone; knows nothing of other entities or of databases.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from prefect_harmonic.planners.artifact import Effort, Priority
from prefect_harmonic.planners.effort import HOURS_BY_EFFORT
from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.planners.knowledge.refusal import plain_json, read_as, refused

PLAN = "plan"
"""The type of the nodes of a plan."""

NOTE = "note"
"""The type of an entity that names none."""

MAX_DEPTH = 5
"""How deep a tree may be unless its root says otherwise; the root is at depth 0."""

MAX_TOTAL = 50
"""How many nodes a tree may have through spawning unless its root says otherwise."""


class PlanStatus(StrEnum):
    """How far a node of a plan is."""

    PLANNING = "planning"
    EXECUTING = "executing"
    COMPLETED = "completed"
    BLOCKED = "blocked"


STEPS: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.PLANNING: frozenset({PlanStatus.EXECUTING}),
    PlanStatus.EXECUTING: frozenset({PlanStatus.COMPLETED, PlanStatus.BLOCKED}),
    PlanStatus.BLOCKED: frozenset({PlanStatus.EXECUTING}),
    PlanStatus.COMPLETED: frozenset(),
}
"""Which status may follow which. Source: semantics, "Plan tree, knowledge base"."""

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Hours = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Metadata(BaseModel):
    """The metadata that means something here. Other keys are kept as they are."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=100)] | None = None
    status: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    depth: Annotated[int, Field(ge=0)] | None = Field(default=None, description="Where it stands in its tree.")
    max_depth: Annotated[int, Field(ge=0, le=100)] | None = Field(default=None, description="Limit of its tree.")
    max_total: Annotated[int, Field(ge=1, le=100_000)] | None = Field(default=None, description="Limit of its tree.")
    parent_plan: _Name | None = Field(default=None, description="The entity that it is a part of.")
    dependencies: list[_Name] | None = Field(default=None, description="What it requires.")
    assigned_agent: _Name | None = Field(default=None, description="The one agent that does it.")
    priority: Priority | None = Field(default=None, strict=False)
    estimated_effort: Effort | None = Field(default=None, strict=False)
    estimated_hours: _Hours | None = None
    actual_effort: Effort | None = Field(default=None, strict=False)
    actual_hours: _Hours | None = None
    domain_type: _Name | None = Field(default=None, description="Kind of work; estimates are learned by it.")
    blocker: _Text | None = Field(default=None, description="Why it is blocked.")
    dropped: _Text | None = Field(default=None, description="Why it is no longer wanted; it then counts for nothing.")
    milestone: _Name | None = None
    claims: list[Claim] | None = Field(default=None, strict=False, description="What was found out for it.")


DERIVED = frozenset({"type", "status", "depth", "parent_plan", "dependencies", "claims"})
"""Metadata that is stored as what it is (a link, a claim, a place in the tree) and shown as metadata."""


class Entity(BaseModel):
    """Something that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    type: str
    title: str
    content: str
    metadata: dict[str, JsonValue] = Field(description="Everything else, its place in the tree included.")
    created_at: datetime
    updated_at: datetime

    @property
    def status(self) -> str | None:
        """How far it is, where it can be more or less far."""
        status = self.metadata.get("status")
        return status if isinstance(status, str) else None

    @property
    def depth(self) -> int:
        """How far below its root it stands; 0 for a root."""
        depth = self.metadata.get("depth", 0)
        return depth if isinstance(depth, int) else 0

    @property
    def parent(self) -> str | None:
        """The entity that it is a part of."""
        parent = self.metadata.get("parent_plan")
        return parent if isinstance(parent, str) else None

    @property
    def agent(self) -> str | None:
        """The one agent that does it."""
        agent = self.metadata.get("assigned_agent")
        return agent if isinstance(agent, str) else None


def read_metadata(values: Mapping[str, object]) -> tuple[Metadata, dict[str, JsonValue]]:
    """The metadata that means something, and what is to be stored as it was given.

    Raises:
        RefusedValueError: A value is outside what is allowed, or is no JSON.
    """
    given = plain_json("metadata", values)
    known = read_as(Metadata, given, "metadata")
    return known, {key: value for key, value in given.items() if key not in DERIVED}


def plan_status(value: str) -> PlanStatus:
    """The status of that name.

    Raises:
        RefusedValueError: There is none.
    """
    try:
        return PlanStatus(value)
    except ValueError:
        raise refused("metadata.status", value, f"give one of {', '.join(PlanStatus)}") from None


def estimated_hours(details: Mapping[str, JsonValue]) -> float | None:
    """The hours that were estimated, else what the estimated effort usually means, else none.

    >>> estimated_hours({"estimated_effort": "high"})
    16.0
    """
    hours, effort = details.get("estimated_hours"), details.get("estimated_effort")
    if isinstance(hours, int | float):
        return float(hours)
    return HOURS_BY_EFFORT[effort] if isinstance(effort, str) else None
