"""The example of a large feature, from the goal to the report, with the real planner and the real specialists."""

import re
from pathlib import Path
from typing import Any

import pytest

from prefect_harmonic.flows import pursue_goal
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

GOAL = "Build GraphQL API with Real-time Subscriptions"
PROJECT = Path(__file__).parents[2] / "examples" / "feature" / "quayside"
TRANSPORTS = {"WebSocket", "server-sent events", "long polling"}


@pytest.fixture(scope="module")
async def example(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The run of the README's command, once for all tests, with what its tree holds."""
    folder = tmp_path_factory.mktemp("feature")
    address = f"sqlite:///{folder}/knowledge.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARMONIC_DATABASE_URL", address)
        options: dict[str, Any] = {"workspace": str(folder / "out"), "tree_depth": 4, "on_escalation": "skip"}
        run: dict[str, Any] = await pursue_goal(GOAL, str(PROJECT), **options)
    async with KnowledgeBase(address) as kb:
        (root,) = [one.id for one in await kb.search(GOAL) if one.title == GOAL]
        run["tree"] = list(await kb.subtree(root))
    return run


def below(tree: list[Entity], title: str) -> dict[str, Entity]:
    """The nodes under a node, by title."""
    (parent,) = [node for node in tree if node.title == title]
    return {node.title: node for node in tree if node.parent == parent.id}


async def test_phases_go_from_research_and_analysis_over_a_decision_to_learning_and_building(
    example: dict[str, Any],
) -> None:
    """Each artifact is made by the specialist of its kind, after what it rests on."""
    agents = {one["id"]: one["agent"] for one in example["plan"]["artifacts"]}
    assert agents["TransportResearch"] == agents["QueryCostResearch"] == "researcher"
    assert agents["CurrentApiAnalysis"] == "code-analyzer"
    assert agents["GraphqlStackDecision"] == "decision-log"
    assert agents["GraphLearningPath"] == "learning-path"
    assert agents["SubscriptionServer"] == "builder"
    over = [one["phase"] for one in example["evaluations"]]
    wanted = ["planning", "enablement", "design", "build", "integration", "verification"]
    assert sorted(over) == sorted(wanted)
    assert over.index("planning") < over.index("enablement")
    assert over.index("planning") < over.index("design") < over.index("build") < over.index("verification")


async def test_questions_that_are_several_are_nodes_of_the_tree_down_to_level_4(example: dict[str, Any]) -> None:
    """The transports are parts at level 3, the stages of the pipeline that compares them at level 4, and no deeper."""
    parts = below(example["tree"], "TransportResearch")
    assert set(parts) > TRANSPORTS
    assert {parts[name].depth for name in TRANSPORTS} == {3}
    (pipeline,) = set(parts) - TRANSPORTS
    assert {node.depth for node in below(example["tree"], pipeline).values()} == {4}
    assert max(node.depth for node in example["tree"]) == 4
    assert {node.status for node in parts.values()} == {"completed"}


async def test_what_documents_left_open_is_answered_from_where_it_was_settled(example: dict[str, Any]) -> None:
    """The performance notes ask how many connections stay open and which limit queries need; others say so."""
    closings = [closing for change in example["replannings"] for closing in change["closings"]]
    made = {closing["artifact"]: closing["opening"]["text"] for closing in closings}
    assert {"GapFill-ManyConnectionsStayOpen", "GapFill-LimitDepthCostQuery"} <= set(made)
    assert "performance-notes.md" in made["GapFill-ManyConnectionsStayOpen"]
    report = (Path(example["workspace"]) / "report.md").read_text()
    assert "On our proxy 6,000 connections can stay open" in report
    assert "The limit on the depth of a query is six levels, and the limit on its cost is 1,000" in report
    still_open = example["evaluations"][-1]["gaps"]
    assert not [gap for gap in still_open if "performance-notes" in gap]


async def test_outcome_says_that_much_is_a_skeleton_and_was_taken_as_it_is(example: dict[str, Any]) -> None:
    """A service is not built without a model: the run is accepted by a standing order, not converged."""
    assert example["complete"]
    assert example["outcome"] == "accepted"
    assert example["evaluations"][-1]["outcome"] != "converged"
    assert [one["answer"]["by"] for one in example["questions"]] == ["standing order: skip"]
    report = (Path(example["workspace"]) / "report.md").read_text()
    assert "are skeletons to be filled in" in report


async def test_report_says_true_things_of_the_service(example: dict[str, Any]) -> None:
    """Its size, its one import cycle with the place to cut it, and what is measured in its documents."""
    report = (Path(example["workspace"]) / "report.md").read_text()
    modules = len(list((PROJECT / "quayside").rglob("*.py")))
    assert f"| modules | {modules} |" in report
    assert "### Import cycles (1)" in report
    assert "`quayside.bookings → quayside.changes` at `quayside/bookings.py:3`" in report
    assert "| quayside.bookings | `quayside/bookings.py` |" in report
    assert "Measured:" not in report, "a feature is not about the structure of the code"
    assert "Schema first" in report
    assert "hosting was changed" not in report.split("## Risk register")[0], (
        "a heading with 'open connections' asks nothing"
    )


async def test_every_quotation_of_the_report_stands_where_it_says(example: dict[str, Any]) -> None:
    """Each research file names lines of the service's documents, and they are there."""
    found = 0
    for file in sorted((Path(example["workspace"]) / "research").glob("*.md")):
        for text, path, line in re.findall(r"^- (.+) \(`([^`]+\.md):(\d+)`\)$", file.read_text(), re.MULTILINE):
            place = " ".join(" ".join((PROJECT / path).read_text().splitlines()[int(line) - 1 :]).split())
            words = re.findall(r"[A-Za-z]{4,}", text)[:3]
            assert all(word in place[:600] for word in words), (file.name, path, line)
            found += 1
    assert found > 10
