"""The record of a pursuit whose plan changes: what stays is not touched, what goes is marked."""

import pytest
from support.clocks import MovableClock
from support.plans import named
from support.records import ASK, BUILD, PLAN, found, graph, made, node, opened

from prefect_harmonic.errors import IllegalStepError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.tasks.programme_status import programme_status
from prefect_harmonic.tasks.workspace import Workspace


async def test_changed_plan_touches_only_what_changes(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """New ones are added, dropped ones marked, kept ones exactly as they were; said twice it changes nothing more."""
    record = await opened(kb, workspace, *PLAN, named("Docs", "Ask", phase="build", agent="builder"))
    await made(record, "Ask")
    kept = [await kb.get(await node(kb, record, title)) for title in ("Ask", "Docs")]
    clock.move(hours=1)
    fill = named("GapFill-1", "Ask", phase="build", agent="researcher")
    after = graph(ASK, named("Build", "Ask GapFill-1", **BUILD.model_dump(exclude={"id", "requires"})), fill, *(
        named("Docs", "Ask", phase="build", agent="builder"),
    ))  # fmt: skip
    opening = Opening(key="gap-1", kind=OpeningKind.GAP, text="no load figures", origins=("Ask",))
    closings = [Closing(opening=opening, artifact="GapFill-1", iteration=1)]
    await record.plan_set(after, phases_of(after), iteration=1, closings=closings)
    once = await kb.subtree(record.root)
    await record.plan_set(after, phases_of(after), iteration=1, closings=closings)
    assert await kb.subtree(record.root) == once
    assert [await kb.get(each.id) for each in kept] == kept
    gap = await kb.get(await node(kb, record, "Gap Fill: no load figures"))
    assert (gap.metadata["added_by_eval"], gap.metadata["replanned_at_iteration"]) == (1, 1)
    (dropped,) = [each for each in once if each.title == "Test"]
    assert (dropped.metadata["dropped"], dropped.metadata["replanned_at_iteration"]) == (
        "the changed plan does without it",
        1,
    )
    assert [each.title for each in await kb.awaited(await node(kb, record, "Build"))] == ["Gap Fill: no load figures"]


async def test_unblocking_is_a_part_of_what_it_unblocks(kb: KnowledgeBase, workspace: Workspace) -> None:
    """One level deeper, linked as `unblocks`; then the blocked one is executed."""
    record = await opened(kb, workspace, ASK, BUILD)
    await made(record, "Ask")
    await record.artifact_started("Build")
    await record.artifact_ended("Build", state="failed", reason="no access")
    help_ = named("Unblock-Build", "Ask", phase="build", agent="builder", priority="high")
    after = graph(ASK, named("Build", "Ask Unblock-Build", phase="build", agent="builder"), help_)
    opening = Opening(key="failure-1", kind=OpeningKind.FAILURE, text="no access", origins=("Build",))
    closing = Closing(opening=opening, artifact="Unblock-Build", iteration=1)
    await record.plan_set(after, phases_of(after), iteration=1, closings=[closing])
    unblocking = await kb.get(await node(kb, record, "Unblock: no access"))
    build = await node(kb, record, "Build")
    assert (unblocking.parent, unblocking.depth, unblocking.metadata["priority"]) == (build, 3, "high")
    assert ("unblocks", build) in [(each.link_type, each.id) for each in await kb.links(unblocking.id, "from")]
    with pytest.raises(IllegalStepError, match="Unblock: no access"):
        await record.artifact_started("Build")
    await made(record, "Unblock-Build", "Build")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_completed_artifact_that_is_made_again_is_a_node_of_its_own(
    kb: KnowledgeBase, workspace: Workspace
) -> None:
    """What was done stays on record; the new one takes its place before what waits for it."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask")
    await record.phase_ended("research")
    old = await node(kb, record, "Ask")
    await record.artifact_started("Ask")
    new = await node(kb, record, "Ask")
    assert (await kb.get(old)).metadata["dropped"] == f"made again as {new}"
    assert (await kb.get(new)).metadata["repeats"] == old
    assert [each.id for each in await kb.awaited(await node(kb, record, "Build"))] == [new]
    await record.artifact_ended("Ask", state="done", evidence=found("Ask"))
    await made(record, "Build", "Test")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_phase_that_an_artifact_moved_to_may_have_no_node(kb: KnowledgeBase, workspace: Workspace) -> None:
    """What is kept stays where it is in the tree; the phase still ends, and saying the plan again changes nothing."""
    record = await opened(kb, workspace, *PLAN)
    moved = graph(ASK, named("Build", "Ask", phase="later"), named("Test", "Build", phase="later"))
    await record.plan_set(moved, phases_of(moved), iteration=1)
    once = await kb.subtree(record.root)
    await record.plan_set(moved, phases_of(moved), iteration=1)
    assert await kb.subtree(record.root) == once
    await made(record, "Ask", "Build", "Test")
    await record.phase_ended("later")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_artifact_that_a_person_left_out_holds_nothing_up(kb: KnowledgeBase, workspace: Workspace) -> None:
    """And a changed plan does not bring it back."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask", "Build")
    await record.artifact_ended("Test", state="skipped", reason="a person said so")
    await record.plan_set(graph(*PLAN), phases_of(graph(*PLAN)), iteration=1)
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"
