"""Weaknesses as they travel between specialists: found by one, ranked and decided on by others."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.wording import listed, table

WEAKNESSES = "weaknesses"
"""Where evidence has them in its data."""


class Harm(StrEnum):
    """What a weakness can lead to."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_RANK = {Harm.HIGH: 0, Harm.MEDIUM: 1, Harm.LOW: 2}
_SURE, _LIKELY = 0.8, 0.6
_MOST_PLACES = 6


class Weakness(BaseModel):
    """One weakness at one place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str = Field(description="Id of the rule that found it.")
    side: str = Field(description="What it is about, such as `inputs`.")
    title: str
    path: str
    line: int = Field(ge=1)
    quote: str = Field(default="", description="The line as it stands there, without any secret in it.")
    harm: Harm
    sure: float = Field(ge=0, le=1)
    cwe: int
    why: str
    remedy: str
    marked: str = Field(default="", description="The comment by which the project declares it harmless, if any.")

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.path}:{self.line}"

    @property
    def likelihood(self) -> str:
        """How likely it is to be real."""
        return "high" if self.sure >= _SURE else "medium" if self.sure >= _LIKELY else "low"


def ranked(weaknesses: Iterable[Weakness]) -> tuple[Weakness, ...]:
    """Each once, in the order in which to mend them: by harm, by how sure it is, then by place."""
    return tuple(
        sorted(set(weaknesses), key=lambda one: (_RANK[one.harm], -one.sure, one.path, one.line, one.rule, one.title))
    )


def weaknesses_in(known: Mapping[str, Evidence]) -> tuple[Weakness, ...]:
    """All that earlier evidence tells, ranked."""
    return ranked(one for name in sorted(known) for one in _told(known[name].data.get(WEAKNESSES)))


def _told(value: JsonValue | None) -> list[Weakness]:
    """What a value of the data holds; agents of others may use the name for something else."""
    try:
        return [Weakness.model_validate(each) for each in value] if isinstance(value, list) else []
    except ValidationError:
        return []


def grouped(weaknesses: Iterable[Weakness]) -> list[tuple[Weakness, ...]]:
    """Weaknesses of one kind and one harm together, in the order of their first."""
    kinds: dict[tuple[str, Harm], list[Weakness]] = {}
    for one in weaknesses:
        kinds.setdefault((one.title, one.harm), []).append(one)
    return [tuple(each) for each in kinds.values()]


def ranking(weaknesses: Iterable[Weakness]) -> str:
    """A table of the kinds of weakness in the order given, each with its places and as sure as its surest."""
    rows = [
        (
            str(number),
            first.title,
            listed([f"`{one.place}`" for one in group], most=_MOST_PLACES),
            first.harm.value,
            first.likelihood,
            f"CWE-{first.cwe}",
            f"{first.remedy}.",
        )
        for number, group in enumerate(grouped(weaknesses), start=1)
        for first in (max(group, key=lambda one: one.sure),)
    ]
    return table(("#", "Weakness", "Where", "Harm", "How sure", "Kind", "What to do"), rows)
