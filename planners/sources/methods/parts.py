"""Parts: the pieces of one plan in the making, and the edges that follow from what they read.

Owns wiring: who requires whom, and why. Shaping changes parts and has them wired again, so that an edge is never
invented or lost by hand.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from prefect_harmonic.planners.effort import HOURS_BY_EFFORT
from prefect_harmonic.planners.sources.methods.model import Need, Share, Use


@dataclass(frozen=True, slots=True)
class Part:
    """A piece with its subject filled in.

    Attributes:
        stands_for: Ids that it has taken in by merging, its own first.
        scope: The requirement or task it was made for; merging prefers parts of one scope.
        order: Its place in the decomposition.
        is_optional: Whether the plan does without it when there is no room.
        decoupled: Things that it is held to the contract of, instead of waiting for them.
    """

    id: str
    description: str
    contract: str
    consumes: tuple[Use, ...] = ()
    produces: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    gathers: tuple[str, ...] = ()
    informs: tuple[str, ...] = ()
    contract_of: tuple[str, ...] = ()
    domain_type: str = "component"
    agent: str = "builder"
    effort: str = "medium"
    hours: float | None = None
    phase: str | None = None
    file: str | None = None
    priority: str = "normal"
    covers: frozenset[str] = frozenset()
    scope: str = ""
    order: int = 0
    merge_group: str | None = None
    shares: tuple[Share, ...] = ()
    is_final: bool = False
    is_optional: bool = False
    stands_for: tuple[str, ...] = ()
    decoupled: frozenset[str] = frozenset()

    @property
    def cost(self) -> float:
        """Hours it is taken to need."""
        return HOURS_BY_EFFORT[self.effort] if self.hours is None else self.hours

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id under which others may need it."""
        return self.stands_for or (self.id,)


@dataclass(frozen=True)
class Wiring:
    """Parts with the edges between them: for each id what it requires, with the reason, nothing redundant."""

    parts: tuple[Part, ...]
    requires: Mapping[str, Mapping[str, str]]
    consumed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Part]:
        """The parts by id."""
        return {part.id: part for part in self.parts}

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """For each id the ids that require it, in plan order."""
        found: dict[str, list[str]] = {part.id: [] for part in self.parts}
        for part in self.parts:
            for required in self.requires[part.id]:
                found[required].append(part.id)
        return {part: tuple(ids) for part, ids in found.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All ids, each after what it requires."""
        return tuple(sorted(self.levels, key=lambda part: (self.levels[part], self.by_id[part].order, part)))

    @cached_property
    def levels(self) -> Mapping[str, int]:
        """For each id the number of parts on the longest chain that ends in it."""
        return chain_lengths(self.requires)

    @property
    def depth(self) -> int:
        """Parts on the longest chain."""
        return max(self.levels.values())

    @property
    def leaves(self) -> int:
        """Parts that require nothing."""
        return sum(not required for required in self.requires.values())

    @property
    def most_dependents(self) -> int:
        """Dependents of the part that most depend on."""
        return max(map(len, self.dependents.values()))

    @cached_property
    def longest_chain(self) -> tuple[str, ...]:
        """A longest chain by number, first part first; of equals the first by id."""
        part = min(self.levels, key=lambda name: (-self.levels[name], name))
        chain = [part]
        while self.requires[chain[-1]]:
            chain.append(min(self.requires[chain[-1]], key=lambda name: (-self.levels[name], name)))
        return tuple(reversed(chain))


def wired(parts: Sequence[Part]) -> Wiring:
    """The edges that follow from what parts read, need and gather, without those that others imply.

    What nobody in the plan produces is not read either: a method says what it would use, and the plan has what the goal
    asks for. An edge that would close a ring is left out together with what was read along it.
    """
    parts = tuple(sorted(parts, key=lambda part: (part.order, part.id)))
    edges = _Edges(parts)
    for part in parts:
        for use in part.consumes:
            edges.read(part, use)
        for need in part.needs:
            edges.need(part, need)
        edges.hold(part)
    for part in parts:
        if part.informs:
            edges.inform(part)
    for part in parts:
        if part.gathers:
            edges.gather(part)
    return Wiring(parts, edges.reduced(), {name: tuple(sorted(things)) for name, things in edges.consumed.items()})


class _Edges:
    """Edges while they are being drawn."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts
        self.bits = {part.id: 1 << position for position, part in enumerate(parts)}
        self.reasons: dict[str, dict[str, list[str]]] = {part.id: {} for part in parts}
        self.before: dict[str, int] = dict.fromkeys(self.bits, 0)
        self.consumed: dict[str, set[str]] = {part.id: set() for part in parts}
        self.makers: dict[str, list[Part]] = defaultdict(list)
        self.contracts: dict[str, list[Part]] = defaultdict(list)
        self.owners = {name: part.id for part in parts for name in part.ids}
        for part in parts:
            for thing in part.produces:
                self.makers[thing].append(part)
            for thing in part.contract_of:
                self.contracts[thing].append(part)

    def add(self, part: str, required: str, because: str) -> bool:
        """Draws an edge; false if it would close a ring."""
        if part == required or self.before[required] & self.bits[part]:
            return False
        self.reasons[part].setdefault(required, []).append(because)
        gained = self.before[required] | self.bits[required]
        if gained & ~self.before[part]:
            mine = self.bits[part]
            for name, before in self.before.items():
                if name == part or before & mine:
                    self.before[name] = before | gained
        return True

    def read(self, part: Part, use: Use) -> None:
        things = [use.thing]
        because = use.because
        makers = self.makers.get(use.thing, [])
        if use.thing in part.decoupled and use.thing not in part.produces:
            held_to = [contract for contract in self.contracts.get(use.thing, []) if contract.id != part.id]
            if held_to and makers:
                things, because = [thing for contract in held_to for thing in contract.produces], ""
        for thing in things:
            for maker in self.makers.get(thing, []):
                if maker.id != part.id and self.add(part.id, maker.id, because or f"reads the {thing}"):
                    self.consumed[part.id].add(thing)

    def need(self, part: Part, need: Need) -> None:
        owner = self.owners.get(need.artifact)
        if owner is not None:
            self.add(part.id, owner, need.because)

    def hold(self, part: Part) -> None:
        """Whoever makes what this part is the contract of keeps to it."""
        for maker in (maker for thing in part.contract_of for maker in self.makers.get(thing, [])):
            if (
                maker.id != part.id
                and part.produces
                and self.add(maker.id, part.id, f"keeps to the {part.produces[0]}")
            ):
                self.consumed[maker.id].add(part.produces[0])

    def inform(self, part: Part) -> None:
        """Parts that would start from nothing read the result of this one."""
        for other in self.parts:
            if other.id == part.id or other.informs or self.reasons[other.id] or not _fits(other, part.informs):
                continue
            if part.produces and self.add(other.id, part.id, f"starts from the {part.produces[0]}"):
                self.consumed[other.id].add(part.produces[0])

    def gather(self, part: Part) -> None:
        """The part reads what nothing else has read."""
        read = {required for reasons in self.reasons.values() for required in reasons}
        for other in self.parts:
            if other.order >= part.order or other.id in read or not _fits(other, part.gathers):
                continue
            for thing in other.produces or (other.id,):
                if self.add(part.id, other.id, f"brings in the {thing}"):
                    self.consumed[part.id].add(thing)

    def reduced(self) -> dict[str, dict[str, str]]:
        """For each part what it requires and why, without what its other requirements imply."""
        reduced = {}
        for part, reasons in self.reasons.items():
            implied = 0
            for required in reasons:
                implied |= self.before[required]
            reduced[part] = {
                required: _joined(because)
                for required, because in sorted(reasons.items())
                if not implied & self.bits[required]
            }
        return reduced


def _fits(part: Part, kinds: tuple[str, ...]) -> bool:
    return "*" in kinds or part.domain_type in kinds


def _joined(reasons: Sequence[str]) -> str:
    """Reasons of one edge as one phrase; three things are enough for a reader."""
    kept_to = {reason.removeprefix("keeps to ") for reason in reasons}
    distinct = [
        each for each in dict.fromkeys(reasons) if each.removeprefix("reads ") == each or each[6:] not in kept_to
    ]
    return "; ".join(distinct[:3]) + ("; …" if len(distinct) > 3 else "")


def chain_lengths(requires: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
    """For each id the number of parts on the longest chain that ends in it. Iterative, for chains of any length."""
    lengths: dict[str, int] = {}
    for start in sorted(requires):
        stack = [start]
        while stack:
            name = stack[-1]
            waiting = [required for required in requires[name] if required not in lengths]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            lengths[name] = 1 + max((lengths[required] for required in requires[name]), default=0)
    return lengths


def with_distinct_names(parts: Iterable[Part]) -> list[Part]:
    """The parts with ids and files made distinct: a second one of a name gets a number."""
    ids: set[str] = set()
    files: set[str] = set()
    named = []
    for part in sorted(parts, key=lambda part: part.order):
        name = _distinct(part.id, "{}{}", ids)
        file = part.file
        if file is not None and "{number}" not in file:
            stem, dot, ending = file.rpartition(".")
            file = _distinct(stem if dot else file, "{}_{}", files, f".{ending}" if dot else "")
        named.append(replace(part, id=name, file=file))
    return named


def _distinct(name: str, pattern: str, taken: set[str], ending: str = "") -> str:
    number, candidate = 2, f"{name}{ending}"
    while candidate.casefold() in taken:
        candidate = f"{pattern.format(name, number)}{ending}"
        number += 1
    taken.add(candidate.casefold())
    return candidate
