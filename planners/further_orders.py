"""Orders beside those that a plan has itself: assumed of it, or found while it is carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prefect_harmonic.planners.graph import ArtifactGraph


@dataclass(frozen=True, slots=True)
class FurtherOrders:
    """Takes orders up one by one, as long as they contradict neither the plan nor each other.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> further = FurtherOrders(ArtifactGraph([Artifact(id="A"), Artifact(id="B", requires="A"), Artifact(id="C")]))
    >>> further.take("B", "C"), further.take("C", "A")
    (True, False)
    """

    graph: ArtifactGraph
    _after: dict[str, list[str]] = field(default_factory=dict)

    def take(self, first: str, second: str) -> bool:
        """Has the second wait for the first, and says whether it can: not where the first comes after the second."""
        if _is_reached(self.graph, self._after, second, first):
            return False
        self._after.setdefault(first, []).append(second)
        return True


def _is_reached(graph: ArtifactGraph, after: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    """Whether the end comes after the start, by the plan's own orders and further ones."""
    seen, frontier = {start}, [start]
    while frontier:
        artifact = frontier.pop()
        if artifact == end:
            return True
        fresh = {*graph.dependents_of(artifact), *after.get(artifact, ())} - seen
        seen |= fresh
        frontier.extend(fresh)
    return False
