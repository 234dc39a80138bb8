"""The code base in figures, as far as an agent measured it: numbers, cycles with cuts, hot spots, boundaries."""

from collections import Counter
from collections.abc import Sequence

from pydantic import JsonValue

from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text
from prefect_harmonic.tasks.views.report.aim import aim_of
from prefect_harmonic.tasks.views.report.measurements import (
    Boundary,
    Cut,
    ImportCycle,
    Outside,
    Record,
    boundaries_of,
    cycles_of,
    first,
    hot_spots_of,
    outside_of,
    scalars_of,
)
from prefect_harmonic.tasks.views.report.prose import section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

_MOST_ROWS = 6
_MOST_COLUMNS = 7
_MOST_FIGURES = 6
_TOLD_ELSEWHERE = frozenset(
    {"layers", "deferred_imports", "python_files_apart", "unparsed_files", "questions_count", "answered_count"}
)
_NAMES = {"edges": "imports among modules", "lines": "source lines", "import_cycle_count": "import cycles"}
_MOST_NAMES = 6
FEW_CUTS = 4
"""Imports to remove that are named one by one; of more it is said where they are."""


def figures_section(subject: ReportInput) -> str:
    """The section; empty if nobody measured any code."""
    return section(
        "The code base in figures", _scalars(subject), _cycles(subject), _hot_spots(subject), _boundaries(subject)
    )


def headline(subject: ReportInput) -> str:
    """The figures that matter most, in a sentence; empty if nobody measured any."""
    cycles, boundaries, spots = cycles_of(subject), boundaries_of(subject), hot_spots_of(subject)
    modules = scalars_of(subject).get("modules")
    parts = []
    if isinstance(modules, int):
        parts.append(counted(modules, "module"))
    if cycles:
        cuts = sum(len(cycle.running_cuts) for cycle in cycles)
        typed = sum(not cycle.is_running for cycle in cycles)
        by_types = f" ({typed} by types only)" if typed else ""
        # What is left of these cycles by imports for types alone would take more: the findings count those as well.
        is_less = any(len(cycle.running_cuts) < len(cycle.cuts) for cycle in cycles if cycle.is_running)
        opened = f", opened{' at run time' * is_less} by removing {counted(cuts, 'import')}"
        parts.append(
            f"{counted(len(cycles), 'import cycle')}{by_types}, the largest of {len(cycles[0].modules)} modules"
            f"{opened if cuts and all(cycle.cuts for cycle in cycles) else ''}"
        )
    if boundaries:
        parts.append(counted(len(boundaries), "proposed boundary"))
    hottest = first(spots[0], ("path", "file", "module", "name")) if spots else None
    if isinstance(hottest, str):
        parts.append(f"the hottest spot is {markdown_code(hottest)}")
    return f"Measured: {'; '.join(parts)}." if parts else ""


def _scalars(subject: ReportInput) -> str:
    figures = scalars_of(subject)
    names = [name for name in figures if name not in _TOLD_ELSEWHERE][:_MOST_FIGURES]
    rows = [[markdown_text(_NAMES.get(name, name.replace("_", " "))), _cell(figures[name])] for name in names]
    return table(["Figure", "Value"], rows, frozenset({1}))


def _cycles(subject: ReportInput) -> str:
    cycles = cycles_of(subject)
    rows = [[str(number), _ring(cycle), _cut_cell(cycle)] for number, cycle in enumerate(cycles[:_MOST_ROWS], 1)]
    text = table(["#", "Cycle", "Cheapest cut"], rows)
    return f"### Import cycles ({len(cycles)})\n\n{text}{_more(len(cycles))}" if text else ""


def _cut_cell(cycle: ImportCycle) -> str:
    """What opens a cycle at run time; one by types only needs nothing."""
    if not cycle.is_running:
        return "none needed: a cycle by types only"
    rest = "; its other rings are by types only" if len(cycle.running_cuts) < len(cycle.cuts) else ""
    return f"{cuts_words(cycle.running_cuts, '<br>') or 'none named'}{rest}"


def _ring(cycle: ImportCycle) -> str:
    """One way around if it is known, otherwise the modules; long ones shortened."""
    names = cycle.ring or cycle.modules
    shown = [markdown_code(name) for name in names[:_MOST_NAMES]]
    rest = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    if not cycle.ring:
        return ", ".join([*shown, *rest])
    around = " → ".join([*shown, *rest, shown[0]])
    return around if len(cycle.ring) == len(cycle.modules) else f"{around} (of {len(cycle.modules)} modules)"


def cut_words(cut: Cut) -> str:
    """An import to remove, with where it stands."""
    return markdown_code(str(cut)) + (f" at {markdown_code(cut.place)}" if cut.place else "")


def cuts_words(cuts: Sequence[Cut], between: str = " and ") -> str:
    """Imports to remove: each of a few; of many how many in which modules, and the first of them."""
    if len(cuts) <= FEW_CUTS:
        return between.join(map(cut_words, cuts))
    by_module = Counter(cut.importer for cut in cuts).most_common()
    shown = [f"{number} in {markdown_code(name)}" for name, number in by_module[:FEW_CUTS]]
    left = by_module[FEW_CUTS:]
    if left:
        shown.append(f"{sum(number for _, number in left)} in {counted(len(left), 'further module')}")
    return f"{', '.join(shown)}; first {cut_words(cuts[0])}"


def _hot_spots(subject: ReportInput) -> str:
    spots = [_telling(spot, hot_spots_of(subject)) for spot in hot_spots_of(subject)]
    text = record_table(spots)
    return f"### Hot spots\n\n{text}{_more(len(spots))}" if text else ""


def _telling(spot: Record, spots: Sequence[Record]) -> Record:
    """A hot spot without commits and score, where no file was changed twice: they tell none from another."""
    is_telling = any(isinstance(commits := one.get("commits"), int) and commits > 1 for one in spots)
    return spot if is_telling else {name: value for name, value in spot.items() if name not in {"commits", "score"}}


def _boundaries(subject: ReportInput) -> str:
    aim = aim_of(subject)
    boundaries = [each for each in boundaries_of(subject) if aim.needs([each.name])]
    rows = [_boundary(boundary) for boundary in boundaries[:_MOST_ROWS]]
    text = table(["Boundary", "Modules", "Cohesion", "Crossing imports"], rows, frozenset({2, 3}))
    return f"### Proposed boundaries\n\n{text}{_more(len(boundaries))}{_left_outside(subject)}" if text else ""


def _left_outside(subject: ReportInput) -> str:
    """Which modules belong to no proposed boundary, and what becomes of them."""
    roles = outside_of(subject)
    told = "; ".join(f"{counted(each.number, 'module')} {_names_of(each)} ({each.role})" for each in roles)
    return f"\n\nIn none of them: {told}." if told else ""


def _names_of(outside: Outside) -> str:
    shown = ", ".join(markdown_code(name) for name in outside.modules[:_MOST_NAMES])
    rest = outside.number - len(outside.modules[:_MOST_NAMES])
    return f"{shown} and {rest} more" if rest > 0 else shown


def _boundary(boundary: Boundary) -> list[str]:
    modules = ", ".join(markdown_code(name) for name in boundary.modules[:_MOST_NAMES])
    if len(boundary.modules) > _MOST_NAMES:
        modules += f" and {len(boundary.modules) - _MOST_NAMES} more"
    size = "" if boundary.size is None else str(boundary.size)
    crossing = "" if boundary.crossing is None else str(boundary.crossing)
    cohesion = _cell(first(boundary.record, ("cohesion", "cohesiveness")))
    return [markdown_text(boundary.name), modules or size, cohesion, crossing]


def _more(number: int) -> str:
    rest = number - _MOST_ROWS
    return f"\n\nAnd {rest:,} more." if rest > 0 else ""


def record_table(records: Sequence[Record]) -> str:
    """A table of records of any shape: their plain values, in the columns that the records name, in that order."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    columns = [name for name in columns if any(_is_plain(record.get(name)) for record in records)][:_MOST_COLUMNS]
    right = frozenset(
        place
        for place, name in enumerate(columns)
        if all(isinstance(record.get(name), int | float | None) for record in records)
    )
    rows = [[_cell(record.get(name)) for name in columns] for record in records[:_MOST_ROWS]]
    return table([markdown_text(name.replace("_", " ")) for name in columns], rows if columns else [], right)


def _is_plain(value: JsonValue) -> bool:
    return isinstance(value, str | int | float)


def _cell(value: JsonValue) -> str:
    if value is None or isinstance(value, list | dict):
        return "" if value is None else str(len(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{round(value, 3):,g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return markdown_code(value) if "/" in value or value.endswith(".py") else markdown_text(value)
