"""What documents say of an option: the clauses that name it, each with its criterion and its direction.

A direction is told by words that can be looked up in the catalogue, so that it can be disputed; a clause without any is
quoted and moves nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import JsonValue

from prefect_harmonic.planners.choice import Choice
from prefect_harmonic.planners.evidence import Claim, Evidence, Source
from prefect_harmonic.planners.words import stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.options.criteria import CHANGE, FIT, Criterion, criterion_catalogue
from prefect_harmonic.tasks.agents.researcher.answers import is_open
from prefect_harmonic.tasks.agents.researcher.documents import Passage
from prefect_harmonic.tasks.agents.wording import clipped

_LONGEST_QUOTE = 400
_CLAUSE = re.compile(r";\s+|,\s+(?:and|but|while|whereas|yet)\s+")
_GOES_ON = re.compile(r"^(?:It|Its|They|Their|This|That|These|Here)\b")
STATEMENTS = "statements"
"""The name under which statements stand in the data of evidence."""

_COLUMNS = 5
_PRODUCT_ENDINGS = frozenset({"ql", "sql", "esql", "db", "mq", "js", "search", "cache", "io"})
_SHORTEST_NAME = 5
_NEGATING = frozenset(
    {"not", "no", "never", "cannot", "hardly", "without", "isn't", "doesn't", "don't", "won't", "can't"}
)
_REACH = 3
"""Words before a word within which a negation turns it round."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause about one option.

    Attributes:
        option: Which one.
        criterion: The id of what it speaks of; empty where it is none of the criteria.
        direction: 1 for the option, -1 against it, 0 where nothing tells.
        claim: The sentence it stands in, with file and line.
        clause: The clause itself.
    """

    option: str
    criterion: str
    direction: int
    claim: Claim
    clause: str


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as it travels: option, criterion, direction, clause, and the place it stands at."""

    option: str
    criterion: str
    direction: int
    clause: str
    place: str


def statements_in(passages: Iterable[Passage], choice: Choice) -> tuple[Statement, ...]:
    """What passages say of the options of a choice, in the order in which it stands there."""
    found: list[Statement] = []
    for passage in passages:
        if is_open(passage):
            continue
        spoken_of: tuple[str, ...] = ()
        for sentence in passage.sentences:
            if sentence.text.endswith("?"):
                continue
            if not _GOES_ON.match(sentence.text):
                spoken_of = ()
            source = Source(path=passage.path, line=sentence.line, quote=clipped(sentence.quote, _LONGEST_QUOTE))
            claim = Claim(text=clipped(sentence.text, _LONGEST_QUOTE), sources=(source,), confidence=0.85)
            for clause in _CLAUSE.split(sentence.text):
                spoken_of = options_named(clause, choice.options) or spoken_of
                found += _statements(clause, spoken_of, claim, choice)
    return tuple(found)


def options_named(text: str, options: Sequence[str]) -> tuple[str, ...]:
    """The options that a text names, in the order in which it does.

    >>> options_named("Postgres is slower than Redis", ("Redis", "PostgreSQL"))
    ('PostgreSQL', 'Redis')
    """
    stems = [stem(word) for word in words_of(text)]
    placed = []
    for option in options:
        own, shared = _marks(option, tuple(options))
        places = [_place(mark, stems) for mark in own]
        if own and min(places) >= 0 and (not shared or any(_place(mark, stems) >= 0 for mark in shared)):
            placed.append((min(places), option))
    return tuple(option for _, option in sorted(placed))


@cache
def _marks(option: str, options: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The stems that tell an option from the others, and those that it shares with one of them."""
    stems = telling_stems(option)
    others = frozenset().union(*(telling_stems(each) for each in options if each != option))
    return stems - others, stems & others


def _place(mark: str, stems: Sequence[str]) -> int:
    return next(
        (at for at, each in enumerate(stems) if each == mark or _is_short_for(*sorted((each, mark), key=len))), -1
    )


def _is_short_for(short: str, long: str) -> bool:
    """Whether one is the usual short name of the other product: "postgres" of "postgresql"."""
    return len(short) >= _SHORTEST_NAME and long.startswith(short) and long[len(short) :] in _PRODUCT_ENDINGS


def _statements(clause: str, options: tuple[str, ...], claim: Claim, choice: Choice) -> Iterator[Statement]:
    criterion = _criterion_of(clause, choice)
    direction = _direction_of(clause)
    is_comparing = len(options) == 2 and "than" in words_of(clause)
    for at, option in enumerate(options):
        own = direction if len(options) == 1 else (direction if at == 0 else -direction) if is_comparing else 0
        yield Statement(option, criterion, own, claim, clause.strip())


def _criterion_of(clause: str, choice: Choice) -> str:
    """The criterion of which a clause has most words, the weightiest of several."""
    words = frozenset(words_of(clause))
    marks = {each.id: len(words & frozenset(each.words)) for each in criterion_catalogue().criteria}
    if choice.purpose and telling_stems(choice.purpose) & frozenset(map(stem, words)):
        marks[FIT] += 1
    if marks[CHANGE] and not any(mark for name, mark in marks.items() if name not in {CHANGE, FIT}):
        return CHANGE  # where it is kept today says how far it is in use, whatever it is used for
    best = max(criterion_catalogue().criteria, key=lambda each: (marks[each.id], each.id != FIT))
    return best.id if marks[best.id] else ""


def _direction_of(clause: str) -> int:
    known = criterion_catalogue()
    words = words_of(clause)
    told = 0
    for at, word in enumerate(words):
        side = (word in known.favourable) - (word in known.unfavourable)
        is_turned = bool(_NEGATING & set(words[max(0, at - _REACH) : at]))
        told += -side if is_turned else side
    return (told > 0) - (told < 0)


def as_data(statements: Iterable[Statement]) -> list[JsonValue]:
    """Statements as plain values, in which they travel with evidence."""
    return [[s.option, s.criterion, s.direction, s.clause, str(s.claim.sources[0])] for s in statements]


def told_in(known: Mapping[str, Evidence]) -> tuple[Told, ...]:
    """The statements that travel with evidence, each once, in the order of the artifacts they were found for."""
    rows = [row for _, evidence in sorted(known.items()) for row in _rows(evidence.data.get(STATEMENTS))]
    return tuple(dict.fromkeys(rows))


def _rows(data: JsonValue) -> Iterator[Told]:
    for row in data if isinstance(data, list) else ():
        if isinstance(row, list) and len(row) == _COLUMNS and isinstance(row[2], int):
            yield Told(str(row[0]), str(row[1]), row[2], str(row[3]), str(row[4]))


def by_criterion(statements: Iterable[Statement], criterion: Criterion) -> tuple[Statement, ...]:
    """The statements about one criterion."""
    return tuple(each for each in statements if each.criterion == criterion.id)
