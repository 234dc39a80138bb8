"""Files that are not Python, by their ending: what the contract and the inputs say, in a form that is valid there."""

import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.words import STOP_WORDS, spaced, stem, words_of
from prefect_harmonic.tasks.agents.builder.contract import clauses_of, fields_of
from prefect_harmonic.tasks.agents.builder.documents import document
from prefect_harmonic.tasks.agents.builder.naming import class_name, snake_name
from prefect_harmonic.tasks.agents.builder.python_text import plain

_SQL_OF_TYPE = {"str": "TEXT", "bool": "BOOLEAN", "int": "INTEGER", "datetime": "TIMESTAMP", "Decimal": "NUMERIC"}
_GRAPHQL_OF_TYPE = {"str": "String!", "bool": "Boolean!", "int": "Int!", "datetime": "String!", "Decimal": "String!"}
_FEWEST_COLUMNS, _MOST_COLUMNS = 2, 8
# Words of contracts that are no columns: what is to be done, and what rows and files are called.
_NO_COLUMNS = "list give hold name contain have say show keep row column table file csv record"
_ACTING = frozenset(map(stem, words_of(_NO_COLUMNS)))
_COMMENTS = {
    ".js": "//",
    ".jsx": "//",
    ".ts": "//",
    ".tsx": "//",
    ".go": "//",
    ".rs": "//",
    ".java": "//",
    ".kt": "//",
    ".c": "//",
    ".cpp": "//",
    ".scss": "//",
    ".proto": "//",
    ".env": "#",
    ".cfg": "#",
    ".ini": "#",
    ".conf": "#",
    ".tf": "#",
    ".rb": "#",
    ".graphql": "#",
    ".gql": "#",
}


def plain_content(assignment: Assignment, path: str) -> str:
    """The content of a file that is not Python."""
    name = PurePosixPath(path).name.lower()
    if name.startswith("dockerfile") or name.endswith(".dockerfile"):
        return _dockerfile(assignment)
    maker = _MAKERS.get(PurePosixPath(path).suffix.lower())
    if maker is not None:
        return plain(maker(assignment))
    mark = _COMMENTS.get(PurePosixPath(path).suffix.lower())
    return plain(document(assignment)) if mark is None else f"{_commented(assignment, mark)}\n"


def has_known_form(path: str) -> bool:
    """Whether the builder knows more of this kind of file than how to write a comment in it."""
    name = PurePosixPath(path).name.lower()
    return name.startswith("dockerfile") or PurePosixPath(path).suffix.lower() in {".py", *_MAKERS}


def _told(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": plain(artifact.id),
        "description": plain(artifact.description),
        "contract": [plain(clause) for clause in clauses_of(artifact)],
    }


def _settings(artifact: Artifact) -> dict[str, Any]:
    empty: dict[str, Any] = {"bool": False, "int": 0}
    return {field.name: empty.get(field.type, "") for field in fields_of(artifact)}


def _is_openapi(artifact: Artifact) -> bool:
    return bool({"openapi", "swagger"} & set(words_of(f"{artifact.id} {artifact.description} {artifact.contract}")))


def _structure(assignment: Assignment) -> dict[str, Any]:
    """What a JSON or YAML file holds: an empty OpenAPI document if one is asked for, else the settings."""
    artifact = assignment.artifact
    if _is_openapi(artifact):
        info = {"title": spaced(artifact.id), "version": "0.1.0", "description": plain(artifact.contract)}
        return {"openapi": "3.1.0", "info": info, "paths": {}}
    return {**_told(artifact), "settings": _settings(artifact)}


def _json(assignment: Assignment) -> str:
    return json.dumps(_structure(assignment), indent=2) + "\n"


def _yaml(assignment: Assignment) -> str:
    return yaml.safe_dump(_structure(assignment), sort_keys=False, allow_unicode=False)


def _toml(assignment: Assignment) -> str:
    """TOML basic strings are JSON strings but for the delete character, which `plain` leaves out."""
    told = _told(assignment.artifact)
    lines, settings = _pairs(told), _pairs(_settings(assignment.artifact))
    return "\n".join([*lines, "", "[settings]", *settings]) + "\n"


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]


def _sql(assignment: Assignment) -> str:
    artifact = assignment.artifact
    table = snake_name(" ".join(w for w in words_of(artifact.id) if w not in {"schema", "table", "sql", "migration"}))
    columns = [f'    "{field.name}" {_SQL_OF_TYPE[field.type]} NOT NULL' for field in fields_of(artifact)]
    listed = ",\n".join(columns)
    statement = f'CREATE TABLE "{table}" (\n{listed}\n);\n' if columns else ""
    return f"{_commented(assignment, '--')}\n{statement}"


def _graphql(assignment: Assignment) -> str:
    artifact = assignment.artifact
    fields = [f"  {field.name}: {_GRAPHQL_OF_TYPE[field.type]}" for field in fields_of(artifact)]
    name = class_name(artifact.id)
    body = "\n".join([f"type {name} {{", *fields, "}"]) if fields else "type Query {\n  _empty: Boolean\n}"
    return f"{_commented(assignment, '#')}\n{body}\n"


def _dockerfile(assignment: Assignment) -> str:
    return (
        f"{_commented(assignment, '#')}\nFROM python:3.12-slim\nRUN useradd --create-home app\nWORKDIR /app\n"
        "COPY . /app\nUSER app\n# The command that starts the service is left to be written.\n"
        'CMD ["python", "-c", "raise SystemExit(\'no start command was written\')"]\n'
    )


def _shell(assignment: Assignment) -> str:
    """A script that says how it is called and fails until its work is written: nobody takes it for done."""
    name = PurePosixPath(assignment.artifact.produces_file or "script.sh").name
    shown = "".join(letter for letter in name if letter.isalnum() or letter in "._-") or "script.sh"
    return (
        f'#!/bin/sh\n{_commented(assignment, "#")}\nset -eu\n\nusage() {{\n    echo "usage: {shown} [-h]"\n}}\n\n'
        'case "${1:-}" in\n-h | --help)\n    usage\n    exit 0\n    ;;\nesac\n\n'
        f"# To do: what the contract above asks for, in place of the lines below.\n"
        f'echo "{shown}: not written yet" >&2\nusage >&2\nexit 1\n'
    )


def _csv(assignment: Assignment) -> str:
    """A header row and no rows: the fields that the contract lists, else what the artifact produces, else its nouns."""
    artifact = assignment.artifact
    names = [field.name for field in fields_of(artifact)] or [snake_name(thing) for thing in artifact.produces]
    if len(names) < _FEWEST_COLUMNS:
        told = artifact.contract if artifact.contract.strip() else artifact.description or artifact.id
        nouns = [word for word in words_of(told) if word not in STOP_WORDS and stem(word) not in _ACTING]
        names = [*names, *(snake_name(noun) for noun in nouns)]
    columns = list(dict.fromkeys(name.strip("_") for name in names if name.strip("_")))[:_MOST_COLUMNS]
    return ",".join(columns or ["id"]) + "\n"


def _commented(assignment: Assignment, mark: str) -> str:
    artifact = assignment.artifact
    told = [artifact.id, artifact.description, "Contract:", *(f"- {clause}" for clause in clauses_of(artifact))]
    lines = [line for text in told for line in plain(text).split("\n") if line.strip()]
    return "\n".join(f"{mark} {line}".rstrip().rstrip("\\") for line in lines)


_MAKERS: dict[str, Callable[[Assignment], str]] = {
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".toml": _toml,
    ".sql": _sql,
    ".graphql": _graphql,
    ".gql": _graphql,
    ".sh": _shell,
    ".bash": _shell,
    ".csv": _csv,
    ".md": document,
    ".rst": document,
    ".txt": document,
}
