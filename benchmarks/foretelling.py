"""How well the time of a run is foretold from earlier runs, on real workflows whose nodes were timed.

Each graph stands for a run: its time is that of our schedule with the true durations, its artifacts are of the kind of
their node, its project is its family (blast, montage, a dbt project, …). The graphs are dealt into ten parts; the times
of one part are foretold from the other nine and never from itself, hours of artifacts included. What is known of each
artifact is its kind; once more with an effort besides, low, medium or high by thirds of all durations, as somebody who
knows the work would say. "A family never seen" leaves out all graphs of one family at a time: nobody has then made
anything of the kind, and what is foretold is only as good as being told not to trust it.

Beside it stand what looks at no earlier run (the expected makespan with equal hours) and the design's shape score, of
which more should mean less time. Times go from seconds to days, so that correlation is given of logarithms too: that of
the values is decided by the few longest. Durations of the standard task graphs were drawn at random, without kinds, so
that nothing can be learned of their artifacts; they show what structure alone says.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import correlation

from benchmarks.collected import OPTIMAL, RUNTIME, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, Target, above, mean
from prefect_harmonic.planners.artifact import Effort
from prefect_harmonic.planners.effort import EffortModel, kind_of
from prefect_harmonic.planners.experience.duration import LEVEL, DurationModel, Prediction, RunTime
from prefect_harmonic.planners.experience.features import features_of
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.hours import LearnedHours
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.scheduling import expected_schedule

WORKERS = (4, 16)
PARTS = 10
LEAST_CORRELATION = 0.9
MOST_NODES = 800
"""Larger graphs are left out: they are few, and take most of the time."""

_FILES = {"measured workflows": RUNTIME, "standard task graphs": OPTIMAL}
_QUICK_LINES = 40


@dataclass(frozen=True)
class Timed:
    """A graph as a run that was made on so many workers."""

    name: str
    family: str
    graph: ArtifactGraph
    seconds: Mapping[str, float]

    def work(self) -> Iterable[FinishedWork]:
        """What its artifacts took."""
        for name, artifact in self.graph.artifacts.items():
            yield FinishedWork(
                run=self.name,
                agent=self.family,
                kind=kind_of(artifact),
                effort=artifact.effort,
                hours=self.seconds[name] / 3600,
            )

    def time(self, workers: int) -> float:
        """Seconds that a run takes with the true durations."""
        return expected_schedule(self.graph, self.seconds, workers).makespan

    def run(self, effort: EffortModel, workers: int) -> RunTime:
        """What it teaches about durations, to its own family."""
        features = features_of(self.graph, effort.durations(self.graph), workers)
        return RunTime(features, frozenset(map(kind_of, self.graph.artifacts.values())), self.time(workers))


def measured(*, quick: bool) -> Saying:
    """Correlations of foretold with real times, and how often the interval held."""
    for name, file in _FILES.items():
        if (missing := absence(file)) is not None:
            yield missing
            continue
        known = list(collected(file, at_most=_QUICK_LINES if quick else None))
        graphs = [_timed(one) for one in known if _is_fit(one, file)]
        yield Remark(f"{name}: {len(graphs)} of {len(known)} graphs, in {len({one.family for one in graphs})} families")
        for workers in WORKERS[:1] if quick else WORKERS:
            yield from _said(f"{name}, {workers} workers", graphs, workers, has_kinds=file == RUNTIME)


def _is_fit(one: Collected, file: str) -> bool:
    return len(one.graph) <= MOST_NODES and any(one.seconds.values()) and (one.is_measured or file == OPTIMAL)


def _said(name: str, graphs: Sequence[Timed], workers: int, *, has_kinds: bool) -> Saying:
    real = [one.time(workers) for one in graphs]
    target = above(LEAST_CORRELATION) if has_kinds else None
    yield from _foretold(name, _dealt(graphs), workers, target)
    if has_kinds:
        yield from _foretold(f"{name}, efforts told", _dealt(_with_efforts(graphs)), workers, target)
        families: dict[str, list[Timed]] = defaultdict(list)
        for one in graphs:
            families[one.family].append(one)
        yield from _foretold(f"{name}, a family never seen", list(families.values()), workers, None)
    equal = [expected_schedule(one.graph, EffortModel().durations(one.graph), workers).makespan for one in graphs]
    yield from _correlations(f"{name}: expected makespan, equal hours", equal, real, None)
    scores = [-metrics_of(one.graph).score for one in graphs]
    yield Figure(f"{name}: shape score, Pearson", correlation(scores, real), digits=2)
    yield Figure(
        f"{name}: shape score, with logarithms of times", correlation(scores, list(map(math.log, real))), digits=2
    )


def _dealt(graphs: Sequence[Timed]) -> Sequence[Sequence[Timed]]:
    return [graphs[part::PARTS] for part in range(PARTS)]


def _with_efforts(graphs: Sequence[Timed]) -> Sequence[Timed]:
    """The same graphs with an effort for each artifact, by thirds of all durations."""
    ordered = sorted(seconds for one in graphs for seconds in one.seconds.values())
    low, high = ordered[len(ordered) // 3], ordered[2 * len(ordered) // 3]
    return [
        replace(
            one,
            graph=ArtifactGraph(
                artifact.model_copy(update={"effort": _effort(one.seconds[name], low, high).value})
                for name, artifact in one.graph.artifacts.items()
            ),
        )
        for one in graphs
    ]


def _effort(seconds: float, low: float, high: float) -> Effort:
    if seconds < low:
        return Effort.LOW
    return Effort.HIGH if seconds >= high else Effort.MEDIUM


def _foretold(name: str, parts: Sequence[Sequence[Timed]], workers: int, target: Target | None) -> Saying:
    pairs: list[tuple[Prediction, float]] = []
    for part in parts:
        names = {one.name for one in part}
        pairs += _foretold_from([one for known in parts for one in known if one.name not in names], part, workers)
    told, real = [pair[0].seconds or 0.0 for pair in pairs], [pair[1] for pair in pairs]
    yield from _correlations(f"{name}: foretold from the others", told, real, target)
    within = [(one.seconds or 0.0, seconds) for one, seconds in pairs if not one.unlike]
    if len(within) > PARTS:
        logarithms = [[math.log(value) for value in values] for values in zip(*within, strict=True)]
        yield Figure(f"{name}: within experience, Pearson of logarithms", correlation(*logarithms), digits=2)
    factors = sorted(max(one / other, other / one) for one, other in zip(told, real, strict=True))
    yield Figure(f"{name}: off by a factor of, median", factors[len(factors) // 2], digits=2)
    for what, chosen in (("", pairs), (", within experience", [one for one in pairs if not one[0].unlike])):
        if chosen:
            held = mean(float((one.low or 0) <= seconds <= (one.high or 0)) for one, seconds in chosen)
            yield Figure(f"{name}: within the interval of {LEVEL:.0%}{what}", 100 * held, "%", digits=0)
    outside = mean(float(bool(pair[0].unlike)) for pair in pairs)
    yield Figure(f"{name}: said to be outside experience", 100 * outside, "%", digits=0)


def _foretold_from(known: Sequence[Timed], asked: Sequence[Timed], workers: int) -> list[tuple[Prediction, float]]:
    """What is foretold of some graphs from others, with the real time of each."""
    learned = LearnedHours.of(work for one in known for work in one.work())
    runs = [(one.family, one.run(learned.effort(without=one.name), workers)) for one in known]
    effort = learned.effort()
    found = []
    for one in asked:
        model = DurationModel([replace(run, is_own=family == one.family) for family, run in runs])
        run = one.run(effort, workers)
        kinds = [kind_of(artifact) for artifact in one.graph.artifacts.values()]
        found.append((model.prediction(run.features, kinds), run.seconds))
    return found


def _correlations(name: str, told: Sequence[float], real: Sequence[float], target: Target | None) -> Saying:
    logarithms = [[math.log(value) for value in values] for values in (told, real)]
    yield Figure(f"{name}, Pearson", correlation(told, real), target=target, digits=2)
    yield Figure(f"{name}, Pearson of logarithms", correlation(*logarithms), target=target, digits=2)


def _timed(one: Collected) -> Timed:
    """A collected graph as a run whose artifacts are made by an agent of its family."""
    artifacts = [artifact.model_copy(update={"agent": one.family}) for artifact in one.graph.artifacts.values()]
    seconds = {name: max(value, 1e-3) for name, value in one.seconds.items()}
    return Timed(one.id, one.family, ArtifactGraph(artifacts), seconds)
