"""A lower bound of the makespan that is tighter than the longest chain and the shared work.

Every artifact has a head (the longest chain before it) and a tail (the longest chain after it). Whatever set of
artifacts one looks at, nothing of it starts before its smallest head, its work takes at least its share of the
workers, and after its end comes at least its smallest tail. The best set is found among those of all artifacts with a
head and a tail from some value on, which is enough (Carlier 1987, for parallel machines with heads and tails).
"""

from collections import deque
from collections.abc import Mapping, Sequence

from prefect_harmonic.planners.dispatch import remaining_paths
from prefect_harmonic.planners.graph import ArtifactGraph

MOST_THRESHOLDS = 300
"""Heads that are tried at most; where there are more, some of them spread evenly, which keeps the bound a bound."""


def tight_bound(graph: ArtifactGraph, seconds: Mapping[str, float], workers: int) -> float:
    """Seconds that no schedule can be shorter than.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> fan = [Artifact(id="A"), *(Artifact(id=f"B{n}", requires="A") for n in range(4))]
    >>> tight_bound(ArtifactGraph(fan), {"A": 5, "B0": 3, "B1": 3, "B2": 3, "B3": 3}, workers=2)
    11.0
    """
    remaining = remaining_paths(graph, seconds)
    heads = _heads(graph, seconds)
    best = max(heads[artifact] + remaining[artifact] for artifact in graph.artifacts)
    jobs = [(heads[name], seconds[name], remaining[name] - seconds[name]) for name in graph.artifacts]
    for head in _thresholds(sorted({head for head, _, _ in jobs})):
        best = max(best, head + _shared_out([(work, tail) for start, work, tail in jobs if start >= head], workers))
    return best


def _heads(graph: ArtifactGraph, seconds: Mapping[str, float]) -> Mapping[str, float]:
    """For each artifact the length of the longest chain that ends before it."""
    heads: dict[str, float] = {}
    for name in graph.order:
        heads[name] = max((heads[one] + seconds[one] for one in graph.requirements_of(name)), default=0.0)
    return heads


def _thresholds(values: Sequence[float]) -> Sequence[float]:
    return values[:: -(-len(values) // MOST_THRESHOLDS)]


def _shared_out(jobs: Sequence[tuple[float, float]], workers: int) -> float:
    """Seconds from the moment when all of some jobs may start until all of their tails are over, at least.

    Of the jobs with a tail from some value on, the work is shared out evenly and the smallest tail comes after it. And
    since the last jobs of P workers are P different ones, their ends and tails together take at least all the work and
    the P smallest tails.
    """
    best, work = 0.0, 0.0
    smallest: deque[float] = deque(maxlen=workers)
    for seconds, tail in sorted(jobs, key=lambda job: -job[1]):
        work += seconds
        smallest.append(tail)
        best = max(best, tail + work / workers)
        if len(smallest) == workers:
            best = max(best, (work + sum(smallest)) / workers)
    return best
