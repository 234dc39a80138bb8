"""Variations: as many different ones as candidates, and none of them given twice."""

import pytest

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.variance import (
    MAX_CANDIDATES,
    Constraint,
    Style,
    VarianceStrategy,
    Variation,
    further_variation,
    variations,
)


def configuration(variation: Variation) -> str:
    """What a source sees of a variation: all but its index."""
    return variation.model_dump_json(exclude={"index"})


@pytest.mark.parametrize("strategy", VarianceStrategy)
@pytest.mark.parametrize("candidates", range(1, MAX_CANDIDATES + 1))
def test_every_number_of_candidates_gives_that_many_different_ones(strategy: VarianceStrategy, candidates: int) -> None:
    """Different in what a source sees, with the candidates' stable ids in order."""
    drawn = variations(strategy, candidates)
    assert len({configuration(variation) for variation in drawn}) == candidates
    assert [variation.candidate for variation in drawn] == [f"candidate-{index}" for index in range(candidates)]


@pytest.mark.parametrize("strategy", VarianceStrategy)
def test_fewer_candidates_are_the_first_of_more(strategy: VarianceStrategy) -> None:
    """Asking for one more changes none of the others."""
    assert variations(strategy, 5) == variations(strategy, 32)[:5]


@pytest.mark.parametrize("strategy", VarianceStrategy)
def test_further_variations_repeat_neither_the_first_ones_nor_each_other(strategy: VarianceStrategy) -> None:
    """A replacement for a copy is really another try, under the id of the copy."""
    first = variations(strategy, 32, seed=7)
    further = [further_variation(strategy, 32, attempt, attempt, 7) for attempt in range(32)]
    assert len({configuration(variation) for variation in (*first, *further)}) == 64
    assert [variation.index for variation in further] == list(range(32))


def test_prompting_starts_with_the_five_styles_of_the_design() -> None:
    """In their order."""
    styles = [variation.style for variation in variations(VarianceStrategy.PROMPTING, 5)]
    assert styles == [Style.PARALLEL_FIRST, Style.MINIMAL, Style.THOROUGH, Style.BALANCED, Style.DEFAULT]


def test_temperature_varies_the_temperature() -> None:
    """Five different ones, in one style."""
    drawn = variations(VarianceStrategy.TEMPERATURE, 5)
    assert len({variation.temperature for variation in drawn}) == 5
    assert {variation.style for variation in drawn} == {Style.DEFAULT}


def test_seeding_varies_the_examples() -> None:
    """Five different sets of example artifacts."""
    assert {variation.example for variation in variations(VarianceStrategy.SEEDING, 5)} == set(range(5))


def test_constraints_vary_the_shape_and_leave_one_free() -> None:
    """Each asks for another figure, and repeated wishes become less strict."""
    drawn = [variation.constraint for variation in variations(VarianceStrategy.CONSTRAINTS, 10)]
    assert drawn[:5] == [
        Constraint(max_depth=2),
        Constraint(min_leaves=5),
        Constraint(max_artifacts=8),
        Constraint(max_dependents=3),
        None,
    ]
    assert drawn[5:7] == [Constraint(max_depth=3), Constraint(min_leaves=4)]


def test_mixed_varies_all_of_them() -> None:
    """Style, constraint, example and temperature come in turn."""
    prompting, constrained, seeded, warm = variations(VarianceStrategy.MIXED, 4)
    assert prompting.style is Style.PARALLEL_FIRST
    assert constrained.constraint is not None
    assert seeded.example is not None
    assert warm.temperature == 0.2


def test_seed_shifts_every_seed() -> None:
    """Another run draws otherwise, in the same styles."""
    plain, shifted = variations(VarianceStrategy.MIXED, 8), variations(VarianceStrategy.MIXED, 8, seed=5)
    assert [one.seed + 5 for one in plain] == [one.seed for one in shifted]


@pytest.mark.parametrize("candidates", [0, -1, 33])
def test_number_of_candidates_out_of_range_is_refused(candidates: int) -> None:
    """From 1 to 32."""
    with pytest.raises(OptionError):
        variations(VarianceStrategy.PROMPTING, candidates)
