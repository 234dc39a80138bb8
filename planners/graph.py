"""The artifacts of a plan as a directed acyclic graph.

Edges point from a requirement to what requires it; discovery, scoring, execution, progress and budget all walk the
same edges. Everything here is iterative and in time near to linear, and sorted by id, so that the answer is the same
whatever the hash seed.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

import networkx as nx

from prefect_harmonic.errors import CycleError, DuplicateArtifactError, EmptyPlanError, UnknownRequirementError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.plan import Plan


class ArtifactGraph:
    """A plan that can be walked: no repeated id, nothing missing, no cycle.

    A graph never changes; what would change it gives a new one.

    >>> graph = ArtifactGraph([Artifact(id="Model", requires="Protocol"), Artifact(id="Protocol")])
    >>> graph.waves
    (('Protocol',), ('Model',))
    >>> graph.depth, graph.leaves, graph.roots
    (2, ('Protocol',), ('Model',))

    Raises:
        EmptyPlanError: There is no artifact.
        DuplicateArtifactError: Two artifacts share an id.
        UnknownRequirementError: Something required is not there.
        CycleError: Artifacts require each other in a ring.
    """

    def __init__(
        self, plan: Plan | Iterable[Artifact], *, goal: str | None = None, requirements: Iterable[str] | None = None
    ) -> None:
        if not isinstance(plan, Plan):
            plan = Plan(artifacts=tuple(plan))
        if goal is not None:
            plan = plan.model_copy(update={"goal": goal})
        if requirements is not None:
            plan = plan.model_copy(update={"requirements": tuple(sorted(set(requirements)))})
        self._plan = plan.sorted()
        if not plan.artifacts:
            raise EmptyPlanError()
        if repeated := repeated_ids(plan.artifacts):
            raise DuplicateArtifactError(repeated)
        if missing := missing_requirements(plan.artifacts):
            raise UnknownRequirementError(missing)
        if sum(map(len, self.waves)) < len(plan.artifacts):
            raise CycleError(cycles_among(plan.artifacts)[0])

    @property
    def plan(self) -> Plan:
        """The document this graph was made from."""
        return self._plan

    @property
    def goal(self) -> str:
        """What the plan is for."""
        return self._plan.goal

    @property
    def requirements(self) -> tuple[str, ...]:
        """What the goal asks for, item by item."""
        return self._plan.requirements

    @cached_property
    def artifacts(self) -> Mapping[str, Artifact]:
        """The artifacts by id, in the order of their ids."""
        return MappingProxyType({artifact.id: artifact for artifact in self._plan.artifacts})

    @cached_property
    def network(self) -> "nx.DiGraph[str]":
        """The graph for networkx; its nodes are ids. Frozen."""
        network: nx.DiGraph[str] = nx.DiGraph()
        network.add_nodes_from(self.artifacts)
        network.add_edges_from(
            (edge.id, artifact.id) for artifact in self._plan.artifacts for edge in artifact.requires
        )
        nx.freeze(network)
        return network

    @cached_property
    def waves(self) -> tuple[tuple[str, ...], ...]:
        """Groups of ids; each needs only what is in the groups before it."""
        return waves_of(self._requires, self._required_by)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All ids, each after everything that it requires."""
        return tuple(artifact for wave in self.waves for artifact in wave)

    @property
    def depth(self) -> int:
        """Number of artifacts on the longest chain."""
        return len(self.waves)

    @property
    def width(self) -> int:
        """Number of artifacts in the largest wave."""
        return max(len(wave) for wave in self.waves)

    @property
    def leaves(self) -> tuple[str, ...]:
        """Ids of the artifacts that require nothing."""
        return self.waves[0]

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """Ids of the artifacts that nothing requires."""
        return tuple(artifact for artifact in self.artifacts if not self._required_by[artifact])

    @cached_property
    def _requires(self) -> Mapping[str, tuple[str, ...]]:
        return {name: artifact.required_ids for name, artifact in self.artifacts.items()}

    @cached_property
    def _required_by(self) -> Mapping[str, tuple[str, ...]]:
        return dependents_by_requirement(self._requires)

    def requirements_of(self, artifact: str) -> tuple[str, ...]:
        """Ids of what an artifact requires itself, sorted."""
        return self._requires[artifact]

    def dependents_of(self, artifact: str) -> tuple[str, ...]:
        """Ids of what requires an artifact itself, sorted."""
        return self._required_by[artifact]

    def descendants_of(self, artifact: str) -> frozenset[str]:
        """Ids of all that rests on an artifact."""
        return self.cone_of([artifact]) - {artifact}

    def ancestors_of(self, artifact: str) -> frozenset[str]:
        """Ids of all that must be done before an artifact."""
        order, bits = self.order, self.closure[artifact]
        ancestors = []
        while bits:
            lowest = bits & -bits
            ancestors.append(order[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(ancestors)

    def cone_of(self, artifacts: Iterable[str]) -> frozenset[str]:
        """The given artifacts and everything that requires them, however indirectly."""
        reached = set(artifacts)
        frontier = list(reached)
        while frontier:
            fresh = [dependent for dependent in self.dependents_of(frontier.pop()) if dependent not in reached]
            reached.update(fresh)
            frontier.extend(fresh)
        return frozenset(reached)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """For each artifact its place in `order`."""
        return {artifact: position for position, artifact in enumerate(self.order)}

    @cached_property
    def closure(self) -> Mapping[str, int]:
        """For each artifact the set of its ancestors, as the bits of one integer at their positions in `order`.

        Integers make the closure of ten thousand artifacts a matter of milliseconds and megabytes, where sets of ids
        take minutes and gigabytes.
        """
        before: dict[str, int] = {}
        for artifact in self.order:
            ancestors = 0
            for required in self.requirements_of(artifact):
                ancestors |= before[required] | (1 << self.positions[required])
            before[artifact] = ancestors
        return before

    def is_before(self, first: str, second: str) -> bool:
        """Whether `second` requires `first`, directly or through others."""
        return bool(self.closure[second] >> self.positions[first] & 1)

    def is_ordered(self, one: str, other: str) -> bool:
        """Whether one of the two must be done before the other."""
        return self.is_before(one, other) or self.is_before(other, one)

    @cached_property
    def redundant_requirements(self) -> tuple[tuple[str, str], ...]:
        """Edges that others already imply, as pairs of requirement and dependent, sorted.

        >>> ArtifactGraph([Artifact(id="C", requires=["A", "B"]), Artifact(id="B", requires="A"), Artifact(id="A")]
        ... ).redundant_requirements
        (('A', 'C'),)
        """
        redundant = []
        for artifact in self.artifacts:
            required_ids = self.requirements_of(artifact)
            if len(required_ids) < 2:
                continue
            implied = 0
            for required in required_ids:
                implied |= self.closure[required]
            redundant += [(required, artifact) for required in required_ids if implied >> self.positions[required] & 1]
        return tuple(sorted(redundant))

    def with_artifacts(self, artifacts: Iterable[Artifact]) -> "ArtifactGraph":
        """The same goal and requirements with other artifacts."""
        return ArtifactGraph(self._plan.with_artifacts(artifacts))

    def __len__(self) -> int:
        return len(self._plan.artifacts)

    def __contains__(self, artifact: object) -> bool:
        return artifact in self.artifacts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArtifactGraph) and self._plan == other._plan

    def __hash__(self) -> int:
        return hash(self._plan)

    def __repr__(self) -> str:
        return f"ArtifactGraph({len(self)} artifacts, depth {self.depth})"


def dependents_by_requirement(requires: Mapping[str, Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    """The edges the other way round: for each id the ids of what requires it, in the order in which they are given."""
    dependents: dict[str, list[str]] = {name: [] for name in requires}
    for name, required_ids in requires.items():
        for required in required_ids:
            dependents[required].append(name)
    return {name: tuple(those) for name, those in dependents.items()}


def waves_of(
    requires: Mapping[str, Collection[str]], dependents: Mapping[str, Iterable[str]]
) -> tuple[tuple[str, ...], ...]:
    """Groups of ids, each of which needs only what is in the groups before it; what is in or after a ring is left out.

    Kahn's way of sorting. Every comparison of plans walks it several times, for which networkx's own, with the graph
    that it needs first, takes three times as long.
    """
    left = {name: len(required) for name, required in requires.items()}
    waves = []
    wave = sorted(name for name, number in left.items() if not number)
    while wave:
        waves.append(tuple(wave))
        freed = []
        for name in wave:
            for dependent in dependents[name]:
                left[dependent] -= 1
                if not left[dependent]:
                    freed.append(dependent)
        wave = sorted(freed)
    return tuple(waves)


def repeated_ids(artifacts: Iterable[Artifact]) -> tuple[str, ...]:
    """Ids that more than one artifact carries, sorted."""
    seen: set[str] = set()
    repeated: set[str] = set()
    for artifact in artifacts:
        (repeated if artifact.id in seen else seen).add(artifact.id)
    return tuple(sorted(repeated))


def missing_requirements(artifacts: Iterable[Artifact]) -> tuple[tuple[str, str], ...]:
    """Pairs of an artifact and what it requires that no artifact is, sorted."""
    artifacts = tuple(artifacts)
    known = {artifact.id for artifact in artifacts}
    missing = {(artifact.id, edge.id) for artifact in artifacts for edge in artifact.requires if edge.id not in known}
    return tuple(sorted(missing))


def cycles_among(artifacts: Iterable[Artifact]) -> tuple[tuple[str, ...], ...]:
    """A shortest cycle from each knot of artifacts that require each other, in order, its first id again at its end.

    Requirements that no artifact is are passed over, so that a plan with several faults can be told all of them.

    >>> cycles_among([Artifact(id="a", requires="b"), Artifact(id="b", requires="a")])
    (('a', 'b', 'a'),)
    """
    artifacts = tuple(artifacts)
    requires: dict[str, set[str]] = {artifact.id: set() for artifact in artifacts}
    for artifact in artifacts:
        requires[artifact.id].update(name for name in artifact.required_ids if name in requires)
    if sum(map(len, waves_of(requires, dependents_by_requirement(requires)))) == len(requires):
        return ()
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(sorted(requires))
    network.add_edges_from(sorted((one, name) for name, required in requires.items() for one in required))
    cycles: list[tuple[str, ...]] = [(name, name) for name in network if network.has_edge(name, name)]
    cycles += [_ring(network, knot) for knot in nx.strongly_connected_components(network) if len(knot) > 1]
    return tuple(sorted(cycles))


def _ring(network: "nx.DiGraph[str]", knot: set[str]) -> tuple[str, ...]:
    """A shortest way from the first id of a knot back to it, of several always the same.

    Neighbours are walked sorted and each artifact remembers only where it was reached from, so that neither the hash
    seed nor the length of the ring matters.
    """
    start = min(knot)
    reached_from: dict[str, str] = {}
    frontier = deque([start])
    while start not in reached_from:
        artifact = frontier.popleft()
        for dependent in sorted(knot.intersection(network.successors(artifact)) - {artifact}):
            if dependent not in reached_from:
                reached_from[dependent] = artifact
                frontier.append(dependent)
    way = [start]
    while way[-1] != start or len(way) == 1:
        way.append(reached_from[way[-1]])
    return tuple(reversed(way))
