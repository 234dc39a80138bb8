"""Support: what speaks for a sentence that has a sign of an answer, besides that sign, and what speaks against it.

One sign alone is often chance: a game's teams, a lift's load. An answer has a second mark that does not depend on the
first: another sign, the heading it stands under, the kind of document it stands in, or a neighbour that answers the
same.
What would be, what was merely considered and what is said aside answers nothing.
"""

import re
from collections import Counter
from dataclasses import dataclass

from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.researcher.documents import Passage, Sentence
from prefect_harmonic.tasks.agents.researcher.instructions import is_order
from prefect_harmonic.tasks.agents.researcher.questions import Question

ENOUGH = 2
"""Marks that make an answer; with fewer it is a possibility."""

_MOST_SIGNS = 2
_LEAST_OF_SECTION, _LEAST_OF_DOCUMENT, _MANY = 0.2, 0.1, 4
_ASIDE = re.compile(
    r"\b(?:unrelated|random|misc\w*|by the way|off.?topic|trivia|fun|jokes?|aside|any other business|other business"
    r"|acknowledge?ments?|thanks|credits|see also|licen[cs]e|example\w*|quick ?start|tutorial|glossary)\b",
    re.IGNORECASE,
)
_CONSIDERED = re.compile(
    r"\b(?:options?|alternatives?|considered|ideas?|wish(?:es|list)?|proposals?|proposed|brainstorm\w*|roadmap|future)\b",
    re.IGNORECASE,
)
_RECORDS_OF_CHANGES = re.compile(
    r"(?:^|[/_-])(?:changelog|changes|history|\d*-?news|what.?s.?new|release.?notes?)(?:[\w.-]*$|/)", re.IGNORECASE
)
_MANUAL = re.compile(
    r"(?:^|/)(?:tests?|reference|user.?guide|tutorials?|examples?|cookbook|recipes|settings|config\w*|quick.?start"
    r"|getting.?started|usage|install\w*)(?:[/.]|$)",
    re.IGNORECASE,
)
"""Documents that tell users what they can do with it, and not how it is with the project."""

_TO_USERS = re.compile(
    r"^(?:(?:If|When) (?:using|used|enabled|set)\b|To \w+[^,.]{0,60},)"
    r"|\b(?:recommend\w*|can be (?:configured|set|enabled))\b"
)
_WOULD_BE = re.compile(
    r"\b(?:would|might|perhaps|maybe|whoever|whatever they|imagine|suppose|hypothetical\w*|some day|one day|could have"
    r"|should have|will be decided|is planned|are planned|we plan|planned for|in (?:the )?future)\b",
    re.IGNORECASE,
)
_OURS = re.compile(r"\b(?:we|us|our|ours|ourselves|nobody here|everybody here|everyone here|in-house)\b", re.IGNORECASE)
_SOFTWARE = re.compile(
    r"`|::|\b(?:we|us|our|ours|it's|api|app|application|backend|binary|branch|broker|budget|build|builds|cache|client|clients"
    r"|cloud|aws|gcp|azure|hetzner|kubernetes|terraform|cluster|code|commit|config\w*|container\w*|core|cron|database|deploy\w*|developers?|docker|endpoints?|engineers?"
    r"|events?|feed|files?|firmware|frontend|git|hires|hosts?|hosting|http\w*|index|instances?|interface|invoices?|jobs?|library|logs?"
    r"|logins?|machines?|maintainers?|messages?|migrat\w*|modules?|nodes?|packages?|pages?|pipeline|plugins?|processes"
    r"|production|program|programme\w*|project|queues?|quer(?:y|ies)|release\w*|replicas?|repo\w*|requests?|restor\w+|rows?"
    r"|schema|scripts?|servers?|services?|sessions?|software|source|sql\w*|staff|staging|standby|storage|systems?|tables?|tests?"
    r"|threads?|timeout|transactions?|upgrade\w*|uploads?|users?|versions?|virtual|vms?|web\w*|workers?|[a-z]+sql|redis|oracle)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found for and against a sentence as the answer to a question.

    Attributes:
        signs: How many signs of the question it has.
        is_under: Whether a heading above it is one of those under which answers stand.
        is_in_kind: Whether the document is of a kind that holds such answers.
        is_own: Whether those who work on the project say it of themselves or of what is theirs.
        has_neighbour: Whether another sentence of its section has a sign of the same question.
        is_of_software: Whether it speaks of the project: of what software has, or of those who work on it.
        is_doubtful: Whether it says what would be or was only considered, or tells users or readers of code something.
        is_aside: Whether it stands where nothing is said of how it is with the project: among changes, in a manual.
    """

    signs: int
    is_under: bool = False
    is_in_kind: bool = False
    is_own: bool = False
    has_neighbour: bool = False
    is_of_software: bool = True
    is_doubtful: bool = False
    is_aside: bool = False

    @property
    def count(self) -> int:
        """The marks that do not depend on each other; none where neither a sign nor the heading speaks for it.

        What is doubtful is a possibility at best, and not even that by one mark; what is said aside is none.

        >>> Marks(signs=1).count, Marks(signs=1, is_under=True).count, Marks(signs=0, is_in_kind=True).count
        (1, 2, 0)
        """
        if not (self.signs or self.is_under):
            return 0
        own = min(self.signs, _MOST_SIGNS) + self.is_under + self.is_in_kind + self.is_own + self.has_neighbour
        if not (self.is_of_software or self.is_under):
            own -= 1
        if self.is_aside:
            return 0
        return min(own - 1, ENOUGH - 1) if self.is_doubtful else own


class Around:
    """How many sentences of each section and document state something, and how many of them have a sign."""

    def __init__(self) -> None:
        self._stated: Counter[tuple[str, ...]] = Counter()
        self._signed: Counter[tuple[str, ...]] = Counter()

    def add(self, passage: Passage, *, is_signed: bool) -> None:
        """Count one sentence of a passage."""
        for place in ((passage.path,), (passage.path, passage.heading)):
            self._stated[place] += 1
            self._signed[place] += is_signed

    def has_neighbour(self, passage: Passage, *, is_signed: bool) -> bool:
        """Whether the section of a sentence has another one with a sign, and is not so long that it may be chance."""
        section = (passage.path, passage.heading)
        return self._signed[section] > is_signed and self._share(section) >= _LEAST_OF_SECTION

    def is_amid(self, passage: Passage) -> bool:
        """Whether the whole document is about what is asked, whatever its name."""
        document = (passage.path,)
        return self._signed[document] >= _MANY and self._share(document) >= _LEAST_OF_DOCUMENT

    def _share(self, place: tuple[str, ...]) -> float:
        return self._signed[place] / self._stated[place]


def marks_of(sentence: Sentence, passage: Passage, question: Question, signs: int, around: Around) -> Marks:
    """What speaks for and against a sentence.

    Args:
        sentence: The sentence.
        passage: Where it stands.
        question: What is asked.
        signs: How many signs of the question it has.
        around: How many others have one, wherever they stand.
    """
    return Marks(
        signs=signs,
        is_under=passage.is_document and _is_under(passage, question),
        is_in_kind=passage.is_document and (around.is_amid(passage) or _is_in_kind(passage, question)),
        is_own=bool(_OURS.search(sentence.text)),
        has_neighbour=around.has_neighbour(passage, is_signed=bool(signs)),
        is_of_software=bool(_SOFTWARE.search(sentence.quote)),
        is_doubtful=_is_doubtful(sentence, passage, question),
        is_aside=_is_aside(passage),
    )


def _is_under(passage: Passage, question: Question) -> bool:
    """Whether one of the headings above it, that of the whole document aside, is one under which answers stand."""
    above = passage.heading.split(" > ")
    headings = [telling_stems(heading) for heading in (above[1:] or above)]
    wanted = [words for words in map(telling_stems, question.under) if words]
    return any(words <= heading for words in wanted for heading in headings)


def _is_in_kind(passage: Passage, question: Question) -> bool:
    """Whether the name of the document or its title says that it is of a kind that holds answers."""
    if question.kind is None:
        return False
    title = passage.heading.split(" > ")[:-1][:1]
    return any(question.kind.search(name) for name in (passage.path, *title))


def _is_aside(passage: Passage) -> bool:
    places = (_RECORDS_OF_CHANGES, _MANUAL)
    return bool(_ASIDE.search(passage.nearest_heading)) or any(place.search(passage.path) for place in places)


def _is_doubtful(sentence: Sentence, passage: Passage, question: Question) -> bool:
    if not passage.is_document:
        return True
    if not question.takes_orders and (is_order(sentence.text) or _TO_USERS.search(sentence.text)):
        return True
    return not question.takes_conditions and bool(
        _WOULD_BE.search(sentence.text) or _CONSIDERED.search(passage.nearest_heading)
    )
