"""The record of a pursuit that is started again: the same tree, and nothing in it twice."""

import json

import pytest
from support.clocks import MovableClock
from support.records import ASK, PLAN, found, made, node, opened

from prefect_harmonic.errors import DatabaseBusyError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.programme_root import PROGRAMME_FILE
from prefect_harmonic.tasks.programme_status import programme_status, programmes
from prefect_harmonic.tasks.workspace import Workspace


async def test_run_that_is_started_again_goes_on_in_the_same_tree(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Nothing is there twice, and what is done stays as it is."""
    first = await opened(kb, workspace, *PLAN)
    await made(first, "Ask")
    before = await kb.subtree(first.root)
    again = await opened(kb, workspace, *PLAN)
    await again.artifact_ended("Ask", state="kept", evidence=found("Ask"), seconds=1.0)
    assert again.root == first.root
    assert await kb.subtree(again.root) == before
    assert len(await kb.decisions(again.root)) == 1


async def test_work_of_a_killed_run_is_not_counted_and_starts_anew(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """The night after a crash is no effort."""
    first = await opened(kb, workspace, *PLAN)
    await first.artifact_started("Ask")
    clock.move(hours=8)
    again = await opened(kb, workspace, *PLAN)
    await again.artifact_started("Ask")
    clock.move(hours=1)
    await again.artifact_started("Ask")
    await again.artifact_ended("Ask", state="done", evidence=found("Ask"))
    account = await kb.effort(await node(kb, again, "Ask"))
    assert ([each.ended_as for each in account.stretches], account.actual_hours) == (["interrupted", "completed"], 1.0)


async def test_root_that_the_database_has_lost_is_begun_anew(kb: KnowledgeBase, workspace: Workspace, url: str) -> None:
    """Under its id; what was made is told as kept, with the time it took, and is no sample for estimates."""
    workspace.write_own(PROGRAMME_FILE, json.dumps({"version": 1, "root": "0" * 26, "goal": "Ship it"}))
    record = await opened(kb, workspace, *PLAN)
    assert record.root == "0" * 26
    await record.artifact_ended("Ask", state="kept", evidence=found("Ask"), seconds=7200)
    ask = await node(kb, record, "Ask")
    assert (await kb.get(ask)).status == "completed"
    assert (await kb.effort(ask)).actual_hours == 2.0
    assert await kb.learned_kinds(least=1) == ()


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"root": 5}', '{"root": "../../etc"}'])
async def test_file_that_names_no_root_is_replaced(kb: KnowledgeBase, workspace: Workspace, content: str) -> None:
    """Whatever stands in it."""
    workspace.write_own(PROGRAMME_FILE, content)
    record = await opened(kb, workspace)
    assert json.loads((workspace.root / PROGRAMME_FILE).read_text())["root"] == record.root


async def test_completed_pursuit_is_followed_by_another(kb: KnowledgeBase, workspace: Workspace) -> None:
    """So is one of another goal; the newest is told first, and of runs that go on from each other only the last."""
    first = await opened(kb, workspace, ASK)
    await made(first, "Ask")
    await first.ended(outcome="converged")
    second = await opened(kb, workspace, ASK)
    other = await ProgrammeRecord.opened(kb, workspace, goal="Something else", parameters={})
    assert len({first.root, second.root, other.root}) == 3
    assert (await kb.get(second.root)).metadata["continues"] == first.root
    assert [each.id for each in await programmes(kb)] == [other.root, second.root]


async def test_phase_that_is_carried_out_again_is_one_phase(kb: KnowledgeBase, workspace: Workspace) -> None:
    """However much of it is made again after it was completed: it ends once more, and so does the pursuit."""
    first = await opened(kb, workspace, *PLAN)
    await made(first, "Ask", "Build", "Test")
    for phase in ("research", "build"):
        await first.phase_ended(phase)
    again = await opened(kb, workspace, *PLAN)
    await made(again, "Build", "Test")
    await again.phase_ended("build")
    await again.ended(outcome="converged")
    rows = [await kb.get(place.id) for place in await kb.subtree(again.root)]
    assert [one.status for one in rows if one.metadata.get("phase") == "build" and "artifact" not in one.metadata] == [
        "completed",
        "completed",
    ]
    assert (await programme_status(kb, again.root)).status == "completed"


async def test_failure_blocks_with_its_reason_and_a_retry_goes_on(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """The leaf, its phase and the goal; what depended on it never ran, and says so."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask")
    await record.artifact_started("Build")
    await record.artifact_ended("Build", state="failed", reason="no access")
    await record.artifact_ended("Test", state="blocked", reason="never ran: Build was not made")
    await record.phase_ended("build")
    await record.ended(outcome="failed")
    status = await programme_status(kb, record.root)
    assert (status.status, status.reason, status.outcome) == ("blocked", "failed", "failed")
    assert [(part.title, part.reason, part.is_waiting) for part in status.blocked] == [
        ("build", "Build, Test are not completed", False),
        ("Build", "no access", False),
        ("Test", "never ran: Build was not made", True),
    ]
    again = await opened(kb, workspace, *PLAN)
    await made(again, "Build", "Test")
    await again.phase_ended("build")
    await again.ended(outcome="completed")
    after = await programme_status(kb, again.root)
    assert (again.root, after.status, after.blocked) == (record.root, "completed", ())
    ended = [each.ended_as for each in (await kb.effort(await node(kb, again, "Build"))).stretches]
    assert ended == ["blocked", "completed"]


async def test_busy_database_loses_nothing(kb: KnowledgeBase, workspace: Workspace, url: str) -> None:
    """The caller is told and goes on; the next call writes what was missed first, in order."""
    async with KnowledgeBase(url, patience_seconds=0.2) as hasty:
        record = await opened(hasty, workspace, *PLAN)
        await record.artifact_started("Ask")

        async def blocking(_transaction: object) -> None:
            with pytest.raises(DatabaseBusyError):
                await record.artifact_ended("Ask", state="done", evidence=found("Ask"))
            with pytest.raises(DatabaseBusyError):
                await record.artifact_started("Build")

        await kb.together(blocking)
        await record.artifact_ended("Build", state="done", evidence=found("Build"))
        await record.catch_up()
        assert (await programme_status(hasty, record.root)).progress.whole.completed == 2
