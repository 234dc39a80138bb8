"""Orders that a plan leaves out and its rivals or its own words know of.

A plan without a dependency that is really there looks shorter than the one that has it. Before two plans are
compared, each is given the orders that it probably forgot: those its own text speaks of (P011), and those that
another valid candidate has between the same two artifacts. An artifact that declares what it consumes is believed,
since the gate has checked that it gets it (P008); only one that declares nothing has orders assumed from elsewhere.
"""

from collections.abc import Iterable

from prefect_harmonic.planners.artifact import Requirement
from prefect_harmonic.planners.further_orders import FurtherOrders
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.gate.flow import named_not_required
from prefect_harmonic.planners.graph import ArtifactGraph

Order = tuple[str, str]
"""An artifact, and one that has to wait for it."""


def assumed_orders(
    graph: ArtifactGraph, rivals: Iterable[ArtifactGraph] = (), findings: Iterable[Finding] | None = None
) -> tuple[Order, ...]:
    """Orders to be assumed of a plan beyond its own, sorted; together with its own they have no cycle.

    Args:
        graph: The plan.
        rivals: Other plans for the same goal, in any order; the plan itself may be among them.
        findings: What the gate found in the plan, if it was asked already.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> whole = ArtifactGraph([Artifact(id="App", requires="Db"), Artifact(id="Db")])
    >>> assumed_orders(ArtifactGraph([Artifact(id="App"), Artifact(id="Db")]), [whole])
    (('Db', 'App'),)
    """
    named = named_not_required(graph) if findings is None else findings
    spoken = {(one.other, one.artifact) for one in named if one.code is Code.NAMED_NOT_REQUIRED}
    suspected: set[Order] = {(first, second) for first, second in spoken if first and second}
    for rival in rivals:
        if rival is not graph:
            suspected |= set(_known_to(rival, graph))
    orders = sorted(order for order in suspected if not graph.is_ordered(*order))
    further = FurtherOrders(graph)
    return tuple(order for order in orders if further.take(*order))


def _known_to(rival: ArtifactGraph, graph: ArtifactGraph) -> Iterable[Order]:
    """Requirements of the rival between artifacts that the plan has too, where the plan's declares nothing."""
    for artifact in rival.plan.artifacts:
        if artifact.id not in graph or graph.artifacts[artifact.id].consumes:
            continue
        for required in rival.ancestors_of(artifact.id):
            if required in graph:
                yield required, artifact.id


def completed(graph: ArtifactGraph, orders: Iterable[Order]) -> ArtifactGraph:
    """The plan with assumed orders added to its own."""
    added: dict[str, list[Requirement]] = {}
    for first, second in orders:
        added.setdefault(second, []).append(Requirement(id=first, because="assumed"))
    if not added:
        return graph
    return graph.with_artifacts(
        artifact.requiring(*artifact.requires, *added[artifact.id]) if artifact.id in added else artifact
        for artifact in graph.plan.artifacts
    )
