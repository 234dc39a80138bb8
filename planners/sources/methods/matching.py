"""Which methods a goal and its requirements speak of.

A phrase matches where its words stand in the text, in order, compared as stems. Longer and weightier phrases win, and
one text may name several tasks with different words.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.sources.methods.model import GOAL_TASK, Condition, Method, Scope
from prefect_harmonic.planners.sources.methods.records import keeps_records
from prefect_harmonic.planners.words import STOP_WORDS, phrase_of, phrase_position, stem

ANY = "*"
HANDED_ON = 0.7
"""How much of a task's own match counts for a frame that hands requirements on to it."""

CLOSE = 0.05
"""Methods whose match is this close to the best are told apart by affinity."""

GENERAL = 0.5
"""Weight of a word that names a task by itself, and beside another noun may be about something else."""

_REPLACING = frozenset(map(stem, ("replace", "swap", "exchange", "substitute", "switch")))
_CONNECTING = frozenset(map(stem, STOP_WORDS))
_FURTHER_ON = 0.7
"""How much of a phrase's weight is left in what a goal says after its first sentence."""
_OF_PLACES = 0.6
_DEFINITE = frozenset({"the", "our", "this", "its", "their", "my", "these", "every", "each"})
_SENTENCE = re.compile(r"\n|(?<=[.!?;])\s+")
_CODE_NAME = re.compile(r"(?<![\w.])[a-z_]\w+(?:\.[A-Za-z_]\w+)+(?![\w.]*@)|\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b")
_WHO = re.compile(
    r"^(?:let\s+(?:(?:the|our|all|every)\s+)?\w+\s+|(?:allow\s+|enable\s+|help\s+)?(?:(?:the|our|all|every)\s+)?"
    r"(?:users?|customers?|people|readers?|authors?|admins?|editors?|members?|visitors?|operators?)\s+to\s+)(?=\w)",
    re.IGNORECASE,
)
"""Who shall be able to do something: no account is asked for by that."""
_ALONG = frozenset({"with", stem("including")})
"""What stands after one of these goes along with what stands before it."""
_PLACE = re.compile(r"\s(?:in)?to\s+(?:the|our|my|its|their|this|that|these|those|every|each|all)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of a method found in a text: how weighty it is, and at which positions its words stand."""

    weight: float
    span: frozenset[int]


def best_match(method: Method, words: tuple[str, ...]) -> Match | None:
    """The weightiest phrase of a method in a text; of equals the longest, then the first."""
    matches = []
    for phrase, weight in method.goals.items():
        if phrase == ANY:
            matches.append(Match(weight, frozenset()))
            continue
        span = span_of(phrase, words)
        if span and weight > 0:
            matches.append(Match(weight, span))
    return max(matches, key=lambda match: (match.weight, len(match.span), -min(match.span, default=0)), default=None)


def span_of(phrase: str, words: tuple[str, ...]) -> frozenset[int]:
    """Positions at which the words of a phrase stand in a text; none if it is not there.

    `^` at its start asks for the beginning of the text, `$` at its end for the end, `..` within it lets other words
    stand between, though not what only goes along: whoever adds a parser with tests adds no tests.

    >>> sorted(span_of("write .. documentation", phrase_of("Write the API documentation")))
    [0, 3]
    >>> span_of("^document", phrase_of("Build a document store")), span_of("^rest$", phrase_of("rest of it"))
    (frozenset(), frozenset())
    """
    positions: set[int] = set()
    start = 0
    for part in phrase.removeprefix("^").split(".."):
        stems = phrase_of(part)
        found = phrase_position(words[start:], stems)
        if found < 0 or (positions and not _ALONG.isdisjoint(words[start : start + found])):
            return frozenset()
        positions.update(range(start + found, start + found + len(stems)))
        start += found + len(stems)
    is_out_of_place = (phrase.startswith("^") and 0 not in positions) or (phrase.endswith("$") and start != len(words))
    return frozenset() if is_out_of_place else frozenset(positions)


def spoken(text: str) -> tuple[str, ...]:
    """The stems of a text in which a name from code is one word: `celery.backends` says nothing of back ends.

    >>> spoken("Split celery.backends"), spoken("the REST-API")
    (('split', 'celerybackend'), ('the', 'rest', 'api'))
    """
    return phrase_of(_CODE_NAME.sub(lambda name: re.sub(r"[._]", "", name.group()), text))


def _deed(requirement: str) -> tuple[str, ...]:
    """The words of a requirement without those for whom it is: to let users rate is to rate."""
    return spoken(_WHO.sub("", requirement))


def _sentences(goal: str) -> list[tuple[str, ...]]:
    """The words of each sentence or line of a goal."""
    return [words for each in _SENTENCE.split(goal) if (words := spoken(each))] or [spoken(goal)]


def _weight_in(method: Method, sentences: list[tuple[str, ...]], *, is_placed: bool) -> float:
    """The weight of a method in a goal: by its first sentence, and less by what is said further on.

    Args:
        method: The method.
        sentences: The words of each sentence.
        is_placed: Whether general words of a thing that is there already ("to the package") count as its place.
    """
    weights = [0.0]
    for at, words in enumerate(sentences):
        phrases = {
            phrase: weight for phrase, weight in method.goals.items() if not (at and phrase.startswith(("^", ANY)))
        }
        match = best_match(replace(method, goals=phrases), words)
        if match is not None and not (is_placed and match.weight <= _OF_PLACES and _is_there(match.span, words)):
            weights.append(match.weight * (_FURTHER_ON if at else 1))
    return max(weights)


def _is_there(span: frozenset[int], words: tuple[str, ...]) -> bool:
    """Whether words stand for something that is there already, by "the" or "our" before them."""
    return bool(span) and any(word in _DEFINITE for word in words[max(0, min(span) - 2) : min(span)])


def conditions_of(context: ProjectContext) -> frozenset[str]:
    """What the project has, in the words of methods."""
    found = set()
    if context.languages or context.packages:
        found.add(Condition.HAS_CODE.value)
    if context.packages or any("python" in language.casefold() for language in context.languages):
        found.add(Condition.HAS_PYTHON.value)
    if context.documents:
        found.add(Condition.HAS_DOCUMENTS.value)
    if context.has_history:
        found.add(Condition.HAS_HISTORY.value)
    if not context.files or keeps_records(context.files):
        found.add(Condition.STORES_RECORDS.value)
    return frozenset(found)


def frames_for(
    goal: str,
    requirements: Iterable[str],
    methods_by_task: Mapping[str, tuple[Method, ...]],
    conditions: Collection[str],
) -> list[Method]:
    """Methods for a whole goal, all that match about as well as the best, in library order.

    Several phrases of one method support each other a little. A frame for a choice among named options goes before all
    others, which are for what the options are about. A frame that hands every requirement on to the task that
    knows it matches nearly as well as those tasks do.
    """
    sentences = _sentences(goal)
    has_code = Condition.HAS_CODE.value in conditions
    known = max(
        (
            weight
            for each in requirements
            for weight, _, _, span in _tasks(each, methods_by_task, goal)
            if not (has_code and _is_there(span, _deed(each)))
        ),
        default=0.0,
    )
    weights: dict[str, tuple[float, Method]] = {}
    for method in methods_by_task[GOAL_TASK]:
        if not method.when <= set(conditions):
            continue
        is_routing = any(step.each is Scope.ALL and step.is_routed for step in method.subtasks)
        weight = _weight_in(method, sentences, is_placed=is_routing and has_code)
        if is_routing:
            weight = max(weight, HANDED_ON * known)
        if weight > 0:
            support = sum(bool(span_of(phrase, sentences[0])) for phrase in method.goals if phrase != ANY)
            weights[method.name] = (weight + 0.02 * min(support, 3), method)
    made_for_it = {name: each for name, each in weights.items() if Condition.NAMED_OPTIONS in each[1].when}
    weights = made_for_it or weights
    best = max((weight for weight, _ in weights.values()), default=0.0)
    return [method for weight, method in weights.values() if weight >= best - CLOSE]


def is_known(
    goal: str, features: Collection[str], methods_by_task: Mapping[str, tuple[Method, ...]], said: Collection[str]
) -> bool:
    """Whether some method speaks of a goal by its words; one for any goal at all does not.

    Args:
        goal: What is asked for.
        features: Its requirements that are no constraints.
        methods_by_task: The library.
        said: The conditions that the goal itself meets; a project may have everything.
    """
    words = spoken(goal)
    of_goals = {Condition.UNCLEAR_GOAL, Condition.NAMED_OPTIONS}
    for frame in frames_for(goal, features, methods_by_task, (frozenset(Condition) - of_goals).union(said)):
        match = best_match(frame, words)
        if match is not None and match.span:
            return True
        is_routing = any(step.each is not None and step.is_routed for step in frame.subtasks)
        if is_routing and any(tasks_in(each, methods_by_task, goal) for each in features):
            return True
    return False


def tasks_in(requirement: str, methods_by_task: Mapping[str, tuple[Method, ...]], goal: str) -> tuple[str, ...]:
    """Tasks that a requirement of a goal names, each with words of its own, weightiest first.

    What is added to something names the place by it: rate limits to the checkout ask for no payments.
    """
    place = _PLACE.search(requirement)
    if place is not None and (added := tasks_in(requirement[: place.start()], methods_by_task, goal)):
        return added
    taken: set[int] = set()
    tasks = []
    for _, _, task, span in _tasks(requirement, methods_by_task, goal):
        if not span & taken:
            taken |= span
            tasks.append(task)
    return tuple(tasks)


def _tasks(
    requirement: str, methods_by_task: Mapping[str, tuple[Method, ...]], goal: str
) -> list[tuple[float, int, str, frozenset[int]]]:
    """Every task that a requirement names, with weight, number of words, name and the positions of the words."""
    words = _deed(requirement)
    is_replacing = not _REPLACING.isdisjoint(phrase_of(goal)[:1])
    found = []
    for task, methods in methods_by_task.items():
        matches = [match for method in methods if (match := best_match(method, words)) is not None and match.span]
        if task != GOAL_TASK and matches:
            best = max(matches, key=lambda match: (match.weight, len(match.span)))
            if is_replacing and best.weight <= GENERAL and _is_beside_noun(best.span, words):
                continue  # what is replaced in "SQLite backend" is no backend in general
            found.append((best.weight, len(best.span), task, best.span))
    return sorted(found, key=lambda match: (-match[0], -match[1], min(match[3]), match[2]))


def _is_beside_noun(span: frozenset[int], words: tuple[str, ...]) -> bool:
    """Whether a word that tells more stands directly before or after some."""
    near = {min(span) - 1, max(span) + 1} & set(range(len(words)))
    return any(words[at] not in _CONNECTING for at in near)


def is_answered_by(method: Method, requirement: str) -> bool:
    """Whether a requirement speaks of what a frame is for."""
    words = phrase_of(requirement)
    return any(phrase != ANY and span_of(phrase.removeprefix("^"), words) for phrase in method.goals)


def is_meant(method: Method, goal: str) -> bool:
    """Whether a method that is only for some goals is for this one."""
    words = phrase_of(goal)
    return not method.only_for or any(span_of(phrase, words) for phrase in method.only_for)
