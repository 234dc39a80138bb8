"""Values checked before anything is written, and what is told about those that are refused."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from prefect_harmonic.errors import RefusedValueError

Model = TypeVar("Model", bound=BaseModel)

_LONGEST_SHOWN = 80
_LARGEST_TEXT = 4_000_000


def refused(field: str, value: object, allowed: str) -> RefusedValueError:
    """The error for one value."""
    return RefusedValueError([(field, _shown(value), allowed)])


def read_as(model: type[Model], values: object, of: str) -> Model:
    """The values as a model.

    Raises:
        RefusedValueError: Some of them are not allowed; all of those are named.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RefusedValueError(_problems(error, of)) from None


def _problems(error: ValidationError, of: str) -> list[tuple[str, str, str]]:
    problems = []
    for problem in error.errors(include_url=False):
        field = ".".join([of, *map(str, problem["loc"])])
        told = problem["msg"][:1].lower() + problem["msg"][1:]
        problems.append((field, _shown(problem["input"]), told))
    return problems


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def plain_text(field: str, value: object, *, is_needed: bool = False) -> str:
    """The text as it is, if every database can hold it.

    Raises:
        RefusedValueError: It is no text, is blank where it may not be, or holds what no database takes.
    """
    if not isinstance(value, str):
        raise refused(field, value, "give a text")
    if is_needed and not value.strip():
        raise refused(field, value, "give a text that is not empty")
    if len(value) > _LARGEST_TEXT:
        raise refused(field, value[:40], f"give at most {_LARGEST_TEXT:,} characters")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise refused(field, value[:40], "it holds characters that cannot be stored")
    return value


def plain_json(field: str, values: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The values as JSON that every database can hold and give back as it was.

    Raises:
        RefusedValueError: They are no JSON, or hold what no database takes.
    """
    try:
        text = json.dumps(dict(values), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise refused(field, dict(values), f"give plain JSON ({error})") from None
    if "\\u0000" in text:
        raise refused(field, dict(values), "it holds characters that cannot be stored")
    plain_text(field, text)
    return dict(json.loads(text))
