"""How long a run will take, foretold from earlier runs, with an interval and a word on what is unlike all of them.

The time is the expected makespan times a factor that depends on the plan's structure: a ridge regression of the
logarithm of that factor, in which a project may be slower or faster than others as a whole. What it missed in runs of
the same project whose plans were alike is then added, as much as there are such runs: the same plan takes about as long
again, also where its time says nothing of other plans. The interval is the
jackknife+ (Barber, Candès, Ramdas and Tibshirani 2021): what is foretold without each earlier run in turn, widened by
how far that run was then missed. It supposes nothing about the errors but that runs are exchangeable; at a level of 0.8
it holds in at least 0.6 of the cases and typically in 0.8.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_harmonic.planners.experience.features import MAKESPAN, PATH, WORK, PlanFeatures
from prefect_harmonic.planners.experience.regression import Ridge
from prefect_harmonic.planners.spoken_time import spoken_hours, spoken_seconds

LEAST_RUNS = 5
"""So many runs must be known before anything is foretold; with fewer no interval of this level can be given."""

LEVEL = 0.8
"""In how many cases the time should lie within the interval."""

_PENALTY = 3.0
"""How strongly what structure says is drawn towards nothing at all, in runs."""

_OWN_WEIGHT = 3.0
"""A project is believed to differ from others after a ninth of the runs that it takes to believe in a slope."""

_REACH = 0.5
"""By how much the logarithms of their figures differ where two plans are about alike."""

_DOUBT = 1.0
"""So many runs of plans alike are needed until half of what was missed in them is believed."""

_MARGIN = 1.25
"""How far beyond the greatest figure seen a figure still counts as seen."""

_STRANGE_SHARE = 0.5
"""Above this share of artifacts of kinds that no earlier run made, a plan is unlike all of them."""


@dataclass(frozen=True, slots=True)
class RunTime:
    """One earlier run: what its plan was like, of which kinds its artifacts were, and the seconds it took.

    `is_own` says whether it was about the project that is planned for.
    """

    features: PlanFeatures
    kinds: frozenset[str]
    seconds: float
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Prediction:
    """How long a run will take; without seconds where there is not enough experience.

    Attributes:
        runs: From how many earlier runs it is foretold.
        seconds: The time that is as likely to be exceeded as not.
        low: Lower end of the interval.
        high: Upper end of the interval.
        unlike: In what the plan is unlike all earlier runs, a phrase each; the interval then promises nothing.
    """

    runs: int
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    unlike: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The prediction as people are told."""
        if self.seconds is None or self.low is None or self.high is None:
            return f"no experience yet ({self.runs} of {LEAST_RUNS} runs that are needed)"
        span = f"{spoken_seconds(self.low)} to {spoken_seconds(self.high)}"
        told = f"about {spoken_seconds(self.seconds)} ({span} in {LEVEL:.0%} of cases), from {self.runs} earlier runs"
        return f"{told}; outside experience: {'; '.join(self.unlike)}" if self.unlike else told

    def to_document(self) -> dict[str, Any]:
        """The prediction as plain JSON values."""
        return {
            "runs": self.runs,
            "seconds": _rounded(self.seconds),
            "low_seconds": _rounded(self.low),
            "high_seconds": _rounded(self.high),
            "level": LEVEL,
            "said": self.words,
            "outside_experience": list(self.unlike),
        }


NO_PREDICTION = Prediction(runs=0)
"""Nothing is known of earlier runs."""


@dataclass(frozen=True)
class DurationModel:
    """The times of earlier runs, from which that of the next one is foretold."""

    runs: Sequence[RunTime]

    @cached_property
    def _ridge(self) -> Ridge:
        return Ridge(
            rows=[_row(run.features, is_own=run.is_own) for run in self.runs],
            values=[math.log(max(run.seconds, 1e-6) / run.features.makespan_seconds) for run in self.runs],
            penalty=_PENALTY,
        )

    def prediction(self, features: PlanFeatures, kinds: Iterable[str] = ()) -> Prediction:
        """How long a run of a plan will take.

        Args:
            features: What the plan is like.
            kinds: The kind of each of its artifacts.
        """
        if len(self.runs) < LEAST_RUNS:
            return Prediction(runs=len(self.runs))
        row, makespan = _row(features), features.makespan_seconds
        low, high = self._interval(row)
        told = min(max(self._ridge.predicted(row) + self._missed(row), low), high)
        return Prediction(
            runs=len(self.runs),
            seconds=makespan * _exp(told),
            low=makespan * _exp(low),
            high=makespan * _exp(high),
            unlike=tuple(self._unlike(features, list(kinds))),
        )

    def _missed(self, row: Sequence[float], *, without: int | None = None) -> float:
        """By how much runs of the project with plans alike took longer, in logarithms; without one of all runs."""
        weighted = [(_likeness(row, known), error) for known, error, place in self._own if place != without]
        return sum(weight * error for weight, error in weighted) / (sum(weight for weight, _ in weighted) + _DOUBT)

    @cached_property
    def _own(self) -> Sequence[tuple[Sequence[float], float, int]]:
        """The runs of this project: what their plans were like, what was missed, and their places among all runs."""
        known = enumerate(zip(self.runs, self._ridge.residuals, strict=True))
        return [(_row(run.features), error, place) for place, (run, error) in known if run.is_own]

    @cached_property
    def _errors(self) -> Sequence[float]:
        """For each run, what is missed of its time by all others."""
        errors = list(self._ridge.residuals)
        for row, _, place in self._own:
            errors[place] -= self._missed(row, without=place)
        return errors

    def _interval(self, row: Sequence[float]) -> tuple[float, float]:
        """The jackknife+ interval of the logarithm."""
        told_without = enumerate(self._ridge.predicted_without_each(row))
        pairs = [(told + self._missed(row, without=place), self._errors[place]) for place, told in told_without]
        place = min(math.ceil(LEVEL * (len(pairs) + 1)), len(pairs))
        lower = sorted(told - abs(error) for told, error in pairs)
        upper = sorted(told + abs(error) for told, error in pairs)
        return lower[len(pairs) - place], upper[place - 1]

    def _unlike(self, features: PlanFeatures, kinds: Sequence[str]) -> Iterable[str]:
        """In what a plan is unlike all earlier runs."""
        seen = [run.features.told for run in self.runs]
        for name, figure in features.told.items():
            least, most = min(one[name] for one in seen), max(one[name] for one in seen)
            if not least / _MARGIN <= figure <= most * _MARGIN:
                shown = spoken_hours if name in (WORK, PATH, MAKESPAN) else "{:g}".format
                span = shown(least) if least == most else f"{shown(least)} to {shown(most)}"
                yield f"{name} {shown(figure)}, and {span} so far"
        known = frozenset().union(*(run.kinds for run in self.runs))
        strange = sum(kind not in known for kind in kinds)
        if kinds and strange / len(kinds) > _STRANGE_SHARE:
            yield f"{strange} of {len(kinds)} artifacts of kinds that no earlier run made"
        is_own = any(run.is_own for run in self.runs)
        if not is_own:
            yield "no earlier run was about this project"
        if self._ridge.remoteness_of(_row(features, is_own=is_own)) > max(self._ridge.remoteness) * _MARGIN:
            yield "a combination of figures that no earlier run comes near"


def _likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """1 for plans of the same figures, 0.6 where they differ by as much as `_REACH`."""
    return math.exp(-(math.dist(one, other) ** 2) / (2 * _REACH**2))


def _row(features: PlanFeatures, *, is_own: bool = True) -> tuple[float, ...]:
    return *features.regressors, _OWN_WEIGHT * is_own


def _exp(value: float) -> float:
    """The exponential, of what is beyond all reason the greatest that can be told."""
    return math.exp(min(max(value, -200.0), 200.0))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else float(f"{seconds:.6g}")
