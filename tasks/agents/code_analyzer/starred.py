"""Where names may be used that came with `from … import *`: none of these places writes where its name is from.

Owns what such an import can bring, and who has it from whom. Nothing is imported or run, so that each place is one that
can be meant: a name is left out where its file binds it in another way too.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.imports import dotted_path, imports_in, syntax_tree
from prefect_harmonic.tasks.agents.code_analyzer.modules import Module
from prefect_harmonic.tasks.project_files import content

_STAR = re.compile(rb"\bimport\s*\(?\s*\*")
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
        targets = [one.target for one in imports_in(tree, module).statements if one.bound == "*"]
        stars[module.name] = targets
        names[module.name] = _let_go(tree) if path in own else set()
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
    """What `import *` takes of a module: the names in its `__all__`, else all at its top without an underscore."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(at, ast.Name) and at.id == "__all__" for at in node.targets):
            listed = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else []
            return {one.value for one in listed if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {name for name in _bound_at_top(tree) if not name.startswith("_")}


def _bound_at_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (at.id for target in targets for at in ast.walk(target) if isinstance(at, ast.Name))
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names if alias.name != "*")


def _bound_otherwise(tree: ast.Module) -> set[str]:
    """Names that a module binds itself anywhere, by whatever but an import."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
    return found
