"""The plan for an incident, and the question where its cause stays unknown."""

from prefect_harmonic.planners.coordinators.race import Cause, Checkpoint, TrackStanding, TrackState
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.planners.gate import passed
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.incident import (
    ANALYSIS,
    DECISION,
    RESEARCH,
    TRACKS,
    incident_plan,
    plan_without,
)
from prefect_harmonic.planners.programme.question import AnswerAction
from prefect_harmonic.planners.programme.questions import question_about_cause

GOAL = "Resolve Production Database Performance Issue"
CLAIM = Claim(
    text="The cause is a missing index on t(c).",
    sources=(Source(path="db.log", line=1, quote="Seq Scan", grade=Grade.MEASURED),),
    confidence=0.9,
)
CAUSE = Cause(track=ANALYSIS, claim=CLAIM)


def test_two_tracks_search_at_once_and_the_decision_waits_for_both() -> None:
    """All of it critical, each with one agent, as the design document has them."""
    graph = ArtifactGraph(passed(incident_plan(GOAL)).plan)
    assert [graph.requirements_of(track) for track in TRACKS] == [(), ()]
    assert set(graph.requirements_of(DECISION)) == {ANALYSIS, RESEARCH}
    assert {one.agent for one in graph.artifacts.values()} == {"code-analyzer", "researcher", "decision-log"}
    assert {one.priority for one in graph.artifacts.values()} == {"critical"}


def test_known_cause_has_the_decision_rest_on_the_track_that_knows_it_alone() -> None:
    """What the other track read may be of an incident that only looks the same."""
    plan = plan_without(incident_plan(GOAL, cause=CAUSE), {RESEARCH: "not needed"})
    graph = ArtifactGraph(passed(plan).plan)
    assert set(graph.artifacts) == {ANALYSIS, DECISION}
    assert graph.requirements_of(DECISION) == (ANALYSIS,)
    assert CLAIM.text in graph.artifacts[DECISION].description


def test_tracks_are_the_same_whether_the_cause_is_known_or_not() -> None:
    """So that what they found is found again in the books."""
    before, after = ArtifactGraph(incident_plan(GOAL, "slow")), ArtifactGraph(incident_plan(GOAL, "slow", cause=CAUSE))
    assert [before.artifacts[track] for track in TRACKS] == [after.artifacts[track] for track in TRACKS]


def test_guidance_of_a_person_changes_what_the_tracks_are_asked() -> None:
    """So that they search anew."""
    plain, guided = ArtifactGraph(incident_plan(GOAL)), ArtifactGraph(incident_plan(GOAL, guidance=["the replica"]))
    assert "the replica." in guided.artifacts[ANALYSIS].contract
    assert plain.artifacts[RESEARCH] != guided.artifacts[RESEARCH]


def test_question_tells_what_was_found_and_offers_no_going_on_without_a_cause() -> None:
    """Tracks, the surest findings, what is missing; skipping is no answer."""
    track = TrackStanding(
        track=ANALYSIS, agent="code-analyzer", state=TrackState.ENDED, confidence=0.5, suspicion="a lock"
    )
    checkpoints = [Checkpoint(number=number, seconds=300 * number, tracks=(track,)) for number in range(1, 13)]
    found = Evidence(
        artifact=ANALYSIS, agent="a", summary="s", confidence=0.5, claims=(CLAIM,), gaps=("no plan was logged",)
    )
    question = question_about_cause(GOAL, (track,), checkpoints, {ANALYSIS: found})
    assert "after 12 checkpoints (60 minutes)" in question.text
    assert "confidence of 0.50" in question.text
    assert all(told in question.findings for told in ("a lock", "(db.log:1)", "no plan was logged"))
    assert question.options == (AnswerAction.RETRY, AnswerAction.REPLAN, AnswerAction.STOP)
    assert question.key == question_about_cause(GOAL, (), checkpoints, {}).key
    assert question.key != question_about_cause(GOAL, (), checkpoints, {}, asked=1).key
