"""What an artifact wants to know, as questions that documents can be searched for."""

import re
from dataclasses import dataclass

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of

_CLAUSE = re.compile(r"[.;:\n!?()]+|,\s+|\s+and\s+")
_MOST_QUESTIONS = 10
_MOST_WORDS = 8
_ASKING_WORDS = (
    "research researcher analyse analyze analysis assess assessment investigate identify find finding findings list "
    "listed describe document documents documentation collect gather compare comparison review study summarise summary "
    "name named state stated report source sources quoted quote question questions answer answered known evidence fact "
    "facts result results explain artifact way ways best practice practices pattern patterns option options approach "
    "strategy strategies current existing show shown say says said given clear file line project plan done every size "
    "relevant important main general overview whole good new create build write make produce give gives information "
    "issue issues allow go who what which thing own owns"
)
_ASKING = frozenset(stem(word) for word in _ASKING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Question:
    """A thing that the artifact needs to know.

    Attributes:
        text: What is asked about, in the words of the plan.
        words: The words to search for.
        origin: Where in the artifact it comes from.
        weight: How much its answer counts.
    """

    text: str
    words: tuple[str, ...]
    origin: str
    weight: float = 1.0


def questions_of(assignment: Assignment) -> tuple[Question, ...]:
    """The questions of an assignment, the most important first; two with the same words are one.

    >>> from datetime import date
    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> asked = Artifact(id="ResearchDataOwnership", contract="which tables are shared; who owns them")
    >>> [each.text for each in questions_of(Assignment(artifact=asked, today=date(2026, 1, 1)))]
    ['data ownership', 'tables shared']
    """
    artifact = assignment.artifact
    asked = [
        _question(" ".join(words_of(artifact.id)), "the artifact's name", 2.0),
        *(_question(clause, "the contract", 1.5) for clause in _clauses(artifact.contract)),
        *(_question(clause, "the description", 1.0) for clause in _clauses(artifact.description)),
        *(_question(name, "what it consumes", 1.0) for name in artifact.consumes),
        *(_question(name, "what it covers", 1.0) for name in artifact.covers),
        _question(assignment.goal, "the goal", 0.5),
    ]
    found: dict[frozenset[str], Question] = {}
    for question in asked:
        key = frozenset(stem(word) for word in question.words)
        if key and not any(key <= known and question.weight <= found[known].weight for known in found):
            found[key] = question
    return tuple(found.values())[:_MOST_QUESTIONS]


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(text) if _telling(clause)]


def _question(text: str, origin: str, weight: float) -> Question:
    words = _telling(text)[:_MOST_WORDS]
    return Question(" ".join(words), words, origin, weight)


def _telling(text: str) -> tuple[str, ...]:
    """The words that say what is asked about, without those that only ask."""
    words = [word for word in words_of(text) if word not in STOP_WORDS and stem(word) not in _ASKING]
    return tuple(dict.fromkeys(word for word in words if len(word) > 1))
