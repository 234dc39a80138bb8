"""Quantities, dates and versions that a sentence states, brought to a form in which two sentences can be compared."""

import re
from dataclasses import dataclass
from datetime import date

from prefect_harmonic.planners.words import STOP_WORDS, stem

_COUNTING = "two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: number for number, word in enumerate(_COUNTING.split(), start=2)}
_SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_NUMBER = re.compile(
    rf"(?<![\w.,:/#+-])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|{'|'.join(_NUMBER_WORDS)})(?![\d:/-])"
    r"(?:(?P<scale>k\b)|\s+(?P<scale_word>thousand|million|billion)\b)?[ \u00a0]?(?P<unit>%|[A-Za-z]+)?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d[\d.,]*\s*(?:-|\u2013|to|and|or)\s*\d[\d.,]*\s*[%\w]*", re.IGNORECASE)
_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), ("second", 0.001)),
    **dict.fromkeys(("s", "sec", "second", "seconds"), ("second", 1.0)),
    **dict.fromkeys(("min", "minute", "minutes"), ("second", 60.0)),
    **dict.fromkeys(("h", "hour", "hours"), ("second", 3600.0)),
    **dict.fromkeys(("day", "days"), ("second", 86400.0)),
    **dict.fromkeys(("week", "weeks"), ("second", 604800.0)),
    **dict.fromkeys(("month", "months"), ("month", 1.0)),
    **dict.fromkeys(("year", "years"), ("month", 12.0)),
    **dict.fromkeys(("kb", "kib"), ("byte", 1e3)),
    **dict.fromkeys(("mb", "mib"), ("byte", 1e6)),
    **dict.fromkeys(("gb", "gib"), ("byte", 1e9)),
    **dict.fromkeys(("tb", "tib"), ("byte", 1e12)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
    **dict.fromkeys(
        ("people", "person", "persons", "engineer", "engineers", "developer", "developers"), ("person", 1.0)
    ),
}
_MONTH_NAMES = "january february march april may june july august september october november december"
_MONTHS = _MONTH_NAMES.split()
_NOT_UNITS = frozenset((*_MONTHS, "am", "pm"))
_BOUNDS = (
    ("least", re.compile(r"(?:at least|more than|over|above|minimum(?: of)?|from|exceeds?)\s*$", re.IGNORECASE)),
    (
        "most",
        re.compile(r"(?:up to|at most|less than|fewer than|under|below|max(?:imum)?(?: of)?|within|until)\s*$", re.I),
    ),
    ("about", re.compile(r"(?:about|around|roughly|approximately|some|nearly|almost|circa|~)\s*$", re.IGNORECASE)),
)
_MONTH = "|".join(_MONTHS)
_DATES = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b|\b(?:(?P<day>\d{{1,2}})\.?\s+)?(?P<month>{_MONTH})\s+(?P<year>\d{{4}})\b"
    rf"|\b(?P<us>{_MONTH})\s+(?P<us_day>\d{{1,2}}),\s*(?P<us_year>\d{{4}})\b|\bQ(?P<quarter>[1-4])\s+(?P<q_year>\d{{4}})\b",
    re.IGNORECASE,
)
_PRODUCTS = (
    "angular celery debian django docker elasticsearch fastapi flask java kafka kubernetes mariadb mongodb mysql nginx "
    "node oracle pandas php postgres postgresql prefect pydantic python rabbitmq rails react redis ruby rust spring "
    "sqlalchemy sqlite terraform typescript ubuntu vue"
)
_VERSION = re.compile(
    rf"\b(?P<product>{'|'.join(_PRODUCTS.split())})(?:\.js)?\s+(?:version\s+)?v?(?P<version>\d+(?:\.\d+)*)"
    r"(?P<more>\+|\s+(?:or|and)\s+(?:later|newer|above|\d))?(?![\w%-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as a base unit where there is one, and whether it is exact.

    `span` is where number and unit stand in the text.
    """

    value: float
    unit: str
    bound: str = "exact"
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Version:
    """A product with its version."""

    product: str
    version: tuple[int, ...]
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as exact as it was given: `day`, `month` or `quarter`."""

    value: str
    exactness: str
    span: tuple[int, int] = (0, 0)


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The quantities that a text states. Ranges, dates and versions are none.

    >>> [(each.value, each.unit, each.bound) for each in quantities_in("Six engineers wait about 90 minutes")]
    [(6.0, 'person', 'exact'), (5400.0, 'second', 'about')]
    >>> quantities_in("between 5 and 10 modules, on 2025-03-01, with Python 3.11")
    ()
    """
    taken = [match.span() for pattern in (_RANGE, _DATES, _VERSION) for match in pattern.finditer(text)]
    found = []
    for match in _NUMBER.finditer(text):
        word = (match["unit"] or "").lower()
        is_taken = any(start < match.end("number") and match.start("number") < end for start, end in taken)
        if is_taken or not word or word in STOP_WORDS or word in _NOT_UNITS:
            continue
        unit, factor = _UNITS.get(word, (stem(word), 1.0))
        scale = _SCALES.get((match["scale"] or match["scale_word"] or "").lower(), 1.0)
        number = match["number"].lower()
        value = float(_NUMBER_WORDS.get(number) or number.replace(",", ""))
        found.append(Quantity(value * scale * factor, unit, _bound(text[: match.start()]), match.span()))
    return tuple(found)


def versions_in(text: str) -> tuple[Version, ...]:
    """The versions of known products that a text states exactly.

    >>> [(each.product, each.version) for each in versions_in("Python 3.11 and PostgreSQL 14, Redis 6 or later")]
    [('python', (3, 11)), ('postgresql', (14,))]
    """
    return tuple(
        Version(
            match["product"].lower().replace("postgres", "postgresql").replace("postgresqlql", "postgresql"),
            tuple(int(part) for part in match["version"].split(".")),
            match.span(),
        )
        for match in _VERSION.finditer(text)
        if not match["more"]
    )


def dates_in(text: str) -> tuple[StatedDate, ...]:
    """The dates that a text states, those that the calendar does not have left out.

    >>> [(each.value, each.exactness) for each in dates_in("from 1 March 2026 until 2026-04-30, in Q3 2026")]
    [('2026-03-01', 'day'), ('2026-04-30', 'day'), ('2026-Q3', 'quarter')]
    """
    found = []
    for match in _DATES.finditer(text):
        if match["quarter"]:
            found.append(StatedDate(f"{match['q_year']}-Q{match['quarter']}", "quarter", match.span()))
        elif (day := _day(match)) is not None:
            found.append(StatedDate(day, "month" if len(day) == len("2026-03") else "day", match.span()))
    return tuple(found)


def _day(match: re.Match[str]) -> str | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"]).isoformat()
        month = _MONTHS.index((match["month"] or match["us"]).lower()) + 1
        year, day = int(match["year"] or match["us_year"]), match["day"] or match["us_day"]
        return date(year, month, int(day)).isoformat() if day else f"{date(year, month, 1):%Y-%m}"
    except ValueError:
        return None


def _bound(before: str) -> str:
    return next((name for name, pattern in _BOUNDS if pattern.search(before)), "exact")
