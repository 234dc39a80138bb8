"""Spawning without an engine: the budget holds, the same part is done once, and without room the work is done alone."""

import asyncio
import datetime
import threading
from pathlib import Path

import pytest

from prefect_harmonic.errors import AgentError, BudgetSpentError, NotRecordedError, UnknownAgentError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence
from prefect_harmonic.planners.knowledge.entity import PlanStatus
from prefect_harmonic.planners.knowledge.reflection import ReflectionVerdict
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.dividing import dividing
from prefect_harmonic.tasks.agents.plain_spawning import PlainSpawner, SpawnTree
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.agents.researcher.agent import research
from prefect_harmonic.tasks.agents.shared_work import SharedWork
from prefect_harmonic.tasks.agents.spawning import current_spawner, using_spawner

TODAY = datetime.date(2026, 11, 22)
COMPARED = "Compare REBCO tape with Bi-2212 wire"


def asked(name: str = "HtsMagnets", description: str = COMPARED, project: Path | None = None) -> Assignment:
    """A piece of research that falls into three parts where there is room."""
    artifact = Artifact(id=name, description=description, contract="Each with source")
    return Assignment(artifact=artifact, today=TODAY, project=str(project) if project else None)


async def answered(assignment: Assignment) -> Evidence:
    """Answers at once."""
    claims = (Claim(text=f"{assignment.artifact.id} is known."),)
    return Evidence(artifact=assignment.artifact.id, agent="tester", summary="Known.", confidence=0.9, claims=claims)


TESTER = Specialist(name="tester", call=answered)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that knows one of the two."""
    (tmp_path / "tape.md").write_text("REBCO tape carries 300 A at 20 T and is made in lengths of 500 m.\n")
    return tmp_path


def test_eight_threads_never_exceed_the_budget() -> None:
    """They end with exactly what the tree may hold, the goal and the artifact included."""
    tree = SpawnTree(max_total=50)
    start = threading.Barrier(8)
    made: list[bool] = []

    def spawn_all(number: int) -> None:
        async def run() -> None:
            spawner = PlainSpawner(AgentRegistry(TESTER), tree)
            found = [await spawner.spawn(asked(), f"part {number}.{part}", "", "tester") for part in range(20)]
            made.extend(each is not None for each in found)

        start.wait()
        asyncio.run(run())

    threads = [threading.Thread(target=spawn_all, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tree.nodes), made.count(True), made.count(False)) == (50, 48, 112)


async def test_eight_tasks_never_exceed_the_budget() -> None:
    """On one event loop neither, and each part that was refused is known to be."""
    spawner = PlainSpawner(AgentRegistry(TESTER), SpawnTree(max_total=10))

    async def spawn_all(number: int) -> int:
        found = [await spawner.spawn(asked(), f"part {number}.{part}", "", "tester") for part in range(5)]
        return sum(each is not None for each in found)

    assert sum(await asyncio.gather(*map(spawn_all, range(8)))) == 8
    assert len(spawner.tree.nodes) == 10


async def test_the_depth_limit_holds_however_deep_agents_spawn() -> None:
    """Each agent spawns another below itself, until it does the work itself."""
    reached: list[int] = []

    async def digging(assignment: Assignment) -> Evidence:
        spawner = current_spawner.get()
        assert spawner is not None
        context = await spawner.context(assignment)
        assert context is not None
        reached.append(context.budget.current_depth)
        deeper = await spawner.spawn(assignment, "deeper", "", "digger")
        return deeper.model_copy(update={"artifact": assignment.artifact.id}) if deeper else await answered(assignment)

    spawner = PlainSpawner(AgentRegistry(Specialist(name="digger", call=digging)), SpawnTree(max_depth=4))
    assert await spawner.spawn(asked(), "first", "", "digger") is not None
    assert reached == [2, 3, 4]


async def test_same_part_is_done_once() -> None:
    """Asked for at once or again later: one node, one call."""
    calls: list[str] = []

    async def counting(assignment: Assignment) -> Evidence:
        calls.append(assignment.artifact.id)
        await asyncio.sleep(0)
        return await answered(assignment)

    spawner = PlainSpawner(AgentRegistry(Specialist(name="tester", call=counting)))
    first = await asyncio.gather(*(spawner.spawn(asked(), "Bi-2212 cost", "", "tester") for _ in range(3)))
    again = await spawner.spawn(asked(), "Bi-2212 cost", "", "tester")
    assert calls == ["Bi-2212-cost"]
    assert [each == again for each in first] == [True, True, True]


async def test_part_that_fails_is_evidence_with_a_blocker_and_is_tried_again_when_asked_again() -> None:
    """A failure is no exception for its siblings, and no answer either."""
    errors = [AgentError("tester", "part", "it has no access")]

    async def failing(assignment: Assignment) -> Evidence:
        if errors:
            raise errors.pop()
        return await answered(assignment)

    spawner = PlainSpawner(AgentRegistry(Specialist(name="tester", call=failing)))
    first = await spawner.spawn(asked(), "part", "", "tester")
    second = await spawner.spawn(asked(), "part", "", "tester")
    assert first is not None
    assert "it has no access" in first.blockers[0]
    assert second is not None
    assert not second.blockers
    assert len(spawner.tree.nodes) == 3


@pytest.mark.parametrize(
    "error",
    [BudgetSpentError("run", [("tokens", "10", "0", "5")]), NotRecordedError("recording", "what holds?")],
    ids=["budget", "replay"],
)
async def test_what_concerns_the_whole_run_is_no_blocker_of_one_part(error: Exception) -> None:
    """The run stops in order, or is no replay any more; the other parts are called off, and none is taken for done."""
    ended: list[str] = []

    async def call(assignment: Assignment) -> Evidence:
        name = assignment.artifact.id
        if "REBCO" in name:
            raise error
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)
        raise AssertionError

    researcher = dividing(Specialist(name="researcher", call=call))
    tree = SpawnTree()
    with using_spawner(PlainSpawner(AgentRegistry(researcher), tree)), pytest.raises(type(error)):
        await researcher.call(asked())
    assert len(ended) == 1
    assert {node.status for node in tree.nodes.values() if node.agent == "researcher"} == {PlanStatus.BLOCKED}


async def test_unknown_agent_is_an_error_and_takes_no_budget() -> None:
    """Nobody could do it."""
    spawner = PlainSpawner(AgentRegistry(TESTER))
    with pytest.raises(UnknownAgentError):
        await spawner.spawn(asked(), "part", "", "nobody")
    assert len(spawner.tree.nodes) == 1


async def test_spawned_part_sees_parents_siblings_and_budget() -> None:
    """With their summaries, status and gaps."""
    seen = []

    async def looking(assignment: Assignment) -> Evidence:
        spawner = current_spawner.get()
        assert spawner is not None
        seen.append(await spawner.context(assignment))
        return (await answered(assignment)).model_copy(update={"gaps": ("no price",)})

    spawner = PlainSpawner(AgentRegistry(Specialist(name="tester", call=looking)))
    await spawner.spawn(asked(), "one", "", "tester")
    await spawner.spawn(asked(), "two", "", "tester")
    context = seen[1]
    assert context is not None
    assert [each.title for each in context.parents] == ["goal", COMPARED]
    assert [(each.title, each.status, each.summary, each.gaps) for each in context.siblings] == [
        ("one", "completed", "Known.", ("no price",))
    ]
    assert context.budget.remaining_budget == 46


async def test_reflection_covers_the_whole_subtree() -> None:
    """Claims of parts of parts, and nothing of other artifacts; a subtree with nothing in it is not clean."""
    spawner = PlainSpawner(AgentRegistry(TESTER))
    assert (await spawner.reflect(asked())).verdict is ReflectionVerdict.EMPTY
    await spawner.spawn(asked(), "part", "", "tester")
    await spawner.spawn(asked("Other"), "part", "", "tester")
    reflection = await spawner.reflect(asked())
    assert (reflection.verdict, len(reflection.unsourced)) == (ReflectionVerdict.DOUBTFUL, 1)


async def test_researcher_without_spawner_does_the_work_itself(project: Path) -> None:
    """Exactly as if spawning did not exist."""
    assignment = asked(project=project)
    assert await DEFAULT_AGENTS["researcher"].call(assignment) == await research(assignment)


@pytest.mark.parametrize("tree", [SpawnTree(max_total=2), SpawnTree(max_depth=1), SpawnTree(max_total=7)])
async def test_researcher_without_room_does_the_work_itself(project: Path, tree: SpawnTree) -> None:
    """No budget, no depth, or fewer than twice what it would take."""
    assignment = asked(project=project)
    with using_spawner(PlainSpawner(DEFAULT_AGENTS, tree)):
        found = await DEFAULT_AGENTS["researcher"].call(assignment)
    assert found == await research(assignment)
    assert len(tree.nodes) == 2


async def test_researcher_whose_budget_is_taken_meanwhile_does_those_parts_itself(project: Path) -> None:
    """Somebody else spawns between the look at the budget and the asking."""
    tree = SpawnTree(max_total=20)
    spawner = PlainSpawner(DEFAULT_AGENTS, tree)

    class Refusing(PlainSpawner):
        async def spawn(self, *_: object, **__: object) -> None:
            return None

    refusing = Refusing(DEFAULT_AGENTS, tree)
    assignment = asked(project=project)
    with using_spawner(spawner):
        spawned = await DEFAULT_AGENTS["researcher"].call(assignment)
    with using_spawner(refusing):
        alone = await DEFAULT_AGENTS["researcher"].call(assignment)
    assert {claim.text for claim in alone.claims} == {claim.text for claim in spawned.claims}
    assert (alone.data["parts_count"], len(alone.claims)) == (3, 1)


async def test_part_of_a_divided_question_is_not_divided_again(project: Path) -> None:
    """The pipeline that compares two things asks its stages about both, and none of them starts over."""
    spawner = PlainSpawner(DEFAULT_AGENTS)
    with using_spawner(spawner):
        await DEFAULT_AGENTS["researcher"].call(asked(project=project))
    nodes = [(each.depth, each.title) for each in spawner.tree.nodes.values()]
    # What the documents do not know of the second thing stops the pipeline before its second stage.
    assert nodes[2:] == [
        (2, "REBCO tape"),
        (2, "Bi-2212 wire"),
        (2, "Compare REBCO tape and Bi-2212 wire"),
        (3, "Gather properties"),
    ]


async def test_shared_work_is_called_off_when_the_last_who_waits_leaves() -> None:
    """Not before: another may still wait for it."""
    ended: list[str] = []
    begun = asyncio.Event()

    async def work() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")
        return ""

    shared: SharedWork[str] = SharedWork()
    waiters = [asyncio.create_task(shared.once("key", work)) for _ in range(2)]
    await begun.wait()
    waiters[0].cancel()
    await asyncio.gather(waiters[0], return_exceptions=True)
    assert ended == []
    waiters[1].cancel()
    await asyncio.gather(waiters[1], return_exceptions=True)
    assert ended == ["ended"]
