"""Structured variance: how N candidates for one goal are made to differ.

Source: first design document, "Plan Variance Strategies"; semantics, "Variance is real".
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

MAX_CANDIDATES = 32


class VarianceStrategy(StrEnum):
    """What is varied between candidates."""

    PROMPTING = "prompting"
    """The emphasis: parallel first, minimal, thorough, balanced."""
    TEMPERATURE = "temperature"
    """How freely choices are made."""
    SEEDING = "seeding"
    """The artifacts that are given as examples to start from."""
    CONSTRAINTS = "constraints"
    """The shape that is asked for, and checked on the result."""
    MIXED = "mixed"
    """All of these in turn."""


class Style(StrEnum):
    """An emphasis under which a goal is decomposed."""

    PARALLEL_FIRST = "parallel_first"
    MINIMAL = "minimal"
    THOROUGH = "thorough"
    BALANCED = "balanced"
    DEFAULT = "default"
    MODULAR = "modular"
    RISK_AWARE = "risk_aware"


class Constraint(BaseModel):
    """A shape that one candidate is asked for. A result that does not have it is refused.

    >>> str(Constraint(max_depth=2))
    'max_depth=2'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_depth: int | None = None
    min_leaves: int | None = None
    max_artifacts: int | None = None
    max_dependents: int | None = Field(default=None, description="How many may require one artifact (no bottleneck).")

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.model_dump(exclude_none=True).items())


class Variation(BaseModel):
    """How one candidate is to differ from the others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int = Field(ge=0, description="Which candidate it is, from 0; its id is made of it and never changes.")
    style: Style = Style.DEFAULT
    temperature: float = Field(default=0.3, ge=0, le=2, description="How freely choices are made.")
    seed: int = Field(default=0, description="Seed for whatever is drawn at random.")
    constraint: Constraint | None = None
    example: int | None = Field(default=None, description="Which set of example artifacts to start from.")

    @property
    def candidate(self) -> str:
        """Stable id of the candidate, from generation to the winner."""
        return f"candidate-{self.index}"
