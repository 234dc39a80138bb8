"""What a module of Python defines, with the words that each definition goes by. Nothing of it is imported or run."""

import ast
import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.code_analyzer.modules import Module

_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While, ast.Match)

_NAME, _PARAMETER, _DOCSTRING = 3.0, 2.0, 1.0
"""How much a word says in the name, among the parameters, in the first line of the docstring."""


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
        around: Stems of the names of its class, its module and the packages that this lies in.
    """

    module: str
    path: str
    line: int
    name: str
    kind: str
    weights: Mapping[str, float]
    around: Set[str]

    @property
    def called(self) -> str:
        """The name by which others speak of it: of a method that Python calls itself, that of its class."""
        parts = self.name.split(".")
        return parts[-2] if len(parts) > 1 and parts[-1].startswith("__") else parts[-1]


def definitions_in(module: Module, tree: ast.Module) -> Iterator[Definition]:
    """What a module defines, itself first: classes, functions, methods and constants, not what is within functions."""
    package, _, last = module.name.rpartition(".")
    weights = _weights((last, _NAME), (_first_line(tree), _DOCSTRING))
    yield Definition(module.key, module.path, 1, module.name, "module", weights, telling_stems(package))
    waiting: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    while waiting:
        owner, statements = waiting.pop()
        around = telling_stems(f"{module.name} {owner}")
        for node in statements:
            if isinstance(node, _BLOCKS):
                waiting.append((owner, _within(node)))
            elif (found := _defined(node)) is not None:
                name, kind, weights = found
                qualified = f"{owner}.{name}" if owner else name
                yield Definition(module.key, module.path, node.lineno, qualified, kind, weights, around)
                if isinstance(node, ast.ClassDef):
                    waiting.append((qualified, node.body))


def _within(node: ast.AST) -> list[ast.stmt]:
    """The statements in the blocks of a statement, those of its handlers and cases too."""
    found: list[ast.stmt] = []
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.stmt):
            found.append(each)
        elif isinstance(each, ast.ExceptHandler | ast.match_case):
            found += each.body
    return found


def _defined(node: ast.stmt) -> tuple[str, str, Mapping[str, float]] | None:
    """Name, kind and words of what a statement defines, if it defines something that lasts."""
    if isinstance(node, ast.ClassDef):
        return node.name, "class", _weights((node.name, _NAME), (_first_line(node), _DOCSTRING))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = node.args
        parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        names = " ".join(each.arg for each in parameters if each is not None and each.arg not in ("self", "cls"))
        return node.name, "function", _weights((node.name, _NAME), (names, _PARAMETER), (_first_line(node), _DOCSTRING))
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if len(targets) == 1 and isinstance(targets[0], ast.Name):
        return targets[0].id, "constant", _weights((targets[0].id, _NAME))
    return None


def _first_line(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(node, clean=False) or "").strip().partition("\n")[0]


def _weights(*texts: tuple[str, float]) -> Mapping[str, float]:
    """The stems of some texts, each with the greatest weight of a text that has it; less in a text of many words."""
    weights: dict[str, float] = {}
    for text, weight in texts:
        stems = telling_stems(text)
        for each in stems:
            weights[each] = max(weights.get(each, 0.0), weight / (1 + math.log(len(stems)) / 3))
    return weights
