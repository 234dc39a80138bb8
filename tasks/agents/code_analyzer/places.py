"""Where in a project's code the words of a goal stand: the definitions that a change would touch or stand beside.

A definition (module, class, function, constant) is found by the words of its name, of its parameters and of the first
line of its docstring. A word counts the more the fewer definitions have it, so that what nearly every module speaks of
says little. Tests are no places, and are read for the names of those that were found. Nothing of the project is
imported or run.
"""

import ast
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, Module
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.project_files import content

MOST_MODULES = 5_000
MOST_BYTES = 50_000_000
MOST_PLACES = 15
MOST_TESTS = 3_000

_NAME, _PARAMETER, _DOCSTRING, _OWNER = 3.0, 2.0, 1.0, 0.5
"""How much it says that a word stands in the name, among the parameters, in the docstring, in the name of the class."""

_LEAST_SHARE = 0.25
"""A place that says less than this share of the best one is not told."""

_LEAST_PREFIX = 5
"""Letters that two stems must share to count as forms of one word: "config" and "configur"."""

_SAYING_NOTHING = frozenset(
    map(
        stem,
        "add allow better change code easily easy enable existing feature features fix fixes full function "  # noqa: SIM905 - a list
        "functionality good implement improve introduce make new project proper properly simple software support "
        "thing things user users version way within work working second minute hour day week month quarter "
        "year".split(),
    )
)
"""Words of goals by which nothing in particular is found."""

_TEST_FOLDERS = frozenset({"test", "tests", "testing"})
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Definition:
    """Something that code defines.

    Attributes:
        module: Key of the module it is in.
        path: Its file, relative to the project.
        line: Where it begins, counted from 1.
        name: Its name, with that of its class before it; for a module the module's.
        kind: `module`, `class`, `function` or `constant`.
        weights: How much each stem of its words says of it.
    """

    module: str
    path: str
    line: int
    name: str
    kind: str
    weights: Mapping[str, float]

    @property
    def called(self) -> str:
        """The name by which others speak of it: of a method that Python calls itself, that of its class."""
        parts = self.name.split(".")
        return parts[-2] if len(parts) > 1 and parts[-1].startswith("__") else parts[-1]


@dataclass(frozen=True, slots=True)
class Place:
    """A definition that words of the goal name.

    Attributes:
        definition: What was found.
        words: The words, as the goal has them.
        mark: How much they say; more is better, and only marks of one search can be compared.
        tests: Files of tests that name it.
    """

    definition: Definition
    words: tuple[str, ...]
    mark: float
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
    {'retri': 'retries', 'exponenti': 'exponential', 'backoff': 'backoff', 'client': 'client'}
    """
    words = [word for text in requirements_of(goal) for word in words_of(text) if word not in STOP_WORDS]
    found: dict[str, str] = {}
    for word in words:
        if stem(word) not in _SAYING_NOTHING and not word.isdigit() and len(word) > 1:
            found.setdefault(stem(word), word)
    return found


def places_of(root: Path, layout: Layout, goal: str) -> Places:
    """The definitions of a project that the words of a goal name. Blocks for seconds where the project is large."""
    wanted = words_of_goal(goal)
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
            definitions += _definitions(module, syntax_tree(raw))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # told by the analysis, which reads the same files
        size += len(raw)
    found = _ranked(definitions, wanted, is_cut=is_cut)
    naming = _tests_naming(root, layout, {place.definition.called for place in found.found})
    named = (replace(place, tests=naming.get(place.definition.called, ())) for place in found.found)
    return replace(found, found=tuple(named))


def is_test(path: str) -> bool:
    """Whether a file holds tests, by its name or that of a folder it lies in.

    >>> is_test("pkg/tests/api.py"), is_test("test_api.py"), is_test("pkg/contest.py")
    (True, True, False)
    """
    file = PurePosixPath(path)
    return bool(_TEST_FOLDERS & set(file.parts[:-1])) or file.name.startswith("test_") or file.stem.endswith("_test")


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
    forms = _forms(wanted, {known for one in definitions for known in one.weights})
    had = Counter(
        term for one in definitions for term in {term for known in one.weights for term in forms.get(known, ())}
    )
    worth = {term: math.log(1 + len(definitions) / (1 + number)) for term, number in had.items()}
    places = []
    for one in definitions:
        marks: dict[str, float] = {}
        for known, weight in one.weights.items():
            for term in forms.get(known, ()):
                marks[term] = max(marks.get(term, 0.0), weight * worth[term])
        if marks:
            words = tuple(wanted[term] for term in wanted if term in marks)
            places.append(Place(one, words, round(sum(marks.values()), 6)))
    places.sort(key=lambda place: (-place.mark, place.definition.path, place.definition.line))
    least = _LEAST_SHARE * places[0].mark if places else 0.0
    return Places(
        words=tuple(wanted.values()),
        found=tuple(place for place in places[:MOST_PLACES] if place.mark >= least),
        count=len(places),
        absent=tuple(word for term, word in wanted.items() if term not in had),
        definitions=len(definitions),
        is_cut=is_cut,
    )


def _forms(wanted: Iterable[str], known: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """For each stem of the code the stems of the goal that it is a form of."""
    forms: dict[str, list[str]] = defaultdict(list)
    terms = sorted(wanted)
    for one in sorted(known):
        for term in terms:
            shorter = min(len(one), len(term))
            if one == term or (shorter >= _LEAST_PREFIX and one[:shorter] == term[:shorter]):
                forms[one].append(term)
    return {one: tuple(found) for one, found in forms.items()}


def _definitions(module: Module, tree: ast.Module) -> Iterator[Definition]:
    """What a module defines, itself first: classes, functions, methods and constants, not what is within functions."""
    last = module.name.rpartition(".")[2]
    weights = _weights((last, _NAME), (_first_line(tree), _DOCSTRING))
    yield Definition(module.key, module.path, 1, module.name, "module", weights)
    waiting: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    while waiting:
        owner, statements = waiting.pop()
        for node in statements:
            if isinstance(node, ast.If | ast.Try | ast.With):
                waiting.append((owner, [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]))
            elif (found := _defined(node, owner)) is not None:
                name, kind, weights = found
                qualified = f"{owner}.{name}" if owner else name
                yield Definition(module.key, module.path, node.lineno, qualified, kind, weights)
                if isinstance(node, ast.ClassDef):
                    waiting.append((qualified, node.body))


def _defined(node: ast.stmt, owner: str) -> tuple[str, str, Mapping[str, float]] | None:
    """Name, kind and words of what a statement defines, if it defines something that lasts."""
    if isinstance(node, ast.ClassDef):
        return node.name, "class", _weights((node.name, _NAME), (_first_line(node), _DOCSTRING))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = node.args
        parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = " ".join(each.arg for each in parameters if each is not None and each.arg not in ("self", "cls"))
        texts = ((node.name, _NAME), (names, _PARAMETER), (_first_line(node), _DOCSTRING), (owner, _OWNER))
        return node.name, "function", _weights(*texts)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if len(targets) == 1 and isinstance(targets[0], ast.Name):
        name = targets[0].id
        return name, "constant", _weights((name, _NAME))
    return None


def _first_line(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node, clean=False) or "").strip().partition("\n")[0]


def _weights(*texts: tuple[str, float]) -> Mapping[str, float]:
    """The stems of some texts, each with the greatest weight of a text that has it; less in a name of many words."""
    weights: dict[str, float] = {}
    for text, weight in texts:
        stems = {stem(word) for word in words_of(text) if word not in STOP_WORDS}
        share = weight * (0.6 + 0.4 / len(stems)) if stems and weight == _NAME else weight
        for each in stems:
            weights[each] = max(weights.get(each, 0.0), share)
    return weights
