"""A spawner without an engine and without a database: the tree and its budget are in memory.

For the library, for notebooks and for tests. Everything is lost with the process; a run uses
`prefect_harmonic.tasks.spawning`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import agent_named
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.knowledge.context import SpawnContext, Summary
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH, MAX_TOTAL, PlanStatus
from prefect_harmonic.planners.knowledge.progress import PlanProgress, Progress
from prefect_harmonic.planners.knowledge.reflection import Reflection, reflected
from prefect_harmonic.planners.knowledge.spawning import SpawnBudget
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.shared_work import SharedWork
from prefect_harmonic.tasks.agents.spawning import NO_INPUTS, carried_out, part_assignment, using_spawner

_ROOT = "goal"


@dataclass(slots=True)
class SpawnedNode:
    """One node of the tree: what it is, where it stands, and what came of it."""

    id: str
    title: str
    content: str = ""
    agent: str | None = None
    parent: str | None = None
    depth: int = 0
    status: PlanStatus = PlanStatus.EXECUTING
    evidence: Evidence | None = None
    inputs: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(slots=True)
class SpawnTree:
    """The nodes of one goal and the limits that they keep, whichever thread asks."""

    max_depth: int = MAX_DEPTH
    max_total: int = MAX_TOTAL
    nodes: dict[str, SpawnedNode] = field(default_factory=lambda: {_ROOT: SpawnedNode(_ROOT, _ROOT)})
    lock: Lock = field(default_factory=Lock)

    def placed(self, parent: Assignment) -> SpawnedNode:
        """The node of an assignment that nobody spawned: it stands right below the goal."""
        artifact = parent.artifact
        with self.lock:
            key = f"{_ROOT}/{artifact.id}"
            title = artifact.description or artifact.id
            return self.nodes.setdefault(key, SpawnedNode(key, title, parent=_ROOT, depth=1, agent=artifact.agent))

    def reserved(self, parent: SpawnedNode, title: str, content: str, agent: str) -> SpawnedNode | None:
        """The node of a part, added if the budget allows it and it is not there yet."""
        with self.lock:
            for node in self.below(parent):
                if (node.parent, node.title, node.content, node.agent) == (parent.id, title, content, agent):
                    return node
            if not self.budget(parent).can_spawn:
                return None
            number = sum(node.parent == parent.id for node in self.nodes.values()) + 1
            key = f"{parent.id}/{number}"
            self.nodes[key] = SpawnedNode(key, title, content, agent, parent.id, parent.depth + 1)
            return self.nodes[key]

    def budget(self, node: SpawnedNode) -> SpawnBudget:
        """What a node may still spawn."""
        remaining = max(0, self.max_total - len(self.nodes))
        is_deep = node.depth >= self.max_depth
        reason = f"{remaining} of {self.max_total} are left, and depth {node.depth} is under {self.max_depth}"
        if is_deep:
            reason = f"it stands at depth {node.depth}, and {self.max_depth} is the limit of its tree"
        elif not remaining:
            reason = f"the {self.max_total} of its tree are used up"
        return SpawnBudget(
            can_spawn=not is_deep and remaining > 0,
            current_depth=node.depth,
            total_in_tree=len(self.nodes),
            remaining_budget=remaining,
            max_depth=self.max_depth,
            max_total=self.max_total,
            reason=reason,
        )

    def below(self, node: SpawnedNode) -> list[SpawnedNode]:
        """A node and all nodes below it."""
        return [each for each in self.nodes.values() if f"{each.id}/".startswith(f"{node.id}/")]

    def above(self, node: SpawnedNode) -> list[SpawnedNode]:
        """What a node is a part of, from the root down."""
        found = []
        while node.parent is not None:
            node = self.nodes[node.parent]
            found.append(node)
        return found[::-1]


class PlainSpawner:
    """Has parts done in this process, within a budget in memory.

    Args:
        agents: Who can be asked.
        tree: Where the parts stand; a new tree if left out.
    """

    def __init__(self, agents: Mapping[str, Specialist], tree: SpawnTree | None = None) -> None:
        self._agents = agents
        self.tree = SpawnTree() if tree is None else tree
        self._at: SpawnedNode | None = None
        self._work: SharedWork[Evidence] = SharedWork()

    @property
    def agents(self) -> Mapping[str, Specialist]:
        """Who can be asked."""
        return self._agents

    async def spawn(
        self, parent: Assignment, title: str, content: str, agent: str, inputs: Mapping[str, Evidence] = NO_INPUTS
    ) -> Evidence | None:
        """See `Spawner.spawn`."""
        specialist = self._agents[agent_named(agent)]
        node = self.tree.reserved(self._node(parent), title, content, specialist.name)
        if node is None:
            return None
        if node.evidence is not None and node.status is PlanStatus.COMPLETED and node.inputs == inputs:
            return node.evidence
        node.inputs = inputs
        part = part_assignment(parent, title, content, specialist.name, inputs)
        return await self._work.once(node.id, lambda: self._done(node, specialist, part))

    async def _done(self, node: SpawnedNode, specialist: Specialist, part: Assignment) -> Evidence:
        node.status = PlanStatus.EXECUTING
        try:
            with using_spawner(self._below(node)):
                evidence = await carried_out(specialist, part)
        except BaseException:
            node.status = PlanStatus.BLOCKED
            raise
        node.evidence = evidence
        node.status = PlanStatus.BLOCKED if evidence.blockers else PlanStatus.COMPLETED
        return evidence

    async def context(self, parent: Assignment) -> SpawnContext:
        """See `Spawner.context`."""
        node = self._node(parent)
        with self.tree.lock:
            nodes = list(self.tree.nodes.values())
            return SpawnContext(
                id=node.id,
                title=node.title,
                parents=tuple(_summary(each) for each in self.tree.above(node)),
                siblings=tuple(_summary(each) for each in nodes if each.parent == node.parent and each is not node),
                inputs=(),
                budget=self.tree.budget(node),
                progress=PlanProgress(
                    plan=node.id, whole=_progress(self.tree.below(node)[1:]), levels=(), unassigned_leaves=()
                ),
            )

    async def reflect(self, parent: Assignment) -> Reflection:
        """See `Spawner.reflect`."""
        node = self._node(parent)
        below = self.tree.below(node)
        claims = [(each.id, claim) for each in below if each.evidence for claim in each.evidence.claims]
        return reflected(node.id, claims, entities=len(below))

    def _node(self, parent: Assignment) -> SpawnedNode:
        return self._at if self._at is not None else self.tree.placed(parent)

    def _below(self, node: SpawnedNode) -> "PlainSpawner":
        """The spawner that the agent of a node is given: what it spawns stands below that node."""
        inner = PlainSpawner(self._agents, self.tree)
        inner._at, inner._work = node, self._work
        return inner


def _summary(node: SpawnedNode) -> Summary:
    evidence = node.evidence
    return Summary(
        id=node.id,
        title=node.title,
        status=node.status.value,
        agent=node.agent,
        summary=evidence.summary if evidence else node.content[:1000],
        gaps=evidence.gaps if evidence else (),
    )


def _progress(nodes: list[SpawnedNode]) -> Progress:
    states = [node.status for node in nodes]
    completed = states.count(PlanStatus.COMPLETED)
    return Progress(
        total=len(states),
        planning=states.count(PlanStatus.PLANNING),
        executing=states.count(PlanStatus.EXECUTING),
        completed=completed,
        blocked=states.count(PlanStatus.BLOCKED),
        percent=round(100 * completed / len(states), 1) if states else 0.0,
    )
