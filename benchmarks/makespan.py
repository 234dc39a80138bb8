"""How long our schedule of real graphs takes, beside the shortest time that is possible.

The shortest time is not known for most graphs, so that the schedule is compared with bounds below it: the simple one
of the longest chain and the shared work, and the tighter one of `benchmarks.bounds`. What a ratio has over 1 is partly
the schedule's and partly the bound's fault; the tighter bound and the proven optima show how much is the schedule's.
Beside our order, longest remaining path first, stand first come first served and wave by wave.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.bounds import tight_bound
from benchmarks.collected import OPTIMAL, RUNTIME, Collected, absence, collected
from benchmarks.figure import Figure, Remark, Saying, Target, at_most, mean
from benchmarks.first_come import first_come_makespan
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.scheduling import expected_schedule, lower_bound

WORKERS = (4, 16)
MOST_OVER_BOUND = {4: 1.045, 16: 1.05}
MOST_OVER_OPTIMUM = 1.006

Order = Callable[[ArtifactGraph, Mapping[str, float], int], float]


def measured(*, quick: bool) -> Saying:
    """Mean ratios for each file and for all graphs together."""
    files: dict[str, list[Collected]] = {}
    for name, file in {"measured workflows": RUNTIME, "standard task graphs": OPTIMAL}.items():
        if (missing := absence(file)) is not None:
            yield missing
        else:
            files[name] = [one for one in collected(file, at_most=25 if quick else None) if any(one.seconds.values())]
    if not files:
        return
    everything = [graph for graphs in files.values() for graph in graphs]
    for name, graphs in {"all graphs": everything, **files}.items():
        yield from _over_bounds(f"{name} ({len(graphs)})", graphs, is_target=name == "all graphs")
    yield from _over_optima(files.get("standard task graphs", ()))


def _over_bounds(name: str, graphs: Sequence[Collected], *, is_target: bool) -> Saying:
    for workers in WORKERS:
        simple = {one.id: lower_bound(one.graph, one.seconds, workers) for one in graphs}
        tight = {one.id: tight_bound(one.graph, one.seconds, workers) for one in graphs}
        yield _ratio(f"{name}, {workers} workers: the tighter bound itself", tight, simple)
        for order, makespan in ORDERS.items():
            taken = {one.id: makespan(one.graph, one.seconds, workers) for one in graphs}
            target = at_most(MOST_OVER_BOUND[workers]) if is_target and makespan is longest_path_first else None
            yield _ratio(f"{name}, {workers} workers: {order}", taken, simple, target)
            if makespan is longest_path_first:
                yield _ratio(f"{name}, {workers} workers: {order}, over the tighter bound", taken, tight)


def _ratio(
    name: str, taken: Mapping[str, float], shortest: Mapping[str, float], target: Target | None = None
) -> Figure:
    return Figure(name, mean(seconds / shortest[one] for one, seconds in taken.items()), "", target, 4)


def _over_optima(graphs: Iterable[Collected]) -> Saying:
    ratios = [
        longest_path_first(one.graph, one.seconds, workers) / optimum
        for one in graphs
        for workers, optimum in one.optimum.items()
    ]
    if ratios:
        yield Figure("our order over proven optima", mean(ratios), "", at_most(MOST_OVER_OPTIMUM), 4)
        exact = sum(ratio <= 1 + 1e-9 for ratio in ratios)
        yield Remark(f"{exact} of {len(ratios)} schedules with a proven optimum reach it")


def longest_path_first(graph: ArtifactGraph, seconds: Mapping[str, float], workers: int) -> float:
    """Makespan of what the executor does."""
    return expected_schedule(graph, seconds, workers).makespan


def wave_by_wave(graph: ArtifactGraph, seconds: Mapping[str, float], workers: int) -> float:
    """Makespan if a wave begins when the one before it is done; within a wave the longest goes first."""
    total = 0.0
    for wave in graph.waves:
        loads = [0.0] * workers
        for artifact in sorted(wave, key=lambda name: (-seconds[name], name)):
            place = loads.index(min(loads))
            loads[place] += seconds[artifact]
        total += max(loads)
    return total


ORDERS: Mapping[str, Order] = {
    "our order": longest_path_first,
    "first come first served": first_come_makespan,
    "wave by wave": wave_by_wave,
}
