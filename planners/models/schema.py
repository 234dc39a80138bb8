"""The JSON schema that a server holds a model's answer to: the plan file's own shape, flat and small.

What is known is an enumeration: agents, efforts, priorities, and the requirements of the goal that artifacts cover.
No `maxLength` and no `uniqueItems`: constrained decoding turns the first into broken JSON and refuses the second
(docs/models.md). Servers that are known to decode under the schema are sent another one, in `slots`.
"""

from collections.abc import Collection, Sequence
from typing import Any

from prefect_harmonic.planners.artifact import Effort

Schema = dict[str, Any]  # JSON schema, whose values are JSON values of any kind


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
        "requires": _list_of({"type": "string"}, most=most),
        "produces": _list_of(text),
        "produces_file": {"type": "string"},
        "domain_type": {"type": "string", "pattern": "^[a-z][a-z_-]{0,30}$"},
        "effort": {"type": "string", "enum": [effort.value for effort in Effort]},
    }
    if agents:
        properties["agent"] = {"type": "string", "enum": sorted(agents)}
    if requirements:
        properties["covers"] = _list_of({"type": "string", "enum": list(dict.fromkeys(requirements))})
    artifact = {"type": "object", "properties": properties, "required": ["id"], "additionalProperties": False}
    return {
        "type": "object",
        "properties": {
            "requirements": _list_of({"type": "string"}),
            "artifacts": {"type": "array", "items": artifact, "minItems": 1, "maxItems": most},
        },
        "required": ["artifacts"],
        "additionalProperties": False,
    }


def requirements_schema() -> Schema:
    """The schema of a list of requirements, in the key that a plan file has for it."""
    return {
        "type": "object",
        "properties": {"requirements": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 30}},
        "required": ["requirements"],
        "additionalProperties": False,
    }


def _list_of(items: Schema, most: int = 20) -> Schema:
    return {"type": "array", "items": items, "maxItems": most}
