"""Spawning: the budget of a tree holds, whoever asks and however many ask at once."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from prefect_harmonic.errors import RefusedValueError, TreeLimitError, UnknownRecordError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

# What each of four processes does: wait until all are there, then eight agents spawn until nothing is left.
_SPAWNERS = """
import asyncio, json, os, sys
from prefect_harmonic.errors import TreeLimitError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

async def agent(kb, root, name):
    made = []
    while True:
        try:
            made.append((await kb.spawn(root, f"part of {name}", "", "researcher")).id)
        except TreeLimitError:
            return made

async def main(url, root, process):
    async with KnowledgeBase(url, patience_seconds=120) as kb:
        await kb.get(root)
        print("ready", flush=True)
        sys.stdin.readline()
        made = await asyncio.gather(*(agent(kb, root, f"{process}.{each}") for each in range(8)))
        print(json.dumps([each for part in made for each in part]), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


def spawners(url: str, root: str, number: int) -> "subprocess.Popen[str]":
    """A process with eight agents, which waits for a line before it starts."""
    return subprocess.Popen(
        [sys.executable, "-c", _SPAWNERS, url, root, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": str(number)},
    )


async def test_32_spawners_in_four_processes_make_exactly_what_the_budget_allows(kb: KnowledgeBase, url: str) -> None:
    """50 nodes, the root included: not one more, and not one fewer."""
    root = (await kb.add("root", "", {"type": "plan"})).id
    processes = [spawners(url, root, number) for number in range(4)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [await asyncio.to_thread(process.communicate) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    made = [each for out, _ in answers for each in json.loads(out)]
    tree = await kb.subtree(root)
    assert len(tree) == 50
    assert sorted(made) == sorted(each.id for each in tree if each.id != root)
    assert (await kb.budget(root)).remaining_budget == 0


async def test_spawned_part_hangs_in_the_tree(kb: KnowledgeBase) -> None:
    """By a link of its own type, one level deeper, with its one agent."""
    root = await kb.add("root", "", {"type": "plan"})
    child = await kb.spawn(root.id, "REBCO", "Research it", "researcher")
    assert (child.type, child.status, child.depth, child.agent) == ("plan", "planning", 1, "researcher")
    assert [(each.id, each.link_type) for each in await kb.links(root.id)] == [(child.id, "spawned")]


async def test_budget_tells_what_is_left_of_the_whole_tree(kb: KnowledgeBase) -> None:
    """Parts that were planned and parts that were spawned both count, wherever one asks."""
    root = await kb.add("root", "", {"type": "plan", "max_total": 4, "max_depth": 2})
    part = await kb.add("part", "", {"parent_plan": root.id})
    deep = await kb.spawn(part.id, "deep", "", "researcher")
    at_part, at_deep = await kb.budget(part.id), await kb.budget(deep.id)
    assert (at_part.can_spawn, at_part.current_depth, at_part.total_in_tree, at_part.remaining_budget) == (
        True,
        1,
        3,
        1,
    )
    assert (at_deep.can_spawn, at_deep.current_depth, at_deep.remaining_budget) == (False, 2, 1)
    assert "depth 2" in at_deep.reason
    await kb.spawn(root.id, "last", "", "researcher")
    assert "4 of its tree are used up" in (await kb.budget(part.id)).reason


async def test_limits_that_are_asked_for_narrow_and_never_widen(kb: KnowledgeBase) -> None:
    """The tree's own limits are stored on its root and hold for everybody."""
    root = await kb.add("root", "", {"type": "plan", "max_total": 3})
    assert (await kb.budget(root.id, max_total=2)).remaining_budget == 1
    assert (await kb.budget(root.id, max_total=500, max_depth=50)).max_total == 3
    assert not (await kb.budget(root.id, max_depth=0)).can_spawn
    with pytest.raises(TreeLimitError):
        await kb.spawn(root.id, "x", "", "researcher", max_depth=0)


async def test_refused_spawn_leaves_nothing_behind(kb: KnowledgeBase) -> None:
    """No parent, no budget, no agent: no entity."""
    root = await kb.add("root", "", {"type": "plan", "max_total": 1})
    with pytest.raises(UnknownRecordError, match="nobody"):
        await kb.spawn("nobody", "orphan", "", "researcher")
    with pytest.raises(TreeLimitError, match="do the work there instead"):
        await kb.spawn(root.id, "orphan", "", "researcher")
    with pytest.raises(RefusedValueError):
        await kb.spawn(root.id, "orphan", "", " ")
    assert await kb.search("orphan") == ()


async def test_completed_entity_spawns_nothing(kb: KnowledgeBase) -> None:
    """It has nothing left to do."""
    root = await kb.add("root", "", {"type": "plan", "status": "completed"})
    assert (await kb.budget(root.id)).reason == "it is completed"


async def test_spawn_context_shows_parents_siblings_inputs_and_budget(kb: KnowledgeBase) -> None:
    """Everything that a new agent must know, in short."""
    root = await kb.add("root", "The goal. " * 200, {"type": "plan"})
    mine = await kb.add("mine", "", {"parent_plan": root.id})
    sibling = await kb.add("sibling", "Found it.", {"parent_plan": root.id, "status": "executing"})
    outside = await kb.add("outside", "Known before.", {"type": "plan"})
    await kb.link(outside.id, mine.id, "informs")
    await kb.link(sibling.id, mine.id, "blocks")
    record = await kb.add_evaluation(sibling.id)
    await kb.update_evaluation(record.eval_id, {"confidence": 0.4, "gaps": ["no figures"]})
    context = await kb.context(mine.id)
    assert [(each.id, len(each.summary) <= 1000) for each in context.parents] == [(root.id, True)]
    assert [(each.id, each.status, each.gaps) for each in context.siblings] == [
        (sibling.id, "executing", ("no figures",))
    ]
    assert [(each.id, each.summary) for each in context.inputs] == [(outside.id, "Known before.")]
    assert context.budget.remaining_budget == 47
