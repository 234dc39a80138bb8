"""What earlier runs teach as a whole, and that planning makes use of it, says so and depends on nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.past import made, past_run
from support.plans import named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.experience.experience import NO_EXPERIENCE, Experience
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.hours import LEAST_FINISHED
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.outcome import PlanningOutcome

GOAL = "Build a REST API with auth"
ONE = ArtifactGraph([named("Shop", agent="builder", domain_type="model")])


def work_of(hours: st.SearchStrategy[float]) -> st.SearchStrategy[FinishedWork]:
    """Artifacts that took so long, of whatever agent and effort."""
    return st.builds(
        made,
        hours,
        agent=st.sampled_from(["builder", "researcher"]),
        effort=st.sampled_from(["low", "medium", "high"]),
        run=st.sampled_from(["r1", "r2", "r3"]),
        stated_hours=st.none() | st.floats(0.1, 100),
    )


WORK, FAST = work_of(st.floats(0, 100)), work_of(st.floats(0, 0.0166))


async def planned(experience: Experience, goal: str = GOAL) -> PlanningOutcome:
    """Three candidates for a goal, without refinement."""
    return await HarmonicPlanner(candidates=3, refinement_rounds=0, experience=experience).outcome(goal)


async def test_planning_without_experience_says_so_and_has_default_hours() -> None:
    """Zero runs are no obstacle."""
    outcome = await planned(Experience())
    document = outcome.to_document()
    assert outcome.effort == EffortModel()
    assert document["experience"]["hours"] == "default"
    assert document["experience"]["said"] == "hours by effort alone, as fewer than 3 artifacts were made before"
    assert document["prediction"]["seconds"] is None
    assert document["prediction"]["said"].startswith("no experience yet")


async def test_hours_of_the_record_are_those_of_all_candidates() -> None:
    """The same artifact costs the same in each of them, and the makespan is in the clock of the record."""
    usual = await planned(NO_EXPERIENCE)
    record = [made(0.05, agent=agent, run=run) for agent in ("builder", "researcher") for run in ("r1", "r2")] * 3
    outcome = await planned(Experience(work=record))
    assert outcome.to_document()["experience"]["said"] == "hours from 2 earlier runs (12 artifacts of a minute or more)"
    for before, after in zip(usual.candidates, outcome.candidates, strict=True):
        assert after.expected_makespan_hours == pytest.approx((before.expected_makespan_hours or 0) / 80)


async def test_milliseconds_of_embedded_specialists_choose_no_plan() -> None:
    """Seconds for one kind and milliseconds for another would have the coarsest plan win; they are no work."""
    goal = "Build a backend with SQLite"
    record = [
        FinishedWork(
            run="r", agent="builder", kind=f"builder/{kind}", effort=kind.rsplit("/")[-1], hours=seconds / 3600
        )
        for kind, seconds in (("repository/medium", 30.0), ("protocol/low", 0.001))
    ] * 9
    known = Experience(work=record)
    usual, outcome = await planned(NO_EXPERIENCE, goal), await planned(known, goal)
    assert outcome.selection.winner.id == usual.selection.winner.id == "candidate-0"
    assert outcome.selection.reason == usual.selection.reason
    assert known.hours_words == (
        "hours by effort alone, as fewer than 3 of 18 artifacts made before took a minute or more, "
        "and faster ones say nothing of the work"
    )


@given(st.lists(WORK, max_size=30), st.lists(FAST, max_size=30))
def test_artifacts_made_within_a_minute_never_change_the_hours_that_plans_are_chosen_by(
    work: list[FinishedWork], fast: list[FinishedWork]
) -> None:
    """How fast a machine wrote a file says nothing about the work: the same hours, and so the same choice."""
    assert Experience(work=[*fast, *work]).effort == Experience(work=work).effort


@given(st.lists(WORK.filter(lambda one: one.stated_hours is None), min_size=LEAST_FINISHED, max_size=30))
def test_hours_of_kinds_without_history_are_on_the_scale_of_the_rest(work: list[FinishedWork]) -> None:
    """Default hours of one kind never stand beside learned ones of another, whichever of them are learned."""
    effort = Experience(work=work).effort
    ratios = [one.hours / one.thought_hours for one in work if one.is_telling]
    if effort != EffortModel():
        for agent in ("builder", "researcher", "stranger"):
            ratio = effort.hours(Artifact(id="A", agent=agent, domain_type="never made")) / 4
            assert min(ratios) * 0.999 <= ratio <= max(ratios) * 1.001


def test_time_of_a_run_is_foretold_from_seconds_all_the_same() -> None:
    """The forecast is of the clock, whatever the choice goes by."""
    work = [made(0.001, run=f"run{number}") for number in range(9)]
    slow = [one.model_copy(update={"hours": 0.002}) for one in work]
    runs = [past_run(number=number, artifacts=ONE.artifacts.values()) for number in range(6)]
    wider = ArtifactGraph([*ONE.artifacts.values(), named("Inn", agent="builder", domain_type="inn", effort="high")])
    known = Experience(work=work, runs=runs)
    assert known.effort == EffortModel()
    assert known.prediction(ONE, 4).seconds == pytest.approx(10)
    assert any(phrase.endswith("and 3.6 s so far") for phrase in known.prediction(wider, 4).unlike)
    assert known.fingerprint != Experience(work=slow, runs=runs).fingerprint


@pytest.mark.parametrize("work", [[], [made(0.5)] * 3])
def test_where_was_looked_is_said(work: list[FinishedWork]) -> None:
    """Who named no knowledge base learns which one was asked."""
    told = Experience(work=work, place="~/.prefect/harmonic.db").hours_words
    assert told.endswith(", looked up in ~/.prefect/harmonic.db")


async def test_same_record_gives_the_same_planning_and_another_one_another_fingerprint() -> None:
    """What a planning rests on can be told apart."""
    record = [made(0.5, run=run) for run in ("r1", "r2", "r3")]
    one, other = Experience(work=record), Experience(work=[*record, made(9.0, run="r4")])
    documents = [(await planned(known)).to_document() for known in (one, Experience(work=record[::-1]))]
    for document in documents:
        del document["timings_ms"]
    assert documents[0] == documents[1]
    assert one.fingerprint != other.fingerprint


def test_default_hours_look_at_no_record() -> None:
    """As --hours default asks for."""
    known = Experience(work=[made(0.5)] * 9, has_learned_hours=False)
    assert known.effort == EffortModel()
    assert known.hours_words == "hours by effort alone, as asked for"


async def test_plan_that_served_is_one_more_candidate_that_passes_the_gate() -> None:
    """It is judged and compared like the others, and its origin is told."""
    first = await planned(Experience())
    run = past_run(GOAL, requirements=first.requirements, artifacts=first.graph.artifacts.values())
    outcome = await planned(Experience(runs=[run]), "Create a REST API with an auth")
    assert [one.id for one in outcome.candidates] == [f"candidate-{place}" for place in range(4)]
    reused = outcome.to_document()["candidates"][3]
    assert (reused["status"], reused["style"]) == ("valid", "reused")
    assert reused["origin"] == "reused from run run1 of 2026-03-02, similarity 1.00"
    assert outcome.candidates[3].coverage == 1.0
    assert outcome.unique_structures == first.unique_structures


async def test_plan_that_served_and_no_longer_passes_the_gate_is_refused_with_the_reason() -> None:
    """A past success overrules nothing."""
    first = await planned(Experience())
    stale = Artifact(id="Stale", agent="builder", consumes=("a file of that time",), covers=first.requirements)
    run = past_run(GOAL, requirements=first.requirements, artifacts=[stale])
    outcome = await planned(Experience(runs=[run]))
    assert outcome.candidates[3].status.value == "invalid"
    assert (outcome.candidates[3].reason or "").startswith("P008")
    assert outcome.selection.winner.id == first.selection.winner.id


def test_runs_of_the_project_count_for_more_and_those_of_others_alone_with_a_warning() -> None:
    """A project that is a hundred times as fast is soon known to be; one never seen is said to be that."""
    others = [past_run(number=number, project="other", seconds=1000.0) for number in range(6)]
    own = [past_run(number=10 + number, project="own", seconds=10.0) for number in range(6)]
    told = Experience(runs=[*others, *own], project="own").prediction(ONE, 4)
    assert told.unlike == ()
    assert told.seconds == pytest.approx(10, rel=0.5)
    strange = Experience(runs=others, project="own").prediction(ONE, 4)
    assert strange.unlike == ("no earlier run was about this project",)
    assert strange.seconds == pytest.approx(1000)


def test_runs_without_a_time_teach_nothing_about_time() -> None:
    """One that was interrupted or waited for a person took as long as that."""
    runs = [past_run(number=number, seconds=None) for number in range(9)]
    assert Experience(runs=runs).prediction(ONE, 4).seconds is None
