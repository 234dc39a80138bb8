"""What agents measured of a code base, read out of their figures and of the JSON files they wrote.

More than one agent may measure, and others write agents too: what is read here is looked for under the names that are
usual for it, and passed over if it has another shape. A report must not fail on a figure.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.json_reading import number_in, texts_in
from prefect_harmonic.tasks.views.report.subject import ReportInput

CYCLES = ("cycles", "import_cycles", "module_cycles")
HOT_SPOTS = ("hot_spots", "hotspots")
BOUNDARIES = ("boundaries", "proposed_boundaries", "services", "clusters")
OUTSIDE = ("outside_services", "outside_boundaries")
_RINGS = ("ring", "cycle", "path")
_MEMBERS = ("modules", "members", "nodes", "packages")
_CUTS = ("cuts", "cheapest_cut", "cheapest", "cut", "suggested_cut")
_IMPORTERS = ("importer", "from", "source")
_IMPORTED = ("imported", "to", "target")
_CROSSING = ("crossing_imports", "crossing", "external_imports")
_LONGEST_FILE = 4_000_000

Record = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Cut:
    """An import whose removal helps to open a cycle, where it stands if that is known, and if it is for types only."""

    importer: str
    imported: str
    place: str = ""
    is_typing: bool = False

    def __str__(self) -> str:
        return f"{self.importer} → {self.imported}" if self.imported else self.importer


@dataclass(frozen=True, slots=True)
class ImportCycle:
    """Modules that import each other.

    Attributes:
        modules: All of them, sorted.
        ring: One way around, in the order of the imports; empty if it was not told.
        cuts: What to remove so that no cycle is left among them.
        artifact: What it was found for.
        is_running: Whether it is a cycle when the program runs too, and not by imports for type checkers only.
    """

    modules: tuple[str, ...]
    ring: tuple[str, ...]
    cuts: tuple[Cut, ...]
    artifact: str
    is_running: bool = True

    @property
    def running_cuts(self) -> tuple[Cut, ...]:
        """What to remove so that no cycle is left when the program runs: imports for types make none."""
        return tuple(cut for cut in self.cuts if self.is_running and not cut.is_typing)


@dataclass(frozen=True, slots=True)
class Boundary:
    """A part of the code that could stand alone."""

    name: str
    modules: tuple[str, ...]
    size: int | None
    crossing: int | None
    record: Record
    artifact: str


def cycles_of(subject: ReportInput) -> tuple[ImportCycle, ...]:
    """The import cycles that were found, once each, with their cuts if anybody named any."""
    cycles: dict[tuple[str, ...], ImportCycle] = {}
    for artifact, entry in entries(subject, CYCLES):
        record = entry if isinstance(entry, Mapping) else {}
        ring = texts_in(first(record, _RINGS))
        modules = tuple(sorted(set(texts_in(first(record, _MEMBERS)) or ring or texts_in(entry))))
        if modules:
            cuts = tuple(_cuts(first(record, _CUTS)))
            is_running = record.get("runs_without_typing") is not False
            cycle = ImportCycle(modules, _opened(ring), cuts, artifact, is_running)
            known = cycles.get(modules)
            if known is None or (cycle.cuts and not known.cuts):
                cycles[modules] = cycle
    return tuple(sorted(cycles.values(), key=lambda cycle: (-len(cycle.modules), cycle.modules)))


def boundaries_of(subject: ReportInput) -> tuple[Boundary, ...]:
    """The proposed boundaries, once each, by name; of several accounts the one that names modules."""
    boundaries: dict[str, Boundary] = {}
    for artifact, entry in entries(subject, BOUNDARIES):
        name = first(entry, ("name", "boundary", "id")) if isinstance(entry, Mapping) else None
        if isinstance(entry, Mapping) and isinstance(name, str) and name:
            members = first(entry, _MEMBERS)
            boundary = Boundary(name, texts_in(members), _count(members), _crossing(entry), entry, artifact)
            known = boundaries.get(name)
            if known is None or (boundary.modules and not known.modules):
                boundaries[name] = boundary
    return tuple(boundaries[name] for name in sorted(boundaries))


@dataclass(frozen=True, slots=True)
class Outside:
    """Modules that belong to no proposed boundary, with what becomes of them; `modules` may name only the first."""

    role: str
    number: int
    modules: tuple[str, ...]


def outside_of(subject: ReportInput) -> tuple[Outside, ...]:
    """What belongs to no proposed boundary, by what becomes of it."""
    roles: dict[str, Outside] = {}
    for _, entry in entries(subject, OUTSIDE):
        role = first(entry, ("role", "why")) if isinstance(entry, Mapping) else None
        if isinstance(entry, Mapping) and isinstance(role, str):
            names = texts_in(entry.get("module_names"))
            number = _count(entry.get("modules"))
            roles.setdefault(role, Outside(role, len(names) if number is None else number, names))
    return tuple(roles.values())


def hot_spots_of(subject: ReportInput) -> tuple[Record, ...]:
    """The hot spots, once each, in the order in which they were given."""
    spots: dict[str, Record] = {}
    for _, entry in entries(subject, HOT_SPOTS):
        if isinstance(entry, Mapping) and entry:
            spots.setdefault(json.dumps(entry, sort_keys=True), entry)
    return tuple(spots.values())


def scalars_of(subject: ReportInput) -> Mapping[str, float | int]:
    """Figures that are one number, of agents that measured code; of lists of modules their length."""
    figures: dict[str, float | int] = {}
    for found in subject.found:
        if any(name in found.data for name in (*CYCLES, *HOT_SPOTS, *BOUNDARIES)):
            for name, value in found.data.items():
                if (number := number_in(value)) is not None:
                    figures.setdefault(name, number)
                elif name in {"modules", "packages", "files", "imports"} and isinstance(value, list | dict):
                    figures.setdefault(name, len(value))
    return figures


def entries(subject: ReportInput, names: Sequence[str]) -> Iterator[tuple[str, JsonValue]]:
    """What stands in lists under any of some names, with the artifact it was found for."""
    for found in subject.found:
        for document in (found.data, *_documents(found)):
            for name in names:
                for entry in _listed(document.get(name)):
                    yield found.artifact, entry


def _listed(value: JsonValue) -> Sequence[JsonValue]:
    """The entries of a list, of an object that holds a list of proposals, or of an object by name."""
    if isinstance(value, Mapping):
        proposals = value.get("proposals")
        if isinstance(proposals, list):
            return proposals
        return [{"name": name, **entry} for name, entry in value.items() if isinstance(entry, Mapping)]
    return value if isinstance(value, list) else ()


def _documents(found: Evidence) -> Iterator[Record]:
    """The JSON objects among the files of an artifact; figures are often handed over in short and written in full."""
    for file in found.files:
        if file.path.endswith(".json") and len(file.content) <= _LONGEST_FILE:
            try:
                document = json.loads(file.content)
            except (ValueError, RecursionError):
                continue
            if isinstance(document, dict):
                yield document


def first(record: Record, names: Iterable[str]) -> JsonValue:
    """The first of some fields that is there."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def _opened(ring: tuple[str, ...]) -> tuple[str, ...]:
    """The ring without its first member again at its end."""
    return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring


def _crossing(record: Record) -> int | None:
    """Imports that cross a boundary: as told, or those going out and coming in."""
    told = _count(first(record, _CROSSING))
    if told is not None:
        return told
    ways = [count for name in ("outgoing", "incoming") if (count := _count(record.get(name))) is not None]
    return sum(ways) if ways else None


def _count(value: JsonValue) -> int | None:
    if isinstance(value, list | dict):
        return len(value)
    number = number_in(value)
    return None if number is None else int(number)


def _cuts(value: JsonValue) -> Iterator[Cut]:
    """Imports to remove, whatever shape they were given in: a text, a pair, an object, or a list of these."""
    if isinstance(value, str) and value:
        ends = value.replace(" -> ", " → ").partition(" → ")
        yield Cut(ends[0], ends[2])
    elif isinstance(value, Mapping):
        importer, imported = first(value, _IMPORTERS), first(value, _IMPORTED)
        if isinstance(importer, str) and isinstance(imported, str):
            yield Cut(importer, imported, _place(value), value.get("typing") is True)
        else:
            yield from _cuts(value.get("edge"))
    elif isinstance(value, list) and len(value) == 2 and all(isinstance(end, str) and "→" not in end for end in value):
        yield Cut(str(value[0]), str(value[1]))
    elif isinstance(value, list):
        for entry in value:
            yield from _cuts(entry)


def _place(cut: Record) -> str:
    """File and line of the first statement that makes an import."""
    statements = cut.get("statements")
    where = statements[0] if isinstance(statements, list) and statements else cut
    if not isinstance(where, Mapping):
        return ""
    path, line = first(where, ("file", "path")), where.get("line")
    if not isinstance(path, str):
        return ""
    return f"{path}:{line}" if isinstance(line, int) else path
