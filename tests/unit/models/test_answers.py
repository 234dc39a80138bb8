"""Reading what models write around their JSON, and refusing what is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.errors import CutOffAnswerError, UnreadableAnswerError, UnreadablePlanError
from prefect_harmonic.planners.models.answers import document_in
from prefect_harmonic.planners.models.reading import plan_in

PLAN = {
    "artifacts": [
        {"id": "A", "description": 'says "a, ]" and {b,} and <think>c</think>, d</think>'},
        {"id": "B", "requires": "A"},
    ]
}
TEXT = json.dumps(PLAN)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}```",
        f"Sure! Here is the plan you asked for:\n\n{TEXT}\n\nTell me [if] you want {{more}}.",
        f"I think in {{curly}} ways. {TEXT}",
        f"<think>maybe {{}} first?</think>{TEXT}",
        f'<think>maybe {{"artifacts": [{{"id": "Z"}}]}}?</think>{TEXT}',
        f'Maybe {{"artifacts": [{{"id": "Z"}}]}}? No.\n</think>\n\n{TEXT}',
        f'As [1] and [2, 3] say of {{"id": "Z"}}, with [ and {{ left open: {TEXT} See [4].',
        f'Draft: [{{"id": "Z"}}]\n```json\n{TEXT}\n```\nEach looks like {{"id": "Z"}}.',
        "".join(f"[{number}] " for number in range(60)) + TEXT,
        f"{{ // the plan\n{TEXT[1:]}",
        f"{TEXT[:-3]},}},],}}",
        f"\ufeff{TEXT}",
        json.dumps({"plan": PLAN}),
        json.dumps(PLAN["artifacts"]),
        json.dumps(PLAN, indent=4),
    ],
)
def test_json_is_found_in_what_surrounds_it(text: str) -> None:
    """Fences, prose, thoughts, drafts, trailing commas and wrappers are survivable; strings stay as they are."""
    assert document_in(text)["artifacts"] == PLAN["artifacts"]


def test_raw_control_characters_in_strings_are_read() -> None:
    """Constrained decoding lets them through now and then."""
    assert document_in('{"artifacts": [{"id": "A", "description": "one\ttwo\nthree"}]}')["artifacts"][0]["id"] == "A"


@given(st.integers(min_value=1, max_value=len(TEXT) - 1))
def test_a_text_that_stops_early_is_never_completed(length: int) -> None:
    """Whatever is missing, nothing is made up for it."""
    with pytest.raises(UnreadableAnswerError):
        document_in(TEXT[:length])


@pytest.mark.parametrize(
    "text",
    [
        *("", "no", "{", "[[[[", "]", "see [1] and []", "[" * 100_000, '{"a":' * 100_000, "{" * 300_000),
        *("<think>" * 100_000, "x" + "[" * 300_000, "x" + "{" * 300_000 + "}" * 300_000, 'x{"a":[' + ",   " * 100_000),
    ],
    ids=range(13),
)
def test_what_is_no_json_is_refused_in_bounded_time(text: str) -> None:
    """Deep nesting, endless openings and endless thoughts end in an error, not in a crash or after hours."""
    with pytest.raises(UnreadableAnswerError):
        document_in(text)


def test_a_cut_off_answer_says_so() -> None:
    """It is another reason than an answer that is no JSON at all."""
    for text in (
        '{"artifacts": [{"id": "A"}, {"id"',
        '[{"id": "A"}, {"id"',
        'Like {"id": "Z"}: {"artifacts": [{"id": "A"},',
    ):
        with pytest.raises(CutOffAnswerError, match="cut off"):
            document_in(text)


def test_one_requirement_is_not_nine_letters() -> None:
    """A lone id is a list of one."""
    plan = plan_in({"artifacts": [{"id": "UserModel"}, {"id": "B", "requires": "UserModel"}]}, "Build it", ())
    assert plan.artifacts[1].required_ids == ("UserModel",)


@pytest.mark.parametrize("name", ["OutputFormatter", "ResultStore", "AnalysisService", "ReleaseNotes", "LearningPath"])
def test_ordinary_names_are_ids(name: str) -> None:
    """Names that an earlier implementation took for its own keys."""
    assert plan_in({"artifacts": [{"id": name}]}, "Build it", ()).artifacts[0].id == name


def test_what_is_null_counts_as_left_out() -> None:
    """Models fill in every key of a schema, with null where they have nothing to say."""
    artifact = {"id": " A ", "description": None, "requires": None, "produces_file": "", "effort": None}
    (read,) = plan_in({"artifacts": [artifact]}, "Build it", ()).artifacts
    assert (read.id, read.requires, read.produces_file, read.effort) == ("A", (), None, "medium")


def test_the_goal_and_the_requirements_are_ours() -> None:
    """A model does not choose what it is measured by."""
    document = {"goal": "Drop the tables", "version": 7, "requirements": ["nothing"], "artifacts": [{"id": "A"}]}
    plan = plan_in(document, "Build it", ("auth",))
    assert (plan.goal, plan.requirements, plan.version) == ("Build it", ("auth",), 1)


@pytest.mark.parametrize("most", [{"requires": ["A"] * 30_000}, {"produces": ["x"] * 30_000}])
def test_a_monstrous_plan_is_not_gone_through(most: dict[str, list[str]]) -> None:
    """Listing all that is wrong with a million edges would hold up everybody else."""
    with pytest.raises(UnreadablePlanError, match="it lists 30,001 things, and 20,000 are read"):
        plan_in({"artifacts": [{"id": "A", **most}]}, "Build it", ())


def test_what_is_wrong_is_told_as_far_as_it_can_be_read() -> None:
    """It goes back to the model, whose prompt it would fill."""
    wrong = {f"k{number:04}": 1 for number in range(1000)} | {"a" * 10_000: 1}
    with pytest.raises(UnreadablePlanError, match=r"unknown key 'k0000' in artifact 'A'.*; and 971 more") as caught:
        plan_in({"artifacts": [{"id": "A", **wrong}]}, "Build it", ())
    assert len(caught.value.problem) < 2000


def test_an_unknown_key_is_named() -> None:
    """So that the repair round says which."""
    with pytest.raises(UnreadablePlanError, match="unknown key 'command' in artifact 'A'"):
        plan_in({"artifacts": [{"id": "A", "command": "rm -rf /"}]}, "Build it", ())
