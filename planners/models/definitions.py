"""A JSON schema in which what is long and stands there several times is written once, as a definition.

pydantic-ai writes every definition out wherever something refers to it. A grammar is compiled of what is written: with
fifty slots that were nine seconds of a processor for every new goal, and with definitions it is a quarter of one.
"""

import json
from collections import Counter
from collections.abc import Callable

from prefect_harmonic.planners.models.schema import Schema

_NAMED, _LISTED, _SINGLE = {"properties", "patternProperties"}, {"prefixItems", "anyOf", "oneOf", "allOf"}, {"items"}
_SHORT = 40
"""Letters of a part for which a reference would be no shorter."""


def with_definitions(schema: Schema) -> Schema:
    """The same schema, shorter. One that has references already is given back as it is.

    >>> text = {"type": "string", "pattern": "^[a-z]{0,20}[0-9]{0,20}$"}
    >>> with_definitions({"type": "object", "properties": {"one": text, "two": text}})["properties"]
    {'one': {'$ref': '#/$defs/part1'}, 'two': {'$ref': '#/$defs/part1'}}
    """
    if '"$ref"' in _written(schema):
        return schema
    shared = _SharedParts()
    shared.count(schema)
    short = shared.shortened(schema)
    return {**short, "$defs": shared.definitions} if shared.definitions else short


class _SharedParts:
    """The parts of one schema, by what is written there."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._references: dict[str, Schema] = {}
        self.definitions: Schema = {}

    def count(self, schema: Schema) -> Schema:
        """Notes a part, and all that is in it."""
        self._times[_written(schema)] += 1
        return _with_parts(schema, self.count)

    def shortened(self, schema: Schema) -> Schema:
        """A part, or a reference to it."""
        text = _written(schema)
        if self._times[text] < 2 or len(text) < _SHORT:
            return _with_parts(schema, self.shortened)
        if text not in self._references:
            whole = _with_parts(schema, self.shortened)
            name = f"part{len(self.definitions) + 1}"
            self.definitions[name], self._references[text] = whole, {"$ref": f"#/$defs/{name}"}
        return dict(self._references[text])


def _with_parts(schema: Schema, changed: Callable[[Schema], Schema]) -> Schema:
    """The schema with each schema changed that stands right in it."""
    whole = dict(schema)
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, dict):
            whole[key] = {name: changed(part) if isinstance(part, dict) else part for name, part in value.items()}
        elif key in _LISTED and isinstance(value, list):
            whole[key] = [changed(part) if isinstance(part, dict) else part for part in value]
        elif key in _SINGLE and isinstance(value, dict):
            whole[key] = changed(value)
    return whole


def _written(schema: Schema) -> str:
    """What stands there. The order of properties is that of the answer, so it counts."""
    return json.dumps(schema, separators=(",", ":"))
