"""What the search for uses says about an artifact: its text, its claims, what is missing and how sure it is."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.tasks.agents.code_analyzer.uses import HIDDEN, Search, Use, Uses, passed_on
from prefect_harmonic.tasks.agents.wording import cell, counted, listed, table

USES = "uses"
_MOST_ROWS = 400
_SOURCES = 6
_SURE, _BY_WORDS, _NOTHING = 0.85, 0.7, 0.3


def usage_text(found: Uses) -> str:
    """Each use with file and line, by which search it was found, and what the search cannot see."""
    return "\n\n".join(part for part in (_counts(found), _itself(found), _places(found), _how(found)) if part) + "\n"


def usage_claims(found: Uses) -> tuple[Claim, ...]:
    """What was found, with the places it stands at."""
    return tuple(_claims(found))


def usage_gaps(found: Uses, *, is_to_be_gone: bool = False) -> tuple[str, ...]:
    """What was searched for and not found, where it is not to be gone, and what could not be read."""
    missing = []
    if found.is_gone and not is_to_be_gone:
        missing.append(f"no use of {found.subject.text} was found in {counted(found.files, 'file')} by any search")
    if found.unread:
        missing.append(f"{counted(len(found.unread), 'file')} could not be searched: {listed(found.unread, most=3)}")
    if found.is_cut:
        missing.append(f"the search for {found.subject.text} ended at its limits after {counted(found.files, 'file')}")
    return tuple(missing)


def usage_confidence(found: Uses) -> float:
    """How sure the list is: a name is found surely, words less so, and finding nothing says little."""
    if found.is_gone:
        return _NOTHING
    sure = _SURE if found.subject.name and found.is_in_code else _BY_WORDS
    return round(sure - 0.1 * bool(found.unread) - 0.2 * found.is_cut, 2)


def still_there(found: Uses) -> str:
    """How much of the subject a project still has."""
    files = len({use.path for use in found.outside})
    own = f", and {counted(len(found.own), 'file')} of its own" if found.own else ""
    how = "used" if found.is_in_code else "named"
    return (
        f"{found.subject.text} is {how} in {counted(len(found.outside), 'place')} of {counted(files, 'file')}"
        f"{' outside itself' if found.own else ''}{own}"
    )


def _claims(found: Uses) -> Iterator[Claim]:
    sure = usage_confidence(found)
    if found.is_gone:
        text = f"No use of {found.subject.text} was found in {counted(found.files, 'file')} by any search."
        yield Claim(text=text, confidence=sure)
        return
    counts = Counter(use.search for use in found.outside)
    ways = listed([f"{counts[search]} by {search.value}" for search in Search if counts[search]], most=len(Search))
    yield Claim(
        text=f"{still_there(found)}{f': {ways}' if ways else ''}.",
        sources=_sources(found, found.outside),
        confidence=sure,
    )
    if stars := passed_on(found):
        where = listed([f"{use.path}:{use.line}" for use in stars])
        text = f"All names of {found.subject.text} are passed on in {where}: {_whose(found)}"
        yield Claim(text=text, sources=_sources(found, stars), confidence=sure)


def _whose(found: Uses) -> str:
    """What is known of those who use names that `import *` brings them."""
    if not found.own:
        return "who uses them need not write its name, and is not in this list."
    count = found.by_search[Search.BROUGHT]
    seen = f"{counted(count, 'place')} can use them so" if count else "no place was found that can use them so"
    return f"{seen}, without its name; a name that its file binds in another way too is not among them."


def _sources(found: Uses, uses: "tuple[Use, ...] | list[Use]") -> tuple[Source, ...]:
    shown = sorted(uses, key=lambda use: (list(Search).index(use.search), use))[:_SOURCES]
    own = (Source(path=found.own[0], line=1, grade=Grade.MEASURED),) if found.own and not shown else ()
    return own or tuple(Source(path=u.path, line=u.line, quote=u.quote, grade=Grade.MEASURED) for u in shown)


def _counts(found: Uses) -> str:
    rows = [(search.value, str(count) if count else "none found") for search, count in found.by_search.items()]
    return f"## Found\n\n{still_there(found)}.\n\n{table(('search', 'places'), rows)}"


def _itself(found: Uses) -> str:
    if not found.own:
        return ""
    files = "\n".join(f"- {path}" for path in found.own[:_MOST_ROWS])
    inner = f"Within them it is named in {counted(len(found.inside), 'further place')}, not listed below."
    return f"## The thing itself\n\n{inner}\n\n{files}"


def _places(found: Uses) -> str:
    if not found.outside:
        return ""
    rows = []
    for path, uses in groupby(found.outside[:_MOST_ROWS], key=lambda use: use.path):
        rows += [(f"{path}:{use.line}", use.search.value, f"`{use.quote.replace('`', ' ')}`") for use in uses]
    more = len(found.outside) - _MOST_ROWS
    rest = f"\n\nAnd {counted(more, 'further place')}." if more > 0 else ""
    return f"## Places\n\n{table(('place', 'found by', 'line'), [tuple(map(cell, row)) for row in rows])}{rest}"


def _how(found: Uses) -> str:
    searches = listed([search.value for search in Search], most=len(Search))
    lines = [
        f"{counted(found.files, 'file')} were searched, by {searches}; nothing of the project was imported or run.",
        f"Hidden from such a search: {HIDDEN}.",
        *usage_gaps(found),
    ]
    return "## How it was searched\n\n" + "\n".join(f"- {line}" for line in lines)
