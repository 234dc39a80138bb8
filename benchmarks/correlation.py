"""How well a figure of a plan foretells how fast the work is really done, among alternatives for the same work.

The real speed is the true work over the makespan that four workers need with the true durations. What is known while
planning is the graph alone: no effort figures, every artifact counts the same. For each graph or plan with known
durations, the alternatives of `benchmarks.alternatives` are made, and each figure is correlated with the real speed
over them; the median over all graphs is reported. Graphs whose alternatives are all equally fast say nothing and are
left out; one on which a figure does not vary at all counts as a correlation of 0 for that figure.

How high a correlation is depends on how different the alternatives are. One in one row is so much slower than all
others that it alone lifts Pearson's coefficient; so there are three sets: without it, with it, and those of the same
artifacts in another order, among which none is merged or split.
"""

from collections.abc import Iterable, Mapping, Sequence
from statistics import correlation, median

from benchmarks.alternatives import IN_ONE_ROW, OTHER_ARTIFACTS, alternatives
from benchmarks.collected import OPTIMAL, PLANS, RUNTIME, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, above
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.scheduling import expected_schedule

WORKERS = 4
LEAST_CORRELATION = 0.9
FILES = {"measured workflows": RUNTIME, "standard task graphs": OPTIMAL, "plans with durations": PLANS}

SETS: Mapping[str, frozenset[str]] = {
    "all but in one row": IN_ONE_ROW,
    "all alternatives": frozenset(),
    "same artifacts": OTHER_ARTIFACTS,
}
"""The sets of alternatives, each with what is left out of it."""

Figures = dict[str, tuple[float, ...]]


def measured(*, quick: bool) -> Saying:
    """Median correlations within alternatives, for each collection."""
    for name, file in FILES.items():
        if (missing := absence(file)) is not None:
            yield missing
            continue
        timed = [one for one in collected(file, at_most=30 if quick else None) if any(one.seconds.values())]
        known = [_by_change(one) for one in timed]
        for kind, left_out in SETS.items():
            figures = [chosen for one in known if _is_varied((chosen := _without(one, left_out))[REAL])]
            yield Remark(f"{name}, {kind}: {len(figures)} of {len(timed)} have some of different speed")
            yield from _correlations(f"{name}, {kind}", figures)


def _correlations(name: str, figures: Sequence[Figures]) -> Saying:
    for figure in (SPEED_UP, NEGATIVE_MAKESPAN, SHAPE):
        pairs = [(known[figure], known[REAL]) for known in figures]
        is_promised = figure == SPEED_UP and not name.endswith("same artifacts")
        target = above(LEAST_CORRELATION) if is_promised else None
        yield Figure(f"{name}: {figure}, Pearson", median(_pearson(*pair) for pair in pairs), "", target, 2)
        ranked = median(_pearson(_ranks(ours), _ranks(real)) for ours, real in pairs)
        yield Figure(f"{name}: {figure}, Spearman", ranked, "", digits=2)


REAL, SPEED_UP = "real speed", "estimated work over expected makespan"
NEGATIVE_MAKESPAN, SHAPE = "minus the expected makespan", "shape score"


def _by_change(original: Collected) -> Mapping[str, Mapping[str, float]]:
    """For each alternative each figure."""
    known = {}
    for one in alternatives(original):
        hours = EffortModel().durations(one.graph)
        expected = expected_schedule(one.graph, hours, WORKERS).makespan
        real = expected_schedule(one.graph, one.seconds, WORKERS).makespan
        known[one.change] = {
            REAL: sum(one.seconds.values()) / real,
            SPEED_UP: sum(hours.values()) / expected,
            NEGATIVE_MAKESPAN: -expected,
            SHAPE: metrics_of(one.graph).score,
        }
    return known


def _without(known: Mapping[str, Mapping[str, float]], left_out: frozenset[str]) -> Figures:
    chosen = [figures for change, figures in known.items() if change not in left_out]
    return {name: tuple(figures[name] for figures in chosen) for name in (REAL, SPEED_UP, NEGATIVE_MAKESPAN, SHAPE)}


def _is_varied(values: Iterable[float]) -> bool:
    known = list(values)
    return max(known) - min(known) > 1e-9 * max(map(abs, known))


def _pearson(one: Sequence[float], other: Sequence[float]) -> float:
    return correlation(one, other) if _is_varied(one) and _is_varied(other) else 0.0


def _ranks(values: Sequence[float]) -> Sequence[float]:
    """The place of each value among all, equal ones sharing the mean of theirs."""
    rounded = [round(value, 9) for value in values]
    ascending = sorted(rounded)
    return [ascending.index(value) + (ascending.count(value) - 1) / 2 for value in rounded]
