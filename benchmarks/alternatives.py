"""Other plans for the same work, as different planners might make them from one graph with known durations.

Each alternative does all that the original does, in an order that the original allows or a stricter one:

- merged: a part of the artifacts, each with the only one that requires it, made as one (a sixth, a third of them);
- ordered: further orders between artifacts that have none, always along the same topological order (as many as a
  tenth, a half, all of the artifacts);
- in waves: each artifact requires everything of the wave before it (waves with too many edges are left as they are);
- in lanes: artifacts of a wave are chained in pairs, as if one worker made both;
- in one row: everything one after the other, as a list of steps is often written;
- split side by side or one after the other: a fifth of the artifacts made as two halves;
- pruned: edges that others imply left out, and the original itself.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.collected import Collected
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph

MOST_EDGES = 20_000
"""Between two waves; that hundreds of artifacts all require hundreds of others is no plan that anyone makes."""


@dataclass
class Draft:
    """Nodes with their seconds, and what each requires; changed in place while an alternative is made."""

    seconds: dict[str, float]
    required: dict[str, set[str]]
    order: list[str] = field(default_factory=list)

    def graph(self) -> ArtifactGraph:
        """The draft as a plan without any effort figures."""
        return ArtifactGraph(
            Artifact(id=name, requires=tuple(Requirement(id=one) for one in sorted(required)))
            for name, required in self.required.items()
        )


@dataclass(frozen=True)
class Alternative:
    """A plan for the same work, what it was changed by, and the true seconds of its artifacts."""

    change: str
    graph: ArtifactGraph
    seconds: Mapping[str, float]


def alternatives(original: Collected) -> Iterator[Alternative]:
    """Plans for the same work, the original first."""
    for name, change in CHANGES.items():
        draft = Draft(
            seconds=dict(original.seconds),
            required={name: set(original.graph.requirements_of(name)) for name in original.graph.artifacts},
            order=list(original.graph.order),
        )
        change(draft, original.graph, random.Random(f"{original.id}/{name}"))
        yield Alternative(name, draft.graph(), draft.seconds)


Change = Callable[[Draft, ArtifactGraph, random.Random], None]


def _unchanged(_draft: Draft, _graph: ArtifactGraph, _draw: random.Random) -> None:
    pass


def _pruned(draft: Draft, graph: ArtifactGraph, _draw: random.Random) -> None:
    for required, dependent in graph.redundant_requirements:
        draft.required[dependent].discard(required)


def _merged(share: float) -> Change:
    def merge(draft: Draft, graph: ArtifactGraph, draw: random.Random) -> None:
        """Each chosen artifact is taken into its only dependent; that closes no cycle."""
        lone = [name for name in graph.order if len(graph.dependents_of(name)) == 1]
        for name in draw.sample(lone, min(len(lone), round(share * len(graph)))):
            (dependent,) = (other for other, required in draft.required.items() if name in required)
            draft.required[dependent] |= draft.required.pop(name)
            draft.required[dependent].discard(name)
            draft.seconds[dependent] += draft.seconds.pop(name)

    return merge


def _ordered(share: float) -> Change:
    def order(draft: Draft, _graph: ArtifactGraph, draw: random.Random) -> None:
        for _ in range(round(share * len(draft.order)) or 1):
            first, second = sorted(draw.sample(range(len(draft.order)), 2))
            draft.required[draft.order[second]].add(draft.order[first])

    return order


def _in_waves(draft: Draft, graph: ArtifactGraph, _draw: random.Random) -> None:
    for before, wave in pairwise(graph.waves):
        for name in wave if len(before) * len(wave) <= MOST_EDGES else ():
            draft.required[name].update(before)


def _in_lanes(draft: Draft, graph: ArtifactGraph, _draw: random.Random) -> None:
    for wave in graph.waves:
        for first, second in zip(wave[::2], wave[1::2], strict=False):
            draft.required[second].add(first)


def _in_one_row(draft: Draft, _graph: ArtifactGraph, _draw: random.Random) -> None:
    for first, second in pairwise(draft.order):
        draft.required[second].add(first)


def _split(share: float, *, side_by_side: bool) -> Change:
    def split(draft: Draft, graph: ArtifactGraph, draw: random.Random) -> None:
        for name in draw.sample(draft.order, round(share * len(draft.order)) or 1):
            half = f"{name}.second"
            draft.seconds[name] /= 2
            draft.seconds[half] = draft.seconds[name]
            draft.required[half] = set(draft.required[name]) if side_by_side else {name}
            for dependent in graph.dependents_of(name):
                draft.required[dependent].add(half)

    return split


CHANGES: Mapping[str, Change] = {
    "unchanged": _unchanged,
    "pruned": _pruned,
    "a few ordered": _ordered(0.1),
    "half ordered": _ordered(0.5),
    "as many ordered": _ordered(1.0),
    "in waves": _in_waves,
    "in lanes": _in_lanes,
    "in one row": _in_one_row,
    "a sixth merged": _merged(1 / 6),
    "a third merged": _merged(1 / 3),
    "split side by side": _split(0.2, side_by_side=True),
    "split in sequence": _split(0.2, side_by_side=False),
}
IN_ONE_ROW = frozenset({"in one row"})
OTHER_ARTIFACTS = frozenset({"a sixth merged", "a third merged", "split side by side", "split in sequence"})
"""Changes that merge or split artifacts, so that without effort figures the same work is estimated differently."""
