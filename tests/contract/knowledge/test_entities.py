"""Entities: what an update names changes, what it does not name stays."""

from contextlib import suppress
from typing import Any

import pytest
from support.clocks import MovableClock

from prefect_harmonic.errors import (
    IllegalStepError,
    KnowledgeError,
    LinkRefusedError,
    RefusedValueError,
    TreeLimitError,
    UnknownRecordError,
)
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

PLAN = {"type": "plan"}


async def test_entity_comes_back_as_it_was_given(kb: KnowledgeBase) -> None:
    """Texts and free metadata to the letter, whatever letters they are."""
    metadata = {"type": "finding", "tags": ["a", {"b": None}], "größe": 1.5, "ok": True}
    added = await kb.add("Zürich — 日本 🚀", "line one\n\n- 'quoted' \"twice\" \\", metadata)
    found = await kb.get(added.id)
    assert found == added
    assert (found.title, found.content) == ("Zürich — 日本 🚀", "line one\n\n- 'quoted' \"twice\" \\")
    assert found.metadata == metadata


async def test_update_wipes_nothing_that_it_does_not_name(kb: KnowledgeBase) -> None:
    """Title, agent and max_depth survive an update of the status."""
    metadata = {"type": "plan", "assigned_agent": "researcher", "max_depth": 4, "priority": "high"}
    plan = await kb.add("Title", "Content", metadata)
    updated = await kb.update(plan.id, "", "", {"status": "executing"})
    assert (updated.title, updated.content, updated.status) == ("Title", "Content", "executing")
    assert {key: updated.metadata[key] for key in metadata} == metadata


async def test_update_changes_what_it_names(kb: KnowledgeBase) -> None:
    """Texts are replaced and metadata is merged key by key."""
    note = await kb.add("Title", "Content", {"a": 1, "b": {"x": 1}})
    updated = await kb.update(note.id, "New", "Newer", {"b": {"y": 2}, "c": None})
    assert (updated.title, updated.content) == ("New", "Newer")
    assert updated.metadata == {"a": 1, "b": {"y": 2}, "c": None, "type": "note"}


async def test_ids_are_short_and_sorted_by_when_they_were_made(kb: KnowledgeBase, clock: MovableClock) -> None:
    """An id of 26 letters and digits; later ones come later."""
    ids = []
    for number in range(5):
        ids.append((await kb.add(f"note {number}")).id)
        clock.move(milliseconds=1)
    assert ids == sorted(set(ids))
    assert {len(each) for each in ids} == {26}


async def test_parent_in_metadata_is_a_link_of_the_tree(kb: KnowledgeBase) -> None:
    """Linking it once more, as scripts do, changes nothing."""
    root = await kb.add("Root", "", PLAN)
    part = await kb.add("Part", "", {"parent_plan": root.id, "depth": 1})
    await kb.link(root.id, part.id, "decomposes_to")
    assert (part.type, part.parent, part.depth, part.status) == ("plan", root.id, 1, "planning")
    assert [(each.id, each.link_type) for each in await kb.links(root.id)] == [(part.id, "decomposes_to")]


async def test_dependencies_in_metadata_are_links(kb: KnowledgeBase) -> None:
    """And naming others later replaces them."""
    one, two, three = [await kb.add(name, "", PLAN) for name in ("one", "two", "three")]
    last = await kb.add("last", "", {**PLAN, "dependencies": [one.id, two.id]})
    assert last.metadata["dependencies"] == sorted([one.id, two.id])
    assert [each.id for each in await kb.awaited(last.id)] == [one.id, two.id]
    await kb.update(last.id, metadata={"dependencies": [three.id]})
    assert [each.id for each in await kb.awaited(last.id)] == [three.id]


@pytest.mark.parametrize(
    "metadata",
    [
        {"type": "plan", "status": "done"},
        {"type": "plan", "depth": -1},
        {"type": "plan", "assigned_agent": ["researcher", "builder"]},
        {"type": "plan", "assigned_agent": " "},
        {"type": "plan", "estimated_hours": -1},
        {"type": "plan", "estimated_effort": "huge"},
        {"type": "plan", "priority": "urgent"},
        {"type": "plan", "max_depth": "4"},
        {"type": "Plan!"},
        {"text": "nul \0 byte"},
        {"text": "\ud800"},
        {"number": float("nan")},
        {"set": {1, 2}},
        {"claims": [{"text": "sure", "confidence": 7.5}]},
    ],
    ids=lambda metadata: str(metadata).encode("ascii", "backslashreplace").decode(),
)
async def test_values_outside_their_range_are_refused_and_nothing_is_written(
    kb: KnowledgeBase, metadata: dict[str, Any]
) -> None:
    """One clear error on one line, and no entity."""
    with pytest.raises(RefusedValueError) as caught:
        await kb.add("refused title", "", metadata)
    assert "cannot be" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert await kb.search("refused title") == ()


async def test_all_refused_values_are_named_at_once(kb: KnowledgeBase) -> None:
    """Not only the first."""
    with pytest.raises(RefusedValueError) as caught:
        await kb.add("x", "", {"estimated_effort": "huge", "estimated_hours": -1})
    assert [field for field, _, _ in caught.value.problems] == ["metadata.estimated_effort", "metadata.estimated_hours"]


@pytest.mark.parametrize("title", ["", "  ", "a\0b"])
async def test_title_that_is_none_is_refused(kb: KnowledgeBase, title: str) -> None:
    """Everything that is known has a name."""
    with pytest.raises(RefusedValueError):
        await kb.add(title)


async def test_unknown_parent_and_dependency_leave_nothing_behind(kb: KnowledgeBase) -> None:
    """An entity whose links cannot be is not there either."""
    for metadata in ({"parent_plan": "nobody"}, {**PLAN, "dependencies": ["nobody"]}):
        with pytest.raises(UnknownRecordError) as caught:
            await kb.add("half written", "", metadata)
        assert caught.value.ids == ("nobody",)
    assert await kb.search("half written") == ()


@pytest.mark.parametrize("verb", ["get", "update", "links", "export", "progress", "budget", "context", "reflect"])
async def test_unknown_id_is_an_error_of_every_verb(kb: KnowledgeBase, verb: str) -> None:
    """And it names the id."""
    with pytest.raises(UnknownRecordError, match="nobody"):
        await getattr(kb, verb)("nobody")


@pytest.mark.parametrize("text", ["\udcff", "a\0b"])
async def test_id_that_no_database_could_hold_is_an_error_like_any_other(kb: KnowledgeBase, text: str) -> None:
    """An argument on a command line may be any bytes."""
    for asked in (kb.get(text), kb.links(text), kb.evaluation(text), kb.search(f"word {text}")):
        with suppress(KnowledgeError):
            assert await asked == ()


LEGAL = {("planning", "executing"), ("executing", "completed"), ("executing", "blocked"), ("blocked", "executing")}
STATUSES = ("planning", "executing", "completed", "blocked")


async def _in_status(kb: KnowledgeBase, status: str) -> str:
    reason = {"blocker": "no access"} if status == "blocked" else {}
    return (await kb.add("node", "", {**PLAN, "status": status, **reason})).id


@pytest.mark.parametrize("after", STATUSES)
@pytest.mark.parametrize("before", STATUSES)
async def test_only_legal_steps_are_taken(kb: KnowledgeBase, before: str, after: str) -> None:
    """Planning, executing, then completed or blocked; from blocked back to executing; nothing else."""
    node = await _in_status(kb, before)
    metadata = {"status": after, "blocker": "no access"}
    if before == after or (before, after) in LEGAL:
        assert (await kb.update(node, metadata=metadata)).status == after
    else:
        with pytest.raises(IllegalStepError, match=f"from {before} to {after}"):
            await kb.update(node, "changed", metadata=metadata)
        assert ((await kb.get(node)).status, (await kb.get(node)).title) == (before, "node")


async def test_block_needs_a_reason_and_ends_with_it(kb: KnowledgeBase) -> None:
    """A blocker that is solved blocks nobody; the log remembers it."""
    node = await _in_status(kb, "executing")
    with pytest.raises(IllegalStepError, match="say why"):
        await kb.update(node, metadata={"status": "blocked"})
    blocked = await kb.update(node, metadata={"status": "blocked", "blocker": "no access"})
    assert blocked.metadata["blocker"] == "no access"
    assert (await kb.update(node, metadata={"status": "executing"})).metadata["blocker"] is None
    assert [each.reason for each in (await kb.effort(node)).stretches] == ["no access", None]


async def test_started_part_has_started_everything_above_it(kb: KnowledgeBase) -> None:
    """A plan whose part runs is running."""
    root = await kb.add("root", "", PLAN)
    middle = await kb.add("middle", "", {"parent_plan": root.id})
    await kb.add("leaf", "", {"parent_plan": middle.id, "status": "executing"})
    assert [(await kb.get(each)).status for each in (root.id, middle.id)] == ["executing", "executing"]


async def test_plan_with_open_parts_is_not_completed(kb: KnowledgeBase) -> None:
    """Nor with a pending task anywhere below; with both done it is."""
    root = await kb.add("root", "", PLAN)
    part = await kb.add("part", "", {"parent_plan": root.id, "status": "executing"})
    task = await kb.add_task("do it", "@researcher do", part.id)
    with pytest.raises(IllegalStepError, match="part: executing"):
        await kb.update(root.id, metadata={"status": "completed"})
    await kb.update_task(task.id, status="completed")
    await kb.update(part.id, metadata={"status": "completed"})
    assert (await kb.update(root.id, metadata={"status": "completed"})).status == "completed"


async def test_pending_task_keeps_its_entity_open(kb: KnowledgeBase) -> None:
    """Complete with tasks pending is not complete."""
    node = await _in_status(kb, "executing")
    task = await kb.add_task("do it", "@researcher do", node)
    with pytest.raises(IllegalStepError, match=task.id):
        await kb.update(node, metadata={"status": "completed"})


async def test_dropped_part_holds_nothing_up(kb: KnowledgeBase) -> None:
    """What is no longer wanted is neither waited for nor counted."""
    root = await kb.add("root", "", {**PLAN, "status": "executing"})
    gone = await kb.add("gone", "", {"parent_plan": root.id})
    then = await kb.add("then", "", {"parent_plan": root.id, "dependencies": [gone.id]})
    await kb.update(gone.id, metadata={"dropped": "the cause is known"})
    await kb.update(then.id, metadata={"status": "executing"})
    await kb.update(then.id, metadata={"status": "completed"})
    assert (await kb.update(root.id, metadata={"status": "completed"})).status == "completed"
    assert (await kb.progress(root.id)).whole.percent == 100.0


@pytest.mark.parametrize("link_type", ["blocks", "enables", "unblocks", "informs", "requires"])
async def test_what_waits_does_not_start(kb: KnowledgeBase, link_type: str) -> None:
    """B starts after A, whichever link says so; `requires` says it from B's side."""
    first, then = await kb.add("A", "", PLAN), await kb.add("B", "", PLAN)
    ends = (then.id, first.id) if link_type == "requires" else (first.id, then.id)
    await kb.link(*ends, link_type)
    with pytest.raises(IllegalStepError, match=f"it waits for {first.id}"):
        await kb.update(then.id, metadata={"status": "executing"})
    await kb.update(first.id, metadata={"status": "executing"})
    await kb.update(first.id, metadata={"status": "completed"})
    assert (await kb.update(then.id, metadata={"status": "executing"})).status == "executing"


async def test_part_of_what_waits_does_not_start_either(kb: KnowledgeBase) -> None:
    """Starting a part starts the whole, which still waits."""
    first, then = await kb.add("A", "", PLAN), await kb.add("B", "", PLAN)
    await kb.link(first.id, then.id, "blocks")
    with pytest.raises(IllegalStepError, match="it waits for"):
        await kb.add("part of B", "", {"parent_plan": then.id, "status": "executing"})
    assert await kb.search("part of B") == ()


async def test_depth_is_what_the_tree_says(kb: KnowledgeBase) -> None:
    """A depth that is stated must agree once there is a parent; before, it says nothing."""
    root = await kb.add("root", "", PLAN)
    with pytest.raises(RefusedValueError, match="at depth 1"):
        await kb.add("part", "", {"parent_plan": root.id, "depth": 3})
    loose = await kb.add("loose", "", {**PLAN, "depth": 1})
    await kb.link(root.id, loose.id, "decomposes_to")
    assert (await kb.get(loose.id)).depth == 1


@pytest.mark.parametrize("max_depth", [None, 0, 2])
async def test_tree_grows_to_its_depth_limit_and_no_deeper(kb: KnowledgeBase, max_depth: int | None) -> None:
    """Five unless the root says otherwise."""
    limit = 5 if max_depth is None else max_depth
    above = (await kb.add("root", "", PLAN if max_depth is None else {**PLAN, "max_depth": max_depth})).id
    for depth in range(1, limit + 1):
        above = (await kb.add(f"level {depth}", "", {"parent_plan": above})).id
    with pytest.raises(TreeLimitError, match=f"depth {limit}"):
        await kb.add("too deep", "", {"parent_plan": above})
    loose = await kb.add("loose", "", PLAN)
    with pytest.raises(LinkRefusedError, match="deep"):
        await kb.link(above, loose.id, "decomposes_to")


async def test_type_stays(kb: KnowledgeBase) -> None:
    """A note does not become a plan."""
    note = await kb.add("note")
    with pytest.raises(RefusedValueError, match="is a note and stays one"):
        await kb.update(note.id, metadata={"type": "plan"})


async def test_completed_plan_takes_nothing_unfinished(kb: KnowledgeBase) -> None:
    """Complete with parts pending is not complete."""
    done = await kb.add("done", "", {**PLAN, "status": "completed"})
    with pytest.raises(LinkRefusedError, match="is completed"):
        await kb.add("late", "", {"parent_plan": done.id})


async def test_search_finds_words_in_every_form_and_titles_first(kb: KnowledgeBase) -> None:
    """All words must occur; what looks like an operator is a word."""
    content = await kb.add("Notes", "We discussed the migration of real-time services.")
    title = await kb.add("Migrating services", "Nothing else.")
    assert [each.id for each in await kb.search("service migrations")] == [title.id, content.id]
    assert [each.id for each in await kb.search("real time")] == [content.id]
    assert await kb.search('services" OR NEAR(x) - & | ! *') == ()
    assert await kb.search(" -- ") == ()
    await kb.update(title.id, "Moved on")
    assert [each.id for each in await kb.search("migration")] == [content.id]
