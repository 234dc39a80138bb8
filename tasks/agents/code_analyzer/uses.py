"""Where a project uses something: a search by syntax trees and by text, which imports and runs nothing.

Owns what counts as a use and by which search it was found. A place is counted once, by the search that says most.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.imports import dotted_path, imports_in
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, Module
from prefect_harmonic.tasks.agents.code_analyzer.starred import brought_by_stars, lines_with_brought
from prefect_harmonic.tasks.agents.code_analyzer.subject import Subject
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.project_files import content, lines_of, project_files

MOST_FILES = 60_000
MOST_BYTES = 200_000_000
MOST_USES = 20_000
_LONGEST_LINE = 2_000
_QUOTE = 160
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_TEXTS = frozenset(
    ".toml .cfg .ini .txt .md .rst .yml .yaml .json .in .sh .conf .xml .html .ipynb .mk".split()  # noqa: SIM905 - a list
)
_NAMED_TEXTS = frozenset({"Makefile", "Dockerfile", "Pipfile", "README", "LICENSE", "CODEOWNERS", "tox"})


class Search(StrEnum):
    """How a use was found, the one that says most first."""

    IMPORT = "import statement"
    NAME = "name or attribute path"
    DEFINITION = "definition"
    BROUGHT = "name that `import *` can bring"
    STRING = "string literal"
    CODE = "other text in Python code"
    TEXT = "text of settings and documents"


_SYNTAX = frozenset({Search.IMPORT, Search.NAME, Search.DEFINITION})
_ORDER = {search: at for at, search in enumerate(Search)}


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One place.

    Attributes:
        path: The file, relative to the project.
        line: The line, counted from 1.
        search: By which search it was found.
        quote: The line itself, without the space around it.
    """

    path: str
    line: int
    search: Search
    quote: str


@dataclass(frozen=True, slots=True)
class Uses:
    """All that was found.

    Attributes:
        subject: What was searched for.
        outside: Uses outside the thing itself, by file and line.
        inside: Uses within the files that the thing itself consists of.
        own: The files that the thing itself consists of.
        files: How many files were read.
        unread: Files that could not be read, or not as Python.
        is_cut: Whether there was more to read or to find than the limits allow.
    """

    subject: Subject
    outside: tuple[Use, ...]
    inside: tuple[Use, ...]
    own: tuple[str, ...]
    files: int
    unread: tuple[str, ...]
    is_cut: bool

    @property
    def is_gone(self) -> bool:
        """Whether nothing is left of it: neither a use nor the thing itself."""
        return not (self.outside or self.inside or self.own)

    @property
    def is_imported(self) -> bool:
        """Whether it is imported as a library or package of that name, not merely as a part of one."""
        statement = re.compile(rf"(?:from|import)\s+{re.escape(self.subject.name)}\b")
        imports = (use for use in self.outside if use.search is Search.IMPORT)
        return bool(self.subject.name) and any(statement.match(use.quote) for use in imports)

    @property
    def is_in_code(self) -> bool:
        """Whether it is more than words: it has files of its own, or syntax trees show it."""
        return bool(self.own) or any(use.search in _SYNTAX for use in (*self.outside, *self.inside))

    @property
    def in_code(self) -> int:
        """Number of places outside the thing itself that import or name it, comments and texts left out."""
        return sum(use.search in {Search.IMPORT, Search.NAME} for use in self.outside)

    @property
    def by_search(self) -> dict[Search, int]:
        """Number of uses outside the thing itself by search, none for those that found nothing."""
        counts = Counter(use.search for use in self.outside)
        return {search: counts[search] for search in Search}


def likeliest(root: Path, layout: Layout, subjects: Sequence[Subject]) -> Uses:
    """The uses of the first subject that is imported, else of the first that stands in code, else that is found.

    A name that only a library goes by counts where it is imported: elsewhere it is some variable. Blocks for seconds.
    """
    found = []
    for subject in subjects:
        found.append(searched(root, layout, subject))
        if found[-1].is_imported:
            return found[-1]
    said = [each for each in found if each.own or each.subject.name in ("", each.subject.text)]
    return next((each for each in said if each.is_in_code), next((each for each in said if not each.is_gone), found[0]))


def searched(root: Path, layout: Layout, subject: Subject) -> Uses:
    """Every place of a project that uses a subject, as far as a search of its files can tell. Blocks for seconds."""
    modules = {module.path: module for module in layout.modules if not module.is_namespace}
    own = frozenset(module.path for module in modules.values() if _is_own(module.name, subject.name))
    found: list[Use] = []
    unread: list[str] = []
    files = size = 0
    is_cut = False
    for file in project_files(root):
        is_python = file.suffix in (".py", ".pyi")
        if not (is_python or file.suffix in _TEXTS or file.path.name in _NAMED_TEXTS):
            continue
        if files >= MOST_FILES or size >= MOST_BYTES or len(found) >= MOST_USES:
            is_cut = True
            break
        try:
            raw = content(file.path)
        except OSError:
            unread.append(file.relative)
            continue
        files, size = files + 1, size + len(raw)
        lines = lines_of(raw.decode("utf-8", errors="replace"))
        places = dict.fromkeys(_matching(lines, subject), Search.CODE if is_python else Search.TEXT)
        if is_python and (places or subject.last in raw):
            module = modules.get(file.relative) or _alone(file.relative)
            problem = _refine(places, module, raw, subject)
            unread += [file.relative] * problem
        found += [Use(file.relative, at, search, _quote(lines, at)) for at, search in places.items()]
    if not is_cut and any(_is_star(use) for use in found if use.path not in own):
        known = {(use.path, use.line) for use in found}
        brought = [use for use in _brought(root, modules, own) if (use.path, use.line) not in known]
        is_cut = len(brought) > MOST_USES
        found += brought[:MOST_USES]
    return Uses(
        subject=subject,
        outside=tuple(sorted(use for use in found if use.path not in own)),
        inside=tuple(sorted(use for use in found if use.path in own)),
        own=tuple(sorted(own)),
        files=files,
        unread=tuple(unread),
        is_cut=is_cut,
    )


def _brought(root: Path, modules: dict[str, Module], own: frozenset[str]) -> Iterator[Use]:
    """Places outside the thing itself that can use names of it which `import *` brought there."""
    brought = brought_by_stars(root, modules, own)
    if not brought:
        return
    names = {name.encode() for known in brought.values() for name in known}
    for file in project_files(root):
        if file.suffix not in (".py", ".pyi") or file.relative in own:
            continue
        try:
            raw = content(file.path)
            if names.isdisjoint(_WORD.findall(raw)):
                continue
            module = modules.get(file.relative) or _alone(file.relative)
            places = sorted(set(lines_with_brought(syntax_tree(raw), module, brought)))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # told as unread where the first search met it
        lines = lines_of(raw.decode("utf-8", errors="replace"))
        yield from (Use(file.relative, at, Search.BROUGHT, _quote(lines, at)) for at in places)


def _is_own(name: str, subject: str) -> bool:
    return bool(subject) and (name == subject or name.startswith(f"{subject}."))


def _alone(path: str) -> Module:
    """A Python file that belongs to no package: what it imports by relative names stays unknown."""
    return Module(path, path.removesuffix(".py"), path, "", path)


def _matching(lines: list[str], subject: Subject) -> Iterator[int]:
    return (at for at, line in enumerate(lines, start=1) if subject.pattern.search(line[:_LONGEST_LINE]))


def _quote(lines: list[str], at: int) -> str:
    return lines[at - 1].strip()[:_QUOTE] if 0 < at <= len(lines) else ""


def _refine(places: dict[int, Search], module: Module, raw: bytes, subject: Subject) -> bool:
    """Adds what the syntax tree of a module shows to the places that its text shows. True if it is no Python."""
    try:
        tree = syntax_tree(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    bound: dict[str, str] = {}
    for statement in imports_in(tree, module).statements:
        bound[statement.bound] = statement.target
        if subject.name and _is_own(statement.target, subject.name):
            _mark(places, statement.line, Search.IMPORT)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            _mark_text(places, node, Search.IMPORT)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            _mark_text(places, node, Search.STRING)
        elif isinstance(node, ast.Attribute | ast.Name) and _names(node, bound, subject):
            _mark(places, node.lineno, Search.NAME)
        elif isinstance(node, _DEFINITIONS) and subject.pattern.fullmatch(node.name):
            _mark(places, node.lineno, Search.DEFINITION)
    return False


def _mark(places: dict[int, Search], line: int, search: Search) -> None:
    known = places.get(line)
    if known is None or _ORDER[search] < _ORDER[known]:
        places[line] = search


def _mark_text(places: dict[int, Search], node: ast.stmt | ast.expr, search: Search) -> None:
    """Says of the lines of a node in which the text search has found something what they are."""
    end = node.end_lineno or node.lineno
    for line in range(node.lineno, end + 1) if end - node.lineno < len(places) else [*places]:
        if line in places and node.lineno <= line <= end:
            _mark(places, line, search)


def _names(node: ast.Attribute | ast.Name, bound: dict[str, str], subject: Subject) -> bool:
    """Whether a name or attribute path is the subject, once what its first part was imported as is put in its place."""
    dotted = dotted_path(node)
    first, _, rest = dotted.partition(".")
    whole = ".".join(part for part in (bound.get(first, first), rest) if part)
    if subject.name:
        return _is_own(whole, subject.name) or ("." not in subject.name and subject.name in dotted.split("."))
    last = dotted.rpartition(".")[2]
    return bool(last) and subject.pattern.fullmatch(last) is not None


HIDDEN = (
    "names that a module of the project imports one by one and others take from there, names of a library that "
    "`from … import *` brings, names that are put together while the program runs (`getattr`, `importlib`), files that "
    "are no text, and users outside the project"
)
"""What such a search cannot see."""

_WORD = re.compile(rb"\w+")
_STAR = re.compile(r"^from\s.+\simport\s+\*")


def passed_on(found: Uses) -> tuple[Use, ...]:
    """Imports that pass all names of the subject on, so that their users need not write its name."""
    return tuple(use for use in found.outside if _is_star(use))


def _is_star(use: Use) -> bool:
    return use.search is Search.IMPORT and _STAR.match(use.quote) is not None
