"""How well a figure of a plan foretells how long the work really takes, among alternatives for the same work.

What is known while planning is the graph alone: no effort figures. The real makespan is that of four workers with the
true durations. For each graph or plan with known durations the alternatives of `benchmarks.alternatives` are made, and
each figure is correlated with the real makespan over them, by value (Pearson) and by rank (Spearman); the median over
all graphs is reported. Graphs whose alternatives all take equally long say nothing and are left out; a figure that does
not vary on a graph counts there as a correlation of 0.

How high a correlation is depends on the set of alternatives. One in one row takes so much longer than all others that
it alone lifts Pearson's coefficient; so each figure is shown with it and without it, and once more among the
alternatives of one grain, where artifacts mean the same everywhere. What does not depend on scales is how much longer
the work takes if the best of five alternatives, drawn ten times a graph, is chosen by the figure, than if it is chosen
by the truth.

The figures are:

- the expected makespan as candidates are compared by it, with the hours settled between them; every artifact says what
  it produces and that it is for the one goal;
- the expected makespan with equal hours for every artifact, as it is where artifacts cover nothing;
- the same over the estimated work of the plan. It foretells best among plans for the same work, and cannot be what
  plans are chosen by: whatever a plan does besides makes it look faster;
- the shape score; more of it should mean less time.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import correlation, median

from benchmarks.alternatives import AS_GIVEN, IN_ONE_ROW, Alternative, alternatives
from benchmarks.collected import OPTIMAL, PLANS, RUNTIME, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, above, mean
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.scheduling import expected_schedule

WORKERS = 4
LEAST_CORRELATION = 0.9
FILES = {"measured workflows": RUNTIME, "standard task graphs": OPTIMAL, "plans with durations": PLANS}
MOST_LINES = {RUNTIME: 29, OPTIMAL: 44, PLANS: 500}
"""Of a file, spread over all of it. All of them take four minutes."""

REAL = "real makespan"
AS_COMPARED = "expected makespan"
ALL_EQUAL = "with equal hours"
OVER_WORK = "with equal hours, over the work"
SHAPE = "shape score"
FIGURES = (AS_COMPARED, ALL_EQUAL, OVER_WORK, SHAPE)

SETS: Mapping[str, Callable[[Alternative], bool]] = {
    "all alternatives": lambda _one: True,
    "all but in one row": lambda one: one.order != IN_ONE_ROW,
    "one grain": lambda one: one.grain == AS_GIVEN,
}
"""The sets of alternatives, by what belongs to each."""

Figures = dict[str, tuple[float, ...]]


def measured(*, quick: bool) -> Saying:
    """Median correlations within alternatives, for each collection."""
    for name, file in FILES.items():
        if (missing := absence(file)) is not None:
            yield missing
            continue
        timed = [
            one for one in collected(file, at_most=MOST_LINES[file] // (3 if quick else 1)) if any(one.seconds.values())
        ]
        known = [_by_alternative(one) for one in timed]
        for kind, belongs in SETS.items():
            chosen = [_chosen(each, belongs) for each in known]
            varied = [figures for figures in chosen if _is_varied(figures[REAL])]
            yield Remark(f"{name}, {kind}: {len(varied)} of {len(timed)} have some that take different times")
            yield from _foretold(f"{name}, {kind}", varied)


def _foretold(name: str, graphs: Sequence[Figures]) -> Saying:
    for figure in FIGURES:
        pairs = [(known[figure], known[REAL]) for known in graphs]
        target = above(LEAST_CORRELATION) if figure in (AS_COMPARED, OVER_WORK) else None
        yield Figure(f"{name}: {figure}, Pearson", median(_pearson(*pair) for pair in pairs), "", target, 2)
        ranked = median(_pearson(_ranks(ours), _ranks(real)) for ours, real in pairs)
        yield Figure(f"{name}: {figure}, Spearman", ranked, "", digits=2)
        yield Figure(f"{name}: {figure}, best of five", mean(map(_regret, pairs)), "", digits=3)


def _by_alternative(original: Collected) -> Sequence[tuple[Alternative, Mapping[str, float]]]:
    """Each alternative with its figures, all of them smaller where they promise less time."""
    known = list(alternatives(original))
    efforts = EffortModel().settling(one.graph for one in known)
    figures = []
    for place, one in enumerate(known):
        hours = {AS_COMPARED: efforts[place].durations(one.graph), ALL_EQUAL: EffortModel().durations(one.graph)}
        makespans = {
            figure: expected_schedule(one.graph, durations, WORKERS).makespan
            for figure, durations in (hours | {REAL: one.seconds}).items()
        }
        over_work = makespans[ALL_EQUAL] / sum(hours[ALL_EQUAL].values())
        figures.append(makespans | {OVER_WORK: over_work, SHAPE: -metrics_of(one.graph).score})
    return list(zip(known, figures, strict=True))


def _chosen(
    known: Sequence[tuple[Alternative, Mapping[str, float]]], belongs: Callable[[Alternative], bool]
) -> Figures:
    chosen = [figures for one, figures in known if belongs(one)]
    return {name: tuple(figures[name] for figures in chosen) for name in (REAL, *FIGURES)}


def _regret(pair: tuple[Sequence[float], Sequence[float]]) -> float:
    """How much longer than the fastest of five alternatives that one takes which the figure puts first."""
    ours, real = pair
    draw = random.Random(f"{real}")
    draws = [draw.sample(range(len(ours)), min(5, len(ours))) for _ in range(10)]
    return mean(
        real[min(five, key=lambda place: round(ours[place], 9))] / min(real[place] for place in five) for five in draws
    )


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
