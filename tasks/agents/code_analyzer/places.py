"""Where in a project's code the words of a goal stand: the definitions that a change would touch or stand beside.

A definition (module, class, function, constant) is found by the words of its name, of its parameters and of the first
line of its docstring. A word counts the more the fewer definitions have it, so that what nearly every module speaks of
says little. Tests are no places, and are read for the names of those that were found. Nothing of the project is
imported or run.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from prefect_harmonic.planners.constraints import features_of
from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of
from prefect_harmonic.tasks.agents.code_analyzer.definitions import Definition, definitions_in
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, is_test
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.project_files import content

MOST_MODULES = 5_000
MOST_BYTES = 50_000_000
MOST_PLACES = 15
MOST_TESTS = 3_000

_AROUND = 1.0
"""How much it says that a word stands in what a definition lies in, if it has another one itself."""

_LEAST_SHARE = 0.25
"""A place that says less than this share of the best one is not told."""

_REPEATED = 0.75
"""What a word is worth each time that a place was told for it, so that the fifth of its kind comes after the first of
another."""

_EACH_FURTHER = 0.2
"""By how much a place says more for each further word of the goal that it has: two of them meet by chance in few."""

_MOST_COMPARED = 200

_LEAST_PREFIX = 5
"""Letters that two stems must share to count as forms of one word: "config" and "configur"."""

_SAYING_NOTHING = frozenset(
    map(
        stem,
        "add allow better change code easily easy enable existing feature features fix fixes full function "  # noqa: SIM905 - a list
        "functionality good implement improve introduce make new project proper properly simple software "
        "support raise cover coverage test tests thing things user users version way within work working "
        "bug broken defect lose loses lost regression wrong "
        "second minute hour day week month quarter year".split(),
    )
)
"""Words of goals by which nothing in particular is found."""

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Place:
    """A definition that words of the goal name.

    Attributes:
        definition: What was found.
        words: The words, as the goal has them.
        tests: Files of tests that name it.
    """

    definition: Definition
    words: tuple[str, ...]
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """All that was found.

    Attributes:
        words: The words of the goal that were searched for.
        found: The definitions that say most, best first.
        count: How many definitions have any of the words.
        absent: Words of the goal that no definition has.
        definitions: How many definitions were read.
        is_cut: Whether there was more to read than the limits allow.
    """

    words: tuple[str, ...]
    found: tuple[Place, ...]
    count: int
    absent: tuple[str, ...]
    definitions: int
    is_cut: bool


def words_of_goal(goal: str) -> dict[str, str]:
    """The words of a goal by which code can be searched, as the goal has them, by their stems.

    >>> words_of_goal("Add retries with exponential backoff to the client")
    {'retri': 'retries', 'client': 'client', 'exponential': 'exponential', 'backof': 'backoff'}
    """
    # What must hold is not looked for, and a plan that is carried out as it is may name no goal.
    asked = features_of(requirements_of(goal)) if words_of(goal) else ()
    words = [word for text in asked for word in words_of(text) if word not in STOP_WORDS]
    found: dict[str, str] = {}
    for word in words:
        if stem(word) not in _SAYING_NOTHING and not word.isdigit() and len(word) > 1:
            found.setdefault(stem(word), word)
    return found


_Marked = tuple[Definition, Mapping[str, float]]
"""A definition with how much each word of the goal says of it, by the word's stem."""


def places_of(root: Path, layout: Layout, goal: str) -> Places:
    """The definitions of a project that the words of a goal name. Blocks for seconds where the project is large."""
    wanted = _without_own_name(words_of_goal(goal), layout)
    modules = [one for one in layout.modules if not (one.is_namespace or is_test(one.path))]
    definitions: list[Definition] = []
    size = 0
    is_cut = len(modules) > MOST_MODULES
    for module in modules[:MOST_MODULES] if wanted else ():
        if size > MOST_BYTES:
            is_cut = True
            break
        try:
            raw = content(root / module.path)
            definitions += definitions_in(module, syntax_tree(raw))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # told by the analysis, which reads the same files
        size += len(raw)
    found = _ranked(definitions, wanted, is_cut=is_cut)
    naming = _tests_naming(root, layout, {place.definition.called for place in found.found})
    named = (replace(place, tests=naming.get(place.definition.called, ())) for place in found.found)
    return replace(found, found=tuple(named))


def _without_own_name(wanted: dict[str, str], layout: Layout) -> dict[str, str]:
    """The words without the name of the one package that everything lies in, where others are left."""
    own = {stem(package.name) for package in layout.packages}
    left = {term: word for term, word in wanted.items() if term not in own}
    return left if left and len(own) == 1 else wanted


def _tests_naming(root: Path, layout: Layout, names: Set[str]) -> Mapping[str, tuple[str, ...]]:
    """For each name the files of tests that have it as a word of its own."""
    files = sorted(path for path in {*layout.apart, *(one.path for one in layout.modules)} if is_test(path))
    naming: dict[str, list[str]] = defaultdict(list)
    for path in files[:MOST_TESTS] if names else ():
        try:
            text = content(root / path).decode("utf-8", errors="replace")
        except OSError:
            continue
        for name in sorted(names & set(_IDENTIFIER.findall(text))):
            naming[name].append(path)
    return {name: tuple(paths) for name, paths in naming.items()}


def _ranked(definitions: Sequence[Definition], wanted: Mapping[str, str], *, is_cut: bool) -> Places:
    forms = _forms(wanted, {known for one in definitions for known in (*one.weights, *one.around)})
    had = Counter(
        term for one in definitions for term in {term for known in one.weights for term in forms.get(known, ())}
    )
    worth = {term: math.log(1 + len(definitions) / (1 + number)) for term, number in had.items()}
    marked = []
    for one in definitions:
        marks: dict[str, float] = {}
        for known, weight in one.weights.items():
            for term in forms.get(known, ()):
                marks[term] = max(marks.get(term, 0.0), weight * worth[term])
        if marks:
            for term in {term for known in one.around for term in forms.get(known, ())} & had.keys():
                marks.setdefault(term, _AROUND * worth[term])
            marked.append((one, marks))
    marked.sort(key=lambda each: (-_said(each[1].values()), each[0].path, each[0].line))
    best = _said(marked[0][1].values()) if marked else 0.0
    chosen = _varied([each for each in marked[:_MOST_COMPARED] if _said(each[1].values()) >= _LEAST_SHARE * best])
    return Places(
        words=tuple(wanted.values()),
        found=tuple(Place(one, tuple(wanted[term] for term in wanted if term in marks)) for one, marks in chosen),
        count=len(marked),
        absent=tuple(word for term, word in wanted.items() if term not in had),
        definitions=len(definitions),
        is_cut=is_cut,
    )


def _said(marks: Collection[float]) -> float:
    """How much a place says in all, by what each word of the goal says of it."""
    return sum(marks) * (1 + _EACH_FURTHER * (len(marks) - 1))


def _varied(marked: Sequence[_Marked]) -> list[_Marked]:
    """Those to be told, best first: what a word says counts less the more places were told for it already."""
    left, chosen = list(marked), list[_Marked]()
    worth: defaultdict[str, float] = defaultdict(lambda: 1.0)
    while left and len(chosen) < MOST_PLACES:
        best = max(left, key=lambda each: _said([mark * worth[term] for term, mark in each[1].items()]))
        left.remove(best)
        chosen.append(best)
        for term in best[1]:
            worth[term] *= _REPEATED
    return chosen


def _forms(wanted: Iterable[str], known: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """For each stem of the code the stems of the goal that it is a form of."""
    by_start: dict[str, list[str]] = defaultdict(list)
    for term in sorted(wanted):
        by_start[term[:_LEAST_PREFIX]].append(term)
    forms: dict[str, list[str]] = defaultdict(list)
    for one in sorted(known):
        for term in by_start.get(one[:_LEAST_PREFIX], ()):
            shorter = min(len(one), len(term))
            if one == term or (shorter >= _LEAST_PREFIX and one[:shorter] == term[:shorter]):
                forms[one].append(term)
    return {one: tuple(found) for one, found in forms.items()}
