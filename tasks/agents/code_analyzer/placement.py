"""What is said of the places in the code that a goal speaks of: a table, and a claim for each of the foremost."""

from pydantic import JsonValue

from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.tasks.agents.code_analyzer.analysis import Analysis
from prefect_harmonic.tasks.agents.code_analyzer.places import Place, Places
from prefect_harmonic.tasks.agents.code_analyzer.security.judging import showable, without_literals
from prefect_harmonic.tasks.agents.wording import counted, listed, table

PLACES = "places"
"""Under which key evidence has the places for those who build on it."""

OF_GOAL = " of the goal stand"
"""In every claim that says of a place why the goal leads there."""

_TITLE = "## Where the goal's words stand"
_MOST_CLAIMS = 4
_MOST_PASSED_ON = 8
_SURE = 0.99
"""That a definition is there and what it is called is certain; whether the change belongs there is for a person."""


def placement_text(found: Analysis, places: Places) -> str:
    """The section of the report: each place with the words that led to it, and what depends on it."""
    if not places.words:
        return ""
    searched = f"Searched for: {listed(places.words, most=len(places.words))}."
    cut = "The search ended at its limits; there is more code than it read." if places.is_cut else ""
    if not places.definitions:
        return f"{_TITLE}\n\n{searched} There is no Python code to search; other languages are not read."
    if not places.found:
        told = f"None of {counted(places.definitions, 'definition')} has one of them: what is asked for is new here."
        return f"{_TITLE}\n\n{searched} {told} {cut}".rstrip()
    rows = [_row(found, place) for place in places.found]
    header = ("place", "what", "words", "imported by", "named in tests")
    count = f"{places.count} of {counted(places.definitions, 'definition')} have one of them"
    parts = [
        f"{searched} {count}; these say most, by name, parameters and docstring.",
        table(header, rows),
        _absent(places),
        cut,
        "It finds what is called so, not what does so under another name: read these first, then decide where it goes.",
    ]
    return "\n\n".join([_TITLE, *filter(None, parts)])


def placement_claims(found: Analysis, places: Places) -> tuple[Claim, ...]:
    """A claim for each of the foremost places, with its line as the source."""
    return tuple(_claim(found, place) for place in places.found[:_MOST_CLAIMS])


def places_data(places: Places) -> tuple[JsonValue, ...]:
    """The foremost places as plain values, for documents that are made from them."""
    return tuple(
        {"path": one.path, "line": one.line, "name": one.name, "kind": one.kind, "words": list(place.words)}
        for place, one in ((place, place.definition) for place in places.found[:_MOST_PASSED_ON])
    )


def _claim(found: Analysis, place: Place) -> Claim:
    one = place.definition
    words = listed([f"“{word}”" for word in place.words], most=len(place.words))
    module = found.layout.by_key[one.module].name
    where = f"the module {module}" if one.kind == "module" else f"the {one.kind} {one.name} of {module}"
    importers = _importers(found, place)
    text = (
        f"{words}{OF_GOAL}{'s' if len(place.words) == 1 else ''} in {where}, which "
        f"{counted(importers, 'module')} import{'s' if importers == 1 else ''}; "
        f"{f'named in {listed(place.tests, most=2)}' if place.tests else 'no test names it'}."
    )
    line = found.quote(one.path, one.line)
    quote = without_literals(line) if one.kind == "constant" else showable(line)
    return Claim(
        text=text,
        sources=(Source(path=one.path, line=one.line, quote=quote, grade=Grade.MEASURED),),
        confidence=_SURE,
    )


def _row(found: Analysis, place: Place) -> tuple[str, ...]:
    one = place.definition
    tests = listed(place.tests, most=2) if place.tests else "none"
    importers = counted(_importers(found, place), "module")
    return f"`{one.path}:{one.line}`", f"`{one.name}` ({one.kind})", ", ".join(place.words), importers, tests


def _importers(found: Analysis, place: Place) -> int:
    """How many modules import the one that the place is in."""
    return found.coupling.standings[place.definition.module].fan_in


def _absent(places: Places) -> str:
    if not places.absent:
        return ""
    return (
        f"No definition has: {listed(places.absent, most=len(places.absent))}. That is new here, or called otherwise."
    )
