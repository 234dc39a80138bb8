"""What an artifact can import from what it requires, read from the files of its inputs by `ast`, never executed."""

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.tasks.agents.builder.contract import Operation
from prefect_harmonic.tasks.agents.builder.naming import module_name
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree


@dataclass(frozen=True, slots=True)
class PublicClass:
    """A class of a required module."""

    name: str
    methods: tuple[Operation, ...] = ()
    fields: tuple[str, ...] = ()
    is_protocol: bool = False
    is_record: bool = False


@dataclass(frozen=True, slots=True)
class RequiredModule:
    """A Python file of a required artifact, and what stands in it.

    `module` is nothing for a file whose path is no dotted name; it can be loaded by its path only.
    """

    artifact: str
    path: str
    module: str | None
    classes: tuple[PublicClass, ...] = ()
    functions: tuple[str, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether it is a test, which nothing imports."""
        name = self.path.rsplit("/", 1)[-1]
        return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def required_modules(inputs: Mapping[str, Evidence]) -> tuple[RequiredModule, ...]:
    """The Python files among what the inputs produced, by artifact and path, without those that do not parse."""
    read = [
        read_module(artifact, file)
        for artifact in sorted(inputs)
        for file in sorted(inputs[artifact].files, key=lambda each: each.path)
        if file.path.endswith(".py")
    ]
    return tuple(module for module in read if module is not None)


def read_module(artifact: str, file: ProducedFile) -> RequiredModule | None:
    """The public classes and functions of a Python file, or nothing if it does not parse."""
    try:
        tree = syntax_tree(file.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    name = module_name(file.path)
    if name is not None and name.split(".")[0] in sys.stdlib_module_names:
        name = None  # importing it would give the standard library's module, or hide that
    return RequiredModule(
        artifact,
        file.path,
        name,
        tuple(_class(node) for node in tree.body if isinstance(node, ast.ClassDef) and _is_public(node.name)),
        tuple(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and _is_public(node.name)),
    )


def protocols_among(modules: Iterable[RequiredModule]) -> tuple[PublicClass, ...]:
    """The protocols that required modules define."""
    return tuple(each for module in modules for each in module.classes if each.is_protocol)


def _class(node: ast.ClassDef) -> PublicClass:
    bases = {ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases}
    decorators = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and _is_public(each.name)]
    fields = [
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
    return PublicClass(
        node.name,
        tuple(_operation(method) for method in methods),
        tuple(fields),
        is_protocol="Protocol" in bases,
        is_record="dataclass" in decorators,
    )


def _operation(method: ast.FunctionDef) -> Operation:
    parameters = tuple(
        (argument.arg, _plain_type(argument.annotation)) for argument in method.args.args if argument.arg != "self"
    )
    clause = (ast.get_docstring(method) or "").split("\n")[0]
    return Operation(method.name, parameters, _plain_type(method.returns), clause)


def _plain_type(annotation: ast.expr | None) -> str:
    """The annotation if it needs no import of its own; `object` otherwise."""
    text = ast.unparse(annotation) if annotation is not None else "object"
    return text if text in {"str", "int", "bool", "float", "bytes", "None", "object", "Sequence[object]"} else "object"


def _is_public(name: str) -> bool:
    return not name.startswith("_")
