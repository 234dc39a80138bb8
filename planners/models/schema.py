"""The JSON schema that a server holds a model's answer to: the plan file's own shape, flat and small.

What is known is an enumeration: agents, efforts, priorities, and the requirements of the goal that artifacts cover.
No `maxLength` and no `uniqueItems`: constrained decoding turns the first into broken JSON and refuses the second
(docs/models.md). Servers that are known to decode under the schema are sent another one, in `slots`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from prefect_harmonic.planners.artifact import Effort

Schema = dict[str, Any]  # JSON schema, whose values are JSON values of any kind

LETTER = r"[ !#-\[\]-~]"
"""Printable ASCII without quotes and backslashes."""

BOUNDED_TEXT = rf"^{LETTER}{{0,120}}{LETTER}{{0,120}}$"
"""At most 240 letters, which a weak model cannot go on with for ever; two classes, because xgrammar's compiler breaks
down over one that is repeated more than 128 times (docs/vllm.md)."""

PERCENT: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
"""A whole number: a weak model goes on with the digits of a fraction until its limit."""


def plan_schema(*, agents: Collection[str] = (), requirements: Sequence[str] = (), most: int = 50) -> Schema:
    """The schema of one plan. Everything but the ids may be left out, as in a plan file.

    Args:
        agents: Specialists that artifacts may name; the property is left out where there are none.
        requirements: What the goal asks for; artifacts say which of these they cover.
        most: Artifacts at most.

    >>> plan_schema(agents={"builder"})["properties"]["artifacts"]["items"]["properties"]["agent"]
    {'type': 'string', 'enum': ['builder']}
    """
    text: Schema = {"type": "string"}
    properties: Schema = {
        "id": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,60}$"},
        "description": text,
        "contract": text,
        "requires": list_of({"type": "string"}, most=most),
        "produces": list_of(text),
        "produces_file": {"type": "string"},
        "domain_type": {"type": "string", "pattern": "^[a-z][a-z_-]{0,30}$"},
        "effort": {"type": "string", "enum": [effort.value for effort in Effort]},
    }
    if agents:
        properties["agent"] = {"type": "string", "enum": sorted(agents)}
    if requirements:
        properties["covers"] = list_of({"type": "string", "enum": list(dict.fromkeys(requirements))})
    artifacts = list_of(object_of(properties, required=["id"]), most=most) | {"minItems": 1}
    return object_of({"requirements": list_of({"type": "string"}), "artifacts": artifacts}, required=["artifacts"])


def requirements_schema() -> Schema:
    """The schema of a list of requirements, in the key that a plan file has for it."""
    return object_of({"requirements": list_of({"type": "string"}, most=30) | {"minItems": 1}})


def text_of(*, is_bounded: bool) -> Schema:
    """The schema of a text, held to a pattern for servers that decode under the schema."""
    return {"type": "string", "pattern": BOUNDED_TEXT} if is_bounded else {"type": "string"}


def list_of(items: Mapping[str, Any], most: int = 20) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items, "maxItems": most}


def object_of(properties: Mapping[str, Any], required: Collection[str] | None = None) -> Schema:
    """The schema of an object with these properties and no others; all of them are required unless some are named."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }
