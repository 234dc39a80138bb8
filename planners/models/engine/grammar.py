"""Schemas as xgrammar takes them."""

import re
from typing import Any

from pydantic_ai.profiles import JsonSchemaTransformer

_UNKNOWN_TO_THE_GRAMMAR = frozenset(
    {"uniqueItems", "multipleOf", "contains", "minContains", "maxContains", "format", "minLength", "maxLength"}
)
_REPEATED = re.compile(r"\{(\d+),(\d+)\}")
_MOST_REPEATED = 128
"""xgrammar 0.2.8 breaks off at a pattern that repeats something more often than this."""


class GrammarSchema(JsonSchemaTransformer):
    """A schema without what xgrammar refuses or turns into broken JSON. Answers are checked against the whole one."""

    def transform(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One object of the schema."""
        kept = {name: value for name, value in schema.items() if name not in _UNKNOWN_TO_THE_GRAMMAR}
        if isinstance(pattern := kept.get("pattern"), str):
            kept["pattern"] = _REPEATED.sub(_bounded, pattern)
        return kept


def _bounded(repeated: re.Match[str]) -> str:
    least, most = (min(int(number), _MOST_REPEATED) for number in repeated.groups())
    return f"{{{least},{most}}}"
