"""The rows of the second design document that concern the tree, each by its name.

Statuses and their steps, link types and the evaluate-and-replan loop have tests of their own; `test_design_document`
says which, and fails where one of them is gone.
"""

import pytest
from support.clocks import MovableClock

from prefect_harmonic.errors import IllegalStepError, RefusedValueError, TreeLimitError
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH
from prefect_harmonic.planners.knowledge.entity import STEPS, PlanStatus
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.link import FORWARD, TREE, LinkType

PLAN: dict[str, object] = {"type": "plan", "strategy": "hierarchical"}


def test_metadata_schema_statuses_are_the_four_of_the_design() -> None:
    """And each says what may follow it."""
    assert [status.value for status in PlanStatus] == ["planning", "executing", "completed", "blocked"]
    assert STEPS.keys() == set(PlanStatus)


def test_link_types_are_those_of_the_design() -> None:
    """Two make the tree, four say that B waits for A, one says it from the other side."""
    assert {link.value for link in TREE} == {"decomposes_to", "spawned"}
    assert {link.value for link in FORWARD} == {"blocks", "enables", "unblocks", "informs"}
    assert set(LinkType) - TREE - FORWARD == {LinkType.REQUIRES}


async def test_metadata_schema_of_the_design_is_kept_as_it_is_printed(kb: KnowledgeBase) -> None:
    """The schema's own example is accepted, nulls and all, and comes back."""
    schema: dict[str, object] = {
        **PLAN,
        "goal": "High-level objective",
        "status": "planning",
        "depth": 0,
        "max_depth": 5,
        "parent_plan": None,
        "assigned_agent": None,
        "dependencies": [],
        "estimated_effort": "low",
        "actual_effort": None,
        "blocker": None,
    }
    plan = await kb.add("Plan", "", schema)
    assert {key: plan.metadata[key] for key in schema} == schema


async def test_pattern_1_dependency_management(kb: KnowledgeBase) -> None:
    """Task B can find what blocks it, does not start before it, and starts after it."""
    root = await kb.add("root", "", PLAN)
    one, other = [await kb.add(name, "", {"parent_plan": root.id}) for name in ("Task A", "Task B")]
    await kb.link(one.id, other.id, "blocks")
    blocking = [each for each in await kb.links(other.id, "to") if each.link_type == "blocks"]
    assert [(each.id, each.metadata["status"]) for each in blocking] == [(one.id, "planning")]
    with pytest.raises(IllegalStepError, match="Task A"):
        await kb.update(other.id, metadata={"status": "executing"})
    for status in ("executing", "completed"):
        await kb.update(one.id, metadata={"status": status})
    assert (await kb.update(other.id, metadata={"status": "executing"})).status == "executing"


async def test_pattern_2_effort_estimation_and_tracking(kb: KnowledgeBase, clock: MovableClock) -> None:
    """40 hours estimated, 50 taken by the clock: accuracy 1.25, reported for the tree and learned with its spread."""
    root = await kb.add("root", "", PLAN)
    for hours in (50, 30):
        effort = {"estimated_effort": "high", "estimated_hours": 40, "assigned_agent": "researcher"}
        part = await kb.add("Research: Topic X", "", {**effort, "domain_type": "topic", "parent_plan": root.id})
        await kb.update(part.id, metadata={"status": "executing"})
        clock.move(hours=hours)
        await kb.update(part.id, metadata={"status": "completed", "actual_effort": "high"})
        assert (await kb.effort(part.id)).accuracy == hours / 40
    accuracy = await kb.accuracy(root.id)
    assert (accuracy.count, accuracy.accuracy, accuracy.spread) == (2, 1.0, 0.3536)
    assert accuracy.by_agent["researcher"].actual_hours == 80.0
    learned = await kb.learned_estimate("researcher", "topic")
    assert (learned.mean_hours, learned.spread_hours, learned.mean_accuracy) == (40.0, 14.142136, 1.0)


async def test_pattern_3_dynamic_replanning(kb: KnowledgeBase) -> None:
    """A blocked task says why; what unblocks it is added while the plan runs, goes first, and then it goes on."""
    root = await kb.add("root", "", PLAN)
    task = await kb.add("Task", "", {"parent_plan": root.id, "status": "executing"})
    blocked = await kb.update(task.id, metadata={"status": "blocked", "blocker": "no access to the cluster"})
    title = f"Unblock: {blocked.metadata['blocker']}"
    unblock = await kb.add(title, "", {"parent_plan": task.id, "depth": task.depth + 1, "priority": "high"})
    await kb.link(unblock.id, task.id, "unblocks")
    with pytest.raises(IllegalStepError, match="Unblock: no access to the cluster"):
        await kb.update(task.id, metadata={"status": "executing"})
    for status in ("executing", "completed"):
        await kb.update(unblock.id, metadata={"status": status})
    assert (await kb.update(task.id, metadata={"status": "executing"})).metadata["blocker"] is None


async def test_pattern_4_progress_reporting(kb: KnowledgeBase) -> None:
    """Total, completed, in progress, blocked and percent; a plan without parts is no division by zero."""
    root = await kb.add("root", "", PLAN)
    assert (await kb.progress(root.id)).whole.percent == 0.0
    for status in ("completed", "completed", "executing", "blocked", "planning"):
        await kb.add(status, "", {"parent_plan": root.id, "status": status, "blocker": "why"})
    whole = (await kb.progress(root.id)).whole
    assert (whole.total, whole.completed, whole.executing, whole.blocked, whole.percent) == (5, 2, 1, 1, 40.0)


@pytest.mark.parametrize(("workflow", "max_depth"), [("feature", 4), ("incident", 3), ("programme", 6), ("usual", 5)])
async def test_best_practice_1_keep_depth_reasonable(kb: KnowledgeBase, workflow: str, max_depth: int) -> None:
    """Each workflow's own limit holds, and five where none is stated."""
    stated: dict[str, object] = {} if workflow == "usual" else {"max_depth": max_depth}
    above = (await kb.add(workflow, "", PLAN | stated)).id
    for _ in range(max_depth):
        above = (await kb.add("part", "", {"parent_plan": above})).id
    with pytest.raises(TreeLimitError, match="do the work there instead"):
        await kb.add("too deep", "", {"parent_plan": above})


async def test_best_practices_2_and_8_leaves_have_exactly_one_agent(kb: KnowledgeBase) -> None:
    """A leaf that nobody does is named in the progress; two agents for one are refused; wholes need none."""
    root = await kb.add("root", "", PLAN)
    phase = await kb.add("phase", "", {"parent_plan": root.id})
    leaf = await kb.add("leaf", "", {"parent_plan": phase.id})
    assert (await kb.progress(root.id)).unassigned_leaves == (leaf.id,)
    with pytest.raises(RefusedValueError, match="assigned_agent"):
        await kb.update(leaf.id, metadata={"assigned_agent": ["researcher", "builder"]})
    await kb.update(leaf.id, metadata={"assigned_agent": "researcher"})
    assert (await kb.progress(root.id)).unassigned_leaves == ()


async def test_best_practice_4_summary_only_results(kb: KnowledgeBase) -> None:
    """However much a part holds, what others see of it is at most 1,000 characters, with the id of the whole."""
    root = await kb.add("root", "", PLAN)
    part = await kb.add("part", "A finding of some length. " * 500, {"parent_plan": root.id})
    beside = await kb.add("beside", "", {"parent_plan": root.id})
    (seen,) = (await kb.context(beside.id)).siblings
    least, most = SUMMARY_LENGTH
    assert seen.id == part.id
    assert least <= len(seen.summary) <= most


async def test_best_practice_5_progress_checkpoints_at_each_level(kb: KnowledgeBase) -> None:
    """Every level of the tree by itself, from whichever node one asks."""
    root = await kb.add("root", "", PLAN)
    phase = await kb.add("phase", "", {"parent_plan": root.id})
    await kb.add("leaf", "", {"parent_plan": phase.id, "status": "completed"})
    assert [(each.depth, each.percent) for each in (await kb.progress(root.id)).levels] == [(1, 0.0), (2, 100.0)]
    assert [(each.depth, each.percent) for each in (await kb.progress(phase.id)).levels] == [(2, 100.0)]


async def test_best_practice_7_siblings_without_dependencies_run_side_by_side(kb: KnowledgeBase) -> None:
    """Nothing but a link holds a part back."""
    root = await kb.add("root", "", PLAN)
    parts = [await kb.add(f"part {number}", "", {"parent_plan": root.id}) for number in range(3)]
    for part in parts:
        await kb.update(part.id, metadata={"status": "executing"})
    assert (await kb.progress(root.id)).whole.executing == 3
