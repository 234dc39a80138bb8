"""Options weighed by criteria, and how far weights or marks would have to move for another option to win."""

from collections.abc import Mapping
from dataclasses import dataclass

_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Tipping:
    """How one criterion would have to move for another option to draw level with the winner.

    Attributes:
        criterion: Which one.
        rival: The option that would draw level first.
        weight: The weight at which it does, the other weights keeping their proportions; none if no weight does.
        mark_drop: By how much the winner's mark would have to fall for it; none if even zero is not low enough.
    """

    criterion: str
    rival: str
    weight: float | None
    mark_drop: float | None


def normalised(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights in proportion, with a sum of 1.

    >>> normalised({"cost": 3, "risk": 1})
    {'cost': 0.75, 'risk': 0.25}
    """
    whole = sum(weights.values())
    return {criterion: weight / whole for criterion, weight in weights.items()}


def score_of(marks: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted mean of marks; the weights sum to 1.

    >>> score_of({"cost": 1.0, "risk": 0.0}, {"cost": 0.75, "risk": 0.25})
    0.75
    """
    return sum(weight * marks[criterion] for criterion, weight in weights.items())


def ranked(options: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> tuple[str, ...]:
    """Names of the options, the highest score first, equal ones in the order they were given."""
    order = {name: place for place, name in enumerate(options)}
    return tuple(sorted(options, key=lambda name: (-round(score_of(options[name], weights), 9), order[name])))


def tippings(options: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> tuple[Tipping, ...]:
    """For each criterion the smallest move that lets another option draw level with the winner.

    With the weight of one criterion at x and the others scaled to fill the rest, the difference of two scores is a
    straight line in x, so where it crosses zero is computed, not searched for.

    >>> tip, = tippings({"A": {"cost": 0.8}, "B": {"cost": 0.5}}, {"cost": 1.0})
    >>> tip.rival, tip.weight, round(tip.mark_drop, 2)
    ('B', None, 0.3)
    """
    winner, *rivals = ranked(options, weights)
    found = []
    for criterion in weights:
        tips = [_tipping(criterion, winner, rival, options, weights) for rival in rivals]
        found.append(min(tips, key=lambda tip: (_distance(tip, weights), rivals.index(tip.rival))))
    return tuple(found)


def _distance(tip: Tipping, weights: Mapping[str, float]) -> tuple[float, float]:
    """How far a tipping is away: by its weight, then by its mark; unreachable ones last."""
    by_weight = abs(tip.weight - weights[tip.criterion]) if tip.weight is not None else 2.0
    return by_weight, tip.mark_drop if tip.mark_drop is not None else 2.0


def _tipping(
    criterion: str, winner: str, rival: str, options: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]
) -> Tipping:
    weight = weights[criterion]
    here = options[winner][criterion] - options[rival][criterion]
    lead = score_of(options[winner], weights) - score_of(options[rival], weights)
    drop = lead / weight if weight > _EQUAL else None
    if drop is not None and drop > options[winner][criterion] + _EQUAL:
        drop = None
    return Tipping(criterion, rival, _level_weight(here, lead, weight), drop)


def _level_weight(here: float, lead: float, weight: float) -> float | None:
    """The weight from 0 to 1 at which the lead is gone, if there is one."""
    if 1 - weight < _EQUAL:
        return None
    elsewhere = (lead - weight * here) / (1 - weight)  # the mean lead on all other criteria
    if abs(elsewhere - here) < _EQUAL:
        return None
    level = elsewhere / (elsewhere - here)
    return level if -_EQUAL <= level <= 1 + _EQUAL else None
