"""Links and what each of their types means. Knows nothing of databases."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from prefect_harmonic.planners.knowledge.refusal import refused


class LinkType(StrEnum):
    """What a link from A to B says."""

    DECOMPOSES_TO = "decomposes_to"
    """B is a part of A."""
    SPAWNED = "spawned"
    """B is a part of A that A's agent asked for while it worked."""
    BLOCKS = "blocks"
    """B waits for A."""
    ENABLES = "enables"
    """B waits for A, which makes it possible."""
    UNBLOCKS = "unblocks"
    """B, which is blocked, waits for A."""
    INFORMS = "informs"
    """B waits for A and is given its summary."""
    REQUIRES = "requires"
    """A waits for B."""


TREE = frozenset({LinkType.DECOMPOSES_TO, LinkType.SPAWNED})
"""The links that make the tree: one parent each, no cycle."""

ORDERING = frozenset(LinkType) - TREE
"""The links that say what waits for what."""

FORWARD = ORDERING - {LinkType.REQUIRES}
"""The ordering links whose target waits for their source; `requires` says it from the other side."""

Direction = Literal["from", "to"]


class Link(BaseModel):
    """A link as it is stored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    target: str
    link_type: LinkType
    created_at: datetime

    @property
    def order(self) -> tuple[str, str] | None:
        """What must be done first and what waits for it; none if the link orders nothing."""
        if self.link_type in TREE:
            return None
        return (self.target, self.source) if self.link_type is LinkType.REQUIRES else (self.source, self.target)


class LinkedEntity(BaseModel):
    """A link as seen from one of its ends: the entity at the other end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="The entity at the other end.")
    link_type: LinkType
    direction: Direction = Field(description="`from`: the link starts at the entity that was asked about.")
    source: str
    target: str
    type: str
    title: str
    metadata: dict[str, JsonValue]


def link_type_of(name: str) -> LinkType:
    """The link type of that name.

    Raises:
        RefusedValueError: There is none.
    """
    try:
        return LinkType(name)
    except ValueError:
        raise refused("link type", name, f"give one of {', '.join(LinkType)}") from None
