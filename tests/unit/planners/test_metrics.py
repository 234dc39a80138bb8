"""The figures of a plan: the contract's formula, and a naive count of the same."""

from itertools import combinations

import pytest
from hypothesis import given
from support.plans import chain_of, graph_of, graphs, grid_of, named

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of

CONTRACT_EXAMPLE = {"A": "", "B": "", "C": "", "D": "", "E": "A B", "F": "C", "G": "D", "H": "A", "I": "E F G H"}
"""Nine artifacts, four of which require nothing, in three waves."""


def naive_depth(graph: ArtifactGraph, artifact: str) -> int:
    """Artifacts on the longest chain that ends here, by plain recursion."""
    return 1 + max((naive_depth(graph, required) for required in graph.requirements_of(artifact)), default=0)


def test_contract_example_scores_as_the_contract_says() -> None:
    """9 artifacts, depth 3, width 4, 4 leaves, no conflict: 74.4."""
    metrics = metrics_of(graph_of(CONTRACT_EXAMPLE))
    assert (metrics.artifact_count, metrics.depth, metrics.width, metrics.leaf_count) == (9, 3, 4, 4)
    assert (round(metrics.parallelism_factor, 3), round(metrics.balance_factor, 3)) == (0.444, 1.333)
    assert metrics.score == pytest.approx(40 * 4 / 9 + 30 * 4 / 3 + 20 / 3 + 10)
    assert round(metrics.score, 1) == 74.4


def test_document_has_the_fields_of_the_contract() -> None:
    """The score stands beside the figures that it is made of."""
    assert set(metrics_of(graph_of({"A": ""})).model_dump()) == {
        "depth",
        "width",
        "leaf_count",
        "artifact_count",
        "parallelism_factor",
        "balance_factor",
        "file_conflicts",
        "estimated_waves",
        "score",
    }


def test_single_artifact_scores_a_hundred() -> None:
    """All alone: 40 + 30 + 20 + 10."""
    assert metrics_of(graph_of({"A": ""})).score == 100


def test_file_conflicts_count_pairs_through_spellings() -> None:
    """Three writers of one file are three pairs, however they spell it."""
    artifacts = [
        named("A", produces_file="x/y"),
        named("B", produces_file="./x/y"),
        named("C", produces_file="x/z/../y"),
    ]
    assert metrics_of(ArtifactGraph([*artifacts, named("D", produces_file="x/z")])).file_conflicts == 3


@given(graphs(files=3))
def test_figures_agree_with_a_naive_count(graph: ArtifactGraph) -> None:
    """Every figure and the formula, counted the slow way."""
    metrics = metrics_of(graph)
    depths = [naive_depth(graph, artifact) for artifact in graph.artifacts]
    leaves = sum(not graph.requirements_of(artifact) for artifact in graph.artifacts)
    files = [one.produces_file for one in graph.artifacts.values() if one.produces_file]
    width = max(depths.count(depth) for depth in depths)
    conflicts = sum(one == other for one, other in combinations(files, 2))
    assert (metrics.depth, metrics.width, metrics.leaf_count) == (max(depths), width, leaves)
    assert (metrics.artifact_count, metrics.file_conflicts) == (len(depths), conflicts)
    assert metrics.score == pytest.approx(
        40 * leaves / len(depths) + 30 * width / max(depths) + 20 / max(depths) + 10 / (1 + conflicts)
    )


@given(graphs())
def test_depth_is_the_number_of_waves(graph: ArtifactGraph) -> None:
    """One number under two names."""
    assert metrics_of(graph).depth == metrics_of(graph).estimated_waves


def test_large_graphs_are_measured() -> None:
    """Ten thousand artifacts in a chain and in a grid."""
    chain, grid = metrics_of(chain_of(10_000)), metrics_of(grid_of(100, 100))
    assert (chain.depth, chain.width, chain.leaf_count) == (10_000, 1, 1)
    assert (grid.depth, grid.width, grid.leaf_count) == (100, 100, 100)
