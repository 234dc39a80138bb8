"""How strongly modules and subpackages hang together: fan-in and fan-out, layers, imports between groups."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from prefect_harmonic.tasks.agents.code_analyzer.graph import ImportGraph
from prefect_harmonic.tasks.agents.code_analyzer.modules import Layout, Module

_ENOUGH_PARTS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How one module stands in the graph.

    Attributes:
        group: Subpackage it is counted under.
        fan_in: Modules that import it.
        fan_out: Modules that it imports.
        layer: 0 for a module that imports none of the project's; else one above the highest that it imports. Modules
            of one cycle share a layer.
    """

    group: str
    fan_in: int
    fan_out: int
    layer: int

    @property
    def instability(self) -> float:
        """Fan-out as a share of all its imports: 0 for what others lean on, 1 for what leans on others."""
        total = self.fan_in + self.fan_out
        return round(self.fan_out / total, 3) if total else 0.0


@dataclass(frozen=True)
class Coupling:
    """The standing of every module, and the imports between groups.

    Attributes:
        standings: By module key.
        between: Number of imports from one group to another (or itself), by the pair of group names.
    """

    standings: Mapping[str, Standing]
    between: Mapping[tuple[str, str], int]

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, sorted."""
        return tuple(sorted({standing.group for standing in self.standings.values()}))

    @property
    def layers(self) -> tuple[tuple[str, ...], ...]:
        """Modules by layer, the lowest first."""
        count = max((standing.layer for standing in self.standings.values()), default=-1) + 1
        levels: list[list[str]] = [[] for _ in range(count)]
        for key in sorted(self.standings):
            levels[self.standings[key].layer].append(key)
        return tuple(tuple(level) for level in levels)


def coupling(graph: ImportGraph) -> Coupling:
    """How modules and groups of a project hang together."""
    network = graph.network
    groups = grouped(graph.layout)
    layers = _layers(network)
    standings = {
        key: Standing(groups[key], network.in_degree(key), network.out_degree(key), layers[key])
        for key in sorted(network)
    }
    between = Counter((groups[importer], groups[imported]) for importer, imported in graph.edges)
    return Coupling(standings, dict(sorted(between.items())))


def _layers(network: "nx.DiGraph[str]") -> dict[str, int]:
    condensed = nx.condensation(network)
    heights: dict[int, int] = {}
    for component in reversed(list(nx.topological_sort(condensed))):
        below = [heights[imported] for imported in condensed.successors(component)]
        heights[component] = max(below, default=-1) + 1
    return {key: heights[component] for key, component in condensed.graph["mapping"].items()}


def grouped(layout: Layout) -> dict[str, str]:
    """The group of every module: its subpackage where a package has several, else its package or the module itself."""
    tops: dict[tuple[str, str], list[Module]] = {}
    for module in layout.modules:
        tops.setdefault((module.base, module.top), []).append(module)
    groups = {}
    for modules in tops.values():
        parts = {module.name for module in modules if module.is_package and module.name.count(".") == 1}
        for module in modules:
            prefix = ".".join(module.name.split(".")[:2])
            if prefix in parts:
                name = prefix
            elif len(parts) >= _ENOUGH_PARTS or len(tops) >= _ENOUGH_PARTS:
                name = module.top
            else:
                name = prefix
            if len(parts) < _ENOUGH_PARTS <= len(tops):
                name = module.top
            groups[module.key] = name if module.key == module.name else f"{module.base or '.'}:{name}"
    return groups
