"""Rewrites that are provably safe: no artifact lost, no order lost, no cycle made."""

from itertools import combinations

from hypothesis import given
from support.plans import graph_of, graphs, named

from prefect_harmonic.planners.gate import Code, lint
from prefect_harmonic.planners.gate.files import writers
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.rewrites import safely_rewritten, with_files_apart, without_redundant_edges


def files_of(graph: ArtifactGraph) -> dict[str, str | None]:
    """The file of each artifact."""
    return {name: artifact.produces_file for name, artifact in graph.artifacts.items()}


def test_redundant_edges_go_and_reasons_stay() -> None:
    """Only the edge that others imply is dropped."""
    graph = graph_of({"C": "A B", "B": "A", "A": ""})
    assert without_redundant_edges(graph) == graph_of({"C": "B", "B": "A", "A": ""})


def test_edge_along_which_something_is_handed_over_stays() -> None:
    """The order is implied without it; what it hands over is not."""
    maker, between = named("A", produces=["ore"]), named("B", "A")
    taken = ArtifactGraph([maker, between, named("C", "A B", consumes=["Ore"])])
    assert without_redundant_edges(taken) is taken
    assert Code.REDUNDANT_EDGE not in {finding.code for finding in lint(taken.plan)}


def test_plan_without_redundant_edges_is_the_same_object() -> None:
    """Nothing to do is nothing done."""
    graph = graph_of({"B": "A", "A": ""})
    assert without_redundant_edges(graph) is graph
    assert with_files_apart(graph) is graph


def test_unordered_writers_get_files_of_their_own() -> None:
    """The first keeps the file, the others get one beside it that is named after them."""
    graph = ArtifactGraph([named(name, produces_file="src/util.py") for name in ("A", "B", "C")])
    assert files_of(with_files_apart(graph)) == {"A": "src/util.py", "B": "src/util_b.py", "C": "src/util_c.py"}


def test_new_file_is_nobody_elses() -> None:
    """A name that is taken is not given again."""
    writing = [named(name, produces_file="util.py") for name in ("A", "B")]
    graph = ArtifactGraph([*writing, named("Other", produces_file="util_b.py")])
    assert files_of(with_files_apart(graph)) == {"A": "util.py", "B": "util_b_2.py", "Other": "util_b.py"}


def test_writers_of_a_file_that_others_speak_of_are_put_in_order() -> None:
    """What is in it matters to others, so it stays one file."""
    writing = [named(name, produces_file="util.py") for name in ("A", "B")]
    graph = with_files_apart(ArtifactGraph([*writing, named("Reader", "A B", consumes=["util.py"])]))
    assert set(files_of(graph).values()) == {"util.py", None}
    assert graph.is_before("A", "B")
    assert "util.py" in str(graph.artifacts["B"].requires[0].because)


def test_file_that_one_writer_continues_stays_one_file() -> None:
    """C adds to what B wrote; moving B's file away would leave C nothing to add to."""
    writing = [named("A", produces_file="log.md"), named("B", produces_file="log.md")]
    graph = with_files_apart(ArtifactGraph([*writing, named("C", "B", produces_file="log.md")]))
    assert set(files_of(graph).values()) == {"log.md"}
    assert graph.is_before("A", "B")
    assert graph.is_before("B", "C")


@given(graphs(files=3))
def test_safe_rewrites_lose_nothing_and_leave_no_conflict(graph: ArtifactGraph) -> None:
    """Every artifact and every order is still there, and no two unordered artifacts write one file."""
    rewritten = safely_rewritten(graph)
    assert list(rewritten.artifacts) == list(graph.artifacts)
    assert all(graph.ancestors_of(name) <= rewritten.ancestors_of(name) for name in graph.artifacts)
    assert all(
        rewritten.is_ordered(one, other)
        for ids in writers(rewritten.artifacts.values()).values()
        for one, other in combinations(ids, 2)
    )
    assert not {Code.SHARED_FILE, Code.REDUNDANT_EDGE} & {finding.code for finding in lint(rewritten.plan)}


@given(graphs(files=3))
def test_safe_rewrites_have_nothing_to_do_the_second_time(graph: ArtifactGraph) -> None:
    """Once is enough."""
    rewritten = safely_rewritten(graph)
    assert safely_rewritten(rewritten) == rewritten
