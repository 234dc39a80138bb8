"""Hours evened out between plans, so that a requirement of the goal costs the same in each of them.

Where nobody says how much work anything is, every artifact counts the same, and a plan that makes three things as one
artifact seems to need a third of the time. Measured on real graphs, that makes the expected makespan useless as soon as
candidates differ in their grain (docs/benchmarks.md, "Ranking alternatives"). What can be compared between candidates
is what their artifacts make and what they are for: the work for a requirement is the same however it is cut.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from prefect_harmonic.planners.artifact import CONTRACT_TYPES, Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.product_hours import Content, Hours, contents_of, hours_by_content
from prefect_harmonic.planners.words import stems_of

Purpose = tuple[str, ...]
"""A requirement, by its words without their endings, as coverage compares them."""
CONTRACT_SIZE = 0.25
"""How large a contract is beside other work: low effort beside medium, as planners that state efforts tell it."""


def evened_hours(
    graphs: Sequence[ArtifactGraph], hours: Sequence[Hours], is_stated: Callable[[Artifact], bool]
) -> tuple[Hours, ...]:
    """For each plan the hours of its artifacts after the work for each requirement is made equal between plans.

    What makes several things first takes as long as they do (`hours_by_content`). Then, for each requirement, the plan
    with the median of work is the measure. An artifact that makes only what the measure makes keeps its hours; what a
    plan has instead of the rest is as much work as that rest, shared out as its own hours were. Where it leaves out
    nothing, what it has besides comes on top, so that nothing is gained by doing more. Contracts are no work of their
    own: what they settle is part of the work for what they describe, so the work for the requirement is spread over
    them too, in smaller parts. One that nothing requires has settled nothing and comes on top.

    An artifact for several requirements is shared out evenly between them. One that is for no requirement keeps its
    hours, and so does all that is for a requirement of whose work some plan says how much it is. What an artifact
    requires plays no other part: leaving a dependency out lowers nobody's hours.

    Args:
        graphs: The plans.
        hours: For each plan the hours of each artifact.
        is_stated: Whether the hours of an artifact are known rather than assumed.
    """
    artifacts = [artifact for graph in graphs for artifact in graph.artifacts.values()]
    stated = {purpose for artifact in artifacts if is_stated(artifact) for purpose in _purposes_of(artifact)}

    def is_known(artifact: Artifact) -> bool:
        return is_stated(artifact) or not stated.isdisjoint(_purposes_of(artifact))

    summed, largest = hours_by_content(graphs, hours, is_known)
    shares = [_shares(graph, own, largest, stated) for graph, own in zip(graphs, summed, strict=True)]
    by_purpose: dict[Purpose, list[_Share]] = defaultdict(list)
    for each in shares:
        for purpose, share in each.items():
            by_purpose[purpose].append(share)
    measures = {purpose: _measure(found) for purpose, found in by_purpose.items()}
    evened = [{purpose: share.evened(measures[purpose].contents) for purpose, share in each.items()} for each in shares]
    return tuple(
        {name: _hours(artifact, own[name], parts) for name, artifact in graph.artifacts.items()}
        for graph, own, parts in zip(graphs, summed, evened, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one artifact spends on one requirement."""

    hours: float
    contents: Mapping[Content, float]
    is_contract: bool
    is_required: bool


@dataclass(frozen=True)
class _Share:
    """What one plan spends on one requirement, by the names of its artifacts."""

    parts: dict[str, _Part] = field(default_factory=dict)

    @cached_property
    def contents(self) -> Mapping[Content, float]:
        """Hours of each thing that is made, contracts left aside."""
        found: dict[Content, float] = defaultdict(float)
        for part in self.parts.values():
            if not part.is_contract:
                for content, spent in part.contents.items():
                    found[content] += spent
        return found

    def evened(self, measure: Mapping[Content, float]) -> Mapping[str, float]:
        """Hours of each artifact once the plan's work is measured by that of another."""
        work = {name: part for name, part in self.parts.items() if not part.is_contract}
        same = {name for name, part in work.items() if part.contents.keys() <= measure.keys()}
        made = {content for name in same for content in work[name].contents}
        left = sum(spent for content, spent in measure.items() if content not in made)
        others = sum(part.hours for name, part in work.items() if name not in same)
        replaced = left / others if left > 0 and others > 0 else 1.0
        hours = {name: part.hours * (1.0 if name in same else replaced) for name, part in work.items()}
        contracts = {name: part for name, part in self.parts.items() if part.is_contract}
        settling = {name: CONTRACT_SIZE * part.hours for name, part in contracts.items() if part.is_required}
        total = sum(hours.values())
        spread = total / (total + sum(settling.values())) if total > 0 else 1.0
        besides = {name: part.hours for name, part in contracts.items() if not part.is_required}
        return {name: spent * spread for name, spent in (hours | settling).items()} | besides


def _measure(shares: Sequence[_Share]) -> _Share:
    """That of the plan with the median of work; the lower of two, and of equals the first by what it makes."""
    ranked = sorted(shares, key=lambda share: (round(sum(share.contents.values()), 9), sorted(share.contents)))
    return ranked[(len(ranked) - 1) // 2]


def _hours(artifact: Artifact, own: float, parts: Mapping[Purpose, Mapping[str, float]]) -> float:
    """The sum of what it spends on each of its requirements; its own hours where nothing was evened out."""
    purposes = _purposes_of(artifact)
    if not any(purpose in parts for purpose in purposes):
        return own
    return sum(parts[one][artifact.id] if one in parts else own / len(purposes) for one in purposes)


def _purposes_of(artifact: Artifact) -> tuple[Purpose, ...]:
    return tuple(sorted({tuple(sorted(stems_of(requirement))) for requirement in artifact.covers}))


def _shares(
    graph: ArtifactGraph, hours: Hours, largest: Mapping[Content, float], stated: set[Purpose]
) -> Mapping[Purpose, _Share]:
    """What a plan spends on each requirement of which nobody states the hours."""
    required = {name for artifact in graph.artifacts for name in graph.requirements_of(artifact)}
    shares: dict[Purpose, _Share] = defaultdict(_Share)
    for name, artifact in graph.artifacts.items():
        purposes = _purposes_of(artifact)
        for purpose in purposes:
            if purpose not in stated:
                shares[purpose].parts[name] = _Part(
                    hours=hours[name] / len(purposes),
                    contents=_contents(artifact, hours[name] / len(purposes), largest),
                    is_contract=artifact.domain_type in CONTRACT_TYPES,
                    is_required=name in required,
                )
    return shares


def _contents(artifact: Artifact, spent: float, largest: Mapping[Content, float]) -> Mapping[Content, float]:
    """Hours shared out between the things that an artifact makes, as large as they are."""
    contents = contents_of(artifact)
    sizes = [largest.get(content, 0.0) for content in contents]
    total = sum(sizes)
    if total <= 0:
        return dict.fromkeys(contents, spent / len(contents))
    return {content: spent * size / total for content, size in zip(contents, sizes, strict=True)}
