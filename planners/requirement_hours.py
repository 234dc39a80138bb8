"""Hours evened out between plans, so that a requirement of the goal costs the same in each of them.

Where nobody says how much work anything is, every artifact counts the same, and a plan that makes three things as one
artifact seems to need a third of the time. Measured on real graphs, that makes the expected makespan useless as soon as
candidates differ in their grain (docs/benchmarks.md, "Ranking alternatives"). What can be compared between candidates
is what their artifacts are for: the work for a requirement is the same however many artifacts it is cut into.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.words import stems_of

Purpose = tuple[str, ...]
"""A requirement, by its words without their endings, as coverage compares them."""
Work = tuple[str, str, tuple[str, ...]]
"""What makes artifacts of different plans the same work: id, kind and products."""
Hours = Mapping[str, float]
Shares = Mapping[Purpose, Mapping[Work, float]]
"""For each requirement the hours that each of a plan's artifacts spends on it."""


def work_of(artifact: Artifact) -> Work:
    """What an artifact is recognised by in other plans.

    >>> work_of(Artifact(id="Login", domain_type="service", produces="session"))
    ('Login', 'service', ('session',))
    """
    return artifact.id, artifact.domain_type or "", artifact.produces


def evened_hours(
    graphs: Sequence[ArtifactGraph], hours: Sequence[Hours], is_stated: Callable[[Artifact], bool]
) -> tuple[Hours, ...]:
    """For each plan the hours of its artifacts after the work for each requirement is made equal between plans.

    For each requirement the plan with the median of work is the measure. What other plans have in common with it keeps
    its hours; what they have instead of the rest is as much work as that rest, shared out as their own hours were.
    Where they leave out nothing, what they have besides comes on top. An artifact for several requirements is shared
    out evenly between them. One that is for no requirement keeps its hours, and so does all that is for a requirement
    of whose work some plan says how much it is. What an artifact requires plays no part: two plans of the same
    artifacts have the same hours, so that a plan gains nothing by forgetting a dependency.

    Args:
        graphs: The plans.
        hours: For each plan the hours of each artifact.
        is_stated: Whether the hours of an artifact are known rather than assumed.
    """
    shares = [_shares(graph, own) for graph, own in zip(graphs, hours, strict=True)]
    artifacts = [artifact for graph in graphs for artifact in graph.artifacts.values()]
    stated = {purpose for artifact in artifacts if is_stated(artifact) for purpose in _purposes_of(artifact)}
    measures = {
        purpose: _measure([each[purpose] for each in shares if purpose in each])
        for purpose in {purpose for each in shares for purpose in each} - stated
    }
    factors = [
        {purpose: _Factor.of(own, measures[purpose]) for purpose, own in each.items() if purpose in measures}
        for each in shares
    ]
    return tuple(
        {name: own[name] * _mean_factor(artifact, factor) for name, artifact in graph.artifacts.items()}
        for graph, own, factor in zip(graphs, hours, factors, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Factor:
    """By what a plan's hours for one requirement are multiplied, except those for common work."""

    common: frozenset[Work]
    others: float

    @classmethod
    def of(cls, own: Mapping[Work, float], measure: Mapping[Work, float]) -> "_Factor":
        """The factor that makes the plan's other work as much as what it has in place of."""
        common = own.keys() & measure.keys()
        left = sum(spent for work, spent in measure.items() if work not in common)
        others = sum(spent for work, spent in own.items() if work not in common)
        return cls(frozenset(common), left / others if left > 0 and others > 0 else 1.0)


def _measure(plans: Sequence[Mapping[Work, float]]) -> Mapping[Work, float]:
    """The shares of the plan with the median of work; the lower of two, and of equals the first by its artifacts."""
    ranked = sorted(plans, key=lambda own: (round(sum(own.values()), 9), sorted(own)))
    return ranked[(len(ranked) - 1) // 2]


def _mean_factor(artifact: Artifact, factors: Mapping[Purpose, _Factor]) -> float:
    purposes = _purposes_of(artifact)
    known = [factors[purpose] for purpose in purposes if purpose in factors]
    changed = [one.others for one in known if work_of(artifact) not in one.common]
    return (sum(changed) + len(purposes) - len(changed)) / len(purposes) if purposes else 1.0


def _purposes_of(artifact: Artifact) -> tuple[Purpose, ...]:
    return tuple(sorted({tuple(sorted(stems_of(requirement))) for requirement in artifact.covers}))


def _shares(graph: ArtifactGraph, hours: Hours) -> Shares:
    shares: dict[Purpose, dict[Work, float]] = {}
    for name, artifact in graph.artifacts.items():
        purposes = _purposes_of(artifact)
        for purpose in purposes:
            shares.setdefault(purpose, {})[work_of(artifact)] = hours[name] / len(purposes)
    return shares
