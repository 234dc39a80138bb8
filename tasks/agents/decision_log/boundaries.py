"""Candidate boundaries that an analysis found, read from its data with care: any of it may be missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.tasks.agents.wording import listed

_KEYS = ("services", "boundaries", "candidates")


@dataclass(frozen=True, slots=True)
class Boundary:
    """One candidate, as words for a table."""

    name: str
    members: str
    cohesion: str
    crossing: str
    cycles: str


def boundaries_in(assignment: Assignment) -> tuple[Boundary, ...]:
    """The candidates of the first input, or else background, that has any."""
    for known in (assignment.inputs, assignment.background):
        for name in sorted(known):
            found = tuple(_read(known[name].data))
            if found:
                return found
    return ()


def _read(data: Mapping[str, JsonValue]) -> Iterator[Boundary]:
    for key in _KEYS:
        value = data.get(key)
        if isinstance(value, dict):
            value = value.get("services") or value.get("proposals")
        candidates = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
        named = [each for each in candidates if isinstance(each.get("name"), str)]
        if named:
            yield from (_boundary(each) for each in named)
            return


def _boundary(each: Mapping[str, JsonValue]) -> Boundary:
    groups, modules = each.get("groups"), each.get("modules")
    members = groups if isinstance(groups, list) else modules if isinstance(modules, list) else []
    told = listed([str(member) for member in members], most=6) if members else f"{_figure(modules)} modules"
    crossing = f"{_figure(each.get('outgoing'))} / {_figure(each.get('incoming'))}"
    return Boundary(str(each["name"]), told, _figure(each.get("cohesion")), crossing, _figure(each.get("cycles")))


def _figure(value: JsonValue) -> str:
    if isinstance(value, list):
        return str(len(value))
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else "?"
