"""How well a figure of a plan foretells how fast the work is really done, among alternatives for the same work.

The real speed is the true work over the makespan that four workers need with the true durations. What is known while
planning is the graph alone: no effort figures, every artifact counts the same. For each graph or plan with known
durations, the alternatives of `benchmarks.alternatives` are made, and each figure is correlated with the real speed
over them; the median over all graphs is reported, once over all alternatives and once over those of the same artifacts
in another order, among which no artifact is merged or split. Graphs whose alternatives are all equally fast say nothing
and are left out; one on which a figure does not vary at all counts as a correlation of 0 for that figure.
"""

from collections.abc import Iterable, Sequence
from statistics import correlation, median

from benchmarks.alternatives import alternatives
from benchmarks.collected import OPTIMAL, PLANS, RUNTIME, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, above
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.scheduling import expected_schedule

WORKERS = 4
LEAST_CORRELATION = 0.9
FILES = {"measured workflows": RUNTIME, "standard task graphs": OPTIMAL, "plans with durations": PLANS}

Figures = dict[str, list[float]]


def measured(*, quick: bool) -> Saying:
    """Median correlations within alternatives, for each collection."""
    for name, file in FILES.items():
        if (missing := absence(file)) is not None:
            yield missing
            continue
        timed = [one for one in collected(file, at_most=30 if quick else None) if any(one.seconds.values())]
        for grain in (False, True):
            figures = [known for one in timed if (known := _figures(one, is_grain_kept=grain)) is not None]
            kind = f"{name}, {'same artifacts' if grain else 'all alternatives'}"
            yield Remark(f"{kind}: {len(figures)} of {len(timed)} have some of different speed")
            yield from _correlations(kind, figures)


def _correlations(name: str, figures: Sequence[Figures]) -> Saying:
    for figure in (SPEED_UP, NEGATIVE_MAKESPAN, SHAPE):
        pairs = [(known[figure], known[REAL]) for known in figures]
        target = above(LEAST_CORRELATION) if figure == SPEED_UP else None
        yield Figure(f"{name}: {figure}, Pearson", median(_pearson(*pair) for pair in pairs), "", target, 2)
        ranked = median(_pearson(_ranks(ours), _ranks(real)) for ours, real in pairs)
        yield Figure(f"{name}: {figure}, Spearman", ranked, "", digits=2)


REAL, SPEED_UP = "real speed", "estimated work over expected makespan"
NEGATIVE_MAKESPAN, SHAPE = "minus the expected makespan", "shape score"


def _figures(original: Collected, *, is_grain_kept: bool) -> Figures | None:
    """Each figure over the alternatives; nothing if all of them are equally fast."""
    figures: Figures = {REAL: [], SPEED_UP: [], NEGATIVE_MAKESPAN: [], SHAPE: []}
    for graph, seconds in alternatives(original, is_grain_kept=is_grain_kept):
        hours = EffortModel().durations(graph)
        expected = expected_schedule(graph, hours, WORKERS).makespan
        figures[REAL].append(sum(seconds.values()) / expected_schedule(graph, seconds, WORKERS).makespan)
        figures[SPEED_UP].append(sum(hours.values()) / expected)
        figures[NEGATIVE_MAKESPAN].append(-expected)
        figures[SHAPE].append(metrics_of(graph).score)
    return figures if _is_varied(figures[REAL]) else None


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
