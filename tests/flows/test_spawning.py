"""Spawning in a run: parts are nodes of the knowledge base and task runs within their artifact's, each done once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun, TaskRunResult

from prefect_harmonic.errors import BudgetSpentError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.subtree_openings import subtree_openings
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.agents.spawning import current_spawner, using_spawner
from prefect_harmonic.tasks.artifacts import make_artifact
from prefect_harmonic.tasks.calling import quoted
from prefect_harmonic.tasks.part_making import NOT_WAITED_FOR
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.spawning import KnowledgeSpawner
from prefect_harmonic.tasks.workspace import Workspace

LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]

MAGNETS = Artifact(
    id="HtsMagnets", agent="researcher", description="Compare REBCO tape with Bi-2212 wire", contract="Each with source"
)
PARTS = ["REBCO tape", "Bi-2212 wire", "Compare REBCO tape and Bi-2212 wire"]
STAGES = ["Gather properties", "Score and rank"]


@pytest.fixture
async def kb(tmp_path: Path) -> AsyncIterator[KnowledgeBase]:
    """An empty knowledge base."""
    async with KnowledgeBase(f"sqlite:///{tmp_path / 'harmonic.db'}") as opened:
        yield opened


class Magnets:
    """A run of one artifact in a tree of three levels: the goal, a phase, the artifact."""

    def __init__(self, kb: KnowledgeBase, folder: Path) -> None:
        self.kb = kb
        self.folder = folder
        self.calls: list[str] = []
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}
        self.agents: AgentRegistry = DEFAULT_AGENTS
        self.artifact = MAGNETS
        self.node = ""

    def counted(self, name: str) -> Specialist:
        """A specialist whose calls are counted, and who does first what the test says."""
        real = DEFAULT_AGENTS[name]

        async def call(assignment: Assignment) -> Evidence:
            title = assignment.artifact.description
            self.calls.append(title)
            if title in self.before:
                await self.before[title]()
            return await real.call(assignment)

        return Specialist(name=name, call=call, version=real.version)

    async def planted(self, **limits: int) -> None:
        """The nodes of the plan."""
        root = await self.kb.add("Evaluate fusion reactor materials", "", {"type": "plan", **limits})
        phase = await self.kb.add("Research", "", {"parent_plan": root.id})
        node = await self.kb.add(
            self.artifact.id, "", {"parent_plan": phase.id, "assigned_agent": "researcher", "status": "executing"}
        )
        self.node = node.id

    def production(self) -> Production:
        """The production of the one artifact, whose books outlive the run."""
        workspace = Workspace.opened(self.folder / "out")
        return Production(
            graph=ArtifactGraph([self.artifact]),
            agents=self.agents,
            workspace=workspace,
            log=RunLog(workspace.root / "events.jsonl"),
        )

    async def run(self) -> Evidence:
        """Makes the artifact within a flow run, as execute-plan does."""
        production = self.production()

        @flow(name="magnets")
        async def magnets() -> None:
            await make_artifact(self.artifact.id, quoted(production))

        with using_spawner(KnowledgeSpawner.of(production, self.kb, {self.artifact.id: self.node})):
            await magnets()
        return production.entries[self.artifact.id].evidence

    async def tree(self) -> list[Entity]:
        """What was spawned."""
        return list((await self.kb.subtree(self.node))[1:])


@pytest.fixture
async def magnets(kb: KnowledgeBase, tmp_path: Path) -> Magnets:
    """A planted tree, and agents that are counted."""
    run = Magnets(kb, tmp_path)
    run.agents = AgentRegistry(*(run.counted(name) for name in DEFAULT_AGENTS))
    await run.planted()
    return run


async def test_parts_are_task_runs_within_that_of_their_artifact_and_nodes_below_it(
    magnets: Magnets, client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """The tree of the design document's example: two researchers, and a pipeline with two stages below it."""
    evidence = await magnets.run()
    nodes = {each.title: each for each in await magnets.tree()}
    assert set(PARTS) <= set(nodes)
    assert nodes["Gather properties"].parent == nodes[PARTS[2]].id
    assert (nodes["REBCO tape"].depth, nodes["Gather properties"].depth) == (3, 4)
    assert {each.status for each in nodes.values()} == {"completed"}
    assert nodes["REBCO tape"].metadata["summary"]
    assert (await magnets.kb.effort(nodes["REBCO tape"].id)).actual_hours is not None
    assert evidence.data["parts_count"] == 3

    run = await latest_run("magnets")

    async def all_there() -> list[TaskRun]:
        found = await client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])))
        ended = [one for one in found if one.state is not None and one.state.is_final()]
        return ended if {"HtsMagnets", "REBCO tape", *PARTS, "Gather properties"} <= {one.name for one in ended} else []

    runs = {one.name: one for one in await until(all_there)}
    assert _parents(runs["REBCO tape"]) == {str(runs["HtsMagnets"].id)}
    assert _parents(runs["Gather properties"]) == {str(runs[PARTS[2]].id)}


def _parents(run: TaskRun) -> set[str]:
    return {str(each.id) for each in run.task_inputs.get("__parents__", []) if isinstance(each, TaskRunResult)}


async def test_restarted_run_repeats_no_finished_part_and_spawns_none_twice(magnets: Magnets) -> None:
    """The run ends while the pipeline is on its way; its parts that were done stay done."""
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    magnets.before["Gather properties"] = hang
    first = asyncio.create_task(magnets.run())
    await asyncio.wait_for(begun.wait(), 120)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    nodes = {each.title: each.id for each in await magnets.tree()}
    done = list(magnets.calls)
    del magnets.before["Gather properties"]
    magnets.calls.clear()
    await magnets.run()
    assert set(done) >= {"REBCO tape", "Bi-2212 wire"}
    assert "REBCO tape" not in magnets.calls
    assert "Gather properties" in magnets.calls
    after = await magnets.tree()
    assert len({(each.parent, each.title) for each in after}) == len(after)
    assert {each.title: each.id for each in after if each.title in nodes} == nodes
    assert {each.status for each in after} == {"completed"}
    assert not any(each.metadata.get("dropped") for each in after)


async def test_part_whose_node_was_reserved_and_no_more_is_taken_up(magnets: Magnets) -> None:
    """Killed between the reservation and the start, the node is there and waits."""
    await magnets.kb.spawn(magnets.node, "REBCO tape", "REBCO tape. Each with source", "researcher")
    await magnets.run()
    assert [each.title for each in await magnets.tree()].count("REBCO tape") == 1


async def test_budget_that_is_spent_within_a_part_ends_the_artifact_until_there_is_more(magnets: Magnets) -> None:
    """It is not made of what the other parts found, and the part is taken up where it was left."""

    async def refuse() -> None:
        raise BudgetSpentError("run", [("tokens", "10", "0", "5")])

    magnets.before = {"REBCO tape": refuse}
    with pytest.raises(BudgetSpentError):
        await magnets.run()
    magnets.before = {}
    assert (await magnets.run()).data["parts_count"] == 3
    assert sorted(each.title for each in await magnets.tree() if each.title in PARTS) == sorted(PARTS)
    assert {each.status for each in await magnets.tree()} == {"completed"}


async def test_budget_gone_leaves_the_work_to_the_agent_itself(kb: KnowledgeBase, tmp_path: Path) -> None:
    """No node, no task run, and the evidence as if spawning did not exist."""
    run = Magnets(kb, tmp_path)
    await run.planted(max_total=3)
    evidence = await run.run()
    assert await run.tree() == []
    assert "parts_count" not in evidence.data


async def test_eight_tasks_that_spawn_at_once_never_exceed_the_budget(kb: KnowledgeBase, tmp_path: Path) -> None:
    """Each asks until nothing is left; the tree has exactly as many nodes as it may."""

    async def answering(assignment: Assignment) -> Evidence:
        return Evidence(artifact=assignment.artifact.id, agent="tester", summary="Done.", confidence=0.9)

    made: list[bool] = []

    async def spawning(assignment: Assignment) -> Evidence:
        spawner = current_spawner.get()
        assert spawner is not None

        async def ask(number: int) -> None:
            for part in range(3):
                found = await spawner.spawn(assignment, f"part {number}.{part}", "", "tester")
                made.append(found is not None)

        await asyncio.gather(*map(ask, range(8)))
        return await answering(assignment)

    run = Magnets(kb, tmp_path)
    run.agents = AgentRegistry(Specialist(name="researcher", call=spawning), Specialist(name="tester", call=answering))
    await run.planted(max_total=12)
    await run.run()
    assert (len(await run.tree()), made.count(True), made.count(False)) == (9, 9, 15)


async def test_angle_that_is_not_waited_for_is_dropped_and_its_run_ends_in_order(
    kb: KnowledgeBase, tmp_path: Path, client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """The swarm goes on from four of five; its node can be completed, and no task run is shown as crashed."""
    run = Magnets(kb, tmp_path)
    description = "Brokers. Angles: cost, risk, people, limits, speed"
    run.artifact = Artifact(id="Brokers", agent="swarm-coordinator", description=description)

    is_begun = asyncio.Event()

    async def answering(assignment: Assignment) -> Evidence:
        if assignment.artifact.description == "speed":
            is_begun.set()
            await asyncio.Event().wait()
        await is_begun.wait()
        return Evidence(artifact=assignment.artifact.id, agent="researcher", summary="Done.", confidence=0.9)

    researcher = Specialist(name="researcher", call=answering, expertise=frozenset({"research"}))
    run.agents = AgentRegistry(researcher, DEFAULT_AGENTS["swarm-coordinator"])
    await run.planted()
    await run.run()
    nodes = {each.title: each for each in await run.tree()}
    assert nodes["speed"].metadata["dropped"] == NOT_WAITED_FOR
    assert (await kb.update(run.node, metadata={"status": "completed"})).status == "completed"
    flow_run = await latest_run("magnets")

    async def speed() -> str | None:
        found = await client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id])))
        names = [one.state.name for one in found if one.name == "speed" and one.state and one.state.is_final()]
        return names[0] if names else None

    assert await until(speed) == "Dropped"


async def test_openings_of_a_subtree_are_those_of_its_parts(kb: KnowledgeBase, tmp_path: Path) -> None:
    """Gaps, weak and unsourced claims, contradictions and blocked parts at any depth, told of the artifact."""
    run = Magnets(kb, tmp_path)

    def found(assignment: Assignment, **values: object) -> Evidence:
        fields = {
            "artifact": assignment.artifact.id,
            "agent": "tester",
            "summary": "Done.",
            "confidence": 0.9,
            **values,
        }
        return Evidence.model_validate(fields)

    documents = (Source(path="a.md"),)

    async def answering(assignment: Assignment) -> Evidence:
        spawner, title = current_spawner.get(), assignment.artifact.description
        assert spawner is not None
        if title == "one":
            await spawner.spawn(assignment, "deep", "", "tester")
            return found(assignment, claims=(Claim(text="The team has 6 engineers.", sources=documents),))
        if title == "deep":
            claims = (Claim(text="The team has 9 engineers.", sources=documents), Claim(text="Tape is dear."))
            return found(assignment, claims=claims, gaps=("no price of tape",))
        if title == "two":
            return found(assignment, blockers=("no access to the lab",))
        for part in ("one", "two"):
            await spawner.spawn(assignment, part, "", "tester")
        return found(assignment)

    run.agents = AgentRegistry(Specialist(name="researcher", call=answering), Specialist(name="tester", call=answering))
    await run.planted()
    await run.run()
    opened = await subtree_openings(kb, run.node, "HtsMagnets")
    assert {each.origins for each in opened} == {("HtsMagnets",)}
    told = [(each.kind.value, each.text) for each in opened]
    failures = [text for kind, text in told if kind == "failure"]
    assert failures == ["two: no access to the lab (1 below)"]
    assert [kind for kind, _ in told].count("contradiction") == 1
    assert ("gap", "no price of tape") in told
    assert ("gap", "Tape is dear: it has no source (in deep, 2 below)") in told


async def test_subtree_in_which_nothing_was_found_out_is_open(kb: KnowledgeBase) -> None:
    """Nothing claimed is not clean."""
    node = await kb.add("Empty", "", {"type": "plan"})
    assert [each.text for each in await subtree_openings(kb, node.id, "Empty")] == ["nothing was found out about Empty"]
