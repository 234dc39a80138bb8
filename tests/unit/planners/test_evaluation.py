"""After each phase: how far the findings carry, and which of four things follows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence
from prefect_harmonic.planners.programme.evaluation import (
    Criteria,
    Evaluation,
    EvaluationOutcome,
    distinct_contradictions,
    distinct_gaps,
    evaluated,
    overall_confidence,
)
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, contradiction_key, gap_key

Outcome = EvaluationOutcome


def evidence(confidence: float, *gaps: str, contradictions: tuple[Contradiction, ...] = ()) -> Evidence:
    """What one specialist found out, with so much confidence."""
    return Evidence(
        artifact="A", agent="researcher", summary="", confidence=confidence, gaps=gaps, contradictions=contradictions
    )


def contradiction(one: str, other: str) -> Contradiction:
    """Two statements that cannot both hold."""
    return Contradiction(subject="x", one=Claim(text=one), other=Claim(text=other))


def history(*confidences: float, criteria: Criteria | None = None) -> list[Evaluation]:
    """The evaluations of a run whose confidence went through these values."""
    run: list[Evaluation] = []
    for confidence in confidences:
        run.append(evaluated("phase", [evidence(confidence)], before=run, criteria=criteria))
    return run


def test_all_criteria_met_is_converged() -> None:
    """Exactly at each limit is enough."""
    verdict = evaluated("ask", [evidence(0.7, "first gap", "second hole")])
    assert verdict.outcome is Outcome.CONVERGED
    assert (verdict.confidence, len(verdict.gaps), verdict.iteration, verdict.phase) == (0.7, 2, 1, "ask")


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (evidence(0.69), "confidence 0.69"),
        (evidence(0.9, "gap one", "hole two", "lack three"), "3 gaps"),
        (evidence(0.9, contradictions=(contradiction("yes", "no"),)), "1 contradiction is more"),
    ],
    ids=["confidence", "gaps", "contradictions"],
)
def test_one_criterion_missed_is_not_converged(one: Evidence, word: str) -> None:
    """And the rationale says which."""
    verdict = evaluated("ask", [one])
    assert verdict.outcome is Outcome.CONTINUE
    assert word in verdict.rationale.lower()


def test_rationale_names_every_criterion_missed() -> None:
    """Who reads it need not look up the criteria."""
    verdict = evaluated("ask", [evidence(0.8, "a one", "b two", "c three", contradictions=(contradiction("y", "n"),))])
    assert verdict.rationale == "Not enough yet: 3 gaps are more than 2, 1 contradiction is more than 0."


def test_confidence_that_is_missed_by_a_hair_is_told_with_the_hair() -> None:
    """No figure is told to be under itself."""
    assert evaluated("ask", [evidence(0.696)]).rationale.endswith("confidence 0.6960 is under 0.70.")


def test_low_confidence_at_the_last_iteration_is_exhausted_and_not_converged() -> None:
    """A run that stops trying has not arrived."""
    last = history(0.1, 0.2, 0.3, 0.4, 0.5)[-1]
    assert (last.iteration, last.outcome) == (5, Outcome.EXHAUSTED)
    assert last.rationale == "Not enough, and the 5 evaluations allowed are used up: confidence 0.50 is under 0.70."


def test_two_small_changes_are_a_plateau() -> None:
    """Not one, not the first evaluation."""
    assert [one.outcome for one in history(0.4, 0.41, 0.415)] == [Outcome.CONTINUE, Outcome.CONTINUE, Outcome.PLATEAUED]


def test_falling_confidence_is_a_change_as_well() -> None:
    """Only its size counts."""
    assert history(0.4, 0.3, 0.2)[-1].outcome is Outcome.CONTINUE
    assert history(0.4, 0.39, 0.4)[-1].outcome is Outcome.PLATEAUED


def test_small_changes_before_a_large_one_are_forgotten() -> None:
    """The last two count."""
    assert history(0.4, 0.41, 0.6)[-1].outcome is Outcome.CONTINUE


@pytest.mark.parametrize("start", [0.1, 0.12, 0.14, 0.2, 0.3, 0.48, 0.5, 0.58, 0.6, 0.64])
def test_change_of_exactly_the_limit_is_no_plateau(start: float) -> None:
    """Smaller than 0.02 means smaller, however the difference comes out in binary."""
    assert history(start, round(start + 0.02, 3), round(start + 0.04, 3))[-1].outcome is Outcome.CONTINUE


def test_converged_wins_over_plateau_and_exhaustion() -> None:
    """Whoever has arrived has arrived."""
    assert history(0.8, 0.8, 0.8)[-1].outcome is Outcome.CONVERGED
    assert history(0.1, 0.2, 0.3, 0.4, 0.9)[-1].outcome is Outcome.CONVERGED


def test_phases_that_converge_use_no_iterations_up() -> None:
    """A run of many good phases may still try as often as any other once something is missing."""
    run = history(0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.4)
    assert (run[-1].iteration, run[-1].outcome) == (1, Outcome.CONTINUE)


def test_closed_openings_count_no_more() -> None:
    """Neither a gap nor a contradiction whose closing artifact is done; confidence is that of everything found."""
    sides = contradiction("it is fast", "it is slow")
    known = [evidence(0.8, "no load figures", "no owner", "no budget", contradictions=(sides,))]
    assert evaluated("ask", known).outcome is Outcome.CONTINUE
    closed = {gap_key("load figures: no"), contradiction_key(sides)}
    verdict = evaluated("ask", known, closed=closed)
    assert (verdict.outcome, verdict.gaps, verdict.contradictions) == (Outcome.CONVERGED, ("no owner", "no budget"), ())


def test_gap_told_again_by_its_own_closing_artifact_counts_once() -> None:
    """What was to close it says in other words that it is still open."""
    opening = Opening(key=gap_key("load figures"), kind=OpeningKind.GAP, text="load figures", origins=("A",))
    fill = Evidence(artifact="Fill", agent="x", summary="", confidence=0.2, gaps=("no document gives load figures",))
    verdict = evaluated("ask", [evidence(0.8, "load figures"), fill], filling={"Fill": opening})
    assert verdict.gaps == ("load figures",)


def test_exhaustion_wins_over_plateau() -> None:
    """With the iterations gone it does not matter whether more would help."""
    assert history(0.4, 0.4, 0.4, criteria=Criteria(max_iterations=3))[-1].outcome is Outcome.EXHAUSTED


def test_unmade_artifacts_are_gaps_and_count_as_no_confidence() -> None:
    """What was not made proves nothing."""
    verdict = evaluated("ask", [evidence(0.8)], unmade=["Missing"])
    assert verdict.gaps == ("Missing was not made",)
    assert verdict.confidence == 0.4


def test_nothing_found_out_is_no_confidence() -> None:
    """No evidence is not clean evidence, and no division by zero."""
    assert overall_confidence([]) == 0.0
    assert evaluated("ask", []).outcome is Outcome.CONTINUE


def test_same_gap_in_the_same_words_counts_once() -> None:
    """Three specialists who miss one thing miss one thing."""
    assert distinct_gaps(
        [evidence(1, "No load figures"), evidence(1, "load figures, no"), evidence(1, "no owner")]
    ) == (
        "No load figures",
        "no owner",
    )


def test_same_contradiction_counts_once_either_way_round() -> None:
    """A against B is B against A."""
    both = [
        evidence(1, contradictions=(contradiction("it is fast", "it is slow"),)),
        evidence(1, contradictions=(contradiction("it is slow", "it is fast"),)),
    ]
    assert len(distinct_contradictions(both)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_confidence": 1.1},
        {"min_confidence": -0.1},
        {"max_gaps": -1},
        {"max_contradictions": -1},
        {"max_iterations": 0},
        {"min_confidance": 0.5},
    ],
    ids=str,
)
def test_criteria_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    """Each value has its range, and a misspelt one is no criterion."""
    with pytest.raises(ValidationError):
        Criteria.model_validate(wrong)


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan")])
def test_confidence_out_of_range_is_refused(confidence: float) -> None:
    """From 0 to 1, in evidence and in evaluations."""
    with pytest.raises(ValidationError):
        evidence(confidence)
    with pytest.raises(ValidationError):
        Evaluation(phase="x", iteration=1, confidence=confidence, outcome=Outcome.CONTINUE, rationale="")


def test_default_criteria_are_those_of_the_design() -> None:
    """0.7, 2, 0, 5."""
    assert Criteria() == Criteria(min_confidence=0.7, max_gaps=2, max_contradictions=0, max_iterations=5)


@given(st.lists(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000), min_size=1, max_size=8))
def test_outcome_follows_from_the_rule(confidences: list[float]) -> None:
    """Converged at 0.7, else exhausted at the fifth try, else plateaued after two changes under 0.02, else continue.

    A try is an evaluation that does not converge, and a plateau is looked for among those since the last that did.
    """
    for number, verdict in enumerate(history(*confidences), start=1):
        thousandths = [round(confidence * 1000) for confidence in confidences[:number]]
        arrived = max((place for place, one in enumerate(thousandths[:-1]) if one >= 700), default=-1)
        changes = [abs(later - earlier) for earlier, later in pairwise(thousandths[arrived + 1 :])][-2:]
        tries = 1 + sum(one < 700 for one in thousandths[:-1])
        assert verdict.iteration == tries
        expected = (
            Outcome.CONVERGED
            if thousandths[-1] >= 700
            else Outcome.EXHAUSTED
            if tries >= 5
            else Outcome.PLATEAUED
            if len(changes) == 2 and max(changes) < 20
            else Outcome.CONTINUE
        )
        assert verdict.outcome is expected
