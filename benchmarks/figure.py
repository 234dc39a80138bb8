"""What a benchmark says: figures with their targets, and remarks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """On which side of its limit a figure should be."""

    AT_MOST = "≤"
    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be.

    >>> str(Target(Side.BELOW, 50.0)), Target(Side.BELOW, 50.0).is_met_by(49.9)
    ('< 50', True)
    """

    side: Side
    limit: float

    def is_met_by(self, value: float) -> bool:
        """Whether a measured value is on the right side."""
        if self.side is Side.ABOVE:
            return value > self.limit
        return value < self.limit if self.side is Side.BELOW else value <= self.limit

    def __str__(self) -> str:
        return f"{self.side} {self.limit:g}"


def at_most(limit: float) -> Target:
    """A limit that may be reached and not passed."""
    return Target(Side.AT_MOST, limit)


def below(limit: float) -> Target:
    """A limit that may not be reached."""
    return Target(Side.BELOW, limit)


def above(limit: float) -> Target:
    """A limit that has to be passed."""
    return Target(Side.ABOVE, limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: The median, ratio or share.
        unit: Its unit; nothing for a ratio.
        target: What it should be, where the project promises something.
        digits: Digits after the point when shown.
    """

    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    digits: int = 3

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return f"{self.value:,.{self.digits}f} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """Whether the target was met; nothing where there is none."""
        if self.target is None:
            return ""
        return "met" if self.target.is_met_by(self.value) else "missed"


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of words: what was left out and why, or under which circumstances something was measured."""

    text: str


Said = Figure | Remark
Saying = Iterator[Said]


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean.

    Raises:
        ValueError: There are no values.
    """
    known = list(values)
    if not known:
        raise ValueError("there is no mean of no values")
    return sum(known) / len(known)
