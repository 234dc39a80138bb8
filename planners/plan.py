"""The plan file: a goal, what it asks for, and the artifacts that answer it.

Owns reading and writing the document. A plan that was read may still be wrong (a cycle, a missing id): the gate in
`prefect_harmonic.planners.gate` says so, and `prefect_harmonic.planners.graph` refuses it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_harmonic.errors import UnreadablePlanError
from prefect_harmonic.planners.artifact import Artifact, Names

PLAN_VERSION: Literal[1] = 1
_MOST_TOLD, _LONGEST_TOLD = 30, 300


class Plan(BaseModel):
    """Artifacts for a goal, as they stand in a plan file.

    The same plan always has the same text: artifacts sorted by id, keys in one order.

    Source: contract, "Plan file".

    >>> Plan(goal="Build it", artifacts=(Artifact(id="B"), Artifact(id="A"))).sorted().artifacts[0].id
    'A'
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1] = PLAN_VERSION
    goal: str = ""
    requirements: Names = Field(default=(), description="What the goal asks for, item by item.")
    artifacts: tuple[Artifact, ...] = Field(default=(), description="What must exist.")

    def sorted(self) -> "Plan":
        """The same plan in the order in which it is written."""
        return self.model_copy(update={"artifacts": tuple(sorted(self.artifacts, key=lambda artifact: artifact.id))})

    def with_artifacts(self, artifacts: Iterable[Artifact]) -> "Plan":
        """The same goal and requirements with other artifacts."""
        return self.model_copy(update={"artifacts": tuple(artifacts)})

    def to_document(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        document: dict[str, Any] = self.sorted().model_dump(mode="json")
        return document

    def to_json(self) -> str:
        """The text of the plan file, ending in a newline."""
        return json.dumps(self.to_document(), indent=2, ensure_ascii=False) + "\n"


def plan_from_json(text: str | bytes, source: str = "plan") -> Plan:
    """Reads the text of a plan file.

    Args:
        text: The JSON document.
        source: What to call it in an error, usually its path.

    Raises:
        UnreadablePlanError: It is no JSON, or no plan; the message names the place.
    """
    try:
        document = json.loads(text, object_pairs_hook=_without_repeated_keys, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise UnreadablePlanError(source, f"it is not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise UnreadablePlanError(source, "it is nested too deeply to be a plan") from None
    except json.JSONDecodeError as error:
        raise UnreadablePlanError(source, f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise UnreadablePlanError(source, str(error)) from None
    return plan_from_document(document, source)


def plan_from_document(document: object, source: str = "plan") -> Plan:
    """Reads a plan from plain JSON values.

    Raises:
        UnreadablePlanError: It has another shape than a plan; the offending places are named, up to 30 of them.
    """
    if not isinstance(document, dict):
        raise UnreadablePlanError(source, f"a plan is a JSON object, not {_kind(document)}")
    try:
        # The document came from JSON, where there are lists and no tuples: read it by the rules of JSON.
        return Plan.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise UnreadablePlanError(source, _told(_complaints(error, document))) from None


def _complaints(error: ValidationError, document: dict[str, Any]) -> list[str]:
    """One phrase for each place that is wrong, in the words of the plan file."""
    phrases = []
    for detail in error.errors(include_url=False):
        where, key = _place(detail["loc"], document)
        if detail["type"] == "extra_forbidden":
            phrases.append(f"unknown key {key!r} in {where}")
        elif detail["type"] == "missing":
            phrases.append(f"{where} lacks {key!r}")
        else:
            phrases.append(f"{key or 'value'} in {where}: {detail['msg']}, not {_kind(detail['input'])}")
    return sorted(set(phrases))


def _told(phrases: Sequence[str]) -> str:
    """The phrases in a text that a person, or a model, can be expected to read."""
    shown = [one if len(one) <= _LONGEST_TOLD else f"{one[:_LONGEST_TOLD]}…" for one in phrases[:_MOST_TOLD]]
    more = len(phrases) - len(shown)
    return "; ".join([*shown, f"and {more:,} more"] if more else shown)


def _place(location: tuple[int | str, ...], document: dict[str, Any]) -> tuple[str, str]:
    """Where in the plan a location points: the artifact by its id, and the key within it."""
    if len(location) >= 2 and location[0] == "artifacts" and isinstance(location[1], int):
        artifact = document["artifacts"][location[1]]
        name = artifact.get("id") if isinstance(artifact, dict) else None
        where = f"artifact {name!r}" if isinstance(name, str) else f"artifact number {location[1] + 1}"
        return where, ".".join(str(part) for part in location[2:])
    return "the plan", ".".join(str(part) for part in location)


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        times = Counter(key for key, _ in pairs)
        repeated = sorted(key for key, number in times.items() if number > 1)
        raise ValueError(f"an object gives {', '.join(map(repr, repeated))} twice")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")
