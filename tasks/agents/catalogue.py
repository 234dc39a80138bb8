"""Packaged catalogues in YAML: read once, checked whole, and wrong ones told by file, line and field."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from prefect_harmonic.errors import MethodLibraryError

ModelT = TypeVar("ModelT", bound=BaseModel)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it, which reads several times as fast."""


def catalogue(path: Path, model: type[ModelT]) -> ModelT:
    """What a YAML file holds, as the given model.

    Raises:
        MethodLibraryError: It is no YAML, gives a key twice, or does not validate; names file, line and field.
    """
    return parsed_catalogue(path.read_text(encoding="utf-8"), path.name, model)


def parsed_catalogue(text: str, file: str, model: type[ModelT]) -> ModelT:
    """As `catalogue`, from text.

    Raises:
        MethodLibraryError: As for `catalogue`.
    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - either of the two is safe
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise MethodLibraryError(file, mark.line + 1 if mark else 1, "file", f"no YAML: {error.problem}") from None
    if root is None:
        raise MethodLibraryError(file, 1, "file", "is empty")
    _refuse_repeated_keys(root, file)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "file"
        raise MethodLibraryError(file, line_of(root, first["loc"]), field, first["msg"]) from None


def line_of(root: Any, location: tuple[int | str, ...]) -> int:
    """The line of a place in a composed YAML document, or of the nearest place around it that exists.

    `Any`, because PyYAML's nodes carry no types.
    """
    node = root
    for part in location:
        inner = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _refuse_repeated_keys(root: Any, file: str) -> None:
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.SequenceNode):
            pending += node.value
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    raise MethodLibraryError(file, key.start_mark.line + 1, key.value, "is given twice")
                seen.add(key.value)
                pending.append(value)
