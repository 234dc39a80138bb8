"""Making parts fit: into the limits always, to a constraint as nearly as can be."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.sources.methods.merging import (
    contracts_in,
    decouplable,
    decoupled,
    is_convex,
    merged,
    split,
)
from prefect_harmonic.planners.sources.methods.parts import Part, Wiring, wired
from prefect_harmonic.planners.variance import Constraint


def fitted(parts: tuple[Part, ...], limits: ArtifactLimits, constraint: Constraint | None = None) -> Wiring:
    """The parts wired, aimed at the constraint and within the limits."""
    wanted = constraint or Constraint()
    most = min(limits.max_artifacts, wanted.max_artifacts or limits.max_artifacts)
    deepest = min(limits.max_depth, wanted.max_depth or limits.max_depth)
    wiring = wired(parts)
    if wanted.min_leaves is not None:
        wiring = _with_leaves(wiring, wanted.min_leaves)
    if wanted.max_dependents is not None:
        wiring = _with_fewer_dependents(wiring, max(1, wanted.max_dependents))
    wiring = _with_depth(wiring, max(1, deepest))
    wiring = _with_count(wiring, max(1, most))
    # Parts that were merged for their number may stand in one chain now; merging along it only makes them fewer.
    return _with_depth(wiring, max(1, deepest))


def _with_leaves(wiring: Wiring, least: int) -> Wiring:
    """More parts that can start at once: readers held to contracts, leaves split into their shares."""
    for change in (_decouplings, _splits):
        for trial in _improvements(wiring, change, lambda each: -each.leaves):
            wiring = trial
            if wiring.leaves >= least:
                return wiring
    return wiring


def _with_fewer_dependents(wiring: Wiring, most: int) -> Wiring:
    """No part that more than so many depend on: split it, cut its readers loose, or merge readers of one scope."""
    for _ in range(len(wiring.parts)):
        if wiring.most_dependents <= most:
            return wiring
        crowded = min(wiring.parts, key=lambda part: (-len(wiring.dependents[part.id]), part.id))
        wiring = _relieved(wiring, crowded.id)
        if len(wiring.dependents.get(crowded.id, ())) > most:
            merged_readers = _with_merged_readers(wiring, crowded.id)
            if merged_readers is None:
                return wiring
            wiring = merged_readers
    return wiring


def _relieved(wiring: Wiring, name: str) -> Wiring:
    """Readers of a part held to a contract instead, where that leaves it with fewer dependents."""
    before = len(wiring.dependents[name])
    contracts = contracts_in(wiring.parts)
    for reader in wiring.dependents[name]:
        things = {use.thing for use in decouplable(wiring.by_id[reader], contracts)}
        if things & set(wiring.by_id[name].produces):
            trial = wired(decoupled(wiring.parts, reader, things))
            if len(trial.dependents[name]) < before and trial.most_dependents <= wiring.most_dependents:
                wiring, before = trial, len(trial.dependents[name])
    return wiring


def _with_merged_readers(wiring: Wiring, name: str) -> Wiring | None:
    readers = [wiring.by_id[reader] for reader in wiring.dependents[name]]
    pairs = [(one, other) for at, one in enumerate(readers) for other in readers[at + 1 :]]
    return _first_merge(wiring, sorted(pairs, key=_reluctance))


def _with_depth(wiring: Wiring, deepest: int) -> Wiring:
    """No chain longer than so many parts: readers are held to contracts first, then neighbours on the chain merge."""
    if wiring.depth > deepest:
        for trial in _improvements(wiring, _decouplings_on_chain, _depth_and_ends):
            wiring = trial
            if wiring.depth <= deepest:
                break
    while wiring.depth > deepest:
        chain = [wiring.by_id[name] for name in wiring.longest_chain]
        shorter = _first_merge(wiring, sorted(pairwise(chain), key=_reluctance))
        if shorter is None:
            break
        wiring = shorter
    return wiring


def _with_count(wiring: Wiring, most: int) -> Wiring:
    """No more than so many parts: optional ones go, then parts of a group, of a scope, and at last any neighbours."""
    for part in sorted(wiring.parts, key=lambda part: -part.order):
        if len(wiring.parts) <= most:
            return wiring
        if part.is_optional and _is_dispensable(wiring, part):
            wiring = wired([each for each in wiring.parts if each.id != part.id])
    for key in (_group_of, _scope_of):
        wiring = _with_merged_groups(wiring, most, key)
    while len(wiring.parts) > most:
        edges = [(wiring.by_id[one], wiring.by_id[name]) for name in wiring.order for one in wiring.requires[name]]
        fewer = _first_merge(wiring, sorted(edges, key=_reluctance)) or _first_merge(wiring, pairwise(_ordered(wiring)))
        if fewer is None:
            break
        wiring = fewer
    return wiring


def _is_dispensable(wiring: Wiring, part: Part) -> bool:
    """Whether the plan still covers everything without an optional part."""
    others: set[str] = set().union(*(each.covers for each in wiring.parts if each.id != part.id))
    return part.covers <= others


def _with_merged_groups(wiring: Wiring, most: int, key: Callable[[Part], str | None]) -> Wiring:
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in wiring.parts:
        if name := key(part):
            groups.setdefault((name, part.agent), []).append(part)
    for group in sorted(groups.values(), key=lambda parts: (-len(parts), parts[0].order)):
        if len(wiring.parts) <= most:
            break
        chosen: list[str] = []
        for part in group:
            if is_convex(wiring, [*chosen, part.id]):
                chosen.append(part.id)
        if len(chosen) > 1:
            wiring = wired(merged(wiring.parts, chosen, _main(group, chosen).id))
    return wiring


def _main(parts: list[Part], ids: list[str]) -> Part:
    return max((part for part in parts if part.id in ids), key=lambda part: (part.cost, part.order))


def _group_of(part: Part) -> str | None:
    return part.merge_group


def _scope_of(part: Part) -> str | None:
    return part.scope or None


def _ordered(wiring: Wiring) -> list[Part]:
    return [wiring.by_id[name] for name in wiring.order]


def _reluctance(pair: tuple[Part, Part]) -> tuple[bool, bool, bool, float, int]:
    """How unwillingly two parts become one: those of one agent, scope and phase first, small ones before large."""
    one, other = pair
    return (
        one.agent != other.agent,
        one.scope != other.scope,
        one.phase != other.phase,
        one.cost + other.cost,
        min(one.order, other.order),
    )


def _first_merge(wiring: Wiring, pairs: "Iterator[tuple[Part, Part]] | list[tuple[Part, Part]]") -> Wiring | None:
    """The first of several pairs merged that can be."""
    for one, other in pairs:
        if is_convex(wiring, {one.id, other.id}):
            main = max((one, other), key=lambda part: (part.cost, part.order))
            return wired(merged(wiring.parts, {one.id, other.id}, main.id))
    return None


def _improvements(
    wiring: Wiring, changes: Callable[[Wiring], Iterator[tuple[Part, ...]]], measure: Callable[[Wiring], object]
) -> Iterator[Wiring]:
    """One change after another, each of which brings the measure down."""
    for _ in range(2 * len(wiring.parts)):
        best = _first_better(wiring, changes, measure)
        if best is None:
            return
        wiring = best
        yield wiring


def _first_better(
    wiring: Wiring, changes: Callable[[Wiring], Iterator[tuple[Part, ...]]], measure: Callable[[Wiring], object]
) -> Wiring | None:
    before = measure(wiring)
    for parts in changes(wiring):
        trial = wired(parts)
        if measure(trial) < before:  # type: ignore[operator]  # a measure gives integers or tuples of them
            return trial
    return None


def _depth_and_ends(wiring: Wiring) -> tuple[int, int]:
    depth = wiring.depth
    return depth, sum(level == depth for level in wiring.levels.values())


def _decouplings(wiring: Wiring) -> Iterator[tuple[Part, ...]]:
    contracts = contracts_in(wiring.parts)
    for part in wiring.parts:
        things = [use.thing for use in decouplable(part, contracts)]
        if things:
            yield decoupled(wiring.parts, part.id, things)


def _decouplings_on_chain(wiring: Wiring) -> Iterator[tuple[Part, ...]]:
    contracts = contracts_in(wiring.parts)
    for name in reversed(wiring.longest_chain):
        things = [use.thing for use in decouplable(wiring.by_id[name], contracts)]
        if things:
            yield decoupled(wiring.parts, name, things)


def _splits(wiring: Wiring) -> Iterator[tuple[Part, ...]]:
    for part in wiring.parts:
        if part.shares:
            yield split(wiring.parts, part.id)
