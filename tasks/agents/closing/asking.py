"""What a gap asks, in parts that can each be answered, and what a sentence must have to answer one.

A gap is told in several ways: a question that a document leaves open (with its place), something of which no document
says anything, a figure that is not known.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from prefect_harmonic.planners.quantities import dates_in
from prefect_harmonic.planners.words import STOP_WORDS, stem, telling_stems, words_of


class Wanted(StrEnum):
    """What an answer must have."""

    STATEMENT = "a statement about it"
    CHOICE = "one of the two named"
    DECISION = "a decision for or against"
    PARTY = "a name or a team"
    AMOUNT = "a figure"
    TIME = "a date or a time"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked.

    Attributes:
        text: The part as it stands in the gap.
        words: The words that say what it is about, in order.
        wanted: What an answer must have.
        choices: The stems of each thing to choose from.
    """

    text: str
    words: tuple[str, ...]
    wanted: Wanted
    choices: tuple[frozenset[str], ...] = ()

    @property
    def stems(self) -> frozenset[str]:
        """The stems of its words."""
        return frozenset(map(stem, self.words))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gap asks, and the document and line in which it is asked, where there is one."""

    text: str
    parts: tuple[Part, ...]
    path: str = ""
    line: int = 0


_LEFT_OPEN = re.compile(r"^left open in (?P<path>.+?):(?P<line>\d+):\s*(?P<question>.+)$", re.IGNORECASE)
_UNSAID = re.compile(
    r"^no (?:document|record|finding) (?:says|records|tells|names|bears)(?: anything)?(?: about| on)?\s+"
    r"(?P<question>.+)$",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"^(?P<question>.+?) (?:is |are )?not known\b", re.IGNORECASE)
_PARTS = re.compile(r"[,;]\s+(?:and\s+)?(?=(?:who|whose|what|when|where|how|whether|why)\b)", re.IGNORECASE)
_WANTED = (
    (Wanted.PARTY, re.compile(r"^(?:who|whose|which (?:team|person|people|department))\b", re.IGNORECASE)),
    (
        Wanted.AMOUNT,
        re.compile(
            r"^(?:how (?:many|long|often|large|big|fast|far|high)|how much(?! of\b)|at what (?:rate|cost))\b"
            r"|^what\b.*\b(?:add|adds|cost|costs|take|takes|gain|gains|weigh|weighs|save|saves)\b",
            re.IGNORECASE,
        ),
    ),
    (Wanted.TIME, re.compile(r"^(?:by |since |until |from )?when\b", re.IGNORECASE)),
)
_YES_OR_NO = re.compile(
    r"^(?:whether|if|should|shall|will|would|may|might|can|could|must|is|are|do|does|did|has|have)\b", re.IGNORECASE
)
_OR = re.compile(r"\bor\b|\brather than\b", re.IGNORECASE)
_EMPTY_WORDS = "who what when where why how whether which should would instead question open undecided there"
_EMPTY = frozenset(_EMPTY_WORDS.split())
_CAPITALISED = re.compile(r"(?<=[\w,;:)] )(?:the )?[A-Z][\w-]+")
_ROLE = re.compile(
    r"\b(?:team|teams|people|supplier|vendor|provider|operator|engineers?|department|contractor|on call)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?<![\w/:#-])\d+(?:[.,]\d+)*\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half)\b", re.I
)
_TIME = re.compile(
    r"\b\d{1,2}:\d{2}\b|\b(?:19|20)\d\d\b|\b(?:daily|weekly|monthly|today|tomorrow|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    re.IGNORECASE,
)


def asked_by(gap: str) -> Asked:
    """What a gap asks.

    >>> asked = asked_by("left open in docs/a.md:7: Whether there will be a broker, and who would run it at night.")
    >>> asked.path, asked.line, [(part.text, part.wanted.name) for part in asked.parts]
    ('docs/a.md', 7, [('Whether there will be a broker', 'DECISION'), ('who would run it at night', 'PARTY')])
    >>> [(part.words, part.wanted.name) for part in asked_by("no document says who pays the rent").parts]
    [(('pays', 'rent'), 'PARTY')]
    """
    text = " ".join(gap.split())
    if (match := _LEFT_OPEN.match(text)) is not None:
        question = match["question"]
        return Asked(question, _parts_of(question), match["path"], int(match["line"]))
    if (match := _UNSAID.match(text)) is not None:
        return Asked(match["question"], (_part(match["question"]),))
    if (match := _UNKNOWN.match(text)) is not None:
        return Asked(match["question"], (_part(match["question"], Wanted.AMOUNT),))
    return Asked(text, (_part(text),))


def is_given_by(part: Part, text: str) -> bool:
    """Whether a sentence has what an answer to a part must have.

    >>> part = asked_by("left open in a.md:1: Should credit belong to accounts or to billing?").parts[0]
    >>> is_given_by(part, "Credit belongs to billing."), is_given_by(part, "Credit is for accounts or billing.")
    (True, False)
    """
    if part.wanted is Wanted.PARTY:
        return bool(_CAPITALISED.search(text) or _ROLE.search(text))
    if part.wanted is Wanted.AMOUNT:
        return bool(_FIGURE.search(text))
    if part.wanted is Wanted.TIME:
        return bool(dates_in(text) or _TIME.search(text))
    if part.wanted is Wanted.CHOICE:
        stems = telling_stems(text)
        named = [choice for choice in part.choices if choice & stems]
        return bool(named) and not (len(named) > 1 and _is_weighing(text, part.choices))
    return True


def _is_weighing(text: str, choices: tuple[frozenset[str], ...]) -> bool:
    """Whether a sentence joins the choices by "or", as the question itself does."""
    pieces = [telling_stems(piece) for piece in _OR.split(text)]
    return any(one & before and other & after for before, after in pairwise(pieces) for one, other in [choices])


def _parts_of(question: str) -> tuple[Part, ...]:
    """The questions in a text; those that only have words of others are no parts of their own."""
    parts = [_part(piece) for piece in _PARTS.split(question.strip())]
    return tuple(part for part in parts if part.words) or (_part(question),)


def _part(text: str, wanted: Wanted | None = None) -> Part:
    told = text.strip(" .?,;")
    choices = _choices(told) if wanted is None and _YES_OR_NO.match(told) else ()
    if wanted is None:
        wanted = Wanted.CHOICE if choices else _wanted(told)
    return Part(told, _words(told), wanted, choices)


def _wanted(text: str) -> Wanted:
    if _YES_OR_NO.match(text):
        return Wanted.DECISION
    return next((wanted for wanted, pattern in _WANTED if pattern.search(text)), Wanted.STATEMENT)


def _words(text: str) -> tuple[str, ...]:
    kept = [word for word in words_of(text) if word not in STOP_WORDS and word not in _EMPTY and len(word) > 1]
    return tuple(dict.fromkeys(kept))


def _choices(text: str) -> tuple[frozenset[str], ...]:
    """The two things on either side of the last "or": one word before it, and what follows it."""
    pieces = _OR.split(text)
    if len(pieces) != 2:
        return ()
    before, after = _words(pieces[0])[-1:], _words(pieces[1])[:3]
    if not before or not after:
        return ()
    return frozenset(map(stem, before)), frozenset(map(stem, after))
