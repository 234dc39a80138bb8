"""Durations foretold: with too little, enough and strange experience, and how often the interval holds."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.experience.duration import LEAST_RUNS, LEVEL, DurationModel, Prediction, RunTime
from prefect_harmonic.planners.experience.features import PlanFeatures

KIND = "builder/model/medium"


def features(artifacts: int, *, depth: int = 2, hours: float = 1.0) -> PlanFeatures:
    """A plan of so many artifacts on four workers."""
    width = max(1, artifacts // depth)
    return PlanFeatures(artifacts, depth, width, 4, artifacts * hours, depth * hours, max(depth, artifacts / 4) * hours)


def drawn(draw: random.Random, count: int, noise: float = 0.2) -> list[RunTime]:
    """Runs whose time is a tenth of a second for each artifact and a thousandth of the expected makespan."""
    runs = []
    for _ in range(count):
        plan = features(draw.randint(4, 30), depth=draw.randint(1, 4), hours=draw.uniform(0.5, 2))
        seconds = (0.1 * plan.artifacts + plan.makespan_seconds / 1000) * math.exp(draw.gauss(0, noise))
        runs.append(RunTime(plan, frozenset({KIND}), seconds))
    return runs


@pytest.mark.parametrize("count", range(LEAST_RUNS))
def test_too_few_runs_foretell_nothing_and_say_so(count: int) -> None:
    """Planning goes on all the same."""
    told = DurationModel(drawn(random.Random(1), count)).prediction(features(8), [KIND])
    assert told == Prediction(runs=count)
    assert told.words == f"no experience yet ({count} of {LEAST_RUNS} runs that are needed)"


def test_run_like_all_others_is_foretold_to_take_as_long() -> None:
    """Equal runs leave an interval of no width, in experience."""
    told = DurationModel([RunTime(features(8), frozenset({KIND}), 12.0)] * 6).prediction(features(8), [KIND] * 8)
    assert (told.low, told.seconds, told.high) == pytest.approx((12.0, 12.0, 12.0))
    assert told.unlike == ()
    assert told.words == "about 12 s (12 s to 12 s in 80% of cases), from 6 earlier runs"


def test_plan_alike_is_foretold_to_take_as_long_as_it_did() -> None:
    """Runs of one plan took far longer than their figures say: so will the next of this project, and no unlike plan."""
    plan, unlike = features(12, depth=3), features(30, depth=2)
    rest = drawn(random.Random(4), 20)
    slow = [RunTime(plan, frozenset({KIND}), 1000.0)] * 3
    own = DurationModel([*rest, *slow])
    others = DurationModel([*rest, *(replace(run, is_own=False) for run in slow)])
    seconds = {one: [model.prediction(one).seconds or 0.0 for model in (own, others)] for one in (plan, unlike)}
    assert seconds[plan][0] > 2 * seconds[plan][1]
    assert seconds[unlike][0] < 1.5 * seconds[unlike][1]


def test_plan_of_another_size_is_outside_experience_and_says_in_what() -> None:
    """What is far outside is foretold all the same, with the reason not to trust it."""
    told = DurationModel(drawn(random.Random(2), 20)).prediction(features(400), [KIND] * 400)
    assert any(phrase.startswith("artifacts 400, and ") for phrase in told.unlike)
    assert "outside experience: " in told.words


def test_plan_of_strange_kinds_is_outside_experience() -> None:
    """Figures alone do not make a plan familiar."""
    runs = drawn(random.Random(3), 20)
    plan = runs[0].features
    assert DurationModel(runs).prediction(plan, [KIND]).unlike == ()
    assert DurationModel(runs).prediction(plan, ["other/x/low", "other/y/low", KIND]).unlike == (
        "2 of 3 artifacts of kinds that no earlier run made",
    )


def test_interval_holds_as_often_as_it_says() -> None:
    """Over two hundred records of fifteen runs, the next run lies within at least as often as is guaranteed."""
    held = 0
    for seed in range(200):
        *known, after = drawn(random.Random(seed), 16)
        told = DurationModel(known).prediction(after.features, [KIND])
        held += (told.low or 0) <= after.seconds <= (told.high or 0)
    assert held / 200 >= 2 * LEVEL - 1
    assert held / 200 == pytest.approx(LEVEL, abs=0.1)


@given(st.integers(0, 1000), st.floats(0.001, 1000), st.integers(5, 12))
def test_times_of_another_unit_are_foretold_in_that_unit(seed: int, factor: float, count: int) -> None:
    """Were all runs so many times as long, so would be the next."""
    runs = drawn(random.Random(seed), count)
    scaled = [RunTime(run.features, run.kinds, run.seconds * factor) for run in runs]
    one, other = (DurationModel(known).prediction(features(9), [KIND]) for known in (runs, scaled))
    assert (other.low, other.seconds, other.high) == pytest.approx(
        tuple(factor * (value or 0) for value in (one.low, one.seconds, one.high))
    )


@given(st.integers(0, 1000), st.integers(5, 12), st.integers(1, 500), st.integers(1, 9))
def test_what_is_foretold_lies_within_its_interval(seed: int, count: int, artifacts: int, depth: int) -> None:
    """However strange the plan: positive, finite and in order."""
    told = DurationModel(drawn(random.Random(seed), count)).prediction(features(artifacts, depth=depth), [KIND])
    assert 0 < (told.low or 0) <= (told.seconds or 0) <= (told.high or 0) < math.inf
