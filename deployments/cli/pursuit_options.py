"""The options of a run that deals with what it finds: when it is content, how it changes its plan, whom it asks."""

from collections.abc import Sequence
from decimal import Decimal
from functools import wraps
from typing import Any

import click

from prefect_harmonic.deployments.cli.options import Command, Decorator, NumberRange, decorated, option

WAYS = ("pause", "suspend", "fail", "skip")
SPECIALISTS = ("model", "embedded")
EVALUATORS = ("model", "rules")

_PURSUIT: Sequence[Decorator] = (
    option("--min-confidence", type=NumberRange(0, 1), default=0.7, help="Least confidence to be content with."),
    option("--max-gaps", type=click.IntRange(min=0), default=2, help="Most gaps to be content with."),
    option(
        "--max-contradictions", type=click.IntRange(min=0), default=0, help="Most contradictions to be content with."
    ),
    option(
        "--max-iterations", type=click.IntRange(min=1), default=5, help="Evaluations that may fall short before asking."
    ),
    option("--max-replans", type=click.IntRange(0, 50), default=5, help="Changes of the plan at most."),
    option(
        "--on-escalation",
        type=click.Choice(WAYS),
        default="suspend",
        help="With a question for a person: wait (pause), end with exit 3 and go on after the answer (suspend), start "
        "nothing more (fail), or go on with what there is (skip).",
    ),
    option("--answer-within", type=NumberRange(min=0, min_open=True), default=3600.0, help="Seconds to pause at most."),
    option(
        "--tree-depth",
        type=click.IntRange(1, 100),
        default=5,
        help="Levels of the tree of the work at most: phases, artifacts, and what these are divided into.",
    ),
    option(
        "--specialists",
        type=click.Choice(SPECIALISTS),
        default="model",
        help="Who does the work where there is a model: specialists who ask it, or the embedded ones.",
    ),
    option(
        "--evaluator",
        type=click.Choice(EVALUATORS),
        default="model",
        help="Who judges what was found where there is a model: it beside the rules, or the rules alone.",
    ),
    option("--tool-servers", metavar="FILE", help="MCP servers with further tools for specialists (YAML)."),
    option("--approve-changes", is_flag=True, help="Put every change of the plan before a person."),
    option("--budget-calls", type=click.IntRange(min=0), help="Calls of specialists and models at most."),
    option("--budget-tokens", type=click.IntRange(min=0), help="Tokens of a model at most."),
    option("--budget-money", type=NumberRange(min=0), help="Money at most, at the prices that are set."),
    option("--budget-gpu-seconds", type=NumberRange(min=0), help="Seconds of a GPU at most."),
    option("--budget-seconds", type=NumberRange(min=0), help="Seconds of work at most."),
    option("--price-call", type=NumberRange(min=0), default=0.0, help="What a call costs, in your currency."),
    option("--price-input", type=NumberRange(min=0), default=0.0, help="What a million tokens of prompts cost."),
    option("--price-output", type=NumberRange(min=0), default=0.0, help="What a million tokens of answers cost."),
    option("--price-gpu-hour", type=NumberRange(min=0), default=0.0, help="What an hour of a GPU costs."),
)


def pursuit_options(command: Command) -> Command:
    """Adds the options, given to the command as the flow's parameters in `pursuit`."""

    @wraps(command)
    def with_pursuit(
        *args: Any,
        min_confidence: float,
        max_gaps: int,
        max_contradictions: int,
        max_iterations: int,
        max_replans: int,
        on_escalation: str,
        answer_within: float,
        tree_depth: int,
        specialists: str,
        evaluator: str,
        tool_servers: str | None,
        approve_changes: bool,
        budget_calls: int | None,
        budget_tokens: int | None,
        budget_money: float | None,
        budget_gpu_seconds: float | None,
        budget_seconds: float | None,
        price_call: float,
        price_input: float,
        price_output: float,
        price_gpu_hour: float,
        **others: Any,
    ) -> Any:
        criteria = {
            "min_confidence": min_confidence,
            "max_gaps": max_gaps,
            "max_contradictions": max_contradictions,
            "max_iterations": max_iterations,
        }
        limits = {
            "calls": budget_calls,
            "tokens": budget_tokens,
            "money": budget_money,
            "gpu_seconds": budget_gpu_seconds,
            "wall_seconds": budget_seconds,
        }
        prices = {
            "per_call": _decimal(price_call),
            "per_input_token": _decimal(price_input, per=1_000_000),
            "per_output_token": _decimal(price_output, per=1_000_000),
            "per_gpu_second": _decimal(price_gpu_hour, per=3600),
        }
        pursuit = {
            "criteria": criteria,
            "budget": {**limits, "prices": prices} if any(limit is not None for limit in limits.values()) else None,
            "max_replans": max_replans,
            "on_escalation": on_escalation,
            "answer_within": answer_within,
            "approve_changes": approve_changes,
            "tree_depth": tree_depth,
            "specialists": specialists,
            "evaluator": evaluator,
            "tool_servers": tool_servers,
        }
        return command(*args, pursuit=pursuit, **others)

    return decorated(with_pursuit, _PURSUIT)


def _decimal(price: float, per: int = 1) -> str:
    """A price as text, exact to more digits than a budget keeps."""
    return f"{Decimal(str(price)) / per:f}"
