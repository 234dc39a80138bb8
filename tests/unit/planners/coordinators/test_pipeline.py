"""Pipelines: order, the way each verdict changes what is left, hand-over, and that they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stages import NINE, SIX, found

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.coordinators.gate import GateLimits, GateVerdict
from prefect_harmonic.planners.coordinators.handing_over import SO_FAR, HandOver, handed_over
from prefect_harmonic.planners.coordinators.pipeline import Pipeline, Stage
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, ProducedFile

STAGES = [Stage("Gather", "Find the figures."), Stage("Score", "Give marks."), Stage("Rank", "Put in order.")]


def names(pipeline: Pipeline) -> list[str]:
    """The stages that are left."""
    return [stage.name for stage in pipeline.left]


def test_stages_follow_in_order() -> None:
    """Three good stages, and the pipeline is over."""
    pipeline = Pipeline.of(STAGES)
    done = []
    while pipeline.next is not None:
        done.append(pipeline.next.name)
        pipeline = pipeline.after(found())
    assert done == ["Gather", "Score", "Rank"]
    assert not pipeline.stopped


def test_repeated_stage_is_told_why() -> None:
    """The same question in the same words would get the same answer."""
    pipeline = Pipeline.of(STAGES).after(found(0.1))
    assert names(pipeline) == ["Gather (attempt 2)", "Score", "Rank"]
    assert "sure only to 0.10" in pipeline.inputs["Gather before"].summary


def test_unblocking_stage_comes_before_the_stage_which_is_done_again() -> None:
    """The blocked stage has found nothing that could be handed on but why."""
    pipeline = Pipeline.of(STAGES).after(found(blockers=("no access",)))
    assert names(pipeline) == ["Unblock: no access", "Gather (attempt 2)", "Score", "Rank"]
    assert pipeline.inputs == {}


def test_gap_filling_stage_comes_after_the_stage_which_stands() -> None:
    """What it found is handed on, the gap's answer with it."""
    pipeline = Pipeline.of(STAGES, limits=GateLimits(max_gaps=0)).after(found(gaps=("cost",)))
    assert names(pipeline) == ["Gap Fill: cost", "Score", "Rank"]
    pipeline = pipeline.after(found(0.1, gaps=("a", "b", "c")))  # help gets no help
    assert sorted(pipeline.inputs) == ["Gap Fill: cost", "Gather"]
    assert names(pipeline) == ["Score", "Rank"]


def test_rolling_back_does_the_contradicted_stage_and_all_after_it_again() -> None:
    """Everything that rested on it, and nothing before it."""
    pipeline = Pipeline.of(STAGES).after(found()).after(found(claims=(SIX,))).after(found(claims=(NINE,)))
    assert pipeline.history[-1].decision.verdict is GateVerdict.ROLL_BACK
    assert names(pipeline) == ["Score (attempt 2)", "Rank (attempt 2)"]
    assert list(pipeline.inputs) == ["Gather", "Score before"]


def test_escalation_stops_and_keeps_what_was_found() -> None:
    """Nothing is started any more; the stages not reached are told."""
    pipeline = Pipeline.of(STAGES).after(found()).after(found(0.1)).after(found(0.1))
    assert pipeline.next is None
    assert "'Score'" in pipeline.stopped
    assert [stage.title for stage in pipeline.not_reached] == ["Score", "Rank"]
    assert list(pipeline.inputs) == ["Gather"]


@pytest.mark.parametrize("stages", [[], [Stage("A", ""), Stage("A", "")]])
def test_pipeline_needs_stages_with_titles_of_their_own(stages: list[Stage]) -> None:
    """Two stages of one title could not be told apart."""
    with pytest.raises(OptionError):
        Pipeline.of(stages)


def test_finished_pipeline_takes_no_evidence() -> None:
    """There is no stage that it could be of."""
    with pytest.raises(OptionError):
        Pipeline.of(STAGES[:1]).after(found()).after(found())


OUTCOMES = st.builds(
    lambda confidence, gaps, blocked, claim: found(
        confidence,
        gaps=tuple(f"gap {number}" for number in range(gaps)),
        blockers=("no access",) if blocked else (),
        claims=(claim,),
    ),
    st.floats(0, 1),
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from([SIX, NINE, Claim(text="The sky is blue today.")]),
)


@given(st.integers(1, 5), st.data())
def test_every_pipeline_ends(count: int, data: st.DataObject) -> None:
    """Whatever stages find: each is tried a bounded number of times, and every name comes once."""
    pipeline = Pipeline.of([Stage(f"Stage {number}", "") for number in range(count)])
    limits = pipeline.limits
    most = count * (1 + limits.rollbacks) * (1 + limits.repeats) * (1 + 2 * limits.inserts)
    done = []
    while pipeline.next is not None:
        done.append(pipeline.next.name)
        assert len(done) <= most
        pipeline = pipeline.after(data.draw(OUTCOMES))
    assert pipeline.stopped or not pipeline.left
    assert len(set(done)) == len(done)


def claims(*texts: str) -> tuple[Claim, ...]:
    """Claims, each less sure than the one before."""
    return tuple(Claim(text=text, confidence=0.9 - 0.1 * at) for at, text in enumerate(texts))


def test_the_three_ways_of_handing_over_differ() -> None:
    """Whole evidence of all; one summary; what is new in the last."""
    one = found(claims=claims("REBCO tape costs 30 EUR per metre."), text="long", gaps=("scaling",))
    file = ProducedFile(path="a.md", content="x")
    two = found(
        claims=claims("REBCO tape costs 30 EUR per metre.", "Bi-2212 is round."), gaps=("scaling",), files=(file,)
    )
    stages = [("One", one), ("Two", two)]
    full = handed_over(HandOver.FULL, stages)
    delta = handed_over(HandOver.DELTA, stages)
    compressed = handed_over(HandOver.COMPRESSED, stages)
    assert full == {"One": one, "Two": two}
    assert list(delta) == ["Two"]
    assert [claim.text for claim in delta["Two"].claims] == ["Bi-2212 is round."]
    assert (delta["Two"].gaps, delta["Two"].files) == ((), ())
    assert list(compressed) == [SO_FAR]
    assert len(compressed[SO_FAR].claims) == 2
    assert compressed[SO_FAR].gaps == ("scaling",)
    assert all(handed_over(mode, []) == {} for mode in HandOver)


@given(
    st.lists(st.tuples(st.text(max_size=1000), st.lists(st.text(min_size=1, max_size=1200), max_size=6)), min_size=1)
)
def test_compressed_hand_over_has_500_to_1000_characters(stages: list[tuple[str, list[str]]]) -> None:
    """Whatever the stages say, and each claim that is handed over stands in the summary."""
    evidence = [("S", found(summary=summary, claims=claims(*texts[:5]))) for summary, texts in stages]
    essence = handed_over(HandOver.COMPRESSED, evidence)[SO_FAR]
    assert SUMMARY_LENGTH[0] <= len(essence.summary) <= SUMMARY_LENGTH[1]
    assert all(" ".join(claim.text.split()) in essence.summary for claim in essence.claims)
