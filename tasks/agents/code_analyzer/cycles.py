"""Import cycles, and what it takes to open them.

A cycle is a strongly connected component of two or more modules: each of them reaches every other by imports. (Rings
within one component overlap, so counting rings would count one knot many times.)
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import networkx as nx

from prefect_harmonic.tasks.agents.code_analyzer.graph import Edge, ImportGraph
from prefect_harmonic.tasks.agents.code_analyzer.imports import name_uses

_MOST_EDGES = 24
_MOST_CUTS = 3
_MOST_COSTED = 400


@dataclass(frozen=True, slots=True)
class Cut:
    """An import that would have to go.

    Attributes:
        edge: The import.
        cost: Names imported plus places where they are used; an import in a function counts half, since it runs late
            already, and one for type checkers only counts next to nothing.
        uses: Places where the importing module uses what it imports.
    """

    edge: Edge
    cost: float
    uses: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """Modules that import each other in a ring or several.

    Attributes:
        modules: Their keys, sorted.
        edges: The imports among them, sorted.
        ring: One shortest ring through the first module, its first module again at its end.
        cuts: Imports without which no ring is left: the cheapest such set for a small cycle, a good one for a large.
        cheapest: The cheapest single import whose removal makes the cycle smaller.
        is_exact: Whether no cheaper set of cuts exists.
        is_running: Whether it is a cycle without imports for type checkers too.
    """

    modules: tuple[str, ...]
    edges: tuple[Edge, ...]
    ring: tuple[str, ...]
    cuts: tuple[Cut, ...]
    cheapest: Cut
    is_exact: bool
    is_running: bool

    @property
    def is_deferred(self) -> bool:
        """Whether every ring runs over an import in a function, so that the modules can be imported at all."""
        network: nx.DiGraph[str] = nx.DiGraph((e.importer, e.imported) for e in self.edges if not e.is_deferred)
        return nx.is_directed_acyclic_graph(network)


def components(network: "nx.DiGraph[str]") -> tuple[tuple[str, ...], ...]:
    """Strongly connected components of two or more modules, each sorted, and sorted among themselves.

    >>> components(nx.DiGraph([("b", "a"), ("a", "b"), ("b", "c")]))
    (('a', 'b'),)
    """
    found = [tuple(sorted(component)) for component in nx.strongly_connected_components(network) if len(component) > 1]
    return tuple(sorted(found))


def cycles(root: Path, graph: ImportGraph) -> tuple[Cycle, ...]:
    """The import cycles of a project, sorted by their modules."""
    running = components(graph.running_network)
    still = {module for component in running for module in component}
    return tuple(_cycle(root, graph, modules, still) for modules in components(graph.network))


def _cycle(root: Path, graph: ImportGraph, modules: tuple[str, ...], still: set[str]) -> Cycle:
    within = set(modules)
    edges = tuple(edge for pair, edge in sorted(graph.edges.items()) if pair[0] in within and pair[1] in within)
    counted = sorted({edge.importer for edge in edges}) if len(edges) <= _MOST_COSTED else []
    used = {importer: name_uses(root, graph.layout.by_key[importer]) for importer in counted}
    costed = {(edge.importer, edge.imported): _cut(edge, used.get(edge.importer, Counter())) for edge in edges}
    chosen, is_exact = _feedback(modules, costed)
    cuts = tuple(sorted((costed[pair] for pair in chosen), key=_by_cost))
    return Cycle(
        modules, edges, _ring(modules, edges), cuts, min(costed.values(), key=lambda cut: _effect(cut, modules, edges)),
        is_exact, is_running=bool(within & still),
    )  # fmt: skip


def _by_cost(cut: Cut) -> tuple[float, str, str]:
    return cut.cost, cut.edge.importer, cut.edge.imported


def _effect(cut: Cut, modules: Sequence[str], edges: Sequence[Edge]) -> tuple[bool, float, int, str, str]:
    """Order in which single cuts are worth making: those that take modules out of the cycle first, then the cheap."""
    if len(edges) > _MOST_COSTED:
        return False, cut.cost, 0, cut.edge.importer, cut.edge.imported
    network: nx.DiGraph[str] = nx.DiGraph((edge.importer, edge.imported) for edge in edges if edge != cut.edge)
    left = sum(len(component) for component in components(network))
    return left == len(modules), cut.cost, left, cut.edge.importer, cut.edge.imported


def _cut(edge: Edge, used_names: Counter[str]) -> Cut:
    roots = {each.bound.split(".")[0] for each in edge.statements if not each.is_typing}
    used = sum(used_names[name] for name in roots)
    names = max(1, len(edge.statements))
    weight = 0.1 if edge.is_typing else 0.5 if edge.is_deferred else 1.0
    return Cut(edge, round((names + used) * weight, 1), used)


def _feedback(modules: Sequence[str], costed: dict[tuple[str, str], Cut]) -> tuple[list[tuple[str, str]], bool]:
    """Edges without which the modules have no ring, and whether there is no cheaper set."""
    greedy = _greedy_feedback(modules, costed)
    if len(costed) > _MOST_EDGES:
        return greedy, False
    best = _priced(costed, greedy)
    for size in range(1, min(_MOST_CUTS, len(costed)) + 1):
        for pairs in combinations(sorted(costed), size):
            found = _priced(costed, pairs)
            if found < best and _is_open(costed, pairs):
                best = found
    # A dearer set than tried holds at least one edge more than the largest tried: it costs no less than these.
    least = sum(sorted(cut.cost for cut in costed.values())[: _MOST_CUTS + 1])
    return list(best[1]), best[0] <= least


def _priced(
    costed: dict[tuple[str, str], Cut], pairs: Sequence[tuple[str, str]]
) -> tuple[float, tuple[tuple[str, str], ...]]:
    """What a set of cuts costs, with the set itself, so that equal prices go to the first by name."""
    return round(sum(costed[pair].cost for pair in pairs), 1), tuple(sorted(pairs))


def _is_open(costed: dict[tuple[str, str], Cut], without: Sequence[tuple[str, str]]) -> bool:
    network: nx.DiGraph[str] = nx.DiGraph(pair for pair in costed if pair not in without)
    return nx.is_directed_acyclic_graph(network)


def _greedy_feedback(modules: Sequence[str], costed: dict[tuple[str, str], Cut]) -> list[tuple[str, str]]:
    """The edges that run backwards in an order that leaves few (Eades, Lin and Smyth, weighted by cost)."""
    network: nx.DiGraph[str] = nx.DiGraph()
    network.add_nodes_from(modules)
    network.add_weighted_edges_from((*pair, cut.cost) for pair, cut in sorted(costed.items()))
    front: list[str] = []
    back: list[str] = []
    while network:
        if sinks := sorted(node for node, degree in network.out_degree() if degree == 0):
            back += sinks
            network.remove_nodes_from(sinks)
        elif sources := sorted(node for node, degree in network.in_degree() if degree == 0):
            front += sources
            network.remove_nodes_from(sources)
        else:
            out, into = dict(network.out_degree(weight="weight")), dict(network.in_degree(weight="weight"))
            best = max(sorted(network), key=lambda node: out[node] - into[node])
            front.append(best)
            network.remove_node(best)
    place = {node: at for at, node in enumerate([*front, *reversed(back)])}
    kept: nx.DiGraph[str] = nx.DiGraph(pair for pair in costed if place[pair[0]] < place[pair[1]])
    kept.add_nodes_from(modules)
    backward = sorted((pair for pair in costed if place[pair[0]] >= place[pair[1]]), key=lambda p: (-costed[p].cost, p))
    return _needed(kept, backward)


def _needed(kept: "nx.DiGraph[str]", backward: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the backward edges that really close a ring, dear ones tried first."""
    needed = []
    for importer, imported in backward:
        if nx.has_path(kept, imported, importer):
            needed.append((importer, imported))
        else:
            kept.add_edge(importer, imported)
    return needed


def _ring(modules: Sequence[str], edges: Sequence[Edge]) -> tuple[str, ...]:
    network: nx.DiGraph[str] = nx.DiGraph((edge.importer, edge.imported) for edge in edges)
    start = modules[0]
    ways = [nx.shortest_path(network, following, start) for following in sorted(network.successors(start))]
    return (start, *min(ways, key=lambda way: (len(way), way)))
