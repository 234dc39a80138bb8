"""Schemas as xgrammar takes them."""

import json
import re
from functools import lru_cache
from typing import Any

from pydantic_ai.profiles import InlineDefsJsonSchemaTransformer, JsonSchemaTransformer

from prefect_harmonic.planners.models.definitions import with_definitions

_UNKNOWN_TO_THE_GRAMMAR = frozenset(
    {"uniqueItems", "multipleOf", "contains", "minContains", "maxContains", "format", "minLength", "maxLength"}
)
_REPEATED = re.compile(r"\{(\d+),(\d+)\}")
_MOST_REPEATED = 128
"""xgrammar 0.2.8 breaks off at a pattern that repeats something more often than this."""

_LETTER = r'[^\x00-\x1f"\\]'
_SHORT_TEXT = f"^{_LETTER}{{0,120}}{_LETTER}{{0,120}}$"
"""At most 240 letters of any script: a question or a path. Two classes, for the reason above."""

_MOST = 1_000_000
SHORT_TEXT: dict[str, Any] = {"type": "string", "pattern": _SHORT_TEXT}


class GrammarSchema(JsonSchemaTransformer):
    """A schema without what xgrammar refuses or turns into broken JSON, and with nothing long written twice.

    Answers are checked against the whole one.
    """

    def walk(self) -> dict[str, Any]:
        """The whole schema."""
        walked: dict[str, Any] = json.loads(_walked(json.dumps(self.schema)))
        return walked

    def transform(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One object of the schema."""
        kept = {name: value for name, value in schema.items() if name not in _UNKNOWN_TO_THE_GRAMMAR}
        if isinstance(pattern := kept.get("pattern"), str):
            kept["pattern"] = _REPEATED.sub(_bounded, pattern)
        return kept


class BoundedSchema(InlineDefsJsonSchemaTransformer):
    """A schema that refers to nothing outside of itself, whose texts and numbers end.

    A weak model goes on with a text or with the digits of a number until its limit.
    """

    def transform(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One object of the schema. What is bounded already stays as it is."""
        if schema.get("type") == "string" and schema.keys().isdisjoint({"pattern", "enum", "const"}):
            return schema | SHORT_TEXT
        if schema.get("type") == "integer" and schema.keys().isdisjoint({"minimum", "maximum", "enum", "const"}):
            return schema | {"minimum": 0, "maximum": _MOST}
        return schema


@lru_cache(maxsize=16)
def _walked(schema: str) -> str:
    """A schema once it was walked, as text. All candidates of a goal have the same one."""
    return json.dumps(with_definitions(JsonSchemaTransformer.walk(GrammarSchema(json.loads(schema)))))


def _bounded(repeated: re.Match[str]) -> str:
    least, most = (min(int(number), _MOST_REPEATED) for number in repeated.groups())
    return f"{{{least},{most}}}"
