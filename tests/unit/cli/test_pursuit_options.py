"""What a user says about a run's budget reaches the flow as the flow wants it."""

from decimal import Decimal
from typing import Any

import click
from click.testing import CliRunner

from prefect_harmonic.deployments.cli.pursuit_options import pursuit_options
from prefect_harmonic.planners.budget import BudgetLimits


def budget(*arguments: str) -> BudgetLimits | None:
    """The budget that a command line names."""
    given: list[Any] = []

    @click.command()
    @pursuit_options
    def command(pursuit: dict[str, Any]) -> None:
        given.append(pursuit["budget"])

    assert CliRunner().invoke(command, arguments).exit_code == 0
    return None if given[0] is None else BudgetLimits.model_validate(given[0])


def test_prices_are_for_a_million_tokens_and_an_hour_of_a_gpu() -> None:
    """As providers list them; the budget counts single ones."""
    limits = budget("--budget-money", "5", "--price-input", "0.15", "--price-output", "0.6", "--price-gpu-hour", "3.6")
    assert limits is not None
    assert limits.prices.of(1, 1_000_000, 2_000_000, 1000) == Decimal("2.35")


def test_prices_alone_are_no_budget() -> None:
    """Nothing is limited by them."""
    assert budget("--price-input", "0.15") is None
