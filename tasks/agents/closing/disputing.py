"""What two statements differ in, and which others take one's side.

The values that stand in one and not in the other (numbers, versions, dates) are what is disputed; where there are none,
as with "is" against "is not", a third statement takes the side of the one whose opposite it contradicts.
"""

import re
from dataclasses import dataclass

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Contradiction
from prefect_harmonic.planners.quantities import dates_in, quantities_in, versions_in
from prefect_harmonic.planners.words import STOP_WORDS, stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.closing.library import Library, Statement
from prefect_harmonic.tasks.agents.closing.opening import dispute_in
from prefect_harmonic.tasks.agents.wording import clipped

_NUMBER = re.compile(r"(?<![\w.,:/#-])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d-])|(?<![\w.,:/#-])\d+(?:\.\d+)?(?![\d:/-])")
_LEAST_SHARED = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One of two statements, with what it alone says.

    Attributes:
        claim: The statement.
        numbers: The values of its disputed quantities as they are written, without separators.
        words: The stems of their units, or of the product whose version it is.
        dates: Dates that it alone has.
        versions: Products with versions that it alone has.
    """

    claim: Claim
    numbers: frozenset[str]
    words: frozenset[str]
    dates: frozenset[str]
    versions: frozenset[tuple[str, tuple[int, ...]]]

    @property
    def has_values(self) -> bool:
        """Whether what is disputed is a value and not a yes or no."""
        return bool(self.numbers or self.dates or self.versions)

    @property
    def place(self) -> str:
        """Where it stands, or else its words."""
        return str(self.claim.sources[0]) if self.claim.sources else f"“{clipped(self.claim.text, 80)}” (no source)"

    @property
    def paths(self) -> frozenset[str]:
        """The files it stands in."""
        return frozenset(source.path for source in self.claim.sources)


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two statements that cannot both hold, taken apart."""

    contradiction: Contradiction
    sides: tuple[Side, Side]
    about: frozenset[str]
    days: frozenset[str]


def contradiction_of(text: str, library: Library) -> Contradiction | None:
    """The contradiction that a text tells: as it was reported, as the findings give it, or from its own words."""
    reported = [each for name in sorted(library.known) for each in library.known[name].contradictions]
    for each in (*reported, *contradictions_among(library.findings)):
        if _is_told_by(text, str(each)):
            return each
    stated = dispute_in(text)
    if stated is None or stated.one == stated.other:
        return None
    return Contradiction(subject=stated.subject, one=library.located(stated.one), other=library.located(stated.other))


def dispute_of(contradiction: Contradiction) -> Dispute:
    """A contradiction with what is disputed in it, and what both sides speak of."""
    one, other = contradiction.one, contradiction.other
    both = telling_stems(one.text) & telling_stems(other.text)
    days = frozenset(each.value for each in dates_in(one.text)) & frozenset(each.value for each in dates_in(other.text))
    return Dispute(
        contradiction,
        (_side(one, other), _side(other, one)),
        (both | telling_stems(contradiction.subject)) - frozenset(stem for stem in both if stem.isdigit()),
        days,
    )


def side_of(statement: Statement, dispute: Dispute) -> int | None:
    """Which side (0 or 1) a statement takes; none if it speaks of something else, or has both values."""
    claims = (dispute.contradiction.one, dispute.contradiction.other)
    if statement.text in {claim.text for claim in claims}:
        return None
    if not dispute.sides[0].has_values and not dispute.sides[1].has_values:
        return _side_by_opposition(statement, dispute)
    stated = [has_value(statement.text, side, statement.above) for side in dispute.sides]
    if stated[0] == stated[1] or not is_about(statement, dispute):
        return _side_by_opposition(statement, dispute)
    return 0 if stated[0] else 1


def has_value(text: str, side: Side, above: frozenset[str] = frozenset()) -> bool:
    """Whether a text has a disputed value of a side, with its unit in the text or in the headings above."""
    stems = telling_stems(text) | above
    if side.numbers & numbers_in(text) and (not side.words or side.words & stems):
        return True
    if side.dates & {each.value for each in dates_in(text)}:
        return True
    return bool(side.versions & {(each.product, each.version) for each in versions_in(text)})


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text as they are written, without separators; parts of dates, names and places are none.

    >>> sorted(numbers_in("14,900 parcels on 2024-11-29 (a.md:7), 97 % of 15,350"))
    ['14900', '15350', '97']
    """
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


def is_about(statement: Statement, dispute: Dispute) -> bool:
    """Whether a statement speaks of the disputed thing: of its day where both name one, else by two of its words."""
    days = {each.value for each in dates_in(f"{statement.text} {statement.heading}")}
    if dispute.days:
        return bool(dispute.days & days)
    units = dispute.sides[0].words | dispute.sides[1].words
    shared = dispute.about & (telling_stems(statement.text) | statement.above)
    versions = dispute.sides[0].versions | dispute.sides[1].versions
    return len(shared - units) >= (1 if versions else _LEAST_SHARED)


def searched_words(dispute: Dispute) -> tuple[str, ...]:
    """The words by which statements on a dispute are found: those both sides have, and the disputed numbers."""
    texts = f"{dispute.contradiction.subject} {dispute.contradiction.one.text} {dispute.contradiction.other.text}"
    kept = [word for word in words_of(texts) if word not in STOP_WORDS and stem(word) in dispute.about]
    written = [
        number for claim in (dispute.contradiction.one, dispute.contradiction.other)
        for number in _NUMBER.findall(claim.text)
        if number.replace(",", "") in dispute.sides[0].numbers | dispute.sides[1].numbers
    ]  # fmt: skip
    return tuple(dict.fromkeys((*written, *kept)))


def _side(claim: Claim, against: Claim) -> Side:
    """The values of a claim that the other does not have, of units (or products) that both have."""
    own, others = quantities_in(claim.text), quantities_in(against.text)
    values = {(each.unit, each.value) for each in others}
    units = {each.unit for each in others}
    disputed = [each for each in own if each.unit in units and (each.unit, each.value) not in values]
    numbers: set[str] = set()
    for each in disputed:
        numbers |= {found.replace(",", "") for found in _NUMBER.findall(claim.text[slice(*each.span)])}
        if each.value == int(each.value):
            numbers.add(str(int(each.value)))
    dates = {each.value for each in dates_in(claim.text)}
    own_versions = {(each.product, each.version) for each in versions_in(claim.text)}
    other_versions = {(each.product, each.version) for each in versions_in(against.text)}
    is_about_numbers = bool(disputed)
    return Side(
        claim,
        frozenset(numbers),
        frozenset(word for each in disputed for word in _unit_words(claim.text[slice(*each.span)])),
        frozenset() if is_about_numbers else frozenset(dates - {each.value for each in dates_in(against.text)}),
        frozenset(own_versions - other_versions),
    )


def _unit_words(written: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(written) if not any(letter.isdigit() for letter in word))


def _side_by_opposition(statement: Statement, dispute: Dispute) -> int | None:
    """The side whose opposite a statement contradicts, if it contradicts one of them alone."""
    third = Claim(text=statement.text, sources=(statement.source,))
    against = [
        bool(contradictions_among([claim, third])) for claim in (dispute.contradiction.one, dispute.contradiction.other)
    ]
    return None if against[0] == against[1] else 1 if against[0] else 0


def _is_told_by(text: str, told: str) -> bool:
    wanted, known = " ".join(text.split()), " ".join(told.split())
    return wanted == known or (wanted.endswith("…") and known.startswith(wanted.removesuffix("…").rstrip()))
