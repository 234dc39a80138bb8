"""Tables as text and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nordvale.reporting.kpis import Figure


def as_text(rows):
    if not rows:
        return "(nothing)"
    names = list(rows[0])
    widths = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in names}
    lines = ["  ".join(name.ljust(widths[name]) for name in names)]
    lines += ["  ".join(str(row[name]).ljust(widths[name]) for name in names) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def as_csv(rows):
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def of_figures(figures: list[Figure]) -> str:
    """The regulator's quarterly table; it wants the target beside every figure."""
    rows = [
        {"name": f.name, "value": f"{f.value:.3f}", "target": f"{f.target:.3f}", "met": "yes" if f.is_met else "no"}
        for f in figures
    ]
    return as_csv(rows)
