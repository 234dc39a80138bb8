"""What the run took of its language model."""

from prefect_harmonic.tasks.views.escaping import markdown_text
from prefect_harmonic.tasks.views.model_use import ModelUseRow
from prefect_harmonic.tasks.views.report.prose import section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput


def model_use_section(subject: ReportInput) -> str:
    """The section; left out where no model was asked."""
    rows = [_cells(row) for row in subject.model_use]
    heads = ["For", "Requests", "Tokens of prompts", "From the cache", "Tokens of answers", "Seconds"]
    return section("Language model", table(heads, rows, frozenset(range(1, len(heads))))) if rows else ""


def _cells(row: ModelUseRow) -> list[str]:
    return [
        markdown_text(row.purpose),
        f"{row.requests:,}",
        f"{row.input_tokens:,}",
        "-" if row.cache_hit_rate is None else f"{row.cache_hit_rate:.0%}",
        f"{row.output_tokens:,}",
        f"{row.seconds:,.1f}",
    ]
