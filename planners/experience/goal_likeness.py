"""How alike two goals are, as far as it matters to whether a plan for one may serve the other.

Two thirds of the measure are what the goals ask for, item by item, one third the words that carry their subject. Words
that say the same are one word (`synonyms`), and so are words for making something (build, create, implement), as they
say the same of a plan; goals that differ in what is to be done (build, migrate, remove), in where from or where to, in
a number or in a negation are never alike, however many words they share.
"""

import re
from collections.abc import Iterable, Sequence

from prefect_harmonic.planners.experience.synonyms import in_common_words
from prefect_harmonic.planners.words import stem, stems_of, telling_stems, words_of

ALIKE = 0.9
"""From this likeness on, a plan that served one goal is offered for another (first design document)."""

_REQUIREMENTS_SHARE = 2 / 3

_DEEDS = {
    "make": "build create implement develop add make write design set setup introduce provide deliver produce ship "
    "construct establish prepare",
    "move": "migrate move convert port switch transition rewrite replace",
    "mend": "fix resolve solve repair mitigate",
    "look": "investigate evaluate assess compare choose select research analyse analyze study explore review audit "
    "decide",
    "better": "refactor restructure modernize modernise upgrade update improve optimize optimise speed reduce clean",
    "end": "remove delete drop retire decommission cut",
    "run": "deploy launch run release publish",
}
_DEED_OF = {word: deed for deed, words in _DEEDS.items() for word in words.split()}
_NEGATION_WORDS = "no not never without except excluding nor neither instead avoid don't doesn't mustn't"
_NEGATIONS = frozenset(_NEGATION_WORDS.split())
_NUMBERS_SPELLED = "two three four five six seven eight nine ten eleven twelve dozen hundred thousand"
_NUMBER_WORDS = frozenset(_NUMBERS_SPELLED.split())
_END = r"(?=\b(?:from|to|into|with|without|for|by|in|on|at|and|that|which|so|using|including)\b|[,.;:!?()]|$)"
_FROM = re.compile(rf"\bfrom\b(.*?){_END}", re.IGNORECASE | re.DOTALL)
_TO = re.compile(rf"\b(?:to|into)\b(.*?){_END}", re.IGNORECASE | re.DOTALL)
_INSTEAD = re.compile(rf"\b(?:replac|swap|substitut|exchang)\w*\b.*?\b(?:with|by|for)\b(.*?){_END}", re.IGNORECASE)
_NUMBER = re.compile(r"\d")


def goal_likeness(goal: str, requirements: Sequence[str], other_goal: str, other_requirements: Sequence[str]) -> float:
    """How alike two goals are, 0 to 1.

    >>> asked = ("REST API", "auth", "database")
    >>> one, other = "Build a REST API with auth and database", "Create a REST API with an auth and a database"
    >>> goal_likeness(one, asked, other, asked)
    1.0
    >>> goal_likeness(one, asked, "Remove the REST API with auth and database", asked)
    0.0
    """
    goal, other_goal = in_common_words(goal), in_common_words(other_goal)
    if _marks(goal) != _marks(other_goal) or _is_turned(goal, other_goal):
        return 0.0
    words = _shared(_subject(goal), _subject(other_goal))
    asked = requirements_likeness(requirements, other_requirements)
    return _REQUIREMENTS_SHARE * asked + (1 - _REQUIREMENTS_SHARE) * words


def requirements_likeness(some: Sequence[str], others: Sequence[str]) -> float:
    """How alike two lists of requirements are: each counts as far as its best counterpart has the same words."""
    if not some or not others:
        return float(not some and not others)
    best = [max(requirement_likeness(one, other) for other in others) for one in some]
    back = [max(requirement_likeness(one, other) for other in some) for one in others]
    return (sum(best) + sum(back)) / (len(some) + len(others))


def requirement_likeness(one: str, other: str) -> float:
    """How alike two requirements are in their words; not at all where a number or a negation differs."""
    if _numbers(one) != _numbers(other) or _negations(one) != _negations(other):
        return 0.0
    return _shared(stems_of(in_common_words(one)), stems_of(in_common_words(other)))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of words in common (Dice 1945)."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def _marks(goal: str) -> tuple[object, ...]:
    """What two goals must agree in to be alike at all."""
    words = words_of(goal)
    deed = next((_DEED_OF[word] for word in words if word in _DEED_OF), "")
    return deed, _numbers(goal), _negations(goal)


def _is_turned(one: str, other: str) -> bool:
    """Whether two goals start from something else or lead to something else."""
    pairs = [(_after(way, one), _after(way, other)) for way in (_FROM, _TO, _INSTEAD)]
    return any(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in pairs)


def _after(preposition: re.Pattern[str], text: str) -> frozenset[str]:
    """The stems of what follows a preposition, up to where something else begins."""
    return frozenset(word for found in preposition.finditer(text) for word in telling_stems(found[1]))


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in words_of(text) if _NUMBER.search(word) or word in _NUMBER_WORDS))


def _negations(text: str) -> int:
    return sum(word in _NEGATIONS for word in words_of(text))


def _subject(goal: str) -> frozenset[str]:
    deeds: Iterable[str] = map(stem, _DEED_OF)
    return telling_stems(goal) - frozenset(deeds)
