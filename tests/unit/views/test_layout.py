"""Drawings without overlaps, the same each time."""

from collections.abc import Callable
from itertools import combinations

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import plan_from_document
from prefect_harmonic.tasks.views.layout import NODE_HEIGHT, NODE_WIDTH, layered

PlanMaker = Callable[[int, int], ArtifactGraph]


@pytest.mark.parametrize("seed", range(6))
def test_layered_keeps_artifacts_apart_and_inside(random_plan: PlanMaker, seed: int) -> None:
    """No two artifacts overlap, and all lie within the drawing."""
    layout = layered(random_plan(60, seed))
    for (x, y), (other_x, other_y) in combinations(layout.nodes.values(), 2):
        assert abs(x - other_x) >= NODE_WIDTH or abs(y - other_y) >= NODE_HEIGHT
    assert all(0 <= x <= layout.width - NODE_WIDTH for x, _ in layout.nodes.values())
    assert all(0 <= y <= layout.height - NODE_HEIGHT for _, y in layout.nodes.values())


@pytest.mark.parametrize("seed", range(6))
def test_layered_draws_every_edge_forwards_and_around_artifacts(random_plan: PlanMaker, seed: int) -> None:
    """Edges go from left to right, start and end at their artifacts, and pass through no other."""
    graph = random_plan(40, seed)
    layout = layered(graph)
    assert set(graph.network.edges) == set(layout.edges)
    for (start, end), points in layout.edges.items():
        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert points[0][0] == layout.nodes[start][0] + NODE_WIDTH
        assert points[-1][0] == layout.nodes[end][0]
        for x, y in points[1:-1]:
            crossed = [
                name
                for name, (left, top) in layout.nodes.items()
                if left <= x <= left + NODE_WIDTH and top < y < top + NODE_HEIGHT
            ]
            assert crossed == []


def test_layered_uncrosses_what_can_be_uncrossed() -> None:
    """Two chains whose names are in opposite order are drawn without a crossing."""
    document = {"artifacts": [{"id": "a"}, {"id": "b"}, {"id": "y", "requires": "b"}, {"id": "z", "requires": "a"}]}
    nodes = layered(ArtifactGraph(plan_from_document(document))).nodes
    assert (nodes["a"][1] < nodes["b"][1]) == (nodes["z"][1] < nodes["y"][1])


def test_layered_straightens_a_chain() -> None:
    """The artifacts of a chain lie on one line."""
    document = {"artifacts": [{"id": "a"}, {"id": "b", "requires": "a"}, {"id": "c", "requires": "b"}]}
    assert len({y for _, y in layered(ArtifactGraph(plan_from_document(document))).nodes.values()}) == 1


def test_layered_places_a_single_artifact() -> None:
    """A plan of one artifact has a drawing too."""
    assert set(layered(ArtifactGraph([Artifact(id="only")])).nodes) == {"only"}


def test_layered_draws_a_long_chain_with_shortcuts() -> None:
    """Very many passing edges are drawn without being routed, not refused."""
    artifacts = [{"id": "n0000"}] + [
        {"id": f"n{number:04d}", "requires": [f"n{number - 1:04d}", "n0000"]} for number in range(1, 200)
    ]
    layout = layered(ArtifactGraph(plan_from_document({"artifacts": artifacts})))
    assert len(layout.edges) == 397
