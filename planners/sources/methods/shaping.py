"""The shape of a plan: what a style asks for, and what limits and constraints leave room for.

Works on parts only and has them wired again after each change, so that shaping can neither lose a dependency nor make
one up.
"""

from collections.abc import Sequence
from dataclasses import replace

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.sources.methods.fitting import fitted
from prefect_harmonic.planners.sources.methods.merging import (
    contracts_in,
    decouplable,
    decoupled,
    is_convex,
    merged,
    split,
)
from prefect_harmonic.planners.sources.methods.parts import Part, Wiring, wired
from prefect_harmonic.planners.sources.methods.styles import Coupling, Leaning
from prefect_harmonic.planners.variance import Constraint

MOST_TRIALS = 24
BOTTLENECK = 4
"""Dependents from which on a part is worth splitting when branches are evened out."""


def shaped(
    parts: Sequence[Part], leaning: Leaning, limits: ArtifactLimits, constraint: Constraint | None = None
) -> Wiring:
    """The parts in the shape of a style, within the limits, as near to a constraint as they come."""
    current = tuple(parts)
    shape = leaning.shape
    current = _coupled(current, leaning)
    if shape.is_merged:
        current = _merged_by_group(current, leaning)
    current = _split(current, leaning)
    if shape.coupling is Coupling.EVEN:
        current = _evened(current)
    return fitted(_connected(current), limits, constraint)


def _coupled(parts: tuple[Part, ...], leaning: Leaning) -> tuple[Part, ...]:
    """Each reader held to the result or to its contract, as the style has it."""
    contracts = contracts_in(parts)
    scopes: dict[str, set[str]] = {}
    for part in parts:
        for thing in part.produces:
            scopes.setdefault(thing, set()).add(part.scope)
    coupled = []
    for part in parts:
        held = {
            use.thing
            for use in decouplable(part, contracts)
            if _is_held_to_contract(leaning, part.scope in scopes.get(use.thing, set()))
            == leaning.keeps(f"coupling|{part.id}|{use.thing}")
        }
        coupled.append(replace(part, decoupled=frozenset(held)))
    return tuple(coupled)


def _is_held_to_contract(leaning: Leaning, is_own: bool) -> bool:
    coupling = leaning.shape.coupling
    return coupling is Coupling.CONTRACT or (coupling is Coupling.OWN_RESULT and not is_own)


def _merged_by_group(parts: tuple[Part, ...], leaning: Leaning) -> tuple[Part, ...]:
    """The parts of each merge group made into one, as far as no ring comes of it."""
    groups: dict[tuple[str, str], list[str]] = {}
    for part in parts:
        if part.merge_group and leaning.keeps(f"merge|{part.id}"):
            groups.setdefault((part.merge_group, part.agent), []).append(part.id)
    for (name, _), ids in groups.items():
        wiring = wired(parts)
        chosen: list[str] = []
        for each in ids:
            if is_convex(wiring, [*chosen, each]):
                chosen.append(each)
        taken = {part.id for part in parts if part.id not in chosen}
        if len(chosen) > 1 and name not in taken:
            parts = merged(parts, chosen, name)
    return parts


def _split(parts: tuple[Part, ...], leaning: Leaning) -> tuple[Part, ...]:
    for part in parts:
        if part.shares and leaning.shape.is_split == leaning.keeps(f"split|{part.id}"):
            parts = split(parts, part.id)
    return parts


def _evened(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Branches of similar length: the longest chains are cut at contracts, and what many wait for is split."""
    wiring = wired(parts)
    for _ in range(MOST_TRIALS):
        better = _with_shorter_chain(wiring)
        if better is None:
            break
        wiring = better
    crowded = [name for name, dependents in wiring.dependents.items() if len(dependents) >= BOTTLENECK]
    parts = wiring.parts
    for name in crowded:
        parts = split(parts, name)
    return parts


def _with_shorter_chain(wiring: Wiring) -> Wiring | None:
    contracts = contracts_in(wiring.parts)
    for name in reversed(wiring.longest_chain):
        part = wiring.by_id[name]
        for use in decouplable(part, contracts):
            trial = wired(decoupled(wiring.parts, name, [use.thing]))
            if _chain_weight(trial) < _chain_weight(wiring):
                return trial
    return None


def _chain_weight(wiring: Wiring) -> tuple[int, int]:
    """How long the longest chains are and how many parts end one."""
    depth = wiring.depth
    return depth, sum(level >= depth - 1 for level in wiring.levels.values())


def _is_idle(part: Part, wiring: Wiring) -> bool:
    """Whether a part that requires nothing also does nothing: nobody waits for it, or it was only there to gather."""
    return not wiring.dependents[part.id] or bool(part.gathers)


def _connected(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts without any that nothing connects: what is optional or would only gather is left out."""
    for _ in range(len(parts)):
        wiring = wired(parts)
        alone = [part for part in parts if not wiring.requires[part.id] and _is_idle(part, wiring)]
        if not alone or len(parts) == 1:
            break
        part = alone[0]
        if part.is_optional or part.gathers:
            parts = tuple(each for each in parts if each.id != part.id)
            continue
        last = max((each for each in parts if each.id != part.id), key=lambda each: each.order)
        parts = merged(parts, [part.id, last.id], last.id)
    return parts
