"""A plan while it is being changed: artifacts and edges that may be added as long as no cycle comes of it.

Used within one function and turned into artifacts at its end; a plan itself never changes.
"""

from collections.abc import Iterable

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan


class Draft:
    """The artifacts of a plan with further ones and further orders.

    >>> draft = Draft(ArtifactGraph([Artifact(id="A"), Artifact(id="B", requires="A")]))
    >>> draft.order("B", "A", "the other way round"), draft.order("A", "B", "again")
    (False, True)
    """

    def __init__(self, graph: ArtifactGraph) -> None:
        self._graph = graph
        self._artifacts = dict(graph.artifacts)
        self._added: dict[str, list[Requirement]] = {}
        self._after = {name: set(graph.dependents_of(name)) for name in graph.artifacts}

    def __contains__(self, artifact: object) -> bool:
        return artifact in self._artifacts

    def add(self, artifact: Artifact) -> None:
        """Adds an artifact that nothing requires yet. What it requires must be there."""
        self._artifacts[artifact.id] = artifact
        self._after[artifact.id] = set()
        for required in artifact.required_ids:
            self._after[required].add(artifact.id)

    def order(self, first: str, second: str, because: str) -> bool:
        """Has the second require the first, and says whether it does now: an order that closes a cycle is left out."""
        if second in self._after[first]:
            return True
        if first == second or self._is_reached(second, first):
            return False
        self._after[first].add(second)
        self._added.setdefault(second, []).append(Requirement(id=first, because=because))
        return True

    def precede(self, first: str, others: Iterable[str], because: str) -> None:
        """Has each of the others come after the first, as far as no cycle comes of it.

        Only those that do not come after it already through one before them get an edge of their own, so it is best
        given in an order of the plan.
        """
        behind = self._behind([first])
        for other in others:
            if other not in behind and self.order(first, other, because):
                behind |= self._behind([other])

    def is_before(self, first: str, second: str) -> bool:
        """Whether the second requires the first, directly or through others."""
        return first != second and self._is_reached(first, second)

    def _behind(self, artifacts: Iterable[str]) -> set[str]:
        """Some artifacts and all that requires them."""
        behind = set(artifacts)
        frontier = list(behind)
        while frontier:
            fresh = self._after[frontier.pop()] - behind
            behind |= fresh
            frontier.extend(fresh)
        return behind

    def plan(self) -> Plan:
        """The plan as it is now."""
        artifacts = (
            artifact.requiring(*artifact.requires, *self._added[name]) if name in self._added else artifact
            for name, artifact in self._artifacts.items()
        )
        return self._graph.plan.with_artifacts(artifacts).sorted()

    def _is_reached(self, start: str, end: str) -> bool:
        return end in self._behind([start])
