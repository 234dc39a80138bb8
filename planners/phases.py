"""Groups of work that are evaluated together, in an order in which they can be done.

Source: second design document, "Evaluation Loops".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from prefect_harmonic.planners.graph import ArtifactGraph

UNNAMED_PHASE = "work"
"""The one phase of a plan that names none."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Artifacts that are made and then evaluated together. `after` are the phases that must be over before."""

    name: str
    artifacts: tuple[str, ...]
    after: tuple[str, ...] = ()


def phases_of(graph: ArtifactGraph) -> tuple[Phase, ...]:
    """The phases of a plan, each after those whose artifacts its own require.

    An artifact that names no phase belongs to the last phase among those it requires, or else to the first among
    those that require it. Phases whose artifacts require each other in both directions are one phase, named after
    all of them. A plan that names no phase at all has a single one.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> plan = ArtifactGraph([Artifact(id="B", phase="build", requires="A"), Artifact(id="A", phase="ask")])
    >>> [phase.name for phase in phases_of(plan)]
    ['ask', 'build']
    """
    membership = _membership(graph)
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(sorted(set(membership.values())))
    for artifact in graph.order:
        for required in graph.requirements_of(artifact):
            if membership[required] != membership[artifact]:
                network.add_edge(membership[required], membership[artifact])
    merged = nx.condensation(network)
    starts = _first_places(graph, membership)
    members: Mapping[int, set[str]] = nx.get_node_attributes(merged, "members")
    names = {group: " + ".join(sorted(members[group], key=starts.__getitem__)) for group in merged}
    order = nx.lexicographical_topological_sort(merged, key=lambda group: min(starts[name] for name in members[group]))
    return tuple(
        Phase(
            name=names[group],
            artifacts=tuple(name for name in graph.order if membership[name] in members[group]),
            after=tuple(sorted(names[before] for before in merged.predecessors(group))),
        )
        for group in order
    )


def _membership(graph: ArtifactGraph) -> Mapping[str, str]:
    """For each artifact the phase that it names or is given."""
    places = {artifact: place for place, artifact in enumerate(graph.order)}
    named = {name: artifact.phase for name, artifact in graph.artifacts.items() if artifact.phase}
    given: dict[str, str] = dict(named)
    for artifact in graph.order:
        before = [given[required] for required in graph.requirements_of(artifact) if required in given]
        if artifact not in given and before:
            given[artifact] = max(before, key=lambda phase: (_last_place(named, places, phase), phase))
    for artifact in reversed(graph.order):
        after = [given[dependent] for dependent in graph.dependents_of(artifact) if dependent in given]
        if artifact not in given and after:
            given[artifact] = min(after, key=lambda phase: (_last_place(named, places, phase), phase))
    return {artifact: given.get(artifact, UNNAMED_PHASE) for artifact in graph.artifacts}


def _last_place(named: Mapping[str, str], places: Mapping[str, int], phase: str) -> int:
    return max(places[artifact] for artifact, own in named.items() if own == phase)


def _first_places(graph: ArtifactGraph, membership: Mapping[str, str]) -> Mapping[str, int]:
    """For each phase the place of its first artifact in the plan's order."""
    starts: dict[str, int] = {}
    for place, artifact in enumerate(graph.order):
        starts.setdefault(membership[artifact], place)
    return starts
