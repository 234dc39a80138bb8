"""The targeted search: which statements answer one question, and why the nearest others do not.

A statement answers only if it speaks of what is asked, has what an answer must have (a name, a figure, one of two
things), is not itself open or a guess, and was not written before the question was asked. Each answer says what speaks
for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prefect_harmonic.planners.words import stem, telling_stems
from prefect_harmonic.tasks.agents.closing.asking import Asked, Part, Wanted, is_given_by
from prefect_harmonic.tasks.agents.closing.library import Library, Statement
from prefect_harmonic.tasks.agents.researcher.search import alternatives_of

LEAST_SHARE = 0.55
"""Least share of a question's weight that a statement and what stands around it must carry."""

LEAST_WORTH = 0.8
"""Least worth of an answer: its share, and what speaks for it besides."""

LEAST_BEARING = 0.6
"""Least worth of what merely bears on a thing, where no question was asked."""

_OWN_SHARE = 0.3
_AROUND, _ABOVE, _SYNONYM = 0.7, 0.6, 0.5
_BESIDE_BEST = 0.2
_MOST_ANSWERS, _MOST_NEAR = 3, 3
_LEAST_WORDS = 4
HEDGED = re.compile(
    r"\b(?:undecided|unclear|unknown|unsettled|tbd|whether|perhaps|maybe|guess|guesses|guessed|"
    r"not (?:yet )?(?:been )?(?:decided|agreed|settled|known|measured|clear|discussed|tried)|"
    r"(?:has|have) not (?:yet )?(?:answered|agreed|decided|replied)|nobody (?:has|knows)|no one (?:has|knows)|"
    r"to be (?:decided|discussed|measured|agreed)|open (?:question|point)|still open|thinks?|opinions?|"
    r"(?:should|could) we|it depends)\b|\?$",
    re.IGNORECASE,
)
_SETTLING = re.compile(
    r"\b(?:decided|decision|agreed|settled|accepted|approved|resolved|chosen|chose|confirmed|measured|counted|tested|"
    r"trial|tried out|showed|result|answer|belongs?|from now on|will (?:be|not be|stay|move|run)|stays?|moves?)\b",
    re.IGNORECASE,
)
_RECORDS = re.compile(r"\b(?:adr|decisions?|minutes|meetings?|protocols?|records?|retro\w*|board)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A statement that answers a part.

    Attributes:
        statement: What it is.
        share: How much of the question's weight it carries with what stands around it, 0 to 1.
        worth: The share, and more for each thing that speaks for it.
        because: Those things, in words.
    """

    statement: Statement
    share: float
    worth: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A statement that speaks of what is asked and is no answer, with the reason."""

    statement: Statement
    share: float
    because: str


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """What was found on one part of a question."""

    part: Part
    found: tuple[Found, ...] = ()
    near: tuple[NearMiss, ...] = ()


def answers_to(asked: Asked, library: Library, least_worth: float = LEAST_WORTH) -> tuple[PartAnswer, ...]:
    """For each part of a question the statements that answer it, the best first, or the nearest that do not."""
    return tuple(_answer(part, asked, library, least_worth) for part in asked.parts)


def _answer(part: Part, asked: Asked, library: Library, least_worth: float) -> PartAnswer:
    if not part.words:
        return PartAnswer(part)
    beside = tuple(dict.fromkeys(word for other in asked.parts for word in other.words if other is not part))
    weights = _weights(part.words, library)
    found, near = [], []
    for statement in library.statements((*part.words, *beside)):
        share, own = _share(statement, weights, part)
        if share < LEAST_SHARE or own < _OWN_SHARE or _is_the_question(statement, asked):
            continue
        if reason := _refused(statement, part, asked, library):
            near.append(NearMiss(statement, share, reason))
            continue
        because = tuple(_speaking_for(statement, part, asked, library))
        worth = min(share, 1.0) * (0.7 if statement.is_code else 1.0) + 0.1 * len(because)
        if worth >= least_worth:
            found.append(Found(statement, share, round(worth, 3), because))
        else:
            near.append(NearMiss(statement, share, "it has too few of the question's words"))
    found.sort(key=lambda each: (-each.worth, _newest_first(each.statement), _place(each.statement)))
    near.sort(key=lambda each: (-round(each.share, 3), _place(each.statement)))
    best = [each for each in found if each.worth >= found[0].worth - _BESIDE_BEST]
    return PartAnswer(part, _each_once(best)[:_MOST_ANSWERS], tuple(near[:_MOST_NEAR]))


def _weights(words: tuple[str, ...], library: Library) -> dict[str, float]:
    """How much each word of a question tells. What no document has at all still counts, and counts most."""
    return library.index.rarities(words) if library.index.passages else dict.fromkeys(words, 1.0)


def _share(statement: Statement, weights: Mapping[str, float], part: Part) -> tuple[float, float]:
    """The share of the weight that a statement carries with what stands around it, and by itself.

    Of things to choose from, a statement that names one has what is asked of all.
    """
    own = telling_stems(statement.text)
    chosen = frozenset().union(*part.choices) if any(choice & own for choice in part.choices) else frozenset()
    whole = sum(weights.values())
    carried = alone = 0.0
    for word, weight in weights.items():
        others = {stem(other) for other in alternatives_of(word)} - {stem(word)}
        by_itself = 1.0 if stem(word) in own | chosen else _SYNONYM if others & own else 0.0
        around = _AROUND if stem(word) in statement.around else _ABOVE if stem(word) in statement.above else 0.0
        alone += weight * by_itself
        carried += weight * max(by_itself, around)
    return (carried / whole, alone / whole) if whole else (0.0, 0.0)


def _is_the_question(statement: Statement, asked: Asked) -> bool:
    is_place = statement.source.path == asked.path and (statement.source.line or 0) == asked.line
    return is_place or telling_stems(asked.text) == telling_stems(statement.text)


def _refused(statement: Statement, part: Part, asked: Asked, library: Library) -> str:
    """Why a statement that speaks of what is asked is no answer; nothing if it may be one."""
    if statement.is_open:
        return "it stands among what its document leaves open"
    if not statement.is_stating or len(statement.text.split()) < _LEAST_WORDS:
        return "it states nothing"
    if HEDGED.search(statement.text):
        return "it is itself a question, a guess or undecided"
    if statement.is_row and part.wanted is not Wanted.AMOUNT and part.wanted is not Wanted.PARTY:
        return "it is a row of a table and decides nothing"
    if not is_given_by(part, statement.text):
        return f"it does not give what is asked for: {part.wanted.value}"
    if _is_older(statement, asked, library):
        return f"it is of {statement.date}, before the question was written down"
    if asked.path == statement.source.path and part.wanted in (Wanted.CHOICE, Wanted.DECISION):
        return "it stands in the document that asks, which would know"
    if part.wanted in (Wanted.CHOICE, Wanted.DECISION) and not _is_deciding(statement):
        return "it decides nothing"
    return ""


def _is_older(statement: Statement, asked: Asked, library: Library) -> bool:
    """Whether a statement was written before the question: months are compared by months."""
    if not asked.path or not statement.date or asked.path == statement.source.path:
        return False
    asking = library.date(asked.path)
    length = min(len(asking), len(statement.date))
    return bool(asking) and statement.date[:length] < asking[:length]


def _is_deciding(statement: Statement) -> bool:
    return bool(_SETTLING.search(statement.text) or _is_record(statement))


def _is_record(statement: Statement) -> bool:
    return bool(_RECORDS.search(f"{statement.source.path.replace('/', ' ').replace('-', ' ')} {statement.heading}"))


def _speaking_for(statement: Statement, part: Part, asked: Asked, library: Library) -> list[str]:
    told = []
    if _SETTLING.search(statement.text):
        told.append("it settles or measures something")
    if _is_record(statement):
        told.append("it stands in a record of a decision or a meeting")
    if asked.path and statement.date and library.date(asked.path) and statement.source.path != asked.path:
        told.append(f"it is of {statement.date}, after the question was written down")
    if part.wanted not in (Wanted.STATEMENT, Wanted.DECISION):
        told.append(f"it gives {part.wanted.value}")
    return told


def _newest_first(statement: Statement) -> tuple[int, ...]:
    return tuple(-int(digits) for digits in re.findall(r"\d+", statement.date))


def _place(statement: Statement) -> tuple[str, int, str]:
    return statement.source.path, statement.source.line or 0, statement.text


def _each_once(found: list[Found]) -> tuple[Found, ...]:
    return tuple({each.statement.text: each for each in reversed(found)}.values())[::-1]
