"""The expected schedule: laws that hold for every plan, every duration and every number of workers."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import chain_of, durations_for, graph_of, graphs, grid_of, named

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.rewrites import without_redundant_edges
from prefect_harmonic.planners.scheduling import Schedule, critical_path, expected_schedule, lower_bound

Timed = tuple[ArtifactGraph, dict[str, float]]
WORKERS = st.integers(1, 5)


def timed(files: int = 0) -> st.SearchStrategy[Timed]:
    """Graphs with hours for each artifact."""
    return graphs(files=files).flatmap(lambda graph: st.tuples(st.just(graph), durations_for(graph)))


@given(timed(files=2), WORKERS)
def test_every_artifact_is_made_once_for_its_duration(drawn: Timed, workers: int) -> None:
    """Nothing is left out, nothing is made twice, nothing is shortened."""
    graph, durations = drawn
    slots = expected_schedule(graph, durations, workers).slots
    assert sorted(slot.artifact for slot in slots) == list(graph.artifacts)
    assert all(slot.finish == slot.start + durations[slot.artifact] for slot in slots)


@given(timed(files=2), WORKERS)
def test_nothing_starts_before_its_requirements_are_done(drawn: Timed, workers: int) -> None:
    """Every edge is kept."""
    graph, durations = drawn
    slots = {slot.artifact: slot for slot in expected_schedule(graph, durations, workers).slots}
    for artifact, slot in slots.items():
        assert all(slots[required].finish <= slot.start for required in graph.requirements_of(artifact))


@given(timed(files=2), WORKERS)
def test_workers_make_one_thing_at_a_time(drawn: Timed, workers: int) -> None:
    """Never more at once than there are workers, and never two with one worker."""
    graph, durations = drawn
    slots = expected_schedule(graph, durations, workers).slots
    assert {slot.worker for slot in slots} <= set(range(workers))
    assert not any(
        one.worker == other.worker and one.start < other.finish and other.start < one.finish
        for one in slots
        for other in slots
        if one is not other
    )


@given(timed(files=2), WORKERS)
def test_writers_of_one_file_are_never_at_work_together(drawn: Timed, workers: int) -> None:
    """One after the other, whether or not the plan orders them."""
    graph, durations = drawn
    slots = expected_schedule(graph, durations, workers).slots
    paths = {name: normalised(one.produces_file) for name, one in graph.artifacts.items() if one.produces_file}
    assert not any(
        one.start < other.finish and other.start < one.finish
        for one in slots
        for other in slots
        if one is not other and one.artifact in paths and paths[one.artifact] == paths.get(other.artifact)
    )


@given(timed(), WORKERS)
def test_makespan_keeps_to_grahams_bound(drawn: Timed, workers: int) -> None:
    """At least the lower bound, at most 2 - 1/P times it."""
    graph, durations = drawn
    bound = lower_bound(graph, durations, workers)
    makespan = expected_schedule(graph, durations, workers).makespan
    assert bound - 1e-9 <= makespan <= (2 - 1 / workers) * bound + 1e-9


@given(timed(files=2))
def test_one_worker_takes_the_sum(drawn: Timed) -> None:
    """Alone, nothing overlaps and nobody idles."""
    graph, durations = drawn
    assert expected_schedule(graph, durations, 1).makespan == sum(durations.values())


@given(timed())
def test_workers_for_all_take_the_critical_path(drawn: Timed) -> None:
    """With as many workers as artifacts only the longest chain counts, and the critical path is one of that length."""
    graph, durations = drawn
    path = critical_path(graph, durations)
    assert expected_schedule(graph, durations, len(graph)).makespan == sum(durations[artifact] for artifact in path)
    assert all(one in graph.requirements_of(other) for one, other in pairwise(path))
    assert path[0] in graph.leaves
    assert path[-1] in graph.roots


@given(timed(files=2), WORKERS)
def test_redundant_edges_change_nothing(drawn: Timed, workers: int) -> None:
    """An edge that others imply moves no slot."""
    graph, durations = drawn
    lean = without_redundant_edges(graph)
    assert expected_schedule(lean, durations, workers) == expected_schedule(graph, durations, workers)


@given(timed(files=2), WORKERS)
def test_schedule_does_not_depend_on_the_order_in_the_file(drawn: Timed, workers: int) -> None:
    """The same plan, written the other way round, has the same schedule."""
    graph, durations = drawn
    turned = ArtifactGraph(tuple(reversed(graph.plan.artifacts)))
    backwards: Mapping[str, float] = dict(reversed(durations.items()))
    assert expected_schedule(turned, backwards, workers) == expected_schedule(graph, durations, workers)


def test_longest_remaining_path_goes_first() -> None:
    """The head of the long chain starts before short work of a smaller id."""
    graph = graph_of({"A": "", "B": "", "Head": "", "Tail": "Head"})
    durations = {"A": 2.0, "B": 2.0, "Head": 1.0, "Tail": 3.0}
    slots = expected_schedule(graph, durations, 1).slots
    assert [slot.artifact for slot in slots] == ["Head", "Tail", "A", "B"]


def test_priority_decides_between_equal_paths() -> None:
    """Of equally long work the more urgent goes first, then the smaller id."""
    graph = ArtifactGraph([named("A", priority="low"), named("B"), named("C", priority="critical"), named("D")])
    slots = expected_schedule(graph, dict.fromkeys("ABCD", 1.0), 1).slots
    assert [slot.artifact for slot in slots] == ["C", "B", "D", "A"]


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(workers: int) -> None:
    """Nobody makes nothing."""
    with pytest.raises(OptionError):
        expected_schedule(graph_of({"A": ""}), {"A": 1.0}, workers)


def test_large_graphs_are_scheduled() -> None:
    """Ten thousand artifacts in a chain and in a grid, without running out of stack."""
    chain, grid = chain_of(10_000), grid_of(100, 100)
    assert expected_schedule(chain, dict.fromkeys(chain.artifacts, 1.0), 4).makespan == 10_000
    assert expected_schedule(grid, dict.fromkeys(grid.artifacts, 1.0), 50).makespan == 200
    assert len(critical_path(chain, dict.fromkeys(chain.artifacts, 1.0))) == 10_000


def test_empty_schedule_takes_no_time() -> None:
    """Nothing is done at once."""
    assert Schedule((), 4).makespan == 0.0
