"""Structured variance: how N candidates for one goal are made to differ.

Source: first design document, "Plan Variance Strategies"; semantics, "Variance is real".
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import count, cycle, islice

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.errors import OptionError

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
    origin: str = Field(default="", description="Where the plan comes from, if it served before.")

    @property
    def candidate(self) -> str:
        """Stable id of the candidate, from generation to the winner."""
        return f"candidate-{self.index}"

    @property
    def label(self) -> str:
        """What people call it: its style, or that it served before.

        >>> Variation(index=0).label, Variation(index=5, origin="run 7").label
        ('default', 'reused')
        """
        return "reused" if self.origin else self.style.value


_STYLES = (Style.PARALLEL_FIRST, Style.MINIMAL, Style.THOROUGH, Style.BALANCED, Style.DEFAULT)
_MORE_STYLES = (*_STYLES, Style.MODULAR, Style.RISK_AWARE)
_TEMPERATURES = (0.2, 0.3, 0.4, 0.5, 0.6)
_CONSTRAINTS = (
    Constraint(max_depth=2),
    Constraint(min_leaves=5),
    Constraint(max_artifacts=8),
    Constraint(max_dependents=3),
    None,
)
_EXAMPLE_SETS = 5


def variations(strategy: VarianceStrategy, candidates: int, seed: int = 0) -> tuple[Variation, ...]:
    """As many different variations as candidates are asked for, in the order of their indexes.

    Past the listed ones, style, temperature and seed are combined further, so that no two are the same.

    Raises:
        OptionError: Fewer than 1 or more than 32 candidates.

    >>> [variation.style.value for variation in variations(VarianceStrategy.PROMPTING, 3)]
    ['parallel_first', 'minimal', 'thorough']
    """
    if not 1 <= candidates <= MAX_CANDIDATES:
        raise OptionError("candidates", str(candidates), f"a number from 1 to {MAX_CANDIDATES}")
    drawn = islice(_DRAWS[strategy](), candidates)
    return tuple(
        variation.model_copy(update={"index": index, "seed": variation.seed + seed})
        for index, variation in enumerate(drawn)
    )


def further_variation(strategy: VarianceStrategy, candidates: int, attempt: int, index: int, seed: int) -> Variation:
    """Another variation for a candidate that came out like one that was there before.

    Args:
        strategy: What is varied.
        candidates: How many there are; their own variations are not given again.
        attempt: Counts what was given already, from 0.
        index: The candidate, whose id stays.
        seed: The run's seed.
    """
    drawn = next(islice(_DRAWS[strategy](), candidates + attempt, None))
    return drawn.model_copy(update={"index": index, "seed": drawn.seed + seed})


def _by_prompting() -> Iterator[Variation]:
    for turn in count():
        for place, style in enumerate(_STYLES if turn == 0 else _MORE_STYLES):
            warmth = 0.5 if style is Style.DEFAULT and turn == 0 else _TEMPERATURES[turn % len(_TEMPERATURES)]
            yield Variation(index=0, style=style, temperature=warmth, seed=100 * turn + place)


def _by_temperature() -> Iterator[Variation]:
    for turn in count():
        for place, temperature in enumerate(_TEMPERATURES):
            yield Variation(index=0, style=_later_style(turn), temperature=temperature, seed=100 * turn + place)


def _by_seeding() -> Iterator[Variation]:
    for turn in count():
        for example in range(_EXAMPLE_SETS):
            yield Variation(index=0, style=_later_style(turn), example=example, seed=100 * turn + example)


def _by_constraints() -> Iterator[Variation]:
    for turn in count():
        for place, constraint in enumerate(_CONSTRAINTS):
            asked = _widened(constraint, turn)
            yield Variation(index=0, style=_later_style(turn), constraint=asked, seed=100 * turn + place)


def _later_style(turn: int) -> Style:
    """The plain style in the first round, where something else is varied, and the others after it."""
    return (Style.DEFAULT, *_MORE_STYLES)[turn % (len(_MORE_STYLES) + 1)]


def _widened(constraint: Constraint | None, turn: int) -> Constraint | None:
    """The same wish, less strict each time it is repeated."""
    if constraint is None:
        return None
    slack = {"max_depth": turn, "min_leaves": -turn, "max_artifacts": 4 * turn, "max_dependents": turn}
    asked = constraint.model_dump(exclude_none=True)
    return Constraint(**{name: max(1, value + slack[name]) for name, value in asked.items()})


def _by_everything() -> Iterator[Variation]:
    """One from each kind in turn."""
    kinds = (_by_prompting(), _by_constraints(), _by_seeding(), _by_temperature())
    for kind in cycle(kinds):
        yield next(kind)


_DRAWS: dict[VarianceStrategy, Callable[[], Iterator[Variation]]] = {
    VarianceStrategy.PROMPTING: _by_prompting,
    VarianceStrategy.TEMPERATURE: _by_temperature,
    VarianceStrategy.SEEDING: _by_seeding,
    VarianceStrategy.CONSTRAINTS: _by_constraints,
    VarianceStrategy.MIXED: _by_everything,
}
