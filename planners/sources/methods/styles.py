"""What a style, an anchor and a temperature change about a plan.

Each is a real choice: which pieces there are, which of them are split or merged, and whether a reader waits for a
result or only for its contract. Draws are keyed by what is decided, so that one choice more or less leaves the others
as they were.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from prefect_harmonic.planners.sources.methods.model import WIDE, Anchor
from prefect_harmonic.planners.variance import Style, Variation

Choice = TypeVar("Choice")

MARGIN = 0.8
"""How much better the style's own choice is taken to be than its opposite, in the units of the temperature."""


class Coupling(StrEnum):
    """What a piece waits for when it reads something that has a contract."""

    RESULT = "result"
    CONTRACT = "contract"
    OWN_RESULT = "own result"
    """The result within one requirement, the contract across requirements."""
    EVEN = "even"
    """The contract where that shortens the longest chain, else the result."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a style asks of the shaping."""

    coupling: Coupling = Coupling.RESULT
    is_split: bool = False
    is_merged: bool = False


SHAPES: Mapping[Style, Shape] = {
    Style.DEFAULT: Shape(),
    Style.PARALLEL_FIRST: Shape(Coupling.CONTRACT, is_split=True),
    Style.MINIMAL: Shape(is_merged=True),
    Style.THOROUGH: Shape(),
    Style.BALANCED: Shape(Coupling.EVEN),
    Style.MODULAR: Shape(Coupling.OWN_RESULT),
    Style.RISK_AWARE: Shape(),
}

_ANCHORS = tuple(Anchor)


@dataclass(frozen=True, slots=True)
class Leaning:
    """All that one candidate leans to: style, anchor to start from, freedom of drawing, and width."""

    style: Style = Style.DEFAULT
    anchor: Anchor | None = None
    temperature: float = 0.0
    seed: int = 0
    is_wide: bool = False

    @property
    def shape(self) -> Shape:
        """What its style asks of the shaping."""
        return SHAPES[self.style]

    @property
    def tags(self) -> frozenset[str]:
        """Its style, its anchor and whether it starts wide, as methods and pieces name them."""
        tags = {self.style.value}
        if self.anchor is not None:
            tags.add(self.anchor.value)
        if self.is_wide:
            tags.add(WIDE)
        return frozenset(tags)

    def _draw(self, key: str) -> float:
        return random.Random(f"{self.seed}|{self.temperature:g}|{key}").random()  # noqa: S311 - variance, no secret

    def keeps(self, key: str) -> bool:
        """Whether a choice of the style stands; the higher the temperature, the more often it is turned.

        >>> Leaning().keeps("anything")
        True
        """
        if self.temperature <= 0:
            return True
        return self._draw(key) >= 1 / (1 + math.exp(min(700.0, MARGIN / self.temperature)))

    def chosen(self, options: Sequence[tuple[Choice, float]], key: str) -> Choice:
        """One of several options by their affinity: the best at temperature 0, else drawn by softmax.

        >>> Leaning().chosen([("a", 0.1), ("b", 0.7)], "method")
        'b'
        """
        best = max(affinity for _, affinity in options)
        if self.temperature <= 0 or len(options) == 1:
            return next(option for option, affinity in options if affinity == best)
        weights = [math.exp(max(-700.0, (affinity - best) / self.temperature)) for _, affinity in options]
        mark = self._draw(key) * sum(weights)
        for (option, _), weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return option
        return options[-1][0]


def leaning_of(variation: Variation) -> Leaning:
    """What a variation leans to. Its example chooses the anchor; past the last anchor the seed changes as well."""
    anchor, seed = None, variation.seed
    if variation.example is not None:
        anchor = _ANCHORS[variation.example % len(_ANCHORS)]
        seed += variation.example // len(_ANCHORS)
    elif variation.style is Style.RISK_AWARE:
        anchor = Anchor.RISK_FIRST
    is_wide = variation.constraint is not None and variation.constraint.min_leaves is not None
    return Leaning(variation.style, anchor, variation.temperature, seed, is_wide)
