"""Where names may be used that came with `from … import *`: none of these places writes where its name is from.

Owns what such an import can bring, and who has it from whom. Nothing is imported or run, so that each place is one that
can be meant: a name is left out where its file binds it in another way too.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.imports import dotted_path, imports_in
from prefect_harmonic.tasks.agents.code_analyzer.modules import Module
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.project_files import content

_STAR = re.compile(rb"\bimport\s*\(?\s*\*")
_ALL = "__all__"
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BRANCHES = ("body", "orelse", "finalbody", "handlers", "cases")
_Brought = Mapping[str, Collection[str]]


def brought_by_stars(root: Path, modules: Mapping[str, Module], own: Collection[str]) -> _Brought:
    """Names of a thing that a module outside it has by `import *`, directly or through other such modules.

    Args:
        root: The project.
        modules: Its modules by their files.
        own: The files that the thing itself consists of.

    Returns:
        Names by module; the modules of the thing itself are among them, with the names that they let go.
    """
    names: dict[str, set[str]] = {}
    stars: dict[str, list[str]] = {}
    for path, module in modules.items():
        tree = _tree(root / path) if path in own or _has_star(root / path) else None
        if tree is None:
            continue
        # A module may have two files: itself, and a stub.
        targets = [one.target for one in imports_in(tree, module).statements if one.bound == "*"]
        stars.setdefault(module.name, []).extend(targets)
        names.setdefault(module.name, set()).update(_let_go(tree) if path in own else ())
    is_growing = True
    while is_growing:
        before = sum(map(len, names.values()))
        for module_name, targets in stars.items():
            names[module_name].update(*(names.get(target, ()) for target in targets))
        is_growing = sum(map(len, names.values())) > before
    return {module_name: known for module_name, known in names.items() if known}


def lines_with_brought(tree: ast.Module, module: Module, brought: _Brought) -> Iterator[int]:
    """Lines of a module in which a name stands that `import *` can have brought, here or where it is taken from."""
    statements = imports_in(tree, module).statements
    bound = {one.bound: one.target for one in statements if one.bound != "*"}
    free = {name for one in statements if one.bound == "*" for name in brought.get(one.target, ())}
    if free:
        free -= bound.keys() | _bound_otherwise(tree)
    yield from (one.line for one in statements if one.bound != "*" and _is_brought(one.target, brought))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in free:
            yield node.lineno
        elif isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = dotted_path(node).partition(".")
            if _is_brought(f"{bound.get(first, first)}{dot}{rest}", brought):
                yield node.lineno


def _is_brought(target: str, brought: _Brought) -> bool:
    module, _, name = target.rpartition(".")
    return name in brought.get(module, ())


def _has_star(path: Path) -> bool:
    try:
        return _STAR.search(content(path)) is not None
    except OSError:
        return False


def _tree(path: Path) -> ast.Module | None:
    try:
        return syntax_tree(content(path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _let_go(tree: ast.Module) -> set[str]:
    """What `import *` takes of a module: what its `__all__` lists, else all names at its top without an underscore.

    A list that is put together of more than texts, as of that of another module, may hold those names too.
    """
    listed = [part for node in _at_top(tree) for part in _listed(node)]
    texts = {one.value for one in listed if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    if listed and all(isinstance(one, ast.Constant | ast.List | ast.Tuple) for one in listed):
        return texts
    return texts | {name for node in _at_top(tree) for name in _bound_by(node) if not name.startswith("_")} - {_ALL}


def _at_top(tree: ast.Module) -> Iterator[ast.AST]:
    """The statements that run when a module is imported: those in branches too, not those of functions and classes."""
    pending: list[ast.AST] = [*tree.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending += [inner for part in _BRANCHES for inner in getattr(node, part, ())]


def _listed(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a statement puts into `__all__`, with all that they consist of."""
    values: list[ast.expr | None] = []
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        values = [node.value] if any(isinstance(at, ast.Name) and at.id == _ALL for at in _targets(node)) else []
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        values = [*node.value.args] if dotted_path(node.value.func).startswith(f"{_ALL}.") else []
    yield from (part for value in values if value for part in ast.walk(value) if isinstance(part, ast.expr))


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.optional_vars for item in node.items if item.optional_vars]
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor) else []


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Names that one statement at the top of a module binds there."""
    if isinstance(node, _SCOPES):
        yield node.name
    elif isinstance(node, ast.Import):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names if alias.name != "*")
    for target in _targets(node):
        yield from (at.id for at in ast.walk(target) if isinstance(at, ast.Name) and isinstance(at.ctx, ast.Store))


def _bound_otherwise(tree: ast.Module) -> set[str]:
    """Names that a module binds itself anywhere, by whatever but an import."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, _SCOPES):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
    return found
