"""The record of a pursuit: one tree from the plan to the end, however that is."""

import pytest
from support.clocks import MovableClock
from support.plans import named
from support.records import ASK, PLAN, found, graph, made, node, opened

from prefect_harmonic.errors import IllegalStepError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.agent_choice import AgentChoice
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.programme_status import programme_status
from prefect_harmonic.tasks.workspace import Workspace


async def test_plan_becomes_a_tree_of_phases_and_leaves(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Goal, phases, artifacts: each leaf with its one agent, its effort and what it waits for."""
    record = await opened(kb, workspace, *PLAN)
    tree = await kb.subtree(record.root)
    assert [(each.title, each.depth) for each in tree] == [
        ("Ship it", 0),
        ("research", 1),
        ("build", 1),
        ("Ask", 2),
        ("Build", 2),
        ("Test", 2),
    ]
    build = await kb.get(await node(kb, record, "Build"))
    assert {key: build.metadata[key] for key in ("assigned_agent", "estimated_hours", "domain_type", "priority")} == {
        "assigned_agent": "builder",
        "estimated_hours": 2.0,
        "domain_type": "model",
        "priority": "normal",
    }
    assert [each.title for each in await kb.awaited(build.id)] == ["Ask"]
    assert (await kb.progress(record.root)).unassigned_leaves == ()
    assert (await kb.get(record.root)).metadata["parameters"] == {"candidates": 5}


async def test_agents_that_were_chosen_are_recorded_with_why(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Where the plan names none."""
    record = await opened(kb, workspace)
    plan = graph(named("Model", domain_type="model"))
    choices = {"Model": AgentChoice("builder", "its kind is what builder is for")}
    await record.plan_set(plan, phases_of(plan), agents=choices)
    leaf = await kb.get(await node(kb, record, "Model"))
    assert (leaf.agent, leaf.metadata["assigned_because"]) == ("builder", "its kind is what builder is for")


async def test_run_from_start_to_end(kb: KnowledgeBase, workspace: Workspace, clock: MovableClock) -> None:
    """Effort by the clock, findings kept, phases completed, the goal completed, and the status tells it."""
    record = await opened(kb, workspace, *PLAN)
    await record.artifact_started("Ask")
    clock.move(minutes=30)
    await record.artifact_ended("Ask", state="done", evidence=found("Ask"), seconds=1.0)
    await record.phase_ended("research")
    during = await programme_status(kb, record.root)
    assert (during.status, during.progress.whole.completed, during.progress.whole.total) == ("executing", 2, 5)
    await made(record, "Build", "Test")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    ask = await node(kb, record, "Ask")
    assert (await kb.effort(ask)).actual_hours == 0.5
    assert [claim.text for claim in await kb.claims(ask)] == ["Ask has six parts."]
    assert [each.decision.title for each in await kb.decisions(ask)] == ["How to do Ask"]
    assert (await kb.get(ask)).content == "# Ask\n\nThe whole story."
    assert (await kb.get(ask)).metadata["summary"] == "All of it was found. Ask has six parts."
    status = await programme_status(kb, record.root)
    assert (status.status, status.outcome, status.progress.whole.percent) == ("completed", "completed", 100.0)
    assert [(level.depth, level.total, level.completed) for level in status.progress.levels] == [(1, 2, 2), (2, 3, 3)]
    assert (status.artifacts.total, status.artifacts.completed) == (3, 3)
    assert (status.goal, status.workspace, status.blocked) == ("Ship it", str(workspace.root), ())
    assert (status.accuracy.by_agent["researcher"].accuracy, status.accuracy.count) == (0.5, 3)


async def test_summaries_that_go_up_are_short_and_the_whole_stays_below(
    kb: KnowledgeBase, workspace: Workspace
) -> None:
    """At most 1,000 characters at every node, whatever lies under it."""
    record = await opened(kb, workspace, *PLAN)
    for artifact in ("Ask", "Build", "Test"):
        await record.artifact_started(artifact)
        evidence = found(artifact, f"{artifact} says much. " * 40)
        await record.artifact_ended(artifact, state="done", evidence=evidence)
    await record.phase_ended("build")
    summary = (await kb.get(await node(kb, record, "build"))).metadata["summary"]
    assert isinstance(summary, str)
    assert summary.startswith("2 of 2 artifacts are there.")
    assert 500 <= len(summary) <= 1000


async def test_exhausted_run_is_no_success(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Though everything was made."""
    record = await opened(kb, workspace, ASK)
    await made(record, "Ask")
    await record.ended(outcome="exhausted", reason="confidence 0.40 after 5 iterations")
    status = await programme_status(kb, record.root)
    assert (status.status, status.outcome, status.reason) == (
        "blocked",
        "exhausted",
        "confidence 0.40 after 5 iterations",
    )


@pytest.mark.parametrize(("max_depth", "deepest"), [(1, 1), (2, 2), (3, 2)])
async def test_tree_stays_within_its_depth(
    kb: KnowledgeBase, workspace: Workspace, max_depth: int, deepest: int
) -> None:
    """A leaf at the limit is executed as it is, not dropped."""
    record = await ProgrammeRecord.opened(kb, workspace, goal="Ship it", parameters={}, max_depth=max_depth)
    await record.plan_set(graph(*PLAN), phases_of(graph(*PLAN)))
    await made(record, "Ask", "Build", "Test")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert max(each.depth for each in await kb.subtree(record.root)) == deepest
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_run_that_stops_in_the_middle_leaves_nothing_executing(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """What was being made is blocked with the reason, and its clock stands."""
    record = await opened(kb, workspace, *PLAN)
    await record.artifact_started("Ask")
    clock.move(hours=1)
    await record.ended(outcome="stopped")
    clock.move(hours=5)
    status = await programme_status(kb, record.root)
    assert (status.status, status.executing, status.outcome) == ("blocked", (), "stopped")
    assert ("Ask", "the run ended before it was done") in [(part.title, part.reason) for part in status.blocked]
    assert (await kb.effort(await node(kb, record, "Ask"))).actual_hours == 1.0


async def test_refused_call_changes_nothing_and_holds_nothing_up(kb: KnowledgeBase, workspace: Workspace) -> None:
    """What waits does not start; unknown artifacts and states are told; the next call goes through."""
    record = await opened(kb, workspace, *PLAN)
    with pytest.raises(IllegalStepError, match="Ask"):
        await record.artifact_started("Build")
    with pytest.raises(UnknownRecordError, match="Nobody"):
        await record.artifact_started("Nobody")
    with pytest.raises(RefusedValueError, match="finished"):
        await record.artifact_ended("Ask", state="finished")
    with pytest.raises(UnknownRecordError, match="nowhere"):
        await record.phase_ended("nowhere")
    await made(record, "Ask")
    assert (await programme_status(kb, record.root)).progress.whole.completed == 1


async def test_kinds_are_learned_from_three_samples_on(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """Mean hours by agent, type and effort, with their spread; with two samples nothing is learned."""
    plan = [named(f"Model{n}", agent="builder", domain_type="model") for n in range(3)]
    record = await opened(kb, workspace, *plan)
    for number, artifact in enumerate(plan):
        assert await kb.learned_kinds() == ()
        await record.artifact_started(artifact.id)
        clock.move(hours=number + 1)
        await record.artifact_ended(artifact.id, state="done")
    (learned,) = await kb.learned_kinds()
    assert (learned.kind, learned.mean_hours) == ("builder/model/medium", 2.0)
    assert (learned.count, learned.spread_hours) == (3, 1.0)
