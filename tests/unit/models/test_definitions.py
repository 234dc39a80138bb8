"""Schemas with definitions: shorter, and the same."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_ai.profiles import InlineDefsJsonSchemaTransformer
from support.model_plans import PATIENT, request
from support.model_server import Reply, model_server, plan_text

from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.models.definitions import with_definitions
from prefect_harmonic.planners.models.schema import list_of, object_of
from prefect_harmonic.planners.models.slots import slotted_schema

LEAVES = st.sampled_from(
    [
        {"type": "string", "pattern": "^[a-z]{0,100}[0-9]{0,100}$"},
        {"type": "string", "enum": ["the one and only", "and another one"]},
        {"type": "integer"},
        {"const": "properties"},
    ]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(list_of),
        st.lists(inner, min_size=2, max_size=4).map(lambda several: {"anyOf": several}),
        st.dictionaries(st.sampled_from(["items", "anyOf", "$defs", "text"]), inner, min_size=1).map(object_of),
    ),
    max_leaves=12,
).map(lambda part: object_of({"first": part, "second": part}))


@given(SCHEMAS)
@settings(max_examples=50)
def test_definitions_written_out_are_the_schema_again(schema: dict[str, Any]) -> None:
    """Word by word, and in the same order, which is that of the answer; and nothing is done to it twice."""
    short = with_definitions(schema)
    assert json.dumps(InlineDefsJsonSchemaTransformer(short).walk()) == json.dumps(schema)
    assert with_definitions(short) == short
    assert len(json.dumps(short)) <= len(json.dumps(schema)) + len('"$defs": {"part1": {"$ref": "#/$defs/part1"}}')


async def test_slots_reach_vllm_with_their_definitions() -> None:
    """A pattern is there once, though fifty slots have it, and pydantic-ai writes it out in each of them."""
    answer = plan_text(*({"id": f"A{number}", "name": f"Part{number}", "requires": []} for number in (1, 2, 3)))
    with model_server(lambda _: Reply(content=answer)) as server:
        await source_for("vllm:m", server.url, environment=PATIENT).candidate(request())
        sent = json.dumps(server.asked[0].body["response_format"]["json_schema"]["schema"])
    own = json.dumps(slotted_schema(agents=["builder"], requirements=["REST API", "auth"], most=50))
    texts = sent.count("{0,120}")
    assert texts == own.count("{0,120}") == 2
    assert len(sent) < 1.3 * len(own)
