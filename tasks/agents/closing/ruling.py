"""Rules by which one of two contradicting statements holds, in the order in which they decide.

1. The better source: measured before documented before derived before assumed.
2. What a document says itself: that one of them is preliminary, corrected, replaced or superseded.
3. Agreement: more documents and tables of figures, other than the two, that say the same.
4. The later document, where both say when they were written.

The first rule that has something to say decides. What the others say makes the ruling surer or less sure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from prefect_harmonic.planners.evidence import Grade, Source
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.closing.disputing import (
    Dispute,
    Side,
    has_value,
    is_about,
    numbers_in,
    searched_words,
    side_of,
)
from prefect_harmonic.tasks.agents.closing.library import Library, Statement
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed


class Rule(StrEnum):
    """What a ruling may rest on."""

    GRADE = "better source"
    SAID_SO = "a document says so"
    AGREEMENT = "agreement"
    LATER = "later document"


CONFIDENCE = {Rule.GRADE: 0.85, Rule.SAID_SO: 0.85, Rule.AGREEMENT: 0.75, Rule.LATER: 0.65}
"""How sure a ruling by each rule is before the others are heard."""

_AGREEING, _OPPOSING, _MOST = 0.05, 0.15, 0.95
_GRADES = (Grade.ASSUMED, Grade.DERIVED, Grade.DOCUMENTED, Grade.MEASURED)
_DISOWNED = re.compile(
    r"\b(?:preliminary|provisional|outdated|out of date|obsolete|superseded|wrong|mistaken|a mistake|incorrect|"
    r"no longer|not yet complete|incomplete|an estimate|estimated|first count|typo|withdrawn|stale)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"\b(?:final|correct|right|holds|confirmed|counted|measured|complete|audited|reconciled|actual|valid now)\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:corrected|revised|changed|raised|lowered|updated|replaced|superseded)\s+(?:from\s.*?\s)?(?:to|by|with)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\b(?:supersedes|replaces|corrects|instead of|rather than)\b|,\s*not\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[;:]\s+|,\s+(?:and|but|while|whereas)\s+|,\s+(?=the\b)|\s+(?:and|but|while|whereas)\s+")
_STATUS = re.compile(r"\bstatus\s*:?\s*[^.]*\b(?:superseded|withdrawn|obsolete|replaced|deprecated)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ground:
    """What one rule says: for which side (0 or 1), why, and on what it rests."""

    rule: Rule
    side: int
    told: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which side holds, by the first of its grounds; undecided without any."""

    dispute: Dispute
    grounds: tuple[Ground, ...]

    @property
    def holding(self) -> Side:
        """The side that holds."""
        return self.dispute.sides[self.grounds[0].side]

    @property
    def failing(self) -> Side:
        """The side that does not hold."""
        return self.dispute.sides[1 - self.grounds[0].side]

    @property
    def confidence(self) -> float:
        """How sure it is: by the rule that decides, more for each that agrees, less for each that does not."""
        first, *others = self.grounds
        agreeing = sum(each.side == first.side for each in others)
        return round(
            min(_MOST, CONFIDENCE[first.rule] + _AGREEING * agreeing - _OPPOSING * (len(others) - agreeing)), 2
        )


def ruling_on(dispute: Dispute, library: Library) -> Ruling:
    """What the rules say to a dispute."""
    statements = library.statements(searched_words(dispute), most=150)
    found = (
        _by_grade(dispute),
        _by_saying(dispute, statements, library),
        _by_agreement(dispute, statements),
        _by_date(dispute, library),
    )
    return Ruling(dispute, tuple(ground for ground in found if ground is not None))


def _by_grade(dispute: Dispute) -> Ground | None:
    ranks = [_rank(side) for side in dispute.sides]
    if ranks[0] == ranks[1]:
        return None
    side = 0 if ranks[0] > ranks[1] else 1
    better, worse = (_graded(ranks[at]) for at in (side, 1 - side))
    return Ground(Rule.GRADE, side, f"it is {better}, the other {worse}", dispute.sides[side].claim.sources)


def _rank(side: Side) -> int:
    return max((_GRADES.index(source.grade) for source in side.claim.sources), default=-1)


def _graded(rank: int) -> str:
    return _GRADES[rank].value if rank >= 0 else "without a source"


def _by_saying(dispute: Dispute, statements: tuple[Statement, ...], library: Library) -> Ground | None:
    """What documents say of the two in words; nothing if they say opposite things."""
    said = [*_verdicts(dispute, statements), *_replaced(dispute, library)]
    sides = {side for side, _ in said}
    if len(sides) != 1:
        return None
    side, statement = said[0]
    quote = clipped(statement.text, 200).rstrip(".")
    sources = tuple(dict.fromkeys(each.source for _, each in said))
    return Ground(Rule.SAID_SO, side, f"“{quote}” ({statement.source})", sources)


def _verdicts(dispute: Dispute, statements: tuple[Statement, ...]) -> Iterator[tuple[int, Statement]]:
    for statement in statements:
        if statement.is_open or statement.is_row or not statement.is_stating or not is_about(statement, dispute):
            continue
        side = _verdict(statement.text, dispute)
        if side is not None:
            yield side, statement


def _verdict(text: str, dispute: Dispute) -> int | None:
    """The side that a sentence upholds: it says of a value that it is final, or of the other that it is not."""
    for pattern, first_holds in ((_CHANGED, False), (_INSTEAD, True)):
        if (match := pattern.search(text)) is not None:
            before = _only(text[: match.end()], dispute)
            after = _only(text[match.end() :], dispute)
            if before is not None and after is not None and before != after:
                return before if first_holds else after
    points = [0, 0]
    for clause in _CLAUSE.split(text):
        side = _only(clause, dispute)
        if side is not None:
            points[side] += bool(_OWNED.search(clause)) - 2 * bool(_DISOWNED.search(clause))
    has_both = all(has_value(text, side) for side in dispute.sides)
    if points[0] == points[1] or not (has_both or min(points) < 0):
        return None
    return 0 if points[0] > points[1] else 1


def _only(text: str, dispute: Dispute) -> int | None:
    """The side whose value a text has, if it has that of one alone. Units may be left out beside another number."""
    numbers = numbers_in(text)
    bare = [bool(side.numbers & numbers) if side.numbers else has_value(text, side) for side in dispute.sides]
    return None if bare[0] == bare[1] else 0 if bare[0] else 1


def _replaced(dispute: Dispute, library: Library) -> Iterator[tuple[int, Statement]]:
    """Sides whose document says of itself that it no longer holds, or of which the other's says that it replaces it."""
    for at, side in enumerate(dispute.sides):
        for path in sorted(side.paths):
            for passage in library.passages(path):
                for each in passage.sentences:
                    place = Source(path=path, line=each.line, quote=clipped(each.quote, 200))
                    if _STATUS.search(each.text):
                        yield 1 - at, Statement(each.text, place)
                    elif _names_as_replaced(each.text, dispute.sides[1 - at]):
                        yield at, Statement(each.text, place)


def _names_as_replaced(text: str, other: Side) -> bool:
    match = re.search(r"\b(?:supersedes|replaces)\b(.*)", text, re.IGNORECASE)
    if match is None:
        return False
    names = [telling_stems(path.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("-", " ")) for path in other.paths]
    return any(len(name) > 1 and name <= telling_stems(match[1]) for name in names)


def _by_agreement(dispute: Dispute, statements: tuple[Statement, ...]) -> Ground | None:
    """The side that more other files take, each counted once."""
    own = dispute.sides[0].paths | dispute.sides[1].paths
    supporting: tuple[dict[str, Statement], dict[str, Statement]] = ({}, {})
    for statement in statements:
        if statement.source.path not in own and not statement.is_open:
            side = side_of(statement, dispute)
            if side is not None:
                supporting[side].setdefault(statement.source.path, statement)
    # A file that takes both sides takes none.
    both = set(supporting[0]) & set(supporting[1])
    kept = [{path: each for path, each in side.items() if path not in both} for side in supporting]
    if len(kept[0]) == len(kept[1]):
        return None
    side = 0 if len(kept[0]) > len(kept[1]) else 1
    sources = tuple(kept[side][path].source for path in sorted(kept[side]))
    against = f", {counted(len(kept[1 - side]), 'other file')} the other" if kept[1 - side] else ", none the other"
    places = listed([str(source) for source in sources], most=3)
    return Ground(Rule.AGREEMENT, side, f"{counted(len(sources), 'other file')} ({places}) agrees{against}", sources)


def _by_date(dispute: Dispute, library: Library) -> Ground | None:
    dates = [max((library.date(path) for path in side.paths), default="") for side in dispute.sides]
    length = min(map(len, dates))
    if not length or dates[0][:length] == dates[1][:length]:
        return None
    side = 0 if dates[0][:length] > dates[1][:length] else 1
    told = f"its document is of {dates[side]}, the other's of {dates[1 - side]}"
    return Ground(Rule.LATER, side, told, dispute.sides[side].claim.sources)
