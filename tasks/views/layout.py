"""Where each artifact and each edge of a plan lies in a drawing: waves as columns, few crossings, straight long edges.

The layered method in three steps: long edges are cut at every wave they pass, the order within waves is improved by
barycentres, and positions are the closest to those of the neighbours that keep the order and the distances.
Everything is deterministic and iterative. Knows nothing of SVG.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from prefect_harmonic.planners.graph import ArtifactGraph

NODE_WIDTH = 192.0
NODE_HEIGHT = 58.0
COLUMN_GAP = 64.0
ROW_GAP = 16.0
THREAD_GAP = 13.0
"""Distance that a passing edge keeps from what lies beside it."""
MARGIN = 24.0
HEADER = 30.0

_SWEEPS = 10
_MOST_CUTS = 6_000
"""Past this many cuts long edges are drawn as they come: the drawing would be unreadable either way, and slow."""

Point = tuple[float, float]
Cell = tuple[int, int]
"""An artifact as (position, -1), or the cut of an edge as (edge, wave)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing without ink.

    Attributes:
        width: Of the whole drawing.
        height: Of the whole drawing.
        nodes: Upper left corner of each artifact.
        edges: Points that each edge goes through, from a requirement to what requires it.
        columns: Left side of each wave.
    """

    width: float
    height: float
    nodes: Mapping[str, Point]
    edges: Mapping[tuple[str, str], tuple[Point, ...]]
    columns: tuple[float, ...]


@dataclass(slots=True)
class _Layers:
    """Cells wave by wave, and what each is joined to on either side."""

    cells: list[list[Cell]]
    before: dict[Cell, list[Cell]] = field(default_factory=dict)
    after: dict[Cell, list[Cell]] = field(default_factory=dict)

    def join(self, chain: Sequence[Cell]) -> None:
        """Adds one edge, given the cells along it."""
        for left, right in pairwise(chain):
            self.after.setdefault(left, []).append(right)
            self.before.setdefault(right, []).append(left)


def layered(graph: ArtifactGraph) -> Layout:
    """The drawing of a plan.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> drawing = layered(ArtifactGraph([Artifact(id="B", requires="A"), Artifact(id="A")]))
    >>> drawing.nodes["A"][0] < drawing.nodes["B"][0]
    True
    """
    names = graph.order
    layers, chains = _cut(graph)
    _untangle(layers)
    middles = _placed(layers)
    columns = tuple(MARGIN + wave * (NODE_WIDTH + COLUMN_GAP) for wave in range(graph.depth))
    column_of = {name: columns[wave] for wave, ids in enumerate(graph.waves) for name in ids}
    nodes = {
        name: (column_of[name], _rounded(middles[position, -1] - NODE_HEIGHT / 2))
        for position, name in enumerate(names)
    }
    return Layout(
        width=columns[-1] + NODE_WIDTH + MARGIN,
        height=_rounded(max(middles.values()) + NODE_HEIGHT / 2 + MARGIN),
        nodes=nodes,
        edges=_routed(graph, chains, middles, nodes, columns),
        columns=columns,
    )


def _cut(graph: ArtifactGraph) -> tuple[_Layers, dict[tuple[str, str], list[Cell]]]:
    """The layers with every long edge cut at each wave it passes, and the cells along each edge."""
    position = {name: index for index, name in enumerate(graph.order)}
    wave_of = {name: wave for wave, ids in enumerate(graph.waves) for name in ids}
    layers = _Layers([[(position[name], -1) for name in ids] for ids in graph.waves])
    edges = sorted((position[one], position[other]) for one, other in graph.network.edges)
    cuts = sum(wave_of[graph.order[end]] - wave_of[graph.order[start]] - 1 for start, end in edges)
    chains: dict[tuple[str, str], list[Cell]] = {}
    for number, (start, end) in enumerate(edges):
        first, last = wave_of[graph.order[start]], wave_of[graph.order[end]]
        passed = [(number, wave) for wave in range(first + 1, last)] if cuts <= _MOST_CUTS else []
        for cell in passed:
            layers.cells[cell[1]].append(cell)
        chain = [(start, -1), *passed, (end, -1)]
        chains[graph.order[start], graph.order[end]] = chain
        if len(passed) == last - first - 1:
            layers.join(chain)
    return layers, chains


def _untangle(layers: _Layers) -> None:
    """Orders the cells of each wave by the barycentres of their neighbours, and keeps the best order seen."""
    best = [list(cells) for cells in layers.cells]
    fewest = _crossings(layers)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        waves = range(1, len(layers.cells)) if forward else range(len(layers.cells) - 2, -1, -1)
        neighbours = layers.before if forward else layers.after
        for wave in waves:
            reference = {cell: place for place, cell in enumerate(layers.cells[wave - 1 if forward else wave + 1])}
            layers.cells[wave] = _by_barycentre(layers.cells[wave], neighbours, reference)
        crossings = _crossings(layers)
        if crossings < fewest:
            fewest, best = crossings, [list(cells) for cells in layers.cells]
    layers.cells = best


def _by_barycentre(
    cells: list[Cell], neighbours: Mapping[Cell, list[Cell]], reference: Mapping[Cell, int]
) -> list[Cell]:
    """The cells in the order of the mean place of their neighbours; those without any keep their place."""

    def mean(place: int, cell: Cell) -> float:
        places = [reference[other] for other in neighbours.get(cell, ()) if other in reference]
        return sum(places) / len(places) if places else float(place)

    ranked = sorted((mean(place, cell), place, cell) for place, cell in enumerate(cells))
    return [cell for _, _, cell in ranked]


def _crossings(layers: _Layers) -> int:
    """How many pairs of edges between neighbouring waves cross."""
    total = 0
    for left, right in pairwise(layers.cells):
        place = {cell: index for index, cell in enumerate(right)}
        seen: list[int] = []
        for cell in left:
            ends = sorted(place[other] for other in layers.after.get(cell, ()) if other in place)
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _placed(layers: _Layers) -> dict[Cell, float]:
    """Middle of each cell, from the top: as near to its neighbours' as order and distances allow."""
    middles: dict[Cell, float] = {}
    for cells in layers.cells:
        middles.update(zip(cells, _stacked(cells), strict=True))
    tallest = max(middles.values())
    for cells in layers.cells:
        slack = (tallest - middles[cells[-1]]) / 2
        middles.update({cell: middles[cell] + slack for cell in cells})
    for sweep in range(_SWEEPS):
        waves = layers.cells if sweep % 2 == 0 else layers.cells[::-1]
        for cells in waves:
            _relax(cells, layers, middles)
    top = min(middles[cell] - (NODE_HEIGHT / 2 if cell[1] < 0 else 0) for cell in middles)
    shift = MARGIN + HEADER - top
    return {cell: middle + shift for cell, middle in middles.items()}


def _stacked(cells: Sequence[Cell]) -> list[float]:
    """Least middles that keep the order and the distances, from 0."""
    middles = [0.0]
    for one, other in pairwise(cells):
        middles.append(middles[-1] + _distance(one, other))
    return middles


def _distance(one: Cell, other: Cell) -> float:
    """Least distance between the middles of two cells, one under the other."""
    artifacts = (one[1] < 0) + (other[1] < 0)
    if artifacts == 2:
        return NODE_HEIGHT + ROW_GAP
    return NODE_HEIGHT / 2 + THREAD_GAP if artifacts == 1 else THREAD_GAP


def _relax(cells: Sequence[Cell], layers: _Layers, middles: dict[Cell, float]) -> None:
    """Moves one wave to the least squares answer under its order: isotonic regression by pooling neighbours."""
    offsets = _stacked(cells)
    pools: list[tuple[float, float, int]] = []
    for cell, offset in zip(cells, offsets, strict=True):
        wish, weight = _wish(cell, layers, middles)
        pools.append(((wish - offset) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            moment, mass, size = pools.pop()
            pools[-1] = (pools[-1][0] + moment, pools[-1][1] + mass, pools[-1][2] + size)
    levels = [moment / mass for moment, mass, size in pools for _ in range(size)]
    for cell, offset, level in zip(cells, offsets, levels, strict=True):
        middles[cell] = level + offset


def _wish(cell: Cell, layers: _Layers, middles: Mapping[Cell, float]) -> tuple[float, float]:
    """Where a cell would lie for its neighbours' sake, and how much that counts; cuts pull hard at one another."""
    total = mass = 0.0
    for other in (*layers.before.get(cell, ()), *layers.after.get(cell, ())):
        pull = (1.0, 2.0, 8.0)[(cell[1] >= 0) + (other[1] >= 0)]
        total += pull * middles[other]
        mass += pull
    return (total / mass, mass) if mass else (middles[cell], 0.1)


def _routed(
    graph: ArtifactGraph,
    chains: Mapping[tuple[str, str], Sequence[Cell]],
    middles: Mapping[Cell, float],
    nodes: Mapping[str, Point],
    columns: Sequence[float],
) -> dict[tuple[str, str], tuple[Point, ...]]:
    """The points of each edge: out of a right side, straight through the waves it passes, into a left side."""
    leaving = _ports(((start, end, middles[chain[1]]) for (start, end), chain in chains.items()), graph.order)
    arriving = _ports(((end, start, middles[chain[-2]]) for (start, end), chain in chains.items()), graph.order)
    edges = {}
    for (start, end), chain in chains.items():
        out = (nodes[start][0] + NODE_WIDTH, _rounded(nodes[start][1] + NODE_HEIGHT / 2 + leaving[start, end]))
        into = (nodes[end][0], _rounded(nodes[end][1] + NODE_HEIGHT / 2 + arriving[end, start]))
        passed: list[Point] = []
        for cell in chain[1:-1]:
            height = _rounded(middles[cell])
            passed += [(columns[cell[1]], height), (columns[cell[1]] + NODE_WIDTH, height)]
        edges[start, end] = (out, *passed, into)
    return edges


def _ports(ends: Iterable[tuple[str, str, float]], names: Sequence[str]) -> dict[tuple[str, str], float]:
    """How far from the middle of its side each edge meets an artifact, in the order in which the edges come."""
    by_artifact: dict[str, list[tuple[float, str]]] = {name: [] for name in names}
    for artifact, other, height in ends:
        by_artifact[artifact].append((height, other))
    offsets = {}
    for artifact, edges in by_artifact.items():
        spacing = min(9.0, (NODE_HEIGHT - 20) / max(1, len(edges) - 1))
        for place, (_, other) in enumerate(sorted(edges)):
            offsets[artifact, other] = (place - (len(edges) - 1) / 2) * spacing
    return offsets


def _rounded(length: float) -> float:
    """A length with one decimal; more would only make the page long."""
    return round(length, 1)
