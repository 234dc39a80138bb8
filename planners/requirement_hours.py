"""Hours evened out between plans, so that a requirement of the goal costs the same in each of them.

Where nobody says how much work anything is, every artifact counts the same, and a plan that makes three things as one
artifact seems to need a third of the time. Measured on real graphs, that makes the expected makespan useless as soon as
candidates differ in their grain (docs/benchmarks.md, "Ranking alternatives"). What can be compared between candidates
is what their artifacts are for: the work for a requirement is the same however many artifacts it is cut into.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.words import stems_of

Purpose = tuple[str, ...]
"""A requirement, by its words without their endings, as coverage compares them."""
Hours = Mapping[str, float]


def evened_hours(
    graphs: Sequence[ArtifactGraph], hours: Sequence[Hours], is_stated: Callable[[Artifact], bool]
) -> tuple[Hours, ...]:
    """For each plan the hours of its artifacts after the work for each requirement is made equal between plans.

    The plans' median holds, shared out within each plan as its own hours were. An artifact for several requirements is
    shared out evenly between them. One that is for no requirement keeps its hours, and so does all that is for a
    requirement of whose work some plan says how much it is. What an artifact requires plays no part: two plans of the
    same artifacts have the same hours, so that a plan gains nothing by forgetting a dependency.

    Args:
        graphs: The plans.
        hours: For each plan the hours of each artifact.
        is_stated: Whether the hours of an artifact are known rather than assumed.
    """
    purposes = [{name: _purposes_of(one) for name, one in graph.artifacts.items()} for graph in graphs]
    stated: set[Purpose] = set()
    for graph, served in zip(graphs, purposes, strict=True):
        stated.update(*(served[name] for name, artifact in graph.artifacts.items() if is_stated(artifact)))
    works = [_work_for_each(*pair) for pair in zip(purposes, hours, strict=True)]
    known: dict[Purpose, list[float]] = defaultdict(list)
    for work in works:
        for purpose, own in work.items():
            known[purpose].append(own)
    usual = {purpose: median(each) for purpose, each in known.items() if purpose not in stated}
    return tuple(
        {
            name: own * fmean(usual[one] / work[one] if work[one] and one in usual else 1.0 for one in served[name])
            if served[name]
            else own
            for name, own in plan_hours.items()
        }
        for served, plan_hours, work in zip(purposes, hours, works, strict=True)
    )


def _purposes_of(artifact: Artifact) -> tuple[Purpose, ...]:
    return tuple(sorted({tuple(sorted(stems_of(requirement))) for requirement in artifact.covers}))


def _work_for_each(served: Mapping[str, tuple[Purpose, ...]], hours: Hours) -> Mapping[Purpose, float]:
    work: dict[Purpose, float] = defaultdict(float)
    for name, own in hours.items():
        for purpose in served[name]:
            work[purpose] += own / len(served[name])
    return work
