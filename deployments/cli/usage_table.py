"""What asking a model took, as a person reads it in a terminal."""

from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from prefect_harmonic.planners.models.usage import Usage


def print_usage(console: Console, spent: Mapping[str, Usage]) -> None:
    """Requests and tokens for each candidate and for all of them; nothing where no model was asked.

    Args:
        console: Where to print.
        spent: What was spent, by candidate and under other names for the rest.
    """
    if not any(usage.requests for usage in spent.values()):
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("asked for", "requests", "prompt", "from cache", "answer", "seconds"):
        table.add_column(name, no_wrap=True, justify="left" if name == "asked for" else "right")
    for name, usage in spent.items():
        table.add_row(name, *_cells(usage), f"{usage.seconds:.1f}")
    if len(spent) > 1:
        table.add_section()
        # Candidates are asked for at once, so that their seconds are no sum of anything.
        table.add_row("together", *_cells(sum(spent.values(), Usage())), "")
    console.print(table)


def _cells(usage: Usage) -> tuple[str, ...]:
    """Tokens in thousands with commas; a dash where the server does not tell what came from its cache."""
    rate = usage.cache_hit_rate
    tokens = f"{usage.input_tokens:,}", "-" if rate is None else f"{rate:.0%}", f"{usage.output_tokens:,}"
    return str(usage.requests), *tokens
