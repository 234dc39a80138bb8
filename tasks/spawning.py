"""Spawning in a run: parts as nodes of the knowledge base, as task runs within that of their artifact, done once.

A node is reserved in one transaction that holds the limits of its tree. What a part found is entered into the books of
the workspace under a key of all that it depends on, before its node is completed: a run that was killed anywhere in
between and is started again finds the node by its parent, title and content, and its findings by their key.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prefect_harmonic.errors import TreeLimitError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import agent_named
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.knowledge.context import SpawnContext
from prefect_harmonic.planners.knowledge.entity import Entity, PlanStatus
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.reflection import Reflection
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.shared_work import SharedWork
from prefect_harmonic.tasks.agents.spawning import (
    DECISIVE,
    NO_INPUTS,
    blocked,
    part_assignment,
)
from prefect_harmonic.tasks.calling import final_state, quoted
from prefect_harmonic.tasks.ledger import Ledger, artifact_key, digest
from prefect_harmonic.tasks.part_making import NOT_WAITED_FOR, PartMaking, make_part
from prefect_harmonic.tasks.production import Production


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent stands: its node in the knowledge base, and a key that is the same in every run."""

    node: str
    key: str


@dataclass(kw_only=True)
class SpawningRun:
    """What all spawners of one run share.

    Attributes:
        kb: Where the tree is.
        nodes: The node of each artifact of the plan. It may grow while the run goes on.
        agents: Who can be asked.
        ledger: The books of the workspace.
        clock: Gives the present moment.
        project_digest: Changes when any file of the project does.
    """

    kb: KnowledgeBase
    nodes: Mapping[str, str]
    agents: Mapping[str, Specialist]
    ledger: Ledger
    clock: Callable[[], datetime]
    project_digest: str = ""
    work: SharedWork[Evidence | None] = field(default_factory=SharedWork)
    reserving: asyncio.Lock = field(default_factory=asyncio.Lock)


class KnowledgeSpawner:
    """Has parts done within the tree of the knowledge base, each as a task run of its own.

    Args:
        run: What all spawners of the run share.
        place: Where the agent stands that spawns; artifacts of the plan, by their nodes, if left out.
    """

    def __init__(self, run: SpawningRun, place: Place | None = None) -> None:
        self._run = run
        self._place = place

    @classmethod
    def of(cls, production: Production, kb: KnowledgeBase, nodes: Mapping[str, str]) -> "KnowledgeSpawner":
        """The spawner for the artifacts of a production, whose nodes in the knowledge base are given by their ids."""
        run = SpawningRun(
            kb=kb,
            nodes=nodes,
            agents=production.agents,
            ledger=production.ledger,
            clock=production.log.clock,
            project_digest=production.project_digest,
        )
        return cls(run)

    @property
    def agents(self) -> Mapping[str, Specialist]:
        """Who can be asked."""
        return self._run.agents

    async def spawn(
        self, parent: Assignment, title: str, content: str, agent: str, inputs: Mapping[str, Evidence] = NO_INPUTS
    ) -> Evidence | None:
        """See `Spawner.spawn`. An artifact that has no node gets no parts either.

        Raises:
            UnknownAgentError: There is no such agent.
            UnknownRecordError: The artifact's node is not in the knowledge base.
            DatabaseError: The knowledge base cannot be read or written.
        """
        specialist = self._run.agents[agent_named(agent)]
        place = self._at(parent)
        if place is None:
            return None
        part = part_assignment(parent, title, content, specialist.name, inputs)
        making = PartMaking(
            ledger=self._run.ledger,
            clock=self._run.clock,
            specialist=specialist,
            part=part,
            key=self._key(place, part, specialist),
        )
        return await self._run.work.once(f"{place.key} {making.key}", lambda: self._spawned(place, making, inputs))

    async def context(self, parent: Assignment) -> SpawnContext | None:
        """See `Spawner.context`."""
        place = self._at(parent)
        return None if place is None else await self._run.kb.context(place.node)

    async def reflect(self, parent: Assignment) -> Reflection | None:
        """See `Spawner.reflect`."""
        place = self._at(parent)
        return None if place is None else await self._run.kb.reflect(place.node)

    def _at(self, parent: Assignment) -> Place | None:
        if self._place is not None:
            return self._place
        node = self._run.nodes.get(parent.artifact.id)
        return None if node is None else Place(node, parent.artifact.id)

    def _key(self, place: Place, part: Assignment, specialist: Specialist) -> str:
        """The key of what a part finds: all that its agent is told, as for artifacts, and whose part it is."""
        known = {**part.background, **part.inputs}
        own = artifact_key(
            part.artifact,
            agent=specialist.name,
            agent_version=specialist.version,
            goal=part.goal,
            requirements=part.requirements,
            seed=part.seed,
            project=self._run.project_digest if specialist.is_reading_project else "",
            inputs={name: ("", digest(known[name].model_dump(mode="json"))) for name in known},
        )
        return digest(["part", place.key, own])

    async def _spawned(self, place: Place, making: PartMaking, inputs: Mapping[str, Evidence]) -> Evidence | None:
        node = await self._reserved(place, making.part.artifact)
        if node is None:
            return None
        making.spawner = KnowledgeSpawner(self._run, Place(node.id, _part_key(place, making.part.artifact)))
        evidence = await self._made(node, making, inputs)
        await self._settled(node.id, evidence)
        return evidence

    async def _reserved(self, place: Place, artifact: Artifact) -> Entity | None:
        """The node of a part: the one that an earlier run reserved, else a new one, else nothing."""
        async with self._run.reserving:
            below = await self._run.kb.subtree(place.node)
            node = next((each for each in below if each.parent == place.node and _is_part(each, artifact)), None)
            if node is None:
                try:
                    agent = artifact.agent or ""
                    node = await self._run.kb.spawn(place.node, artifact.description, artifact.contract, agent)
                except TreeLimitError:
                    return None
            if node.metadata.get("dropped"):
                node = await self._run.kb.update(node.id, metadata={"dropped": None})
            if node.status in {PlanStatus.PLANNING, PlanStatus.BLOCKED}:
                node = await self._run.kb.update(node.id, metadata={"status": PlanStatus.EXECUTING.value})
            return node

    async def _made(self, node: Entity, making: PartMaking, inputs: Mapping[str, Evidence]) -> Evidence:
        """What a part found, by a task run; called off, the task run ends in order and the node is dropped."""
        before = list(inputs.values())
        call = asyncio.create_task(final_state(make_part, node.title, quoted(making), wait_for=before))
        try:
            state = await asyncio.shield(call)
        except asyncio.CancelledError:
            making.call_off()
            await asyncio.gather(call, return_exceptions=True)
            await self._dropped(node.id)
            raise
        if making.evidence is not None:
            return making.evidence
        problem = await state.aresult(raise_on_failure=False)
        if isinstance(problem, DECISIVE):
            raise problem
        return blocked(making.part, making.specialist.name, state.message or "its task run did not end in order")

    async def _dropped(self, node: str) -> None:
        await drop_open_parts(self._run.kb, node, NOT_WAITED_FOR)
        if (await self._run.kb.get(node)).status != PlanStatus.COMPLETED:
            await self._run.kb.update(node, metadata={"dropped": NOT_WAITED_FOR})

    async def _settled(self, node: str, evidence: Evidence) -> None:
        """Enters what a part found at its node. What its own parts claim stands at theirs, and is not told twice."""
        kb = self._run.kb
        await drop_open_parts(kb, node, NOT_WAITED_FOR)
        below = {
            claim.text
            for each in (await kb.subtree(node))[1:]
            if each.parent == node
            for claim in await kb.claims(each.id)
        }
        metadata: dict[str, object] = {
            "summary": evidence.summary,
            "gaps": list(evidence.gaps),
            "confidence": evidence.confidence,
            "artifact": evidence.artifact,
            "claims": [claim.model_dump(mode="json") for claim in evidence.claims if claim.text not in below],
        }
        if (await kb.get(node)).status != PlanStatus.COMPLETED:
            status = PlanStatus.BLOCKED if evidence.blockers else PlanStatus.COMPLETED
            metadata |= {"status": status.value, "blocker": "; ".join(evidence.blockers) or None}
        await kb.update(node, metadata=metadata)


def _part_key(place: Place, artifact: Artifact) -> str:
    return digest([place.key, artifact.description, artifact.contract, artifact.agent])


def _is_part(node: Entity, artifact: Artifact) -> bool:
    named = agent_named(node.agent or "")
    return (node.title, node.content, named) == (artifact.description, artifact.contract, artifact.agent)


async def drop_open_parts(kb: KnowledgeBase, node: str, reason: str) -> None:
    """Drops everything below a node that is not over, so that the node itself can be completed."""
    for each in (await kb.subtree(node))[1:]:
        is_open = each.status in {PlanStatus.PLANNING, PlanStatus.EXECUTING}
        if is_open and not each.metadata.get("dropped"):
            await kb.update(each.id, metadata={"dropped": reason})
