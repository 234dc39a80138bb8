"""Ridge regression: against the equations it stands for, and leaving out against really leaving out."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.experience.regression import Ridge, cholesky, solved

NUMBERS = st.floats(-5, 5).map(lambda value: round(value, 3))
OBSERVATIONS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=3, max_size=12)


def fitted(observations: Sequence[tuple[float, float, float]]) -> Ridge:
    """A model of the third figure by the first two."""
    return Ridge(rows=[one[:2] for one in observations], values=[one[2] for one in observations])


@given(OBSERVATIONS, NUMBERS, NUMBERS)
def test_leaving_out_by_formula_is_leaving_out(
    observations: list[tuple[float, float, float]], one: float, other: float
) -> None:
    """What is foretold without each observation is what a model of all others foretells."""
    shortened = [fitted(observations[:place] + observations[place + 1 :]) for place in range(len(observations))]
    whole = fitted(observations)
    assert whole.predicted_without_each([one, other]) == pytest.approx(
        [model.predicted([one, other]) for model in shortened], abs=1e-6
    )
    errors = [row[2] - model.predicted(row[:2]) for model, row in zip(shortened, observations, strict=True)]
    assert whole.residuals == pytest.approx(errors, abs=1e-6)


@given(OBSERVATIONS)
def test_errors_of_the_constant_cancel_out(observations: list[tuple[float, float, float]]) -> None:
    """The constant costs nothing, so that on the whole nothing is foretold too long or too short."""
    model = fitted(observations)
    assert sum(row[2] - model.predicted(row[:2]) for row in observations) == pytest.approx(0, abs=1e-6)


@given(OBSERVATIONS)
def test_constant_values_need_no_slopes(observations: list[tuple[float, float, float]]) -> None:
    """Where all took the same, everything is foretold to take the same."""
    model = Ridge(rows=[one[:2] for one in observations], values=[3.0] * len(observations))
    assert model.predicted([4.0, -4.0]) == pytest.approx(3.0)


@given(
    st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(NUMBERS, min_size=3, max_size=3),
)
def test_solution_solves_the_equations(rows: list[list[float]], wanted: list[float]) -> None:
    """A square made positive definite, times its solution, is the right-hand side."""
    square = [[sum(row[i] * row[j] for row in rows) + (i == j) for j in range(3)] for i in range(3)]
    right = [sum(square[i][j] * wanted[j] for j in range(3)) for i in range(3)]
    assert solved(cholesky(square), right) == pytest.approx(wanted, abs=1e-6)
