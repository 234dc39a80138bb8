"""Candidate boundaries that an analysis found, read from its data with care: any of it may be missing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.json_reading import number_in, records_in, texts_in
from prefect_harmonic.tasks.agents.decision_log.facts import Facts
from prefect_harmonic.tasks.agents.wording import counted, listed

_KEYS = ("services", "boundaries", "candidates")
_CELL = re.compile(r"([^:;]{1,40}): ([^;]*)(?:; |$)")
_RECORD_COLUMNS = ("table", "tables", "record", "records", "entity", "entities", "collection", "data")
_OWNER_COLUMNS = ("owner", "owned by", "owns", "belongs to")


@dataclass(frozen=True, slots=True)
class Boundary:
    """One candidate, as words for a table.

    Attributes:
        name: What it is called.
        members: The groups of modules it is made of.
        size: Number of its modules.
        owns: Records that documents give to one of its groups.
        cohesion: Inner imports as a share of inner and crossing ones.
        crossing: Imports out and in.
        cycles: Import cycles in common with another candidate.
        effort: What it costs to separate: shared cycles first, then crossing imports.
    """

    name: str
    members: str
    size: str
    owns: str
    cohesion: str
    crossing: str
    cycles: str
    effort: tuple[float, float]

    @property
    def reason(self) -> str:
        """Why it stands where it stands in the order of separation."""
        shared = "no import cycle" if self.effort[0] == 0 else counted(int(self.effort[0]), "import cycle")
        return f"{shared} in common with others, {counted(int(self.effort[1]), 'crossing import')}"


@dataclass(frozen=True, slots=True)
class Division:
    """The candidates, the easiest to separate first, with what has to be cut before and what is in nobody's way.

    Attributes:
        boundaries: The candidates.
        cuts: Imports to remove before, with their places; of very many the first.
        cut_count: How many there are.
        shared: Groups that all use: a library.
        front: Groups that call most others: they stay in front.
        hubs: Modules to divide first.
        homeless: Records whose owner in the documents is none of the candidates.
    """

    boundaries: tuple[Boundary, ...] = ()
    cuts: tuple[str, ...] = ()
    cut_count: int = 0
    shared: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    homeless: tuple[str, ...] = ()

    @property
    def has_owners(self) -> bool:
        """Whether documents say who owns any record."""
        return any(boundary.owns for boundary in self.boundaries)


def division_in(assignment: Assignment, facts: Facts) -> Division:
    """The candidates of the first input, or else background, that has any."""
    records = _records(facts)
    for known in (assignment.inputs, assignment.background):
        for name in sorted(known):
            found = tuple(_read(known[name].data, records))
            if found:
                return _division(known[name].data, found, records)
    return Division()


def _division(
    data: Mapping[str, JsonValue], found: tuple[tuple[Boundary, frozenset[str]], ...], records: Mapping[str, str]
) -> Division:
    shared, front = texts_in(data.get("shared_groups")), texts_in(data.get("orchestrating"))
    homes = {short for _, groups in found for short in groups} | {_short(each) for each in (*shared, *front)}
    cuts = tuple(_cuts(data.get("cheapest_cuts")))
    return Division(
        boundaries=tuple(sorted((each for each, _ in found), key=lambda each: (each.effort, each.name))),
        cuts=cuts,
        cut_count=max(len(cuts), int(_number(data.get("imports_to_cut")))),
        shared=shared,
        front=front,
        hubs=texts_in(data.get("hubs")),
        homeless=tuple(f"{told} ({owner})" for owner, told in sorted(records.items()) if owner not in homes),
    )


def _records(facts: Facts) -> dict[str, str]:
    """For each owner the records that rows of a document's table give to it."""
    owned: dict[str, list[str]] = {}
    for _, claim in facts.claims:
        cells = {title.strip().casefold(): value.strip() for title, value in _CELL.findall(claim.text)}
        record = next((cells[title] for title in _RECORD_COLUMNS if cells.get(title)), "")
        owner = next((cells[title] for title in _OWNER_COLUMNS if cells.get(title)), "")
        if record and owner:
            owned.setdefault(owner.strip("`").casefold(), []).append(record.replace("`", ""))
    return {owner: ", ".join(dict.fromkeys(told)) for owner, told in owned.items()}


def _read(data: Mapping[str, JsonValue], records: Mapping[str, str]) -> Iterator[tuple[Boundary, frozenset[str]]]:
    for key in _KEYS:
        value = data.get(key)
        if isinstance(value, dict):
            value = value.get("services") or value.get("proposals")
        named = [each for each in records_in(value) if isinstance(each.get("name"), str)]
        if named:
            yield from (_boundary(each, records) for each in named)
            return


def _boundary(each: Mapping[str, JsonValue], records: Mapping[str, str]) -> tuple[Boundary, frozenset[str]]:
    groups, modules = texts_in(each.get("groups")), each.get("modules")
    members = groups or texts_in(modules)
    shorts = frozenset(_short(name) for name in members)
    told = listed(members, most=6) if members else f"{_figure(modules)} modules"
    owns = "; ".join(records[owner] for owner in sorted(records) if owner in shorts)
    outgoing, incoming, cycles = each.get("outgoing"), each.get("incoming"), each.get("cycles")
    boundary = Boundary(
        name=str(each["name"]),
        members=told,
        size=_figure(modules),
        owns=owns,
        cohesion=_figure(each.get("cohesion")),
        crossing=f"{_figure(outgoing)} / {_figure(incoming)}",
        cycles=_figure(cycles),
        effort=(_number(cycles), _number(outgoing) + _number(incoming)),
    )
    return boundary, shorts


def _cuts(value: JsonValue) -> Iterator[str]:
    """The imports to remove, those of the largest cycles first."""
    for each in sorted(records_in(value), key=lambda each: -_number(each.get("modules_in_cycle"))):
        importer, imported, place = each.get("importer"), each.get("imported"), each.get("place")
        if isinstance(importer, str) and isinstance(imported, str):
            where = f" at {place}" if isinstance(place, str) and place else ""
            size = int(_number(each.get("modules_in_cycle")))
            yield f"{importer} → {imported}{where}" + (f" (cycle of {size} modules)" if size else "")


def _short(name: str) -> str:
    return name.rpartition(".")[2].casefold()


def _number(value: JsonValue) -> float:
    return float(len(value)) if isinstance(value, list) else number_in(value) or 0.0


def _figure(value: JsonValue) -> str:
    """A number as it is told, a list by its length."""
    number = len(value) if isinstance(value, list) else number_in(value)
    return "?" if number is None else f"{number:g}"
