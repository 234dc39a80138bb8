"""Orders beside those that a plan has itself: assumed of it, or found while it is carried out."""

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
    _before: dict[str, int] = field(init=False, repr=False)
    """The closure of the plan with the orders that were taken; see `ArtifactGraph.closure`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_before", dict(self.graph.closure))

    def take(self, first: str, second: str) -> bool:
        """Has the second wait for the first, and says whether it can: not where the first comes after the second."""
        before, places = self._before, self.graph.positions
        place = places[second]
        if first == second or before[first] >> place & 1:
            return False
        gained = before[first] | 1 << places[first]
        if gained & ~before[second]:
            for artifact, known in before.items():
                if artifact == second or known >> place & 1:
                    before[artifact] = known | gained
        return True
