"""What the run has spent of what it may spend."""

from prefect_harmonic.tasks.views.budget import BudgetRow, amount_words
from prefect_harmonic.tasks.views.escaping import markdown_text
from prefect_harmonic.tasks.views.report.prose import section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput


def budget_section(subject: ReportInput) -> str:
    """The section; left out where nothing is limited."""
    if not any(row.limit is not None for row in subject.budget):
        return ""
    rows = [_row(row) for row in subject.budget]
    return section("Budget", table(["What", "Spent", "Limit", "Used"], rows, frozenset({1, 2, 3})))


def _row(row: BudgetRow) -> list[str]:
    used = "" if row.share is None else f"{row.share:.0%}"
    return [
        markdown_text(row.name),
        amount_words(row.spent, markdown_text(row.unit)),
        amount_words(row.limit, markdown_text(row.unit)),
        f"**{used}, used up**" if row.is_used_up else used,
    ]
