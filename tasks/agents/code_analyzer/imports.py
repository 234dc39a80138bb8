"""The import statements of a module, read from its syntax tree.

Nothing is imported or executed. The rule for what a statement imports is grimp's: `from package import name` is an
import of `package.name` if that is a module, else of `package`; one step up and no further.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.modules import Module
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.project_files import content


@dataclass(frozen=True, slots=True)
class Statement:
    """One name that one statement imports.

    Attributes:
        target: Absolute dotted name of what is imported.
        bound: The name it gets in the importing module.
        line: First line of the statement.
        is_deferred: Whether it stands in a function, so that it runs when the function is called.
        is_typing: Whether it stands under `if TYPE_CHECKING`, so that it never runs.
    """

    target: str
    bound: str
    line: int
    is_deferred: bool = False
    is_typing: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """One module as it was read.

    Attributes:
        statements: What it imports.
        lines: Its number of lines.
        problem: Why it could not be read as Python, or empty.
        climbs: Lines of relative imports that climb out of the package.
    """

    statements: tuple[Statement, ...] = ()
    lines: int = 0
    problem: str = ""
    climbs: tuple[int, ...] = ()


def parsed(root: Path, module: Module) -> Parsed:
    """Reads one module. A file that is no Python gives its problem instead of statements."""
    if module.is_namespace:
        return Parsed()
    try:
        source = content(root / module.path)
    except OSError as error:
        return Parsed(problem=f"cannot be read ({error.strerror or type(error).__name__})")
    lines = source.count(b"\n") + (not source.endswith(b"\n") if source else 0)
    try:
        tree = syntax_tree(source)
    except SyntaxError as error:
        return Parsed(lines=lines, problem=f"line {error.lineno or 1}: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Parsed(lines=lines, problem=f"cannot be parsed ({type(error).__name__})")
    return imports_in(tree, module, lines)


def imports_in(tree: ast.Module, module: Module, lines: int = 0) -> Parsed:
    """What a module imports, by its tree."""
    statements: list[Statement] = []
    climbs: list[int] = []
    for node, is_deferred, is_typing in _import_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name
                statements.append(Statement(alias.name, bound, node.lineno, is_deferred, is_typing))
            continue
        origin = _origin(node, module)
        if origin is None:
            climbs.append(node.lineno)
            continue
        for alias in node.names:
            target = origin if alias.name == "*" else f"{origin}.{alias.name}"
            statements.append(Statement(target, alias.asname or alias.name, node.lineno, is_deferred, is_typing))
    return Parsed(tuple(sorted(statements, key=lambda each: (each.line, each.target))), lines, "", tuple(climbs))


def _origin(node: ast.ImportFrom, module: Module) -> str | None:
    """Absolute name of the module a `from` statement names, or nothing if it climbs out of the top-level package."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    climbed = node.level - 1 if module.is_package else node.level
    if climbed >= len(parts):
        return None
    kept = parts[: len(parts) - climbed]
    return ".".join([*kept, node.module] if node.module else kept)


def _import_nodes(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    """Import statements with whether they are deferred and whether they are for type checkers only."""
    pending: list[tuple[ast.AST, bool, bool]] = [(node, False, False) for node in tree.body]
    while pending:
        node, is_deferred, is_typing = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, is_deferred, is_typing
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            pending += [(inner, is_deferred, True) for inner in node.body]
            pending += [(inner, is_deferred, is_typing) for inner in node.orelse]
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            is_inner = is_deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                pending += [(inner, is_inner, is_typing) for inner in getattr(node, part, ())]


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def dotted_path(node: ast.expr) -> str:
    """The dotted path of a name or of attributes on a name; the last part alone where it begins with a call."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def name_uses(root: Path, module: Module) -> Counter[str]:
    """How often a module uses each name, an imported one among others; nothing where it cannot be read."""
    try:
        tree = syntax_tree(content(root / module.path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return Counter()
    return Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds the module that a dotted name belongs to, as seen from one import root."""

    names: Mapping[str, Mapping[str, str]]
    """Key of a module by its name and, within that, its import root."""

    @classmethod
    def of(cls, modules: tuple[Module, ...]) -> "Resolver":
        """A resolver over all modules of a project."""
        names: dict[str, dict[str, str]] = {}
        for module in modules:
            names.setdefault(module.name, {})[module.base] = module.key
        return cls(names)

    def resolved(self, target: str, base: str) -> str | None:
        """Key of the module that a name imports, or nothing if it is none of the project's."""
        for name in (target, target.rpartition(".")[0]):
            if holders := self.names.get(name):
                return holders.get(base) or holders[min(holders)]
        return None
