"""A race of tracks: what it means to know a cause, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.coordinators.race import (
    CAUSE_THRESHOLD,
    CAUSES,
    CHECKPOINTS,
    Checkpoint,
    RaceLimits,
    RaceStep,
    TrackStanding,
    TrackState,
    causes_in,
    known_cause,
    next_race_step,
    suspicion_of,
)
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source

CAUSE = "The cause is a missing index on tickets(barcode)."


def evidence(
    confidence: float = 0.9, *, grade: Grade = Grade.MEASURED, quote: str = "Seq Scan", **fields: object
) -> Evidence:
    """Evidence with one claim that it names as a cause."""
    claim = Claim(text=CAUSE, sources=(Source(path="db.log", line=1, quote=quote, grade=grade),), confidence=confidence)
    given = {"claims": (claim,), "data": {CAUSES: [CAUSE]}, **fields}
    return Evidence.model_validate({"artifact": "A", "agent": "a", "summary": "s", "confidence": confidence, **given})


def test_measured_claim_that_is_named_a_cause_is_known_from_the_threshold_on() -> None:
    """At the threshold it is known, below it is a suspicion."""
    sure, unsure = evidence(CAUSE_THRESHOLD), evidence(CAUSE_THRESHOLD - 0.01)
    cause = known_cause({"A": sure})
    assert cause is not None
    assert (cause.track, cause.claim.text) == ("A", CAUSE)
    assert known_cause({"A": unsure}) is None
    suspicion = suspicion_of(unsure)
    assert suspicion is not None
    assert suspicion.text == CAUSE


@pytest.mark.parametrize("grade", [grade for grade in Grade if grade is not Grade.MEASURED])
def test_what_a_document_says_is_no_cause_however_sure_it_sounds(grade: Grade) -> None:
    """The report of an earlier incident tells the cause of that one."""
    assert known_cause({"A": evidence(1.0, grade=grade)}) is None
    assert suspicion_of(evidence(1.0, grade=grade)) is None


def test_claim_without_source_or_words_is_no_cause() -> None:
    """It could not be looked up."""
    bare = Claim(text=CAUSE, confidence=1.0)
    assert causes_in(evidence(claims=(bare,))) == ()
    assert causes_in(evidence(quote="")) == ()


def test_claim_that_its_evidence_does_not_name_a_cause_is_none() -> None:
    """That a query is slow is measured too, and explains nothing."""
    assert causes_in(evidence(data={})) == ()
    assert causes_in(evidence(data={CAUSES: "not a list"})) == ()
    assert causes_in(evidence(data={CAUSES: ["something else", 7]})) == ()


def test_surest_of_several_causes_wins_and_the_order_of_tracks_breaks_ties() -> None:
    """Whichever was asked first, the result is the same."""
    tied = known_cause({"B": evidence(0.9), "A": evidence(0.9)})
    assert tied is not None
    assert tied.track == "A"
    surer = known_cause({"A": evidence(0.85), "B": evidence(0.95)})
    assert surer is not None
    assert surer.track == "B"


@given(st.integers(0, 40), st.integers(1, 30))
def test_search_goes_on_until_the_checkpoints_are_used_up(passed: int, allowed: int) -> None:
    """A known cause decides at any time; without one a person is asked exactly from the last checkpoint on."""
    cause = known_cause({"A": evidence()})
    assert next_race_step(cause, passed, allowed) is RaceStep.DECIDE
    expected = RaceStep.ESCALATE if passed >= allowed else RaceStep.SEARCH
    assert next_race_step(None, passed, allowed) is expected


def test_usual_limits_are_twelve_checkpoints_of_five_minutes() -> None:
    """As the design document has them."""
    limits = RaceLimits()
    assert (limits.max_checkpoints, limits.checkpoint_seconds, CHECKPOINTS) == (12, 300.0, 12)


def test_checkpoint_says_how_each_track_stands() -> None:
    """Its confidence is that of the surest suspicion."""
    tracks = (
        TrackStanding(track="A", agent="a", state=TrackState.ENDED, confidence=0.5, suspicion="perhaps a lock"),
        TrackStanding(track="B", agent="b", state=TrackState.FAILED, reason="no documents"),
    )
    checkpoint = Checkpoint(number=3, seconds=900, tracks=tracks)
    assert checkpoint.confidence == 0.5
    assert str(checkpoint) == (
        "checkpoint 3 (minute 15): A (a) ended, confidence 0.50: perhaps a lock; "
        "B (b) failed, confidence 0.00: no documents"
    )
