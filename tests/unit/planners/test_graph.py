"""The walkable plan: what it refuses, how it is ordered, and that its size is no problem."""

import subprocess
import sys
from collections.abc import Callable

import networkx as nx
import pytest
from hypothesis import given
from support.plans import artifacts_of, chain_of, edge_sets, explained, graph_of, graphs, grid_of, named

from prefect_harmonic.errors import (
    CycleError,
    DuplicateArtifactError,
    EmptyPlanError,
    UnknownRequirementError,
)
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph, cycles_among

RING = 10_000


def test_empty_graph_is_refused() -> None:
    """There is nothing to walk."""
    with pytest.raises(EmptyPlanError):
        ArtifactGraph([])


def test_every_repeated_id_is_named() -> None:
    """All offenders, not the first."""
    with pytest.raises(DuplicateArtifactError) as refusal:
        ArtifactGraph([Artifact(id=name) for name in "BABAC"])
    assert refusal.value.artifacts == ("A", "B")


def test_every_missing_requirement_is_named() -> None:
    """All offenders, not the first."""
    with pytest.raises(UnknownRequirementError) as refusal:
        graph_of({"A": "X Y", "B": "X"})
    assert refusal.value.missing == (("A", "X"), ("A", "Y"), ("B", "X"))


def test_cycle_error_names_the_ring_in_the_order_of_work() -> None:
    """Each is followed by what requires it, and the first comes again at the end."""
    with pytest.raises(CycleError) as refusal:
        graph_of({"B": "A", "C": "B", "A": "C", "Free": ""})
    assert refusal.value.cycle == ("A", "B", "C", "A")


def test_each_knot_is_told_once_by_a_shortest_ring() -> None:
    """Two knots give two rings, and a detour within one of them gives no second."""
    edges = {"a": "b c", "b": "a", "c": "b", "x": "y", "y": "x", "z": "x"}
    assert cycles_among(artifacts_of(edges)) == (("a", "b", "a"), ("x", "y", "x"))


def test_self_requirement_does_not_hide_the_ring_it_is_in() -> None:
    """Whoever removes the one edge has to know of the other fault as well."""
    assert cycles_among(artifacts_of({"a": "a b", "b": "a b"})) == (("a", "a"), ("a", "b", "a"), ("b", "b"))


def test_ring_is_the_same_under_every_hash_seed() -> None:
    """Of several shortest rings one is always the same, however sets are walked on the day."""
    script = (
        "from prefect_harmonic.planners.artifact import Artifact\n"
        "from prefect_harmonic.planners.graph import cycles_among\n"
        "free = [f'free{n:02}' for n in range(40)]\n"
        "ring = [f'middle{n}' for n in range(6)]\n"
        "edges = {'begin': [*free, *ring], 'enter': ['begin'], **{name: ['enter', *free] for name in ring}}\n"
        "edges |= dict.fromkeys(free, [])\n"
        "print(cycles_among([Artifact(id=name, requires=needed) for name, needed in edges.items()]))\n"
    )
    command = [sys.executable, "-c", script]
    told = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in "12"
    }
    assert told == {"(('begin', 'enter', 'middle0', 'begin'),)\n"}


def test_large_ring_is_named_whole() -> None:
    """Thousands of artifacts in one ring are told in order, in memory that grows with the ring and not its square."""
    names = [f"n{place:05}" for place in range(RING)]
    (ring,) = cycles_among(named(name, names[place - 1]) for place, name in enumerate(names))
    assert ring == (*names, names[0])


@given(edge_sets())
def test_acyclic_plans_have_no_ring(edges: dict[str, tuple[str, ...]]) -> None:
    """What was drawn along an order has no cycle."""
    assert cycles_among(explained(name, *required) for name, required in edges.items()) == ()


@given(graphs())
def test_waves_are_those_of_networkx(graph: ArtifactGraph) -> None:
    """Walking the plan itself gives what the library gives."""
    assert [list(wave) for wave in graph.waves] == [sorted(one) for one in nx.topological_generations(graph.network)]


@given(graphs())
def test_order_puts_everything_after_its_requirements(graph: ArtifactGraph) -> None:
    """Both the order and the waves keep to every edge."""
    place = {artifact: number for number, artifact in enumerate(graph.order)}
    wave = {artifact: number for number, members in enumerate(graph.waves) for artifact in members}
    assert sorted(place) == list(graph.artifacts)
    for artifact in graph.artifacts:
        for required in graph.requirements_of(artifact):
            assert place[required] < place[artifact]
            assert wave[required] < wave[artifact]


@given(graphs())
def test_is_before_agrees_with_the_ancestors(graph: ArtifactGraph) -> None:
    """The closure in bits says what a walk says."""
    for name in graph.artifacts:
        before = {other for other in graph.artifacts if graph.is_before(other, name)}
        assert before == graph.ancestors_of(name)
        assert name not in before


@given(graphs())
def test_cone_holds_all_that_builds_on_an_artifact(graph: ArtifactGraph) -> None:
    """An artifact and everything before which it stands."""
    for artifact in graph.artifacts:
        assert graph.cone_of([artifact]) == {
            other for other in graph.artifacts if other == artifact or graph.is_before(artifact, other)
        }


@given(graphs())
def test_redundant_requirements_can_go_without_changing_any_order(graph: ArtifactGraph) -> None:
    """Without them the same pairs are ordered, and none of those that stay is redundant."""
    dropped = set(graph.redundant_requirements)
    lean = ArtifactGraph(
        artifact.requiring(*(edge for edge in artifact.requires if (edge.id, artifact.id) not in dropped))
        for artifact in graph.plan.artifacts
    )
    assert {artifact: lean.ancestors_of(artifact) for artifact in lean.artifacts} == {
        artifact: graph.ancestors_of(artifact) for artifact in graph.artifacts
    }
    assert lean.redundant_requirements == ()


@pytest.mark.parametrize("made", [lambda: chain_of(10_000), lambda: grid_of(100, 100)], ids=["chain", "grid"])
def test_large_graphs_are_walked_without_recursion(made: Callable[[], ArtifactGraph]) -> None:
    """Ten thousand artifacts are no reason to run out of stack."""
    graph = made()
    last = graph.waves[-1][0]
    assert graph.is_before(graph.leaves[0], last)
    assert len(graph.cone_of(graph.leaves)) == len(graph) == 10_000
    assert graph.redundant_requirements == ()


def test_graph_does_not_depend_on_the_order_of_the_file() -> None:
    """The same artifacts in another order are the same plan."""
    edges = {"C": "A B", "B": "A", "A": ""}
    assert graph_of(edges) == graph_of(dict(reversed(edges.items())))
