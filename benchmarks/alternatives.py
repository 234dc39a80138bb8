"""Other plans for the same work, as different planners might make them of one graph with known durations.

What counts as a plan for the same work was fixed before anything was measured with it:

- nothing of the work is left out and nothing is done twice: an artifact that holds several of the graph's nodes takes
  as long as they do together, and parts of one node take as long together as the node;
- whatever the graph orders stays ordered, and more may be ordered. Only where a contract is made first, what reads a
  result waits for its contract alone, since that is what contracts are for.

Plans then differ in two ways that have nothing to do with each other: in their grain (what is made as one artifact) and
in their order (what waits for more than it has to). Every grain is combined with every order, so that no combination is
chosen for its result. What a planner does not know while planning, the durations, decides nothing here either.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.collected import Collected
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph

MOST_EDGES = 10_000
"""A plan with more edges than that is left out; hundreds of artifacts that all require hundreds are no plan."""


@dataclass(slots=True)
class Draft:
    """Artifacts with their true seconds, what each requires and what each produces.

    Changed in place while an alternative is made.
    """

    seconds: dict[str, float]
    required: dict[str, set[str]]
    products: dict[str, tuple[str, ...]]
    contracts: set[str] = field(default_factory=set)

    def graph(self) -> ArtifactGraph:
        """The draft as a plan without any effort figures, in which everything is for one goal."""
        return ArtifactGraph(
            Artifact(
                id=name,
                requires=tuple(Requirement(id=one) for one in sorted(required)),
                produces=self.products[name],
                domain_type="contract" if name in self.contracts else None,
                covers=("goal",),
            )
            for name, required in self.required.items()
        )

    def dependents(self) -> dict[str, set[str]]:
        """For each artifact those that require it."""
        found: dict[str, set[str]] = {name: set() for name in self.required}
        for name, required in self.required.items():
            for one in required:
                found[one].add(name)
        return found

    def waves(self) -> list[list[str]]:
        """The artifacts by the number of those on the longest chain before them."""
        waiting = {name: len(required) for name, required in self.required.items()}
        dependents = self.dependents()
        wave = sorted(name for name, count in waiting.items() if count == 0)
        found = []
        while wave:
            found.append(wave)
            following = []
            for name in wave:
                for dependent in dependents[name]:
                    waiting[dependent] -= 1
                    if waiting[dependent] == 0:
                        following.append(dependent)
            wave = sorted(following)
        return found

    def merge(self, name: str, into: str) -> None:
        """Makes two artifacts one; whoever calls it sees to it that no cycle comes of that."""
        for required in self.required.values():
            if name in required:
                required.remove(name)
                required.add(into)
        self.required[into] |= self.required.pop(name)
        self.required[into].discard(into)
        self.seconds[into] += self.seconds.pop(name)
        self.products[into] += self.products.pop(name)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A plan for the same work, with its grain and its order.

    Attributes:
        grain: What it makes as one artifact.
        order: What it lets wait for more than it has to.
        graph: The plan; it says nothing of efforts, and all of its artifacts cover the goal.
        seconds: True seconds of its artifacts.
    """

    grain: str
    order: str
    graph: ArtifactGraph
    seconds: Mapping[str, float]


Change = Callable[[Draft, random.Random], None]


def alternatives(original: Collected) -> Iterator[Alternative]:
    """Plans for the same work: every grain in every order."""
    for grain, regrain in GRAINS.items():
        for order, reorder in ORDERS.items():
            draft = Draft(
                seconds=dict(original.seconds),
                required={name: set(original.graph.requirements_of(name)) for name in original.graph.artifacts},
                products={name: (name,) for name in original.graph.artifacts},
            )
            regrain(draft, random.Random(f"{original.id}/{grain}"))
            reorder(draft, random.Random(f"{original.id}/{grain}/{order}"))
            if sum(map(len, draft.required.values())) <= MOST_EDGES:
                yield Alternative(grain, order, draft.graph(), draft.seconds)


def _unchanged(_draft: Draft, _draw: random.Random) -> None:
    pass


def _chains_as_one(draft: Draft, _draw: random.Random) -> None:
    """What is the only requirement of its only dependent is made together with it; that delays nothing else."""
    dependents = draft.dependents()
    for name in [name for wave in draft.waves() for name in wave]:
        if len(dependents[name]) == 1:
            (following,) = dependents[name]
            if draft.required[following] == {name}:
                draft.merge(name, following)


def _readers_with_sources(draft: Draft, draw: random.Random) -> None:
    """A third of the artifacts are made within the only one that requires them."""
    dependents = draft.dependents()
    lone = sorted(name for name, readers in dependents.items() if len(readers) == 1)
    for name in draw.sample(lone, min(len(lone), round(len(draft.required) / 3))):
        (reader,) = (other for other, required in draft.required.items() if name in required)
        draft.merge(name, reader)


def _twins_as_one(draft: Draft, _draw: random.Random) -> None:
    """Artifacts that require the same are made in pairs, as one batch. They stand in one wave, so no cycle comes."""
    alike: dict[frozenset[str], list[str]] = {}
    for name in sorted(draft.required):
        alike.setdefault(frozenset(draft.required[name]), []).append(name)
    for names in alike.values():
        for first, second in zip(names[::2], names[1::2], strict=False):
            draft.merge(second, first)


def _halves(draft: Draft, draw: random.Random) -> None:
    """A third of the artifacts are made as two that do not wait for each other."""
    dependents = draft.dependents()
    for name in _third(draft, draw):
        half = f"{name}.second"
        draft.seconds[name] /= 2
        draft.seconds[half] = draft.seconds[name]
        draft.required[half] = set(draft.required[name])
        draft.products[name], draft.products[half] = (f"{name}.first",), (half,)
        for dependent in dependents[name]:
            draft.required[dependent].add(half)


CONTRACT_SHARE = 0.2
"""Of the time for a result, what its contract takes."""


def _contracts_first(draft: Draft, draw: random.Random) -> None:
    """A third of the artifacts get a contract of their own, which their readers wait for instead."""
    dependents = draft.dependents()
    for name in _third(draft, draw):
        contract = f"{name}.contract"
        draft.seconds[contract] = CONTRACT_SHARE * draft.seconds[name]
        draft.seconds[name] -= draft.seconds[contract]
        draft.required[contract], draft.required[name] = draft.required[name], {contract}
        draft.products[contract] = (contract,)
        draft.contracts.add(contract)
        for dependent in dependents[name]:
            draft.required[dependent].discard(name)
            draft.required[dependent].add(contract)


def _third(draft: Draft, draw: random.Random) -> list[str]:
    return draw.sample(sorted(draft.required), round(len(draft.required) / 3) or 1)


def _in_phases(count: int) -> Change:
    def cut(draft: Draft, _draw: random.Random) -> None:
        """Phases of about as many waves each; each begins when the one before is over."""
        waves = draft.waves()
        bounds = sorted({round(place * len(waves) / count) for place in range(count + 1)})
        phases = [[name for wave in waves[start:end] for name in wave] for start, end in pairwise(bounds)]
        for before, phase in pairwise(phases):
            earlier, inside = set(before), set(phase)
            ends = earlier - {one for name in before for one in draft.required[name]}
            starts = [name for name in phase if not draft.required[name] & inside]
            if len(ends) * len(starts) > MOST_EDGES:  # it would be left out for that many edges anyway
                ends, starts = earlier, phase
            for name in starts:
                draft.required[name] |= ends

    return cut


def _in_waves(draft: Draft, draw: random.Random) -> None:
    _in_phases(len(draft.waves()))(draft, draw)


def _by_file(draft: Draft, draw: random.Random) -> None:
    """Three artifacts a file on average, and those of one file one after the other."""
    last: dict[int, str] = {}
    files = -(-len(draft.required) // 3)
    for name in [name for wave in draft.waves() for name in wave]:
        file = draw.randrange(files)
        if file in last:
            draft.required[name].add(last[file])
        last[file] = name


def _cautiously(draft: Draft, draw: random.Random) -> None:
    """Half as many needless orders as there are artifacts, all along one possible order."""
    line = [name for wave in draft.waves() for name in wave]
    for _ in range(len(line) // 2):
        first, second = sorted(draw.sample(range(len(line)), 2))
        draft.required[line[second]].add(line[first])


def _in_one_row(draft: Draft, _draw: random.Random) -> None:
    for first, second in pairwise([name for wave in draft.waves() for name in wave]):
        draft.required[second].add(first)


AS_GIVEN, IN_ONE_ROW = "as given", "in one row"
GRAINS: Mapping[str, Change] = {
    AS_GIVEN: _unchanged,
    "chains as one": _chains_as_one,
    "readers with their sources": _readers_with_sources,
    "twins as one": _twins_as_one,
    "halves": _halves,
    "contracts first": _contracts_first,
}
ORDERS: Mapping[str, Change] = {
    AS_GIVEN: _unchanged,
    "two phases": _in_phases(2),
    "four phases": _in_phases(4),
    "in waves": _in_waves,
    "by file": _by_file,
    "cautiously": _cautiously,
    IN_ONE_ROW: _in_one_row,
}
