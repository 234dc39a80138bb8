"""Linear least squares drawn towards zero, with what each observation would have been foretold by all others.

Hoerl and Kennard's ridge (1970): slopes cost their square, the constant costs nothing. What the model would say without
one observation follows from the whole one (Sherman and Morrison 1950), so that leaving out each in turn costs no more
than a multiplication.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Vector = Sequence[float]
Matrix = Sequence[Vector]


@dataclass(frozen=True)
class Ridge:
    """A model of values by regressors.

    Attributes:
        rows: The regressors of each observation; a constant is added.
        values: What was observed.
        penalty: How strongly slopes are drawn towards zero, in observations.

    >>> fitted = Ridge(rows=[[0.0], [1.0], [2.0], [3.0]], values=[1.0, 3.0, 5.0, 7.0], penalty=1e-9)
    >>> round(fitted.predicted([10.0]), 6)
    21.0
    """

    rows: Sequence[Vector]
    values: Vector
    penalty: float = 1.0

    @cached_property
    def _design(self) -> list[list[float]]:
        return [[1.0, *row] for row in self.rows]

    @cached_property
    def _factor(self) -> list[list[float]]:
        """The triangle whose square is what the equations are solved with."""
        size = len(self._design[0])
        square = [[sum(row[i] * row[j] for row in self._design) for j in range(size)] for i in range(size)]
        for place in range(1, size):
            square[place][place] += self.penalty
        return cholesky(square)

    @cached_property
    def coefficients(self) -> tuple[float, ...]:
        """The constant and the slopes."""
        size = len(self._design[0])
        pairs = list(zip(self._design, self.values, strict=True))
        return tuple(solved(self._factor, [sum(row[i] * value for row, value in pairs) for i in range(size)]))

    def predicted(self, row: Vector) -> float:
        """What is foretold for one that was not observed."""
        return _product(self.coefficients, [1.0, *row])

    @cached_property
    def _inverse_rows(self) -> list[list[float]]:
        return [solved(self._factor, row) for row in self._design]

    @cached_property
    def leverages(self) -> tuple[float, ...]:
        """How far each observation decides what is foretold for itself, 0 to 1."""
        return tuple(_product(*pair) for pair in zip(self._inverse_rows, self._design, strict=True))

    @cached_property
    def remoteness(self) -> tuple[float, ...]:
        """How far each observation is from all others, as `remoteness_of` measures it without this one."""
        return tuple(own / max(1.0 - own, 1e-12) for own in self.leverages)

    def remoteness_of(self, row: Vector) -> float:
        """How far something is from all that was observed, in variances of the error."""
        full = [1.0, *row]
        return _product(solved(self._factor, full), full)

    @cached_property
    def residuals(self) -> tuple[float, ...]:
        """For each observation, the value less what is foretold for it by all others."""
        whole = [value - self.predicted(row) for row, value in zip(self.rows, self.values, strict=True)]
        return tuple(error / max(1.0 - own, 1e-12) for error, own in zip(whole, self.leverages, strict=True))

    def predicted_without_each(self, row: Vector) -> tuple[float, ...]:
        """What is foretold for one that was not observed, without each of the observations in turn."""
        full, told = [1.0, *row], self.predicted(row)
        return tuple(
            told - _product(full, inverse) * residual
            for inverse, residual in zip(self._inverse_rows, self.residuals, strict=True)
        )


def cholesky(square: Matrix) -> list[list[float]]:
    """The lower triangle whose product with its transpose is a positive definite matrix.

    >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
    [[2.0, 0.0], [1.0, 2.0]]
    """
    size = len(square)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = square[i][j] - sum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = max(rest, 1e-15) ** 0.5 if i == j else rest / lower[j][j]
    return lower


def solved(lower: Matrix, right: Vector) -> list[float]:
    """What a matrix, given by its triangle, has to be multiplied with to give the right-hand side.

    >>> solved(cholesky([[4.0, 2.0], [2.0, 5.0]]), [8.0, 12.0])
    [1.0, 2.0]
    """
    size = len(lower)
    found = [0.0] * size
    for i in range(size):
        found[i] = (right[i] - sum(lower[i][k] * found[k] for k in range(i))) / lower[i][i]
    for i in reversed(range(size)):
        found[i] = (found[i] - sum(lower[k][i] * found[k] for k in range(i + 1, size))) / lower[i][i]
    return found


def _product(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
