"""What is remembered of the work: claims, decisions, effort, tasks, progress."""

import pytest
from support.clocks import MovableClock

from prefect_harmonic.errors import IllegalStepError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.evidence import Claim, Decision, Grade, ScoredOption, Source
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

README = Source(path="README.md", line=3, quote="six engineers", grade=Grade.DOCUMENTED)
GUESS = Source(path="rule", grade=Grade.ASSUMED)
PLAN = {"type": "plan"}


async def test_claims_come_back_with_their_sources(kb: KnowledgeBase) -> None:
    """Each text once, the whole subtree's together."""
    root = await kb.add("root", "", PLAN)
    part = await kb.add("part", "", {"parent_plan": root.id})
    claim = Claim(text="The team has 6 engineers.", sources=(README, GUESS), confidence=0.9)
    assert await kb.add_claims(part.id, [claim, claim]) == 1
    assert await kb.add_claims(part.id, [claim]) == 0
    assert await kb.claims(root.id) == (claim,)
    assert (await kb.get(part.id)).metadata["claims"] == [claim.model_dump(mode="json")]


async def test_claims_in_metadata_are_claims(kb: KnowledgeBase) -> None:
    """So that scripts can record them too; naming them later replaces them."""
    note = await kb.add("note", "", {"claims": [{"text": "One."}, {"text": "Two."}]})
    await kb.update(note.id, metadata={"claims": [{"text": "Three.", "confidence": 0.8}]})
    assert await kb.claims(note.id) == (Claim(text="Three.", confidence=0.8),)


async def test_reflection_reads_the_whole_subtree(kb: KnowledgeBase) -> None:
    """What has no source, what rests on assumptions, what is unsure, and what cannot both hold."""
    root = await kb.add("root", "", PLAN)
    one = await kb.add("one", "", {"parent_plan": root.id})
    deep = await kb.spawn(one.id, "deep", "", "researcher")
    sure = Claim(text="The team has 6 engineers.", sources=(README,), confidence=0.9)
    await kb.add_claims(one.id, [sure])
    await kb.add_claims(
        deep.id,
        [
            Claim(text="The team has 8 developers.", sources=(README,), confidence=0.9),
            Claim(text="Nobody said so.", confidence=0.9),
            Claim(text="It is usually so.", sources=(GUESS,), confidence=0.9),
            Claim(text="It may be so.", sources=(README,), confidence=0.2),
        ],
    )
    reflection = await kb.reflect(root.id)
    assert (reflection.verdict, reflection.entities, reflection.claims) == ("doubtful", 3, 5)
    assert [each.claim.text for each in reflection.unsourced] == ["Nobody said so."]
    assert [each.claim.text for each in reflection.weak] == ["It is usually so.", "It may be so."]
    assert [{each.one.text, each.other.text} for each in reflection.contradictions] == [
        {"The team has 6 engineers.", "The team has 8 developers."}
    ]


async def test_empty_subtree_is_not_clean(kb: KnowledgeBase) -> None:
    """Nothing claimed is nothing to be sure of; one sound claim is clean."""
    root = await kb.add("root", "", PLAN)
    assert (await kb.reflect(root.id)).verdict == "empty"
    await kb.add_claims(root.id, [Claim(text="The team has 6 engineers.", sources=(README,), confidence=0.9)])
    assert (await kb.reflect(root.id)).verdict == "clean"


async def test_decisions_come_back_whole(kb: KnowledgeBase) -> None:
    """With the options that lost."""
    root = await kb.add("root", "", PLAN)
    part = await kb.add("part", "", {"parent_plan": root.id})
    decision = Decision(title="Transport", options=(ScoredOption(name="SSE", score=0.4),), chosen="WebSocket")
    recorded = await kb.add_decision(part.id, decision)
    assert await kb.decisions(root.id) == (recorded,)
    assert recorded.decision == decision


async def test_effort_is_taken_from_the_clock(kb: KnowledgeBase, clock: MovableClock) -> None:
    """From executing to completed, a block in between not counted; accuracy is actual by estimated."""
    node = (await kb.add("x", "", {**PLAN, "estimated_hours": 2, "status": "executing"})).id
    clock.move(hours=1)
    await kb.update(node, metadata={"status": "blocked", "blocker": "no access"})
    clock.move(hours=24)
    await kb.update(node, metadata={"status": "executing"})
    clock.move(hours=2)
    done = await kb.update(node, metadata={"status": "completed"})
    account = await kb.effort(node)
    assert (account.actual_hours, account.accuracy, done.metadata["actual_hours"]) == (3.0, 1.5, 3.0)
    assert [each.ended_as for each in account.stretches] == ["blocked", "completed"]


async def test_stated_hours_hold_before_the_clock(kb: KnowledgeBase) -> None:
    """Who did the work knows best; an estimate of nothing has no accuracy."""
    node = (await kb.add("x", "", {**PLAN, "estimated_effort": "high"})).id
    await kb.update(node, metadata={"actual_effort": "high", "actual_hours": 40})
    assert (await kb.effort(node)).accuracy == 2.5
    none = (await kb.add("y", "", {**PLAN, "estimated_hours": 0, "actual_hours": 1})).id
    assert (await kb.effort(none)).accuracy is None


async def test_clock_that_was_set_back_takes_no_time(kb: KnowledgeBase, clock: MovableClock) -> None:
    """Effort is never negative."""
    node = (await kb.add("x", "", {**PLAN, "status": "executing"})).id
    clock.move(hours=-1)
    await kb.update(node, metadata={"status": "completed"})
    assert (await kb.effort(node)).actual_hours == 0.0


async def test_estimates_are_learned_by_agent_and_type(kb: KnowledgeBase, clock: MovableClock) -> None:
    """With their spread; nothing is learned from the work of others."""
    for hours, agent, kind in ((2, "researcher", "study"), (4, "researcher", "study"), (9, "builder", "study")):
        metadata = {**PLAN, "assigned_agent": agent, "domain_type": kind, "estimated_hours": 2, "status": "executing"}
        node = await kb.add("x", "", metadata)
        clock.move(hours=hours)
        await kb.update(node.id, metadata={"status": "completed"})
    learned = await kb.learned_estimate("researcher", "study")
    assert (learned.count, learned.mean_hours, learned.median_hours, learned.mean_accuracy) == (2, 3.0, 3.0, 1.5)
    assert learned.spread_hours == pytest.approx(1.414214)
    nothing = await kb.learned_estimate("researcher", "other")
    assert (nothing.count, nothing.mean_hours, nothing.spread_hours) == (0, None, None)


async def test_progress_is_counted_level_by_level(kb: KnowledgeBase) -> None:
    """Parts only, not the plan itself; leaves without an agent are named."""
    root = await kb.add("root", "", PLAN)
    done = await kb.add("done", "", {"parent_plan": root.id, "status": "completed", "assigned_agent": "builder"})
    part = await kb.add("part", "", {"parent_plan": root.id, "status": "executing"})
    leaf = await kb.add("leaf", "", {"parent_plan": part.id, "status": "blocked", "blocker": "no access"})
    progress = await kb.progress(root.id)
    assert (progress.whole.total, progress.whole.completed, progress.whole.percent) == (3, 1, 33.3)
    assert [(each.depth, each.total, each.completed, each.executing, each.blocked) for each in progress.levels] == [
        (1, 2, 1, 1, 0),
        (2, 1, 0, 0, 1),
    ]
    assert progress.unassigned_leaves == (leaf.id,)
    assert (await kb.progress(part.id)).levels[0].depth == 2
    assert (await kb.progress(done.id)).whole.percent == 0.0


async def test_tasks_are_filtered_by_status_and_know_their_plan(kb: KnowledgeBase) -> None:
    """A script that waits for the tasks of a plan finds those of its parts."""
    root = await kb.add("root", "", PLAN)
    part = await kb.add("part", "", {"parent_plan": root.id})
    task = await kb.add_task("Execute", "@researcher research", part.id, {"priority": "high"})
    assert (task.status, task.entity_id, task.metadata) == (
        "pending",
        part.id,
        {"plan_id": root.id, "priority": "high"},
    )
    await kb.update_task(task.id, status="running", metadata={"try": 1})
    assert await kb.tasks("pending") == ()
    assert [each.metadata["try"] for each in await kb.tasks("running", part.id)] == [1]


async def test_finished_task_stays_finished(kb: KnowledgeBase) -> None:
    """A failed one may be tried again."""
    node = await kb.add("x", "", PLAN)
    done = await kb.add_task("a", "", node.id)
    await kb.update_task(done.id, status="completed")
    with pytest.raises(IllegalStepError, match="nothing can follow completed"):
        await kb.update_task(done.id, status="pending")
    failed = await kb.add_task("b", "", node.id)
    await kb.update_task(failed.id, status="failed")
    assert (await kb.update_task(failed.id, status="pending")).status == "pending"


async def test_wrong_tasks_are_refused(kb: KnowledgeBase) -> None:
    """Unknown entity, unknown status, unknown task."""
    with pytest.raises(UnknownRecordError):
        await kb.add_task("a", "", "nobody")
    with pytest.raises(RefusedValueError, match="pending"):
        await kb.tasks("waiting")
    with pytest.raises(UnknownRecordError, match="task"):
        await kb.update_task("nobody", status="completed")


async def test_export_is_markdown_with_everything_known(kb: KnowledgeBase) -> None:
    """The title, the content, and then the rest."""
    root = await kb.add("Root plan", "What it is.", PLAN)
    await kb.add("Part one", "", {"parent_plan": root.id})
    await kb.add_task("Do it", "@builder build", root.id)
    await kb.add_claims(root.id, [Claim(text="It holds.", sources=(README,), confidence=0.9)])
    await kb.add_decision(root.id, Decision(title="Transport", chosen="WebSocket", rationale="Both ways."))
    record = await kb.add_evaluation(root.id)
    await kb.update_evaluation(record.eval_id, {"confidence": 0.4, "gaps": ["load"]})
    text = await kb.export(root.id)
    assert text.startswith("# Root plan\n\nWhat it is.\n\n## Metadata\n")
    for line in (
        "- pending: Do it: @builder build",
        "- It holds. — README.md:3 (documented), confidence 0.90",
        "- Transport: WebSocket. Both ways.",
        "- iteration 1: confidence 0.40, gaps: load",
    ):
        assert line in text.splitlines()
