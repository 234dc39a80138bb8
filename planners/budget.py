"""What a run may spend: limits, prices and amounts. Knows nothing of where they are kept.

Amounts are added up as whole numbers of small parts (a millionth of a second, a billionth of the currency), so that a
ledger of any length is exact; binary fractions would drift.

Source: semantics, "Safety"; issue 3, "Budgets".
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Unit(StrEnum):
    """What is counted."""

    CALLS = "calls"
    TOKENS = "tokens"
    MONEY = "money"
    GPU_SECONDS = "gpu_seconds"
    WALL_SECONDS = "wall_seconds"


PARTS: Mapping[Unit, int] = {
    Unit.CALLS: 1,
    Unit.TOKENS: 1,
    Unit.MONEY: 10**9,
    Unit.GPU_SECONDS: 10**6,
    Unit.WALL_SECONDS: 10**6,
}
"""How many of the parts that are added up make one of each unit."""

_Whole = Annotated[int, Field(ge=0, le=10**15)]
_Money = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(ge=0, le=10**12, allow_inf_nan=False)]


class Prices(BaseModel):
    """What the user says a call, a token or a second of a GPU costs, all in one currency of the user's choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_call: _Money = Decimal(0)
    per_token: _Money = Decimal(0)
    per_gpu_second: _Money = Decimal(0)
    per_input_token: _Money = Field(default=Decimal(0), description="For a token of a prompt, beside `per_token`.")
    per_output_token: _Money = Field(default=Decimal(0), description="For a token of an answer, beside `per_token`.")

    def of(self, calls: int, input_tokens: int, output_tokens: int, gpu_seconds: float = 0.0) -> Decimal:
        """What a call of a model costs, to the billionth.

        >>> Prices(per_input_token="0.000001", per_output_token="0.000004").of(1, 1000, 500)
        Decimal('0.003000000')
        """
        tokens = self.per_token * (input_tokens + output_tokens)
        tokens += self.per_input_token * input_tokens + self.per_output_token * output_tokens
        cost = self.per_call * calls + tokens + self.per_gpu_second * Decimal(str(gpu_seconds))
        return cost.quantize(Decimal(1) / PARTS[Unit.MONEY])


class BudgetLimits(BaseModel):
    """The most that a run may spend of each unit; what is left out is not limited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: _Whole | None = None
    tokens: _Whole | None = None
    money: _Money | None = None
    gpu_seconds: _Seconds | None = None
    wall_seconds: _Seconds | None = None
    prices: Prices = Prices()

    def parts(self) -> dict[Unit, int]:
        """The limits that there are, in parts."""
        found = {unit: getattr(self, unit.value) for unit in Unit}
        return {unit: in_parts(unit, value) for unit, value in found.items() if value is not None}


class Amounts(BaseModel):
    """So much of each unit.

    Money that is not stated follows from the prices of the budget.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: _Whole = 0
    tokens: _Whole = 0
    money: _Money | None = None
    gpu_seconds: _Seconds = 0.0
    wall_seconds: _Seconds = 0.0

    def parts(self, prices: Prices = Prices()) -> dict[Unit, int]:  # noqa: B008 - a frozen value
        """The amounts in parts, with what they cost.

        >>> Amounts(calls=1, tokens=1000).parts(Prices(per_token=Decimal("0.000002")))[Unit.MONEY]
        2000000
        """
        cost = self.money
        if cost is None:
            gpu = prices.per_gpu_second * Decimal(str(self.gpu_seconds))
            cost = prices.per_call * self.calls + prices.per_token * self.tokens + gpu
        return {unit: in_parts(unit, cost if unit is Unit.MONEY else getattr(self, unit.value)) for unit in Unit}

    @classmethod
    def of_parts(cls, parts: Mapping[Unit, int]) -> "Amounts":
        """The amounts that so many parts make."""
        return cls(**{unit.value: from_parts(unit, parts.get(unit, 0)) for unit in Unit})


def in_parts(unit: Unit, value: int | float | Decimal) -> int:
    """An amount in parts, to the nearest."""
    return int((Decimal(str(value)) * PARTS[unit]).to_integral_value(ROUND_HALF_EVEN))


def from_parts(unit: Unit, parts: int) -> int | float | Decimal:
    """What so many parts make: money as a decimal fraction, seconds as a number, the others whole.

    >>> from_parts(Unit.MONEY, 2_000_000)
    Decimal('0.002')
    """
    if unit is Unit.MONEY:
        return Decimal(parts) / PARTS[unit]
    return parts if PARTS[unit] == 1 else parts / PARTS[unit]


class UnitAccount(BaseModel):
    """How one unit of a budget stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int | float | Decimal | None = Field(description="The most; none if it is not limited.")
    reserved: int | float | Decimal = Field(description="Promised to work that has not ended.")
    spent: int | float | Decimal = Field(description="Gone; more than the limit where work took more than it reserved.")
    left: int | float | Decimal | None = Field(description="Free to be reserved; none if it is not limited.")


def account(unit: Unit, limit: int | None, reserved: int, spent: int) -> UnitAccount:
    """The account of a unit from its parts.

    >>> account(Unit.CALLS, 10, 2, 5).left
    3
    """
    return UnitAccount(
        limit=None if limit is None else from_parts(unit, limit),
        reserved=from_parts(unit, reserved),
        spent=from_parts(unit, spent),
        left=None if limit is None else from_parts(unit, max(0, limit - reserved - spent)),
    )
