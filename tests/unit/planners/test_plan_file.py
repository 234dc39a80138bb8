"""The plan file: read strictly with errors that name the place, written always the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import declared_plans, named, plan_of

from prefect_harmonic.errors import UnreadablePlanError
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan, plan_from_document, plan_from_json

CONTRACT_EXAMPLE = {
    "version": 1,
    "goal": "Build a REST API with auth",
    "requirements": ["REST API", "auth"],
    "artifacts": [
        {
            "id": "UserModel",
            "description": "…",
            "contract": "…",
            "requires": ["UserProtocol", {"id": "DbConfig", "because": "reads the connection URL"}],
            "consumes": ["user fields"],
            "produces": ["user model"],
            "produces_file": "src/models/user.py",
            "domain_type": "model",
            "agent": "builder",
            "effort": "medium",
            "estimated_hours": None,
            "phase": "build",
            "covers": ["auth"],
            "priority": "normal",
        }
    ],
}


def refusal_of(document: object) -> str:
    """What the reader says of a document that is no plan."""
    with pytest.raises(UnreadablePlanError) as refusal:
        plan_from_json(json.dumps(document), "p.json")
    return str(refusal.value)


def test_plan_of_the_contract_is_read() -> None:
    """Every field, and requirements with and without a reason, which are sorted by id."""
    plan = plan_from_json(json.dumps(CONTRACT_EXAMPLE))
    (artifact,) = plan.artifacts
    assert artifact.requires == (
        Requirement(id="DbConfig", because="reads the connection URL"),
        Requirement(id="UserProtocol"),
    )
    assert (artifact.effort, artifact.estimated_hours, artifact.covers) == ("medium", None, ("auth",))


def test_only_the_id_is_needed() -> None:
    """All else has a default."""
    plan = plan_from_json('{"artifacts": [{"id": "A"}]}')
    assert plan.artifacts == (Artifact(id="A"),)
    assert (plan.version, plan.goal, plan.requirements) == (1, "", ())


@pytest.mark.parametrize("requires", ["UserModel", ["UserModel"], {"id": "UserModel"}, ["UserModel", "UserModel"]])
def test_one_requirement_is_one_requirement(requires: object) -> None:
    """A lone text is one id and not nine letters, and naming it twice is naming it once."""
    plan = plan_from_document({"artifacts": [{"id": "A", "requires": requires}]})
    assert plan.artifacts[0].required_ids == ("UserModel",)


def test_requirement_that_is_named_twice_keeps_its_reason() -> None:
    """Whichever of the two gives it."""
    for edges in (["B", {"id": "B", "because": "why"}], [{"id": "B", "because": "why"}, "B"]):
        assert named(
            "A", [Requirement.model_validate(e if isinstance(e, dict) else {"id": e}) for e in edges]
        ).requires == (Requirement(id="B", because="why"),)


def test_names_are_sorted_and_unique() -> None:
    """A lone text is one name."""
    artifact = plan_from_document(
        {"artifacts": [{"id": "A", "covers": "auth", "produces": ["b", "a", "b"]}]}
    ).artifacts[0]
    assert (artifact.covers, artifact.produces) == (("auth",), ("a", "b"))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "a plan is a JSON object, not a list"),
        ("text", "a plan is a JSON object, not a text"),
        ({"artifact": []}, "unknown key 'artifact' in the plan"),
        ({"artifacts": [{"id": "A", "depends": []}]}, "unknown key 'depends' in artifact 'A'"),
        (
            {"artifacts": [{"id": "A", "requires": [{"id": "B", "why": ""}]}]},
            "unknown key 'requires.why' in artifact 'A'",
        ),
        ({"artifacts": [{"id": "A"}, {"name": "B"}]}, "artifact number 2 lacks 'id'"),
        ({"version": 2}, "version in the plan"),
        ({"artifacts": {}}, "artifacts in the plan"),
        ({"artifacts": ["A"]}, "artifact number 1"),
        ({"artifacts": [{"id": 5}]}, "id in artifact number 1: Input should be a valid string, not a number"),
        ({"artifacts": [{"id": "A", "estimated_hours": "3"}]}, "estimated_hours in artifact 'A'"),
        ({"artifacts": [{"id": "A", "estimated_hours": True}]}, "estimated_hours in artifact 'A'"),
        ({"artifacts": [{"id": "A", "requires": [5]}]}, "requires in artifact 'A'"),
        (
            {"artifacts": [{"id": "A", "covers": [5]}]},
            "covers.0 in artifact 'A': Input should be a valid string, not a number",
        ),
        ({"artifacts": [{"id": "A", "covers": {"x": 1}}]}, "covers in artifact 'A'"),
        ({"goal": 1, "requirements": [2]}, "goal in the plan"),
    ],
    ids=str,
)
def test_what_is_no_plan_is_refused_by_place(document: object, words: str) -> None:
    """One line that names the file, the artifact and the key."""
    text = refusal_of(document)
    assert text.startswith("cannot read plan p.json: ")
    assert words in text
    assert "\n" not in text


def test_every_wrong_place_is_told() -> None:
    """All offenders, not the first."""
    text = refusal_of({"goal": 1, "artifacts": [{"id": "A", "x": 1}, {"id": "B", "y": 1}]})
    assert all(words in text for words in ("goal in the plan", "'x' in artifact 'A'", "'y' in artifact 'B'"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1"),
        ('{"artifacts": [', "line 1, column"),
        ('{"goal": "a", "goal": "b"}', "gives 'goal' twice"),
        ('{"artifacts": [{"id": "A", "estimated_hours": NaN}]}', "NaN is no JSON value"),
        ('{"artifacts": [{"id": "A", "estimated_hours": Infinity}]}', "Infinity is no JSON value"),
        (b'{"goal": "\xff"}', "not UTF-8"),
        ('{"goal": "\\ud800"}', "cannot read plan"),
        ('{"goal": ' + "9" * 5_000 + "}", "cannot read plan"),
    ],
    ids=["empty", "cut off", "key twice", "nan", "infinity", "bytes", "half a character", "endless number"],
)
def test_what_is_no_json_is_refused(text: str | bytes, words: str) -> None:
    """With the place, and never with another error than this one."""
    with pytest.raises(UnreadablePlanError, match=words):
        plan_from_json(text)


@pytest.mark.parametrize("depth", [*range(960, 1000), 5_000, 100_000])
def test_deep_nesting_is_refused_and_breaks_nothing(depth: int) -> None:
    """However deep, it is no plan."""
    with pytest.raises(UnreadablePlanError):
        plan_from_json('{"goal": ' + "[" * depth + "]" * depth + "}")


def test_many_repeated_keys_are_told_without_delay() -> None:
    """The time to find them grows with their number and not with its square."""
    with pytest.raises(UnreadablePlanError, match="gives 'k0', "):
        plan_from_json("{" + ", ".join(f'"k{n}": 1, "k{n}": 2' for n in range(20_000)) + "}")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "goal", "artifacts", "requires", "covers", "x"]), inner, max_size=3), max_leaves=12))  # fmt: skip  # noqa: E501
def test_any_json_is_a_plan_or_is_refused(document: object) -> None:
    """Nothing else happens."""
    told = ""
    try:
        plan = plan_from_json(json.dumps(document))
    except UnreadablePlanError as refusal:
        told = str(refusal)
    else:
        assert plan_from_json(plan.to_json()) == plan.sorted()
    assert "\n" not in told


@given(declared_plans())
def test_what_is_written_is_read_again(plan: Plan) -> None:
    """And written the same, in whatever order the artifacts stood."""
    text = plan.to_json()
    assert plan_from_json(text) == plan.sorted()
    assert plan.with_artifacts(reversed(plan.artifacts)).to_json() == text
    assert text.endswith("}\n")


def test_edges_are_written_as_short_as_they_can_be() -> None:
    """An id alone where there is no reason, an object where there is one."""
    plan = Plan(artifacts=(named("A", [Requirement(id="B"), Requirement(id="C", because="why")]),))
    assert plan.to_document()["artifacts"][0]["requires"] == ["B", {"id": "C", "because": "why"}]


def test_text_is_written_as_it_is_spoken() -> None:
    """Letters of every language, not their numbers."""
    assert "Überblick: 概要" in Plan(goal="Überblick: 概要").to_json()


def test_plan_that_is_wrong_can_still_be_read() -> None:
    """So that the gate can say what is wrong."""
    plan = plan_from_document({"artifacts": [{"id": "A", "requires": "A", "effort": "huge", "produces_file": "../x"}]})
    assert plan.artifacts[0].effort == "huge"


def test_graph_takes_goal_and_requirements() -> None:
    """From the plan, or given beside the artifacts."""
    graph = ArtifactGraph(plan_of({"A": ""}).artifacts, goal="Do it", requirements=["b", "a", "b"])
    assert (graph.goal, graph.requirements) == ("Do it", ("a", "b"))


@pytest.mark.parametrize("wrong", [{"max_artifacts": 0}, {"max_depth": 0}, {"max_width": 5}], ids=str)
def test_limits_that_allow_nothing_are_refused(wrong: dict[str, int]) -> None:
    """A plan has at least one artifact."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ArtifactLimits.model_validate(wrong)
