"""Pieces of Python source that stay valid whatever words go into them."""

import ast
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from prefect_harmonic.tasks.agents.builder.contract import Operation
from prefect_harmonic.tasks.agents.builder.requirements import RequiredModule

_WIDTH = 110
_LONGEST_DOCSTRING = 2000


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Python source before it is put together.

    Attributes:
        body: Definitions, each without blank lines around it.
        imports: Import statements.
        required: Artifacts that are really imported.
        left: What is left to be written, in words.
    """

    body: tuple[str, ...]
    imports: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    left: tuple[str, ...] = field(default=())


def plain(text: str) -> str:
    r"""The text without what cannot stand in source: control characters, lone surrogates, odd line ends.

    >>> plain("a\x00b\u2028c")
    'a b c'
    """
    kept = (char if char == "\n" or unicodedata.category(char)[0] not in "C" else " " for char in text)
    return "".join(" " if char in "\u2028\u2029\x85" else char for char in kept)


def docstring(text: str, indent: int = 0) -> str:
    r"""A docstring that holds the text, whatever stands in it.

    >>> docstring("a backslash \\")[3:-3]
    'a backslash \\\\.'
    """
    told = plain(text)[:_LONGEST_DOCSTRING].replace('"' * 3, "'" * 3).strip() or "Made for the plan"
    paragraphs = ["\n".join(textwrap.wrap(each, _WIDTH - indent)) for each in told.split("\n\n")]
    content = "\n\n".join(each for each in paragraphs if each)
    if content[-1] not in ".!?:":
        content += "."
    content = content.replace("\\", "\\\\")  # after wrapping, so that no pair is torn apart
    closing = "\n" if "\n" in content else ""
    return textwrap.indent(f'"""{content}{closing}"""', " " * indent, lambda line: bool(line.strip()))


def literal(text: str) -> str:
    r"""The text as a string literal in double quotes where that is possible, in ASCII.

    >>> literal("it's"), literal('say "x"')
    ('"it\'s"', '\'say "x"\'')
    """
    quoted = ascii(plain(text))
    return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in quoted and "\\'" not in quoted else quoted


def signature(operation: Operation, *, is_method: bool = True) -> str:
    """The head of a function."""
    parameters = [f"{name}: {kind}" for name, kind in operation.parameters]
    inside = ", ".join(["self", *parameters] if is_method else parameters)
    return f"def {operation.name}({inside}) -> {operation.result}:"


RESERVED = frozenset(
    {"Callable", "Connection", "Decimal", "Mapping", "Path", "Protocol", "Response", "Route", "Sequence"}
)
"""Class names that generated modules use themselves."""


_STANDARD = {
    "Callable": "collections.abc",
    "Decimal": "decimal",
    "Mapping": "collections.abc",
    "ModuleType": "types",
    "Path": "pathlib",
    "Protocol": "typing",
    "Sequence": "collections.abc",
    "dataclass": "dataclasses",
    "datetime": "datetime",
}
_STANDARD_MODULES = {"importlib": "importlib.util", "sqlite3": "sqlite3", "sys": "sys", "unittest": "unittest"}


def imports_for(body: Iterable[str]) -> tuple[str, ...]:
    """The imports from the standard library that definitions need, by the names they use, in order.

    >>> imports_for(["x: Decimal = Decimal(1)", "def f(y: Sequence[str]) -> Mapping[str, str]: ..."])
    ('from collections.abc import Mapping, Sequence', 'from decimal import Decimal')
    """
    tree = ast.parse("\n\n".join(body))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    whole = sorted(f"import {module}" for name, module in _STANDARD_MODULES.items() if name in used)
    by_module: dict[str, list[str]] = {}
    for name in sorted(used & _STANDARD.keys()):
        by_module.setdefault(_STANDARD[name], []).append(name)
    return (*whole, *(f"from {module} import {', '.join(by_module[module])}" for module in sorted(by_module)))


def module_text(head: str, skeleton: Skeleton) -> str:
    r"""A whole module: docstring, imports in groups, definitions.

    >>> module_text("Numbers", Skeleton(("ONE = 1",))).splitlines()[1:]
    ['', 'ONE = 1']
    """
    groups = ["\n".join(group) for group in (imports_for(skeleton.body), sorted(skeleton.imports)) if group]
    definitions = "\n\n\n".join(skeleton.body)
    gap = "\n\n\n" if definitions.startswith(("def ", "class ", "@")) else "\n\n"
    parts = "\n\n".join([docstring(head), *groups])
    return f"{parts}{gap}{definitions}\n" if definitions else f"{parts}\n"


def import_of(module: RequiredModule, names: Sequence[str]) -> str:
    """The statement that imports names from a required module."""
    return f"from {module.module} import {', '.join(sorted(names))}"
