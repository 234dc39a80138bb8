"""P008, P011 and P012: what artifacts consume, speak of and cover."""

import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.plans import declared_plans, graphs, named, without_edge

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate import Code, coverage, lint
from prefect_harmonic.planners.gate.coverage import covered_requirements
from prefect_harmonic.planners.gate.files import writers
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan


def told(code: Code, *artifacts: Artifact, provided: tuple[str, ...] = ()) -> list[tuple[str | None, str | None]]:
    """Each artifact that has the finding, with the other one that it is about."""
    findings = lint(Plan(artifacts=artifacts), provided=provided)
    return [(finding.artifact, finding.other) for finding in findings if finding.code is code]


ORE = named("Mine", produces=["iron ore"], produces_file="mine/ore.csv")


@pytest.mark.parametrize("consumed", ["iron ore", "Iron  Ore", "iron-ore", "Mine", "mine", "mine/ore.csv"])
def test_product_of_what_is_required_may_be_consumed(consumed: str) -> None:
    """By what it is called, by the id of its producer, or by its file."""
    assert told(Code.UNMET_CONSUMPTION, ORE, named("Smith", "Mine", consumes=[consumed])) == []


def test_product_of_what_is_required_through_others_may_be_consumed() -> None:
    """A requirement of a requirement is done before as well."""
    smith = named("Smith", "Smelter", consumes=["iron ore"])
    assert told(Code.UNMET_CONSUMPTION, ORE, named("Smelter", "Mine"), smith) == []


def test_product_of_what_is_not_required_is_told_with_its_producer() -> None:
    """The remedy is to require it."""
    assert told(Code.UNMET_CONSUMPTION, ORE, named("Smith", consumes=["iron ore"])) == [("Smith", "Mine")]


def test_product_of_a_dependent_comes_too_late() -> None:
    """What is made from an artifact cannot be consumed by it."""
    mine = named("Mine", consumes=["sword"])
    assert told(Code.UNMET_CONSUMPTION, mine, named("Smith", "Mine", produces=["sword"])) == [("Mine", "Smith")]


def test_own_product_does_not_count() -> None:
    """Nothing comes before itself, and the finding does not deny that it makes it."""
    hen = named("Hen", produces=["egg"], consumes=["egg"])
    assert told(Code.UNMET_CONSUMPTION, hen) == [("Hen", None)]
    assert lint(Plan(artifacts=(hen,)))[0].message == "consumes 'egg': nothing else in the plan produces it"


@pytest.mark.parametrize("consumed", ["src/legacy/app.py", "legacy", "Legacy"])
def test_what_the_project_provides_may_be_consumed(consumed: str) -> None:
    """Its files and packages are there already."""
    reader = named("Reader", consumes=[consumed])
    assert told(Code.UNMET_CONSUMPTION, reader, provided=("src/legacy/app.py", "legacy")) == []
    assert told(Code.UNMET_CONSUMPTION, reader) == [("Reader", None)]


def test_one_of_several_producers_before_is_enough() -> None:
    """That another one produces the same later or beside it is no fault."""
    other = named("Import", produces=["iron ore"])
    assert told(Code.UNMET_CONSUMPTION, ORE, other, named("Smith", "Mine", consumes=["iron ore"])) == []


STORE = named("UserStore", produces=["user records"], produces_file="src/store/users.py")


@pytest.mark.parametrize(
    "text",
    [
        "Asks the UserStore.",
        "asks the user store",
        "asks the USER STORE",
        "Asks UserStore/Clock.",
        "(UserStore)",
        "the UserStore's answer",
        "`UserStore`",
        "extends src/store/users.py.",
        "extends ./src/store/users.py",
        "needs User Records",
        "needs user-records",
        "NEEDS USER RECORDS",
    ],
)
@pytest.mark.parametrize("field", ["description", "contract"])
def test_text_that_names_another_artifact_is_told(text: str, field: str) -> None:
    """By its id, its file or its product."""
    assert told(Code.NAMED_NOT_REQUIRED, STORE, named("Page", **{field: text})) == [("Page", "UserStore")]


@pytest.mark.parametrize(
    "text", ["asks the user", "a store of users", "src/store/users.pyc", "UserStoreKeeper", "OldUserStore", ""]
)
def test_text_that_names_something_else_is_left_alone(text: str) -> None:
    """Some of the words, or a longer name, are not the name."""
    assert told(Code.NAMED_NOT_REQUIRED, STORE, named("Page", description=text)) == []


def test_single_word_ids_are_names_only_as_they_are_written() -> None:
    """A common word in a sentence does not point at the artifact that bears it."""
    clock = named("Clock")
    assert told(Code.NAMED_NOT_REQUIRED, clock, named("Page", description="works around the clock")) == []
    assert told(Code.NAMED_NOT_REQUIRED, clock, named("Page", description="asks Clock")) == [("Page", "Clock")]


def test_name_of_what_is_required_through_others_is_fine() -> None:
    """The order is there, however indirect."""
    page = named("Page", "Service", description="shows what the UserStore holds")
    assert told(Code.NAMED_NOT_REQUIRED, STORE, named("Service", "UserStore"), page) == []


def test_name_of_what_requires_the_artifact_is_fine() -> None:
    """Whoever is built upon may say by whom."""
    base = named("Base", description="used by the UserStore")
    assert told(Code.NAMED_NOT_REQUIRED, base, named("UserStore", "Base")) == []


def test_own_name_is_fine() -> None:
    """An artifact may speak of itself."""
    assert told(Code.NAMED_NOT_REQUIRED, named("UserStore", description="The UserStore.", produces=["store"])) == []


def test_shared_product_is_fine_where_one_of_its_producers_is_required() -> None:
    """The text may mean that one."""
    other = named("Import", produces=["user records"])
    page = named("Page", "Import", description="lists user records")
    assert told(Code.NAMED_NOT_REQUIRED, STORE, other, page) == []


def test_every_named_artifact_is_told_once() -> None:
    """Two others named three times are two findings."""
    page = named("Page", description="UserStore, Clock", contract="UserStore answers")
    assert told(Code.NAMED_NOT_REQUIRED, STORE, named("Clock"), page) == [("Page", "Clock"), ("Page", "UserStore")]


@pytest.mark.parametrize(
    "artifact",
    [
        named("A", covers=["REST API"]),
        named("A", covers=["the rest-api"]),
        named("RestApi"),
        named("A", description="the API, a RESTful one, and the rest"),
        named("A", produces=["rest api"]),
        named("A", produces_file="src/rest/api.py"),
    ],
)
def test_requirement_is_covered_by_a_list_or_by_words(artifact: Artifact) -> None:
    """What an artifact lists, or all the words of the requirement in what one artifact says."""
    assert covered_requirements([artifact], ["REST API"]) == {"REST API"}


@pytest.mark.parametrize("artifacts", [[named("Rest"), named("Api")], [named("A", covers=["REST"])], []], ids=len)
def test_requirement_is_not_covered_by_halves(artifacts: list[Artifact]) -> None:
    """Its words scattered over several artifacts are not the thing."""
    assert covered_requirements(artifacts, ["REST API"]) == frozenset()


def test_coverage_is_a_share() -> None:
    """One of two is a half, nothing asked for is all, and saying a thing twice does not make it two."""
    artifacts = [named("A", covers=["auth"])]
    assert coverage(artifacts, ["auth", "search"]) == 0.5
    assert coverage(artifacts, []) == 1.0
    assert coverage(artifacts, ["auth", "auth"]) == 1.0
    assert coverage([], ["auth"]) == 0.0


@given(declared_plans())
def test_plan_that_declares_what_it_consumes_passes(plan: Plan) -> None:
    """Any acyclic plan in which everything consumed is required is valid."""
    assert [finding for finding in lint(plan) if finding.is_error] == []


@given(declared_plans())
def test_dropping_a_true_dependency_is_found(plan: Plan) -> None:
    """Where the order is gone with the edge, the gate says so, and where others imply the edge, all is well."""
    graph = ArtifactGraph(plan)
    for artifact in plan.artifacts:
        for required in artifact.required_ids:
            codes = {finding.code for finding in lint(without_edge(plan, artifact.id, required)) if finding.is_error}
            implied = (required, artifact.id) in graph.redundant_requirements
            assert codes == (set() if implied else {Code.UNMET_CONSUMPTION})


@given(graphs(files=3), st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_in_the_file(graph: ArtifactGraph, random: Random) -> None:
    """The same artifacts shuffled have the same findings in the same order."""
    shuffled = list(graph.plan.artifacts)
    random.shuffle(shuffled)
    assert lint(graph.plan.with_artifacts(shuffled)) == lint(graph.plan)


@given(graphs(files=2))
@settings(max_examples=60)
def test_unordered_writers_of_one_file_are_told(graph: ArtifactGraph) -> None:
    """There is a finding exactly where two artifacts write one file with no order between them."""
    unordered = {
        path
        for path, ids in writers(graph.artifacts.values()).items()
        for one in ids
        for other in ids
        if one < other and not graph.is_ordered(one, other)
    }
    named_files = {finding.message.split()[1].rstrip(",") for finding in lint(graph.plan) if finding.code == "P010"}
    assert named_files == unordered


def test_findings_are_the_same_under_every_hash_seed() -> None:
    """A plan with every kind of fault is told in the same words whatever the seed."""
    script = """
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.plan import plan_from_document
ids = [f"N{n}" for n in range(12)]
whole = [{"id": i, "requires": ids[max(0, n - 4):n:2], "consumes": [f"x{n}", "y"], "produces": ["y", "z z"],
          "produces_file": f"f{n % 3}.txt", "description": "z z and " + " ".join(ids)} for n, i in enumerate(ids)]
broken = [{"id": i, "requires": [ids[(n + 1) % 12], ids[(n + 5) % 12], f"gone{n}"]} for n, i in enumerate(ids)]
for artifacts in (whole, broken, broken + whole):
    plan = {"requirements": ["b b", "c", "a"], "artifacts": artifacts}
    for finding in lint(plan_from_document(plan), provided={"p", "q", "r"}, agents={"s", "t"}):
        print(finding, finding.other)
"""
    command = [sys.executable, "-c", script]
    outputs = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in "12"
    }
    assert len(outputs) == 1
    assert {line[:4] for line in outputs.pop().splitlines()} >= {"P001", "P002", "P003", "P008", "P010", "P011", "P012"}
