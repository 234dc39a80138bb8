"""Who may start next: one policy for the schedule and for the real run."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import chain_of, graph_of, graphs, named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.dispatch import ArtifactState, Blocked, Dispatch, remaining_paths
from prefect_harmonic.planners.graph import ArtifactGraph

State = ArtifactState


def dispatch_of(graph: ArtifactGraph, workers: int = 2, **states: State) -> Dispatch:
    """A dispatch in which every artifact takes an hour."""
    ranking = remaining_paths(graph, dict.fromkeys(graph.artifacts, 1.0))
    return Dispatch(graph, workers=workers, ranking=ranking, states=states)


def test_dependents_of_failed_artifact_never_start_and_say_what_they_waited_for() -> None:
    """Each is told the requirement that holds it up, and what is independent goes on."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A", "C": "B", "D": "A", "Free": "", "Later": "Free"}), workers=9)
    assert set(dispatch.startable()) == {"A", "Free"}
    assert dispatch.finish("A", State.FAILED) == (Blocked("B", "A"), Blocked("D", "A"), Blocked("C", "B"))
    assert dispatch.startable() == ()
    dispatch.finish("Free")
    assert dispatch.startable() == ("Later",)
    dispatch.finish("Later")
    assert dispatch.is_over
    assert dispatch.states == {
        "A": State.FAILED,
        "B": State.BLOCKED,
        "C": State.BLOCKED,
        "D": State.BLOCKED,
        "Free": State.DONE,
        "Later": State.DONE,
    }


def test_artifact_of_two_failures_is_blocked_once() -> None:
    """The second failure has nothing left to block."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "", "C": "A B"}))
    dispatch.startable()
    assert dispatch.finish("A", State.FAILED) == (Blocked("C", "A"),)
    assert dispatch.finish("B", State.FAILED) == ()


@pytest.mark.parametrize("state", [State.FAILED, State.SKIPPED, State.BLOCKED])
def test_every_unhappy_end_blocks_dependents(state: State) -> None:
    """Failed, skipped or blocked while it was out: nobody builds on it."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A"}))
    dispatch.startable()
    assert dispatch.finish("A", state) == (Blocked("B", "A"),)


@pytest.mark.parametrize("state", [State.FAILED, State.SKIPPED, State.BLOCKED])
def test_earlier_unhappy_end_blocks_from_the_start(state: State) -> None:
    """What was settled before counts just as much."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A", "C": "B", "D": ""}), A=state)
    assert dispatch.initially_blocked == (Blocked("B", "A"), Blocked("C", "B"))
    assert dispatch.startable() == ("D",)


@pytest.mark.parametrize("state", [State.DONE, State.KEPT])
def test_finished_work_is_not_started_again(state: State) -> None:
    """A resumed run goes on where the earlier one stopped."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A", "C": "B"}), A=state)
    assert dispatch.startable() == ("B",)
    dispatch.finish("B")
    assert dispatch.startable() == ("C",)


@pytest.mark.parametrize("state", [State.RUNNING, State.WAITING])
def test_work_that_was_cut_off_is_started_again(state: State) -> None:
    """What was running when an earlier run ended is not running now."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A"}), A=state)
    assert dispatch.startable() == ("A",)
    dispatch.finish("A")
    assert dispatch.startable() == ("B",)


def test_finished_artifact_stays_finished_though_its_requirement_failed() -> None:
    """What is there is there."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A", "C": "B"}), A=State.FAILED, B=State.KEPT)
    assert dispatch.initially_blocked == ()
    assert dispatch.startable() == ("C",)


def test_all_finished_is_over_at_once() -> None:
    """There is nothing to wait for."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A"}), A=State.KEPT, B=State.KEPT)
    assert dispatch.is_over
    assert dispatch.startable() == ()


def test_file_is_free_again_after_its_writer_failed() -> None:
    """The next writer of the file does not wait for ever."""
    writers = [named("A", produces_file="x"), named("B", produces_file="./x")]
    dispatch = dispatch_of(ArtifactGraph(writers))
    assert dispatch.startable() == ("A",)
    assert not dispatch.is_over
    dispatch.finish("A", State.FAILED)
    assert dispatch.startable() == ("B",)


def test_busy_file_does_not_hold_up_other_work() -> None:
    """A worker whose first choice must wait takes the next."""
    graph = ArtifactGraph([named("A", produces_file="x"), named("B", produces_file="x"), named("C")])
    assert dispatch_of(graph).startable() == ("A", "C")


@pytest.mark.parametrize("name", ["B", "A", "Unknown"])
def test_only_what_is_out_can_come_back(name: str) -> None:
    """Taking back what was never handed out would count a worker free who is not."""
    dispatch = dispatch_of(graph_of({"A": "", "B": "A"}))
    if name == "A":
        dispatch.startable()
        dispatch.finish("A")
    with pytest.raises(ValueError, match=f"{name} is not running"):
        dispatch.finish(name)


@given(graphs(files=2), st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_run_ends_with_everything_settled(graph: ArtifactGraph, workers: int, random: Random) -> None:
    """Whatever fails and in whatever order work comes back, nothing hangs and nothing is built on a failure."""
    dispatch = dispatch_of(graph, workers)
    out: list[str] = []
    blocked: dict[str, str] = {}
    while not dispatch.is_over:
        out += dispatch.startable()
        assert 0 < len(out) <= workers
        returned = out.pop(random.randrange(len(out)))
        state = random.choice([State.DONE, State.DONE, State.FAILED])
        blocked |= {one.artifact: one.waited_for for one in dispatch.finish(returned, state)}
    states = dispatch.states
    assert set(states.values()) <= {State.DONE, State.FAILED, State.BLOCKED}
    for artifact, state in states.items():
        required = [states[name] for name in graph.requirements_of(artifact)]
        is_buildable = all(one is State.DONE for one in required)
        assert (state is State.BLOCKED) == (not is_buildable) == (artifact in blocked)
        if artifact in blocked:
            assert blocked[artifact] in graph.requirements_of(artifact)
            assert states[blocked[artifact]] is not State.DONE


def test_failure_at_the_start_of_a_long_chain_blocks_all_of_it() -> None:
    """Ten thousand dependents, without running out of stack."""
    graph = chain_of(10_000)
    dispatch = dispatch_of(graph)
    (first,) = dispatch.startable()
    assert len(dispatch.finish(first, State.FAILED)) == 9_999
    assert dispatch.is_over


def test_many_writers_of_one_file_go_one_by_one_in_order_of_urgency() -> None:
    """A thousand writers of one file take their turns, those with the longest remaining path first."""
    names = [f"A{number:03}" for number in range(1_000)]
    graph = ArtifactGraph([Artifact(id=name, produces_file="one.txt") for name in names])
    ranking = {name: float(number * 7 % 1_000) for number, name in enumerate(names)}
    dispatch, made = Dispatch(graph, workers=3, ranking=ranking), list[str]()
    while not dispatch.is_over:
        (only,) = dispatch.startable()
        made.append(only)
        dispatch.finish(only)
    assert made == sorted(names, key=ranking.__getitem__, reverse=True)
