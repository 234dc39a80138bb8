"""Statements about one subject that cannot both hold.

Precise rather than eager: a contradiction costs somebody a look, so two statements are set against each other only if
their words say that they speak of the same thing, at the same time, with the same certainty. What differs by a name, a
place, a percentile, a date or a tense is left alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from prefect_harmonic.planners.evidence import Claim, Contradiction, Grade
from prefect_harmonic.planners.quantities import Quantity, dates_in, quantities_in, versions_in
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of

_CLAUSE = re.compile(r";\s+|,\s+(?:and|but|while|whereas)\s+|,\s+(?=\d)")
_WEAK_WORDS = (
    "take have run contain consist include amount count number total current currently today now roughly about around "
    "approximately size so far last long altogether overall exactly lot there got get make"
)
_WEAK = frozenset(stem(word) for word in _WEAK_WORDS.split())
_WEAK_FOR_VERSIONS = frozenset(stem(word) for word in ("version", "database", "server", "db", "require", "support"))
_QUALIFYING_WORDS = (
    "p50 p75 p90 p95 p99 median average mean peak maximum minimum worst best normal production staging test testing "
    "local locally before after without yesterday old new first second third next previous per each other another "
    "night day weekday weekend"
)
_MONTHS = "january february march april june july august september october november december"
_QUALIFIERS = frozenset((*_QUALIFYING_WORDS.split(), *_MONTHS.split()))
_NEGATING_WORDS = (
    "not never no none nobody nothing neither cannot without isn't aren't doesn't don't won't can't wasn't hasn't"
)
_NEGATIONS = frozenset(_NEGATING_WORDS.split())
_PAST = frozenset({"was", "were", "had", "did", "formerly", "previously", "once", "ago", "used"})
# Past tenses that show in the verb alone. Some are participles too, which an auxiliary tells.
_PAST_VERBS = frozenset(
    ("lost", "took", "sold", "grew", "fell", "rose", "began", "came", "went", "ran", "sent", "broke")
)
_AUXILIARIES = frozenset(("is", "are", "be", "been", "being", "has", "have"))
# "Deprecated synchronous transport" may be the title of a thing, which has no opposite; "Speed" is no participle.
_TITLE = re.compile(r"^\w{2,}[^\We]ed\b")
_PLANNING_WORDS = "will shall should would could plan planned plans target goal aim must want wants may might propose"
_PLANNED = frozenset(_PLANNING_WORDS.split())
_OPPOSITES = tuple(
    (stem(one), stem(other))
    for one, other in (
        ("synchronous", "asynchronous"),
        ("enabled", "disabled"),
        ("required", "optional"),
        ("shared", "separate"),
        ("allowed", "forbidden"),
        ("stateless", "stateful"),
        ("manual", "automatic"),
        ("manually", "automatically"),
        ("encrypted", "unencrypted"),
        ("public", "private"),
    )
)
_RECORDS_OF_THE_PAST = re.compile(r"(?:^|/)(?:changelog|changes|history|news|releases?)(?:[._-][^/]*)?$", re.IGNORECASE)
# A row of a table, its cells named: what its figures are about stands in another cell.
_ROW = re.compile(r"^[^:;]{1,40}: [^;]*; [^:;]{1,40}: ")
# What holds under a condition, and what a signature's documentation returns or raises, is no plain statement.
_CONDITIONAL = re.compile(r"\b(?:if|when|whether|unless|none|except|returns|raises)\b", re.IGNORECASE)
_LABEL = re.compile(r"^(?:status|date|written|agreed|author|last reviewed)\b", re.IGNORECASE)
_TOLERANCE_OF_ABOUT = 0.1
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Statement:
    """One comparable statement of a claim: of which kind, about what, saying what."""

    claim: Claim
    kind: str
    subject: frozenset[str]
    qualifiers: frozenset[str]
    frame: str
    value: tuple[float | int | str, ...]
    bound: str
    told: str


def contradictions_among(claims: Sequence[Claim]) -> tuple[Contradiction, ...]:
    """The pairs of claims that contradict each other, each pair once, in the order of the claims.

    >>> one, other = Claim(text="The team has 6 engineers."), Claim(text="The team has 8 developers.")
    >>> [each.subject for each in contradictions_among([one, other])]
    ['team (person)']
    >>> contradictions_among([one, Claim(text="The sales team has 8 people.")])
    ()
    """
    statements: dict[str, list[_Statement]] = defaultdict(list)
    for claim in claims:
        if not _is_record_of_the_past(claim) and not _ROW.match(claim.text):
            for statement in (*_measured(claim), *_dated(claim), *_versioned(claim), *_plain(claim)):
                statements[statement.kind].append(statement)
    found: dict[tuple[str, str], Contradiction] = {}
    for kind in sorted(statements):
        for one, other in combinations(statements[kind], 2):
            key = (one.claim.text, other.claim.text)
            if key not in found and one.claim.text != other.claim.text and _contradict(one, other):
                found[key] = Contradiction(subject=one.told, one=one.claim, other=other.claim)
    return tuple(found.values())


def _is_record_of_the_past(claim: Claim) -> bool:
    return any(_RECORDS_OF_THE_PAST.search(source.path) for source in claim.sources)


def _contradict(one: _Statement, other: _Statement) -> bool:
    if one.value == other.value or (_is_measured(one.claim) and _is_measured(other.claim)):
        return False
    is_same_frame = one.frame == other.frame and one.qualifiers == other.qualifiers
    if not is_same_frame or not _is_same_subject(one, other):
        return False
    if one.kind.startswith("quantity"):
        return _is_other_amount(one, other)
    if one.kind.startswith("version"):
        shorter = min(len(one.value), len(other.value))
        return one.value[:shorter] != other.value[:shorter]
    return one.value != other.value


def _is_measured(claim: Claim) -> bool:
    """Whether a claim was computed from the thing itself: two such figures differ by what they count."""
    return bool(claim.sources) and all(source.grade is Grade.MEASURED for source in claim.sources)


def _is_same_subject(one: _Statement, other: _Statement) -> bool:
    """Equal subjects, or one inside the other by all but two words while they share enough.

    A date that both name is as good as two words, since few things happen on one day.
    """
    if one.subject == other.subject:
        return bool(one.subject - _QUALIFIERS)
    smaller, larger = sorted((one.subject, other.subject), key=len)
    together = 2 * sum(qualifier[:2] in {"19", "20"} and len(qualifier) > 4 for qualifier in one.qualifiers)
    shared = len(smaller) + together
    return (
        bool(smaller)
        and smaller <= larger
        and shared >= 3
        and len(larger) - len(smaller) <= 2
        and 5 * shared >= 3 * (len(larger) + together)
    )


def _is_other_amount(one: _Statement, other: _Statement) -> bool:
    if {one.bound, other.bound} - {"exact", "about"} and one.bound != other.bound:
        return False
    first, second = float(one.value[0]), float(other.value[0])
    tolerance = _TOLERANCE_OF_ABOUT if "about" in {one.bound, other.bound} else 1e-9
    return abs(first - second) > tolerance * max(abs(first), abs(second))


def _measured(claim: Claim) -> Iterator[_Statement]:
    """What a claim says in numbers; a clause with two numbers of one unit is too much to be read rightly."""
    for clause in _CLAUSE.split(claim.text):
        quantities = quantities_in(clause)
        units = [quantity.unit for quantity in quantities]
        for quantity in quantities:
            if units.count(quantity.unit) == 1:
                rest = _without(clause, quantities)
                subject = _subject(rest) - {quantity.unit}
                told = f"{_told(rest)} ({quantity.unit})"
                kind = f"quantity {quantity.unit}"
                yield _statement(claim, kind, subject, (quantity.value,), told, quantity.bound, clause)


def _dated(claim: Claim) -> Iterator[_Statement]:
    dates = dates_in(claim.text)
    if len(dates) == 1 and not _LABEL.match(claim.text):
        start, end = dates[0].span
        rest = f"{claim.text[:start]} {claim.text[end:]}"
        subject = _subject(rest)
        if len(subject) > 1 and not quantities_in(rest):
            statement = _statement(
                claim, f"date {dates[0].exactness}", subject, (dates[0].value,), f"{_told(rest)} (date)"
            )
            yield _Statement(
                claim, statement.kind, subject, frozenset(), statement.frame, statement.value, "exact", statement.told
            )


def _versioned(claim: Claim) -> Iterator[_Statement]:
    versions = versions_in(claim.text)
    products = [version.product for version in versions]
    for version in versions:
        if products.count(version.product) == 1:
            rest = f"{claim.text[: version.span[0]]} {claim.text[version.span[1] :]}"
            subject = (_subject(rest) - _WEAK_FOR_VERSIONS) | {version.product}
            yield _statement(
                claim, f"version {version.product}", subject, version.version, f"version of {version.product}"
            )


def _plain(claim: Claim) -> Iterator[_Statement]:
    """What a claim says to be so or not to be so; sentences with numbers are compared by their numbers."""
    if len(claim.text) > 240 or re.search(r"\d", claim.text) or _CONDITIONAL.search(claim.text):
        return
    words, stems = set(words_of(claim.text)), _subject(claim.text)
    negations = _NEGATIONS & words
    is_title = _TITLE.match(claim.text) is not None and not _AUXILIARIES & words
    for one, other in () if is_title else _OPPOSITES:
        if (one in stems) != (other in stems):
            side = "is" if one in stems else "is not"
            subject = stems - {one, other}
            if len(subject) >= 2 and not negations:
                yield _statement(claim, f"opposite {one}", subject, (side,), f"{_told(claim.text)}")
    if len(stems) >= 3:
        yield _statement(claim, "negation", stems, ("not" if negations else "is",), _told(claim.text))


def _statement(
    claim: Claim,
    kind: str,
    subject: frozenset[str],
    value: tuple[float | int | str, ...],
    told: str,
    bound: str = "exact",
    clause: str | None = None,
) -> _Statement:
    told_in = claim.text if clause is None else clause
    words = set(words_of(told_in))
    qualifiers = (words & _QUALIFIERS) | {each.value for each in dates_in(claim.text)} | set(_YEAR.findall(claim.text))
    return _Statement(claim, kind, subject, frozenset(qualifiers), _frame(told_in), value, bound, told)


def _frame(text: str) -> str:
    """Whether a text tells what was, what is, or what is to be. The month of May is no permission."""
    words = set(words_of(_without(text, ())))
    if words & _PAST or (words & _PAST_VERBS and not words & (_AUXILIARIES | _PLANNED)):
        return "past"
    return "planned" if words & _PLANNED else "present"


def _without(text: str, quantities: Iterable[Quantity]) -> str:
    """The text without its numbers, their units kept out as well."""
    for quantity in sorted(quantities, key=lambda each: each.span, reverse=True):
        text = f"{text[: quantity.span[0]]} {text[quantity.span[1] :]}"
    for stated in sorted(dates_in(text), key=lambda each: each.span, reverse=True):
        text = f"{text[: stated.span[0]]} {text[stated.span[1] :]}"
    return text


def _subject(text: str) -> frozenset[str]:
    words = [word for word in words_of(text) if word not in STOP_WORDS and word not in _NEGATIONS]
    return frozenset(stem(word) for word in words if not word.isdigit()) - _WEAK - _PAST - _PLANNED


def _told(text: str) -> str:
    """The words that say what a statement is about, as they stand in it."""
    words = [word for word in words_of(text) if word not in STOP_WORDS and word not in _NEGATIONS]
    return " ".join([word for word in words if stem(word) not in _WEAK and not word.isdigit()][:6]) or "the same thing"
