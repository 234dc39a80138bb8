"""Hours from the record: from how much they are learned, towards what they are drawn, and that all share one scale."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.past import made

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.hours import LEAST_FINISHED, PRIOR_WEIGHT, LearnedHours

MODEL = Artifact(id="UserModel", agent="builder", domain_type="model")
WORK = st.builds(
    made,
    st.floats(1e-4, 1e4),
    agent=st.sampled_from(["builder", "researcher"]),
    effort=st.sampled_from(["low", "medium", "high"]),
    run=st.sampled_from(["r1", "r2", "r3"]),
    stated_hours=st.none() | st.floats(0.1, 100),
)


@pytest.mark.parametrize("count", range(LEAST_FINISHED))
def test_too_few_finished_artifacts_teach_nothing(count: int) -> None:
    """Hours stay what effort says."""
    assert LearnedHours.of([made(9.0)] * count).effort() == EffortModel()


def test_kind_with_a_long_record_takes_what_it_took() -> None:
    """A hundred equal artifacts leave no doubt; the pace of all is the same, so nothing pulls elsewhere."""
    assert LearnedHours.of([made(0.5)] * 100).effort().hours(MODEL) == pytest.approx(0.5)


def test_few_of_a_kind_are_drawn_towards_their_agent_by_a_known_weight() -> None:
    """Three high ones that took twice as long as thought beside thirty that took what was thought."""
    record = [made(4.0)] * 30 + [made(32.0, effort="high")] * 3
    usual = 3 * math.log(2) / 33
    agent = (3 * math.log(2) + PRIOR_WEIGHT * usual) / (33 + PRIOR_WEIGHT)
    kind = (3 * math.log(2) + PRIOR_WEIGHT * agent) / (3 + PRIOR_WEIGHT)
    high = MODEL.model_copy(update={"effort": "high"})
    assert LearnedHours.of(record).effort().hours(high) == pytest.approx(16 * math.exp(kind))


def test_unknown_agent_and_stated_hours_are_brought_to_the_scale_of_the_record() -> None:
    """The clock of agents and the hours of a person never stand in one sum."""
    effort = LearnedHours.of([made(0.004)] * 10).effort()
    assert effort.hours(MODEL.model_copy(update={"agent": "stranger"})) == pytest.approx(0.004)
    assert effort.hours(MODEL.model_copy(update={"estimated_hours": 8.0})) == pytest.approx(0.008)


def test_stated_hours_have_a_record_of_their_own() -> None:
    """Who states hours and is right is believed, whatever those took that state none."""
    record = [made(0.004)] * 10 + [made(8.0, stated_hours=8.0)] * 300
    effort = LearnedHours.of(record).effort()
    assert effort.hours(MODEL.model_copy(update={"estimated_hours": 8.0})) == pytest.approx(8.0, rel=0.1)


def test_one_artifact_that_waited_for_a_day_moves_little() -> None:
    """Ratios are multiplied, not added up."""
    assert LearnedHours.of([made(4.0)] * 19 + [made(24.0)]).effort().hours(MODEL) < 4.5


def test_artifact_that_took_no_time_by_the_clock_is_learned_from() -> None:
    """The clock may be too coarse; the logarithm of nothing is no figure."""
    assert 0 < LearnedHours.of([made(0.0)] * 5).effort().hours(MODEL) < 1e-6


@given(st.lists(WORK, max_size=30), st.randoms(use_true_random=False))
def test_learned_hours_do_not_depend_on_the_order_of_the_record(work: list[FinishedWork], draw: random.Random) -> None:
    """The same record gives the same figures, to the last digit."""
    shuffled = draw.sample(work, len(work))
    assert LearnedHours.of(shuffled).effort() == LearnedHours.of(work).effort()


@given(st.lists(WORK, max_size=30), st.floats(0.01, 100))
def test_learned_hours_scale_with_what_was_taken(work: list[FinishedWork], factor: float) -> None:
    """Were all of it to take so many times as long, so would all that is estimated."""
    slower = [one.model_copy(update={"hours": one.hours * factor}) for one in work]
    model, scaled = LearnedHours.of(work), LearnedHours.of(slower)
    if model.is_enough:
        expected = {kind: pytest.approx(hours * factor) for kind, hours in model.effort().history.items()}
        assert scaled.effort().history == expected
        assert scaled.effort().stated_pace == pytest.approx(model.effort().stated_pace * factor)


@given(st.lists(WORK, min_size=1, max_size=30))
def test_leaving_a_run_out_is_as_if_it_had_not_been(work: list[FinishedWork]) -> None:
    """What is foretold of a run does not rest on itself."""
    others = LearnedHours.of([one for one in work if one.run != "r1"]).effort()
    left = LearnedHours.of(work).effort(without="r1")
    assert left.history == pytest.approx(others.history)
    assert left.usual_pace == pytest.approx(others.usual_pace)


@given(st.lists(WORK, min_size=LEAST_FINISHED, max_size=30))
def test_learned_hours_lie_between_what_was_thought_and_what_was_taken(work: list[FinishedWork]) -> None:
    """Drawing towards an estimate never overshoots it: no ratio lies beyond the least and the greatest seen."""
    ratios = [one.hours / one.thought_hours for one in work]
    effort = LearnedHours.of(work).effort()
    learned = [effort.usual_pace, effort.stated_pace, *effort.pace.values()]
    assert all(min(ratios) * 0.999 <= ratio <= max(ratios) * 1.001 for ratio in learned)
