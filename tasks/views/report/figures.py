"""The code base in figures, as far as an agent measured it.

Agents put figures into `Evidence.data`, and more than one may. What is read here is looked for under the names that
are usual for it, and passed over if it has another shape: a report must not fail on a figure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.tasks.views.escaping import markdown_code, markdown_text
from prefect_harmonic.tasks.views.report.prose import counted, section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

_CYCLES = ("import_cycles", "cycles", "module_cycles")
_CYCLE_MEMBERS = ("ring", "modules", "cycle", "members", "path", "nodes")
_CUTS = ("cheapest_cut", "cut", "cuts", "break", "breaking_edges", "suggested_cut")
_HOT_SPOTS = ("hot_spots", "hotspots")
_BOUNDARIES = ("boundaries", "proposed_boundaries", "services", "clusters")
_MOST_ROWS = 15
_MOST_CYCLES = 12
_MOST_COLUMNS = 7

Record = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ImportCycle:
    """Modules that import each other in a ring, and the import whose removal is said to open it."""

    modules: tuple[str, ...]
    cut: str
    artifact: str
    agent: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """A part of the code that could stand alone."""

    name: str
    modules: tuple[str, ...]
    crossing: int | None
    record: Record
    artifact: str


def cycles_of(subject: ReportInput) -> tuple[ImportCycle, ...]:
    """The import cycles that were found, once each, in the order of the plan."""
    cycles: dict[tuple[str, ...], ImportCycle] = {}
    for artifact, agent, entry in _entries(subject, _CYCLES):
        record = entry if isinstance(entry, Mapping) else {}
        modules = _names(_first(record, _CYCLE_MEMBERS) if record else entry)
        if modules:
            ring = modules[:-1] if len(modules) > 1 and modules[0] == modules[-1] else modules
            cycle = ImportCycle(ring, _arrow(_first(record, _CUTS)), artifact, agent)
            known = cycles.get(tuple(sorted(ring)))
            if known is None or (cycle.cut and not known.cut):
                cycles[tuple(sorted(ring))] = cycle
    return tuple(cycles.values())


def boundaries_of(subject: ReportInput) -> tuple[Boundary, ...]:
    """The proposed boundaries, once each, in the order of the plan."""
    boundaries: dict[str, Boundary] = {}
    for artifact, _, entry in _entries(subject, _BOUNDARIES):
        if not isinstance(entry, Mapping):
            continue
        name = entry.get("name") or entry.get("boundary") or entry.get("id")
        if isinstance(name, str) and name:
            modules = _names(_first(entry, ("modules", "members", "packages")))
            crossing = _first(entry, ("crossing_imports", "crossing", "external_imports"))
            boundaries.setdefault(name, Boundary(name, modules, _count(crossing), entry, artifact))
    return tuple(boundaries.values())


def figures_section(subject: ReportInput) -> str:
    """The section: plain figures, cycles with their cheapest cuts, hot spots, boundaries."""
    return section(
        "The code base in figures", _scalars(subject), _cycles(subject), _hot_spots(subject), _boundaries(subject)
    )


def _scalars(subject: ReportInput) -> str:
    """Figures that are one number, of the agents that found cycles, hot spots or boundaries."""
    figures: dict[str, float | int] = {}
    for found in subject.found:
        if not any(name in found.data for name in (*_CYCLES, *_HOT_SPOTS, *_BOUNDARIES, "modules")):
            continue
        for name, value in found.data.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                figures.setdefault(name, value)
            elif name in {"modules", "packages", "files", "imports"} and isinstance(value, list | dict):
                figures.setdefault(name, len(value))
    rows = [[markdown_text(name.replace("_", " ")), _cell(value)] for name, value in figures.items()]
    return table(["Figure", "Value"], rows, frozenset({1}))


def _cycles(subject: ReportInput) -> str:
    cycles = cycles_of(subject)
    if not cycles:
        return ""
    rows = [
        [str(number), _ring(cycle.modules), markdown_code(cycle.cut) or "none named", markdown_code(cycle.artifact)]
        for number, cycle in enumerate(cycles[:_MOST_CYCLES], 1)
    ]
    more = f"\n\nAnd {counted(len(cycles) - _MOST_CYCLES, 'more cycle')}." if len(cycles) > _MOST_CYCLES else ""
    return f"### Import cycles ({len(cycles)})\n\n" + table(["#", "Cycle", "Cheapest cut", "Found for"], rows) + more


def _ring(modules: Sequence[str]) -> str:
    """The modules in order, long rings shortened."""
    shown = [markdown_code(name) for name in modules[:8]]
    rest = [f"{len(modules) - 8} more"] if len(modules) > 8 else []
    return " → ".join([*shown, *rest, shown[0]])


def _hot_spots(subject: ReportInput) -> str:
    records = [entry for _, _, entry in _entries(subject, _HOT_SPOTS) if isinstance(entry, Mapping)]
    text = record_table(records)
    return f"### Hot spots\n\n{text}" if text else ""


def _boundaries(subject: ReportInput) -> str:
    rows = []
    for boundary in boundaries_of(subject):
        cohesion = _first(boundary.record, ("cohesion", "cohesiveness"))
        modules = ", ".join(markdown_code(name) for name in boundary.modules[:6])
        more = f" and {len(boundary.modules) - 6} more" if len(boundary.modules) > 6 else ""
        crossing = "" if boundary.crossing is None else str(boundary.crossing)
        rows.append([markdown_text(boundary.name), modules + more, _cell(cohesion), crossing])
    text = table(["Boundary", "Modules", "Cohesion", "Crossing imports"], rows[:_MOST_ROWS], frozenset({2, 3}))
    return f"### Proposed boundaries\n\n{text}" if text else ""


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
    text = table([markdown_text(name.replace("_", " ")) for name in columns], rows if columns else [], right)
    rest = len(records) - _MOST_ROWS
    return f"{text}\n\nAnd {counted(rest, 'more row')}." if text and rest > 0 else text


def _is_plain(value: JsonValue) -> bool:
    return isinstance(value, str | int | float)


def _cell(value: JsonValue) -> str:
    if value is None or isinstance(value, list | dict):
        return "" if value is None else str(len(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{round(value, 3):,g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return markdown_code(value) if "/" in value or value.endswith(".py") else markdown_text(value)


def _entries(subject: ReportInput, names: Sequence[str]) -> Iterator[tuple[str, str, JsonValue]]:
    """What stands in lists under any of some names, with the artifact and agent it comes from."""
    for found in subject.found:
        for name in names:
            value = found.data.get(name)
            if isinstance(value, Mapping):
                value = [{"name": key, **entry} for key, entry in value.items() if isinstance(entry, Mapping)]
            for entry in value if isinstance(value, list) else ():
                yield found.artifact, found.agent, entry


def _first(record: Record, names: Iterable[str]) -> JsonValue:
    """The first of some fields that is there."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def _names(value: JsonValue) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _count(value: JsonValue) -> int | None:
    if isinstance(value, list | dict):
        return len(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _arrow(cut: JsonValue) -> str:
    """An import to remove, as `importer → imported`, whatever shape it was given in."""
    if isinstance(cut, str):
        return cut
    if isinstance(cut, Mapping):
        if isinstance(cut.get("edge"), Mapping | list | str):
            return _arrow(cut["edge"])
        ends = (_first(cut, ("importer", "from", "source")), _first(cut, ("imported", "to", "target")))
        return " → ".join(end for end in ends if isinstance(end, str))
    if isinstance(cut, list) and len(cut) == 2 and all(isinstance(end, str) for end in cut):
        return " → ".join(str(end) for end in cut)
    return ", ".join(filter(None, map(_arrow, cut))) if isinstance(cut, list) else ""
