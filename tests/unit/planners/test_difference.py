"""What a changed plan or finding means for finished work."""

from hypothesis import given
from hypothesis import strategies as st
from support.plans import graph_of, graphs, named

from prefect_harmonic.planners.artifact import Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.difference import Change, difference


def test_one_changed_finding_of_200_artifacts_runs_only_its_cone_again() -> None:
    """In twenty chains of ten, a changed first artifact invalidates its own chain and nothing else."""
    chains = [
        named(f"chain{chain:02}-{place}", f"chain{chain:02}-{place - 1}" if place else "")
        for chain in range(20)
        for place in range(10)
    ]
    plan = ArtifactGraph(chains)

    found = difference(plan, plan, finished=plan.artifacts, changed={"chain07-4": "the figure was wrong"})

    assert found.of(Change.RUN_AGAIN) == tuple(f"chain07-{place}" for place in range(4, 10))
    assert len(found.of(Change.KEPT)) == 194
    assert found.hours_again == 6 * 4


@given(plan=graphs(), choice=st.data())
def test_what_is_run_again_is_the_cone_of_the_change(plan: ArtifactGraph, choice: st.DataObject) -> None:
    """Where everything is done, exactly the changed artifacts and all that requires them are made again."""
    changed = choice.draw(st.sets(st.sampled_from(sorted(plan.artifacts))))

    found = difference(plan, plan, finished=plan.artifacts, changed=dict.fromkeys(changed, "it changed"))

    assert set(found.of(Change.RUN_AGAIN)) == plan.cone_of(changed)
    assert set(found.of(Change.KEPT)) == set(plan.artifacts) - plan.cone_of(changed)


def test_new_and_dropped_artifacts_are_told_and_what_required_the_dropped_runs_again() -> None:
    """A requirement that is exchanged changes what its dependent is."""
    before = graph_of({"Old": "", "App": "Old", "Docs": ""})
    after = graph_of({"Fresh": "", "App": "Fresh", "Docs": ""})

    found = difference(before, after, finished=["Old", "App", "Docs"])

    assert found.of(Change.NEW) == ("Fresh",)
    assert found.of(Change.DROPPED) == ("Old",)
    assert found.of(Change.RUN_AGAIN) == ("App",)
    assert found.of(Change.KEPT) == ("Docs",)


def test_another_estimate_or_reason_changes_nothing() -> None:
    """Effort, phase, priority and the reason of an edge say nothing about what was made."""
    before = ArtifactGraph([named("A"), named("B", "A", effort="low")])
    reasoned = named("B", effort="high").requiring(Requirement(id="A", because="reads it"))
    after = ArtifactGraph([named("A", phase="first", priority="high"), reasoned])

    assert difference(before, after, finished=["A", "B"]).is_empty


def test_what_was_not_done_stays_open_and_is_no_repetition() -> None:
    """An unfinished artifact is not run again, and one that rests on it was never right."""
    plan = graph_of({"A": "", "B": "A"})

    found = difference(plan, plan, finished=["A"], changed={"A": "the source was withdrawn"})

    assert found.of(Change.RUN_AGAIN) == ("A",)
    assert found.of(Change.OPEN) == ("B",)
