"""The fusion reactor example of the second design document, end to end and without Prefect.

Source: second design document, "Recursive Agent Spawning": a plan whose leaf discovers three questions, of which the
third is a pipeline; a leaf beside it that is one question stays one.
"""

import datetime
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Evidence
from prefect_harmonic.planners.knowledge.reflection import ReflectionVerdict
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.plain_spawning import PlainSpawner, SpawnTree
from prefect_harmonic.tasks.agents.spawning import using_spawner

TODAY = datetime.date(2026, 11, 22)
GOAL = "Evaluate fusion reactor materials"
MAGNETS = Artifact(
    id="HtsMagnets",
    description="REBCO manufacturing, Bi-2212 cost trajectory, and compare the HTS candidates",
    contract="Each with its source",
)
SHIELDING = Artifact(id="NeutronShielding", description="Neutron shielding by tungsten carbide", contract="")
DOCUMENTS = {
    "docs/rebco.md": (
        "# REBCO\n\nREBCO manufacturing takes 12 steps. REBCO manufacturing is limited by the speed of deposition.\n\n"
        "## Properties\n\nThe HTS candidates differ in their properties: REBCO tape is anisotropic.\n"
    ),
    "docs/bi2212.md": (
        "# Bi-2212\n\nThe Bi-2212 cost trajectory follows the price of silver. REBCO manufacturing takes 15 steps.\n\n"
        "The HTS candidates rank by price: score Bi-2212 first.\n"
    ),
    "docs/shielding.md": "# Shielding\n\nNeutron shielding by tungsten carbide attenuates by half in 30 mm.\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What a team knows: two documents that contradict each other on REBCO, one on shielding."""
    (tmp_path / "docs").mkdir()
    for path, text in DOCUMENTS.items():
        (tmp_path / path).write_text(text)
    return tmp_path


def tree_of(spawner: PlainSpawner) -> list[tuple[int, str, str]]:
    """The tree, node by node as it grew: depth, agent, title."""
    return [(node.depth, node.agent or "", node.title) for node in spawner.tree.nodes.values() if node.depth > 1]


async def researched(project: Path, tree: SpawnTree, *artifacts: Artifact) -> tuple[PlainSpawner, dict[str, Evidence]]:
    """What the researcher makes of artifacts of one plan, in one tree."""
    spawner = PlainSpawner(DEFAULT_AGENTS, tree)
    found = {}
    with using_spawner(spawner):
        for artifact in artifacts:
            assignment = Assignment(artifact=artifact, goal=GOAL, project=str(project), today=TODAY)
            found[artifact.id] = await DEFAULT_AGENTS["researcher"].call(assignment)
    return spawner, found


async def test_magnets_become_a_sub_plan_and_shielding_stays_one_question(project: Path) -> None:
    """Two researchers and a pipeline below the one, nothing below the other.

    The pipeline's first stage finds that two documents contradict each other, so its gate inserts a stage.
    """
    spawner, found = await researched(project, SpawnTree(), MAGNETS, SHIELDING)
    assert tree_of(spawner) == [
        (2, "researcher", "REBCO manufacturing"),
        (2, "researcher", "Bi-2212 cost trajectory"),
        (2, "pipeline-manager", "compare the HTS candidates"),
        (3, "researcher", "Gather properties"),
        (3, "researcher", "Settle: rebco manufacturing (step)"),
        (3, "researcher", "Score and rank"),
    ]
    assert "parts_count" not in found["NeutronShielding"].data
    assert found["NeutronShielding"].claims


async def test_what_the_parts_found_reaches_the_magnets_with_its_sources(project: Path) -> None:
    """Each claim points at the document it stands in, and the two documents' contradiction is found."""
    _, found = await researched(project, SpawnTree(), MAGNETS)
    magnets = found["HtsMagnets"]
    paths = {source.path for claim in magnets.claims for source in claim.sources}
    assert {"docs/rebco.md", "docs/bi2212.md"} <= paths
    assert len(magnets.contradictions) == 1
    assert {"12", "15"} <= {word for each in magnets.contradictions for word in str(each).replace("'", " ").split()}
    assert SUMMARY_LENGTH[0] <= len(magnets.summary) <= SUMMARY_LENGTH[1]
    assert magnets.blockers == ()


async def test_reflection_on_the_magnets_finds_what_their_parts_contradict(project: Path) -> None:
    """Across the whole subtree, however deep."""
    spawner, _ = await researched(project, SpawnTree(), MAGNETS)
    reflection = await spawner.reflect(Assignment(artifact=MAGNETS, today=TODAY))
    assert reflection.verdict is ReflectionVerdict.DOUBTFUL
    assert reflection.contradictions
    assert reflection.entities == 7


async def test_context_of_the_magnets_tells_their_progress_and_what_is_left(project: Path) -> None:
    """Which informs replanning: what is done, and what the tree may still get."""
    spawner, _ = await researched(project, SpawnTree(), MAGNETS, SHIELDING)
    context = await spawner.context(Assignment(artifact=MAGNETS, today=TODAY))
    assert (context.progress.whole.total, context.progress.whole.completed) == (6, 6)
    # The goal, the two artifacts and the six parts.
    assert (context.budget.remaining_budget, context.budget.current_depth) == (50 - 9, 1)


@pytest.mark.parametrize("tree", [SpawnTree(max_depth=1), SpawnTree(max_total=5)])
async def test_without_budget_the_magnets_are_researched_directly(project: Path, tree: SpawnTree) -> None:
    """The else branch of the example."""
    spawner, found = await researched(project, tree, MAGNETS)
    assert tree_of(spawner) == []
    assert found["HtsMagnets"].claims


async def test_whole_goal_is_a_plan_whose_parts_spawn_in_turn(project: Path) -> None:
    """The hierarchical planner as an agent: its parts are agents of their own, within depth and budget."""
    spawner = PlainSpawner(DEFAULT_AGENTS)
    artifact = Artifact(id="FusionMaterials", description=GOAL)
    with using_spawner(spawner):
        assignment = Assignment(artifact=artifact, goal=GOAL, project=str(project), today=TODAY)
        evidence = await DEFAULT_AGENTS["hierarchical-planner"].call(assignment)
    depths = [node.depth for node in spawner.tree.nodes.values()]
    assert evidence.data["parts_count"] == depths.count(2)
    assert max(depths) <= 5
    assert len(depths) <= 50
    assert evidence.decisions
