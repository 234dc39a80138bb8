"""What a run has spent of what it may spend, as it is shown."""

from dataclasses import dataclass

from prefect_harmonic.planners.budget import Unit
from prefect_harmonic.planners.knowledge.budgeting import BudgetAccount
from prefect_harmonic.tasks.views.picture import number_words


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One thing that is spent.

    Attributes:
        name: What it is, such as `model calls`.
        spent: How much is gone.
        limit: How much there is; nothing if it is unlimited.
        unit: Of both, such as `s`; empty for plain numbers.
    """

    name: str
    spent: float
    limit: float | None = None
    unit: str = ""

    @property
    def is_used_up(self) -> bool:
        """Whether nothing of it is left."""
        return self.limit is not None and self.spent >= self.limit

    @property
    def share(self) -> float | None:
        """The part that is gone, from 0; nothing without a limit."""
        if self.limit is None:
            return None
        return self.spent / self.limit if self.limit > 0 else 1.0


_NAMES = {
    Unit.CALLS: ("calls of specialists and models", ""),
    Unit.TOKENS: ("tokens", ""),
    Unit.MONEY: ("money", ""),
    Unit.GPU_SECONDS: ("seconds of a GPU", "s"),
    Unit.WALL_SECONDS: ("seconds of work", "s"),
}


def budget_rows(account: BudgetAccount) -> tuple[BudgetRow, ...]:
    """The rows of an account: all units that are limited."""
    return tuple(
        BudgetRow(name=_NAMES[unit][0], spent=float(one.spent), limit=float(one.limit), unit=_NAMES[unit][1])
        for unit, one in account.units.items()
        if one.limit is not None
    )


def amount_words(amount: float | None, unit: str) -> str:
    """An amount with its unit.

    >>> amount_words(12.5, "s"), amount_words(3, ""), amount_words(None, "s")
    ('12.5 s', '3', 'no limit')
    """
    if amount is None:
        return "no limit"
    return f"{number_words(round(amount, 2) if isinstance(amount, float) else amount)}{f' {unit}' if unit else ''}"
