"""Plans in slots: whatever keeps to their schema passes the gate, and names survive being numbers for a while."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.gate.gate import examined
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.models.reading import plan_in
from prefect_harmonic.planners.models.slots import MOST_SLOTS, named, numbered, slotted_schema
from prefect_harmonic.planners.models.wording import refinement_prompt
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import RefinementRequest

AGENTS = frozenset({"builder", "researcher"})
REQUIREMENTS = ("REST API", "auth")
SCHEMA = slotted_schema(agents=AGENTS, requirements=REQUIREMENTS, most=8)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """What a model may answer under the schema."""
    slots = SCHEMA["properties"]["artifacts"]["prefixItems"]
    length = draw(st.integers(SCHEMA["properties"]["artifacts"]["minItems"], len(slots)))
    return {"artifacts": [draw(values(slot)) for slot in slots[:length]]}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """All values that a schema allows, as far as ours go."""
    if "$ref" in schema:
        return values(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "array":
        return st.lists(values(schema["items"]), max_size=schema["maxItems"])
    if schema["type"] == "object":
        fields = {name: values(each) for name, each in schema["properties"].items()}
        needed = {name: fields.pop(name) for name in schema["required"]}
        return st.fixed_dictionaries(needed, optional=fields)
    return st.from_regex(schema["pattern"].replace("$", r"\Z"))


@given(answers())
@settings(max_examples=25)
def test_whatever_keeps_to_the_schema_passes_the_gate(answer: dict[str, Any]) -> None:
    """No loose end, no cycle, no second artifact of a name, no path out of the workspace: by construction."""
    plan = plan_in(named(answer), "Build it", REQUIREMENTS)
    findings, graph = examined(plan, limits=ArtifactLimits(), agents=AGENTS, requirements=REQUIREMENTS)
    assert [str(finding) for finding in findings if finding.is_error] == []
    assert graph is not None
    assert len(graph) == len(answer["artifacts"])


def parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """A schema with everything in it that is a schema too."""
    if isinstance(schema, Mapping):
        yield schema
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from parts(each)


def test_the_schema_holds_nothing_that_constrained_decoding_fails_on() -> None:
    """Xgrammar 0.2.8 breaks down where a class is repeated more than 128 times, and spoils strings with a length."""
    for part in parts(slotted_schema(agents=AGENTS, requirements=REQUIREMENTS, most=50)):
        assert not {"maxLength", "minLength", "uniqueItems", "contains", "multipleOf", "not", "allOf"} & part.keys()
        pattern = part.get("pattern")
        if isinstance(pattern, str):
            assert max(int(times) for times in re.findall(r"(\d+)\}", pattern)) <= 128
            assert "(?" not in pattern


def test_every_text_of_the_schema_is_bounded() -> None:
    """A text without a pattern is what a weak model fills until its limit."""
    unbounded = [
        part for part in parts(SCHEMA) if part.get("type") == "string" and "pattern" not in part and "enum" not in part
    ]
    assert unbounded == []


def test_there_are_no_more_slots_than_a_grammar_can_take() -> None:
    """A limit of 500 artifacts is not a grammar of 500 slots, each with all before it."""
    artifacts = slotted_schema(agents=(), requirements=(), most=500)["properties"]["artifacts"]
    assert (len(artifacts["prefixItems"]), artifacts["maxItems"]) == (MOST_SLOTS, MOST_SLOTS)


def test_a_small_plan_may_be_as_small_as_its_limit() -> None:
    """Three artifacts at least are asked for, unless fewer are allowed."""
    assert slotted_schema(agents=(), requirements=(), most=2)["properties"]["artifacts"]["minItems"] == 2


def test_a_plan_that_is_shown_in_slots_comes_back_as_it_was() -> None:
    """Numbers stand for names both ways, in the order of the requirements and whatever the names' own order is."""
    plan = Plan(
        goal="Build it",
        artifacts=(
            Artifact(id="A", requires=(Requirement(id="Z"), Requirement(id="M")), description="The whole"),
            Artifact(id="M", requires=(Requirement(id="Z"),)),
            Artifact(id="Z"),
        ),
    )
    order = ArtifactGraph(plan).order
    shown = numbered(sorted(plan.to_document()["artifacts"], key=lambda each: order.index(each["id"])))
    assert [(each["id"], each["name"], each["requires"]) for each in shown] == [
        ("A1", "Z", []),
        ("A2", "M", ["A1"]),
        ("A3", "A", ["A2", "A1"]),
    ]
    assert plan_in(named({"artifacts": shown}), "Build it", ()).sorted() == plan.sorted()


def test_what_is_known_may_be_required_beside_earlier_slots() -> None:
    """By the first slot as well; without it the first one requires nothing."""
    known = slotted_schema(agents=(), requirements=(), most=2, known={"Load", "Figures"})
    first, second = (slot["properties"]["requires"] for slot in known["properties"]["artifacts"]["prefixItems"])
    assert known["$defs"]["known"]["enum"] == ["Figures", "Load"]
    assert first == {"type": "array", "items": {"$ref": "#/$defs/known"}, "maxItems": 8}
    assert second["items"] == {"anyOf": [{"type": "string", "enum": ["A1"]}, {"$ref": "#/$defs/known"}]}
    assert SCHEMA["properties"]["artifacts"]["prefixItems"][0]["properties"]["requires"]["maxItems"] == 0


async def no_project() -> ProjectContext:
    """Nothing is known."""
    return NO_PROJECT


def test_a_plan_that_is_to_be_refined_is_shown_in_the_shape_of_the_answer() -> None:
    """Otherwise the model would be shown ids that the schema does not let it write."""
    plan = Plan(goal="Build it", artifacts=(Artifact(id="Api"), Artifact(id="A", requires=(Requirement(id="Api"),))))
    shown = refinement_prompt(
        RefinementRequest(plan=plan, feedback="shorter", context=no_project), NO_PROJECT, is_slotted=True
    )
    assert '{"id":"A1","name":"Api","description":"","contract":"","requires":[],' in shown
    assert '{"id":"A2","name":"A","description":"","contract":"","requires":["A1"],' in shown
    assert "Keep every artifact under its name" in shown


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    """Their files would be the same on some systems."""
    named_alike = {"artifacts": [{"id": "A1", "name": "Api"}, {"id": "A2", "name": "API", "requires": ["A1"]}]}
    assert named(named_alike) == {"artifacts": [{"id": "Api"}, {"id": "API-2", "requires": ["Api"]}]}


def test_an_answer_in_another_shape_is_left_to_the_reader() -> None:
    """A server that was told the schema in words may give plain ids, or nothing that is a plan."""
    plain = {"artifacts": [{"id": "Api", "requires": ["Nowhere"]}, "Tests"]}
    assert named(plain) == plain
    assert named({"artifacts": "none"}) == {"artifacts": "none"}
