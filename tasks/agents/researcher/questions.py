"""What an artifact wants to know, as a few questions that a person would ask and documents can be searched for.

Questions that come up again and again are in a packaged catalogue, each with the words that an answer has. What the
catalogue does not know is asked in the artifact's own clauses.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.words import STOP_WORDS, spaced, stem, telling_stems, words_of
from prefect_harmonic.tasks.agents.catalogue import catalogue
from prefect_harmonic.tasks.agents.researcher.signs import Signs, signs_of
from prefect_harmonic.tasks.agents.wording import clipped

MOST_QUESTIONS = 7
_ENOUGH = 2
_MOST_KNOWN = 5
_MOST_WORDS = 8
_LONGEST_TOPIC = 7
_LONGEST_QUESTION = 110
_CLAUSE = re.compile(r"[;:\n!?()]+|\.+(?=\s|$)")  # no dot within a version or a dotted name
_ELSEWHERE = re.compile(r"who else\b", re.IGNORECASE)
"""Asks for people elsewhere: that nothing is written of them says nothing, and neither code nor history knows them."""
_PART = re.compile(r",\s+(?:and\s+)?|\s+and\s+")
_FORM = re.compile(
    r"(?:,\s*)?\b(?:each|every|all|at least|says|named?|(?:is|are) listed"
    r"|with (?:its|their|a|the)?\s*(?:source|date|reason|figure))\b"
    r".*$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:what|all that) (?:is|was|has been) (?:known|written|said|found out) (?:about|of|on)"
    r"|what (?:the|its|their)(?: [\w'\u2019]+)? (?:documents?|notes|sources) says? (?:about|of|on))\s+",
    re.IGNORECASE,
)
"""How descriptions of research begin; what follows is the subject, and after a comma or colon what to say of it."""
_DANGLING = re.compile(
    r"(?:,?\s+(?:for|of|with|in|by|to|from|at|on|and|or)(?:\s+(?:what|which|whom))?)+$", re.IGNORECASE
)
_ASKED_WITH = frozenset("what which who whom whose where when why how whether".split())  # noqa: SIM905 - a list
_ASKING_WORDS = (
    "research researcher analyse analyze analysis assess assessment investigate identify find finding findings list "
    "listed describe document documents documentation collect gather compare comparison review study summarise summary "
    "name named state stated report source sources quoted quote question questions answer answered known evidence fact "
    "facts result results explain artifact way ways best practice practices pattern patterns option options approach "
    "strategy strategies current existing show shown say says said given clear file line project plan done every size "
    "relevant important main general overview whole good new create build write make produce give gives information "
    "issue issues allow go who what which thing own owns how property properties score rank found others went take "
    "takes missing statement"
)
_ASKING = frozenset(stem(word) for word in _ASKING_WORDS.split())


class KnownQuestion(BaseModel):
    """A question of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    asks: str = Field(min_length=1)
    about: tuple[str, ...] = Field(min_length=1, description="Words by which an artifact calls for it.")
    signs: tuple[tuple[str, ...], ...] = Field(min_length=1, description="How an answer is told; see `signs`.")
    unless: str = Field(default="", description="A pattern that no answer has.")
    under: tuple[str, ...] = Field(default=(), description="Headings under which answers stand.")
    kind: str = Field(default="", description="A pattern of the paths and headings of documents that hold answers.")
    conditions: bool = Field(default=False, description="Whether what would be, and what was considered, answers it.")
    needs: str = Field(default="", description="A pattern that every answer has, a figure where one is asked for.")
    orders: bool = Field(default=False, description="Whether what is to be done or not answers it.")
    rows: bool = Field(default=False, description="Whether rows of tables answer it as well as sentences.")
    gap: str = Field(min_length=1, description="What is told where nothing answers it.")


class QuestionCatalogue(BaseModel):
    """All questions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: tuple[KnownQuestion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_each_id_once(self) -> Self:
        ids = [question.id for question in self.questions]
        if len(ids) != len(set(ids)):
            raise ValueError("two questions have the same id")
        return self


@dataclass(frozen=True, slots=True)
class Question:
    """A thing that the artifact needs to know.

    Attributes:
        text: The question, as one would ask it.
        searches: Groups of words to search for, each enough for an answer.
        origin: Where it comes from.
        gap: What is told if nothing answers it.
        weight: How much its answer counts.
        under: Headings under which answers stand.
        signs: How an answer is told, of a question of the catalogue, which is not searched for by words.
        kind: How the paths of documents are told that hold answers.
        takes_conditions: Whether what would be, and what was considered, answers it.
        takes_orders: Whether what is to be done or not answers it.
        takes_rows: Whether rows of tables answer it as well as sentences.
        is_for_people: Whether only people can answer it where no document does.
    """

    text: str
    searches: tuple[tuple[str, ...], ...]
    origin: str
    gap: str
    weight: float = 1.0
    under: tuple[str, ...] = ()
    signs: Signs | None = None
    kind: re.Pattern[str] | None = None
    takes_conditions: bool = False
    takes_orders: bool = False
    takes_rows: bool = False
    is_for_people: bool = False

    @property
    def stems(self) -> frozenset[str]:
        """All words that it is searched for by, or asked with and told by."""
        if self.signs is not None:
            return frozenset(map(stem, (*_telling(self.text, without=frozenset()), *self.signs.words)))
        return frozenset(stem(word) for words in self.searches for word in words)


@cache
def question_catalogue() -> QuestionCatalogue:
    """The packaged questions."""
    return catalogue(Path(__file__).with_name("questions.yaml"), QuestionCatalogue)


def catalogue_questions() -> dict[str, Question]:
    """The questions of the catalogue by their ids, as they are asked."""
    return {known.id: _from_catalogue(known) for known in question_catalogue().questions}


def questions_of(assignment: Assignment) -> tuple[Question, ...]:
    """The questions of an assignment, at most seven, the most important first; no two search for the same words.

    >>> from datetime import date
    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> asked = Artifact(id="ResearchMeals", contract="which cheese is served at noon")
    >>> [each.text for each in questions_of(Assignment(artifact=asked, today=date(2026, 1, 1)))]
    ['which cheese is served at noon', 'research meals']
    >>> asked = Artifact(id="ResearchMeals", contract="Who cooks on Sundays; questions are listed with their source")
    >>> [each.text for each in questions_of(Assignment(artifact=asked, today=date(2026, 1, 1)))]
    ['Who cooks on Sundays', 'research meals']
    """
    known = _known_questions(assignment.artifact)
    topic = _topic_question(assignment.artifact)
    own = _own_questions(assignment, len(known) + len(topic))
    found: dict[frozenset[str], Question] = {}
    for question in (*topic, *known, *own):
        if question.stems and not any(question.stems <= other for other in found):
            found[question.stems] = question
    return tuple(found.values())[:MOST_QUESTIONS]


def subject_of(artifact: Artifact) -> str:
    """What an artifact is about in words: the name of its file says it best, else its id."""
    stem_of_file = PurePosixPath(artifact.produces_file or "").stem.lstrip("0123456789-")
    return " ".join(words_of(stem_of_file)) or spaced(artifact.id)


def _known_questions(artifact: Artifact) -> tuple[Question, ...]:
    """Those of the catalogue that the artifact calls for, the most called for first."""
    weighed = (
        (f"{spaced(artifact.id)} {subject_of(artifact)}", 4.0),
        (artifact.description, 2.0),
        (artifact.contract, 1.0),
        (" ".join(artifact.covers), 2.0),
    )
    told = [(frozenset(stem(word) for word in words_of(text)), weight) for text, weight in weighed]
    marks = {
        each.id: sum(weight * _called(each.about, stems) for stems, weight in told)
        for each in question_catalogue().questions
    }
    ranked = sorted(question_catalogue().questions, key=lambda each: -marks[each.id])
    return tuple(_from_catalogue(each) for each in ranked[:_MOST_KNOWN] if marks[each.id] >= 2)


def _called(about: Iterable[str], stems: frozenset[str]) -> float:
    """How many of the words it has, each once in whichever form: "cost" and "costs" are one."""
    return float(sum(words <= stems for words in {frozenset(map(stem, words_of(phrase))) for phrase in about}))


def _from_catalogue(known: KnownQuestion) -> Question:
    return Question(
        text=known.asks,
        searches=(),
        origin="asked of every such artifact",
        gap=known.gap,
        weight=1.5,
        under=known.under,
        signs=signs_of(known.signs, known.unless, known.needs),
        kind=re.compile(rf"(?<![a-z])(?:{known.kind})", re.IGNORECASE) if known.kind else None,
        takes_conditions=known.conditions,
        takes_orders=known.orders,
        takes_rows=known.rows,
    )


def _own_questions(assignment: Assignment, known: int) -> list[Question]:
    """What the artifact asks in its own words: its clauses and what it covers, where the catalogue has too few."""
    artifact = assignment.artifact
    own: list[Question] = []
    if known < _ENOUGH:
        own = [
            *(_own(clause, "the contract") for clause in _clauses(artifact.contract)),
            *(_own(clause, "the description") for clause in _clauses(artifact.description)),
            *(_own(text, "what it covers") for text in artifact.covers),
        ]
        if len(own) < _ENOUGH and not known:
            own += [_own(subject_of(artifact), "the artifact's name"), _own(assignment.goal, "the goal")]
    return [question for question in own if " " in question.text] or own


def _topic_question(artifact: Artifact) -> tuple[Question, ...]:
    """What is said of the subject itself, where the description only names one: "WebSocket", "limits on a query"."""
    opened = _OPENING.sub("", artifact.description)
    topic = (re.split(r"[,:;]", opened)[0] if opened != artifact.description else opened).strip(" .")
    if len(topic.split()) > _LONGEST_TOPIC or not _telling(topic):
        return ()
    return (replace(_own(topic, "the description"), under=(topic,), weight=2.0),)


def _own(text: str, origin: str) -> Question:
    words = _telling(text)[:_MOST_WORDS]
    told = clipped(text.strip(" ,"), _LONGEST_QUESTION)
    searches = (words,) if words else ()
    if _ELSEWHERE.match(told):
        return Question(told, searches, origin, f"no document says {told[0].lower()}{told[1:]}", is_for_people=True)
    return Question(told, searches, origin, f"no document says anything about {_within(told)}")


def _within(told: str) -> str:
    """A question as it goes on within a sentence; a name at its start stays as it is."""
    return told[:1].lower() + told[1:] if told.split(" ", 1)[0].casefold() in STOP_WORDS | _ASKED_WITH else told


def _clauses(text: str) -> list[str]:
    """Clauses that ask for something by at least two words; what only says how results are written is left out.

    A clause of one word counts where the whole text has no longer one.
    """
    clauses = [
        _DANGLING.sub("", _FORM.sub("", clause).strip(" ,")) if _is_form(clause) else clause.strip()
        for clause in _split(text)
    ]
    telling = [clause for clause in clauses if len(_telling(clause)) > 1]
    return telling or [clause for clause in clauses if _telling(clause)][:1]


def _split(text: str) -> list[str]:
    """Clauses; very long ones at their commas."""
    clauses = []
    for clause in _CLAUSE.split(text):
        clauses += _PART.split(clause) if len(_telling(clause)) > _MOST_WORDS else [clause]
    return [clause for clause in clauses if clause.strip()]


def _is_form(clause: str) -> bool:
    return _FORM.search(clause) is not None


def _telling(text: str, without: frozenset[str] = _ASKING) -> tuple[str, ...]:
    """The words that say what is asked about, without those that only ask."""
    words = [word for word in words_of(text) if word not in STOP_WORDS and stem(word) not in without]
    return tuple(dict.fromkeys(word for word in words if len(word) > 1))


def stems_about(assignment: Assignment) -> frozenset[str]:
    """The stems by which a passage is recognised as bearing on an assignment."""
    artifact = assignment.artifact
    texts = (subject_of(artifact), artifact.description, *artifact.covers)
    return frozenset().union(*(telling_stems(text) for text in texts)) - _ASKING
