"""Candidate service boundaries, drawn along the import graph.

Three kinds of groups (subpackages) are told apart before anything is clustered, since they would glue all others
together: *shared* groups, which many import and which import only each other (money, clock, the database session), and
*orchestrating* groups, which import most of the others and which none of these imports (the HTTP face, nightly jobs).
What is left is clustered by modularity: groups go together as long as they import each other more than chance would
have it. A group that only reads from several clusters stays a proposal of its own: joined to one of them it would
bring its imports of the others along. A proposal is a question to people who know the business, with figures; it is no
answer.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

import networkx as nx

from prefect_harmonic.tasks.agents.code_analyzer.coupling import Coupling
from prefect_harmonic.tasks.agents.code_analyzer.graph import ImportGraph

_SHARED_BY = 3
_HUB_FAN_IN, _HUB_FAN_OUT = 3, 5
_BELONGS = 0.75


class Role(StrEnum):
    """What a module is that belongs to no proposal."""

    LIBRARY = "stays a library that all use"
    FRONT = "stays in front and calls the services"
    NAME = "imports nothing and is imported by nothing"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One candidate for a service.

    Attributes:
        name: Its largest group, by the last part of the name.
        groups: Subpackages it is made of.
        modules: Their modules, sorted.
        internal: Imports among its modules.
        outgoing: Its imports of other proposals, as pairs of modules: calls over the network after a split.
        incoming: Imports of it by other proposals and orchestrating groups.
        shared: Shared modules that it imports: a library, or copies.
        cycles: How many import cycles it has in common with another proposal; they must be opened first.
    """

    name: str
    groups: tuple[str, ...]
    modules: tuple[str, ...]
    internal: int
    outgoing: tuple[tuple[str, str], ...]
    incoming: tuple[tuple[str, str], ...]
    shared: tuple[str, ...]
    cycles: int

    @property
    def cohesion(self) -> float:
        """Internal imports as a share of internal and crossing ones; imports of shared modules are left out."""
        external = len(self.outgoing) + len(self.incoming)
        return round(self.internal / (self.internal + external), 3) if self.internal + external else 1.0


@dataclass(frozen=True, slots=True)
class Misfit:
    """A module that has more to do with another group than with its own."""

    module: str
    own: str
    other: str
    links_own: int
    links_other: int


@dataclass(frozen=True, slots=True)
class Hub:
    """A module that many import and that imports many: it ties groups together and must be divided before a split."""

    module: str
    fan_in: int
    fan_out: int
    groups: int


@dataclass(frozen=True)
class Boundaries:
    """Where a project could be split.

    Attributes:
        proposals: Candidates, sorted by name.
        shared: Shared modules, with how many proposals import each.
        shared_groups: Groups that are libraries to all others.
        orchestrating: Groups that call most of the others: they stay in front, or are divided by what they call.
        misfits: Modules that would fit better elsewhere.
        hubs: Modules to divide first.
        outside: Modules that belong to no proposal, each with why, sorted.
        modularity: How far the proposals are from a chance division; 0.3 and more is a clear structure.
    """

    proposals: tuple[Proposal, ...] = ()
    shared: tuple[tuple[str, int], ...] = ()
    shared_groups: tuple[str, ...] = ()
    orchestrating: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    hubs: tuple[Hub, ...] = ()
    outside: tuple[tuple[str, Role], ...] = ()
    modularity: float = 0.0

    @property
    def crossing(self) -> tuple[tuple[str, str], ...]:
        """Imports from one proposal to another, sorted."""
        return tuple(sorted({pair for proposal in self.proposals for pair in proposal.outgoing}))


def boundaries(graph: ImportGraph, coupling: Coupling, cycles: Sequence[Sequence[str]]) -> Boundaries:
    """Candidate services of a project."""
    group_of = {key: standing.group for key, standing in coupling.standings.items()}
    bare = frozenset(_bare_groups(graph, group_of))
    groups = [group for group in coupling.groups if group not in bare]
    uses = {group: {b for a, b in coupling.between if a == group != b and b not in bare} for group in groups}
    shared = _shared(groups, uses)
    orchestrating = _orchestrating([group for group in groups if group not in shared], uses, shared)
    core = [group for group in groups if group not in shared and group not in orchestrating]
    communities, modularity = _clustered(core, coupling.between, uses)
    home = {group: at for at, community in enumerate(communities) for group in community}
    place = {key: home[group] for key, group in group_of.items() if group in home}
    library = {key for key, group in group_of.items() if group in shared}
    names = _names(communities, group_of)
    proposals = [
        _proposal(graph, names[at], community, {key for key, its in place.items() if its == at}, place, library, cycles)
        for at, community in enumerate(communities)
    ]
    users = {key: {place[a] for a, b in graph.edges if b == key and a in place} for key in library}
    return Boundaries(
        proposals=tuple(sorted(proposals, key=lambda proposal: proposal.name)),
        shared=tuple(sorted((key, len(its)) for key, its in users.items() if its)),
        shared_groups=tuple(sorted(shared)),
        orchestrating=tuple(sorted(orchestrating)),
        misfits=_misfits(graph, group_of, frozenset(core)),
        hubs=_hubs(graph, coupling, shared | bare),
        outside=tuple(sorted(_outside(group_of, home, shared, orchestrating))),
        modularity=modularity,
    )


def _bare_groups(graph: ImportGraph, group_of: Mapping[str, str]) -> list[str]:
    """Groups that are nothing but a top-level `__init__` which imports nothing: a name, not a part."""
    members = Counter(group_of.values())
    return [
        group
        for key, group in group_of.items()
        if members[group] == 1 and key == group and not graph.network.degree(key)
    ]


def _outside(
    group_of: Mapping[str, str], home: Collection[str], shared: Collection[str], front: Collection[str]
) -> Iterator[tuple[str, Role]]:
    """Modules of groups that no proposal is made of."""
    for key, group in group_of.items():
        if group not in home:
            yield key, Role.LIBRARY if group in shared else Role.FRONT if group in front else Role.NAME


def _shared(groups: Sequence[str], uses: Mapping[str, set[str]]) -> set[str]:
    """Groups that at least half of the others import, and that import only other such groups."""
    needed = max(_SHARED_BY, ceil((len(groups) - 1) / 2))
    shared: set[str] = set()
    while True:
        more = {
            group
            for group in groups
            if group not in shared and sum(group in uses[other] for other in groups) >= needed and uses[group] <= shared
        }
        if not more:
            return shared
        shared |= more


def _orchestrating(groups: Sequence[str], uses: Mapping[str, set[str]], shared: set[str]) -> set[str]:
    """Groups that import more than half of the others and that none of those left imports, peeled off one by one."""
    found: set[str] = set()
    while True:
        left = [group for group in groups if group not in found]
        top = [
            group
            for group in left
            if not any(group in uses[other] for other in left)
            and len(uses[group] - shared - found) * 2 > len(left) - 1
            and len(left) > _SHARED_BY
        ]
        if not top:
            return found
        found.add(top[0])


def _clustered(
    groups: Sequence[str], between: Mapping[tuple[str, str], int], uses: Mapping[str, set[str]]
) -> tuple[list[tuple[str, ...]], float]:
    """Groups in communities, and the modularity of the division."""
    readers = [
        group
        for group in sorted(groups)
        if len(uses[group] & set(groups)) > 1 and not any(group in uses[other] for other in groups if other != group)
    ]
    communities = [list(each) for each in _communities([group for group in groups if group not in readers], between)]
    alone: list[tuple[str, ...]] = []
    for reader in readers:
        links = {group: between.get((reader, group), 0) for group in groups if group not in readers}
        most = max(sorted(links), key=lambda group: links[group], default="")
        if most and links[most] >= _BELONGS * sum(links.values()):
            next(community for community in communities if most in community).append(reader)
        else:
            alone.append((reader,))
    divided = sorted([*(tuple(sorted(community)) for community in communities), *alone])
    network, number = _weighted(groups, between)
    if network.number_of_edges() == 0:
        return divided, 0.0
    value = nx.community.modularity(network, [{number[group] for group in each} for each in divided], weight="weight")
    return divided, round(value, 3)


def _weighted(groups: Sequence[str], between: Mapping[tuple[str, str], int]) -> tuple["nx.Graph[int]", dict[str, int]]:
    """Groups with the number of imports between them. Nodes are numbers: no order hangs on the hash of a text."""
    number = {group: at for at, group in enumerate(sorted(groups))}
    network: nx.Graph[int] = nx.Graph()
    network.add_nodes_from(sorted(number.values()))
    for (importer, imported), count in sorted(between.items()):
        if importer in number and imported in number:
            one, other = sorted((number[importer], number[imported]))
            known = network.get_edge_data(one, other, {"weight": 0})["weight"]
            network.add_edge(one, other, weight=known + count)
    return network, number


def _communities(groups: Sequence[str], between: Mapping[tuple[str, str], int]) -> list[tuple[str, ...]]:
    """Groups in communities of greatest modularity."""
    network, number = _weighted(groups, between)
    if network.number_of_edges() == 0:
        return [(group,) for group in sorted(groups)]
    names = {at: group for group, at in number.items()}
    found = nx.community.greedy_modularity_communities(network, weight="weight")
    return sorted(tuple(sorted(names[at] for at in community)) for community in found)


def _names(communities: Sequence[Sequence[str]], group_of: Mapping[str, str]) -> list[str]:
    size = Counter(group_of.values())
    heads = [max(sorted(community), key=lambda group: size[group]) for community in communities]
    short = [head.rpartition(".")[2] for head in heads]
    return [name if short.count(name) == 1 else head for name, head in zip(short, heads, strict=True)]


def _proposal(
    graph: ImportGraph, name: str, groups: tuple[str, ...], modules: set[str], place: Mapping[str, int],
    library: set[str], cycles: Sequence[Sequence[str]],
) -> Proposal:  # fmt: skip
    inner = [pair for pair in graph.edges if pair[0] in modules and pair[1] in modules]
    outgoing = [pair for pair in graph.edges if pair[0] in modules and pair[1] in place and pair[1] not in modules]
    incoming = [
        pair for pair in graph.edges if pair[1] in modules and pair[0] not in modules and pair[0] not in library
    ]
    shared = {imported for importer, imported in graph.edges if importer in modules and imported in library}
    torn = sum(1 for cycle in cycles if modules & set(cycle) and set(cycle) - modules)
    return Proposal(
        name, groups, tuple(sorted(modules)), len(inner), tuple(sorted(outgoing)), tuple(sorted(incoming)),
        tuple(sorted(shared)), torn,
    )  # fmt: skip


def _misfits(graph: ImportGraph, group_of: Mapping[str, str], core: frozenset[str]) -> tuple[Misfit, ...]:
    """Modules with more imports to and from another group than their own.

    A module that only others import is what its group offers them, and no misfit, unless its own never uses it. One
    that is a group by itself cannot be one either.
    """
    size = Counter(group_of.values())
    links: dict[str, Counter[str]] = {}
    imports: dict[str, Counter[str]] = {}
    for importer, imported in graph.edges:
        one, other = group_of[importer], group_of[imported]
        if one in core and other in core:
            imports.setdefault(importer, Counter())[other] += 1
            links.setdefault(importer, Counter())[other] += 1
            links.setdefault(imported, Counter())[one] += 1
    found = []
    for key, counts in sorted(links.items()):
        home = group_of[key]
        best = max(sorted(counts), key=lambda group: counts[group])
        is_using = imports.get(key, Counter())[best] > 0
        if size[home] > 1 and counts[best] > max(counts[home], 1) and (is_using or not counts[home]):
            found.append(Misfit(key, home, best, counts[home], counts[best]))
    return tuple(found)


def _hubs(graph: ImportGraph, coupling: Coupling, beside: set[str] | frozenset[str]) -> tuple[Hub, ...]:
    """Modules between many others; what is shared by all does not count on either side."""
    group_of = {key: standing.group for key, standing in coupling.standings.items()}
    inner = [key for key, group in group_of.items() if group not in beside]
    network = graph.network.subgraph(inner)
    enough = max(_SHARED_BY, ceil((len({group_of[key] for key in inner}) - 1) / 2))
    found = []
    for key in inner:
        importers, imported = set(network.predecessors(key)), set(network.successors(key))
        groups = {group_of[other] for other in importers | imported} - {group_of[key]}
        if len(importers) >= _HUB_FAN_IN and len(imported) >= _HUB_FAN_OUT and len(groups) >= enough:
            found.append(Hub(key, len(importers), len(imported), len(groups)))
    return tuple(sorted(found, key=lambda hub: (-hub.fan_in * hub.fan_out, hub.module)))
