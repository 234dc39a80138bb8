"""Merging and splitting parts.

Effort belongs to the work, not to the candidate: what is merged takes as long as its pieces together, and what is split
takes no less than the whole.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from prefect_harmonic.planners.artifact import Effort
from prefect_harmonic.planners.sources.methods.model import Use
from prefect_harmonic.planners.sources.methods.parts import Part, Wiring

_LONGEST_TEXT = 2_000
_PRIORITIES = ("low", "normal", "high", "critical")


def effort_for(hours: float) -> str:
    """The effort whose hours come nearest on a scale on which each is four times the one before.

    >>> effort_for(1), effort_for(5), effort_for(24)
    ('low', 'medium', 'high')
    """
    if hours < 2:
        return Effort.LOW.value
    return Effort.MEDIUM.value if hours < 8 else Effort.HIGH.value


def is_convex(wiring: Wiring, ids: Collection[str]) -> bool:
    """Whether parts can become one: no way leads out of them and back in."""
    inside = set(ids)
    outside: set[str] = set()
    for name in wiring.order:
        required = wiring.requires[name]
        if name in inside:
            if any(each in outside for each in required):
                return False
        elif any(each in inside or each in outside for each in required):
            outside.add(name)
    return True


def merged(parts: Sequence[Part], ids: Collection[str], name: str) -> tuple[Part, ...]:
    """The parts with some of them made into one of the given name. Its place is that of the last of them."""
    chosen = [part for part in parts if part.id in ids]
    rest = [part for part in parts if part.id not in ids]
    return tuple(sorted((*rest, _one(chosen, name)), key=lambda part: (part.order, part.id)))


def _one(parts: Sequence[Part], name: str) -> Part:
    main = max(parts, key=lambda part: (part.cost, part.agent == "builder", part.order))
    last = max(parts, key=lambda part: part.order)
    hours = round(math.fsum(part.cost for part in parts), 4)
    own = {thing for part in parts for thing in part.produces}
    return replace(
        main,
        id=name,
        description=_joined(part.description for part in parts),
        contract=_joined(part.contract for part in parts),
        consumes=tuple(dict.fromkeys(use for part in parts for use in part.consumes if use.thing not in own)),
        produces=tuple(sorted(own)),
        needs=tuple(dict.fromkeys(need for part in parts for need in part.needs)),
        gathers=tuple(sorted({kind for part in parts for kind in part.gathers})),
        informs=(),
        contract_of=tuple(sorted({thing for part in parts for thing in part.contract_of} - own)),
        effort=effort_for(hours),
        hours=hours,
        file=main.file or next((part.file for part in parts if part.file), None),
        phase=last.phase,
        priority=max((part.priority for part in parts), key=_PRIORITIES.index),
        covers=frozenset().union(*(part.covers for part in parts)),
        scope=main.scope if len({part.scope for part in parts}) == 1 else "",
        order=last.order,
        shares=(),
        is_final=any(part.is_final for part in parts),
        is_optional=all(part.is_optional for part in parts),
        stands_for=tuple(dict.fromkeys((name, *(each for part in parts for each in part.ids)))),
        decoupled=frozenset().union(*(part.decoupled for part in parts)),
        merge_group=None,
    )


def _joined(texts: Iterable[str]) -> str:
    joined = " ".join(dict.fromkeys(text for text in texts if text))
    return joined if len(joined) <= _LONGEST_TEXT else joined[: _LONGEST_TEXT - 1].rsplit(" ", 1)[0] + "…"


def split(parts: Sequence[Part], name: str) -> tuple[Part, ...]:
    """The parts with one of them split into its shares; whoever read its result reads all of theirs."""
    whole = next(part for part in parts if part.id == name)
    taken = {part.id.casefold() for part in parts}
    if len(whole.shares) < 2 or any(share.artifact.casefold() in taken for share in whole.shares):
        return tuple(parts)
    each = math.ceil(whole.cost / len(whole.shares) * 100) / 100
    shares = [
        replace(
            whole,
            id=share.artifact,
            description=share.description,
            contract=share.contract or whole.contract,
            consumes=tuple(use for use in whole.consumes if share.consumes is None or use.thing in share.consumes),
            file=share.produces_file or _file_beside(whole.file, number),
            effort=effort_for(each),
            hours=each,
            shares=(),
            merge_group=None,
            stands_for=(share.artifact,),
            contract_of=whole.contract_of,
        )
        for number, share in enumerate(whole.shares, start=1)
    ]
    needs_of = {share.id for share in shares}
    kept: list[Part] = []
    for part in parts:
        if part.id == name:
            kept += shares
        else:
            kept.append(_needing(part, name, sorted(needs_of)))
    return tuple(kept)


def _needing(part: Part, old: str, new: Sequence[str]) -> Part:
    if not any(need.artifact == old for need in part.needs):
        return part
    needs = [
        replace(need, artifact=name)
        for need in part.needs
        for name in (new if need.artifact == old else (need.artifact,))
    ]
    return replace(part, needs=tuple(needs))


def _file_beside(file: str | None, number: int) -> str | None:
    if file is None:
        return None
    stem, dot, ending = file.rpartition(".")
    return f"{stem}_{number}.{ending}" if dot else f"{file}_{number}"


def decoupled(parts: Sequence[Part], name: str, things: Iterable[str]) -> tuple[Part, ...]:
    """The parts with one of them held to the contracts of what it reads, instead of waiting for it."""
    added = frozenset(things)
    return tuple(replace(part, decoupled=part.decoupled | added) if part.id == name else part for part in parts)


def contracts_in(parts: Iterable[Part]) -> dict[str, frozenset[str]]:
    """For each result that has a contract in the plan, the ids of the parts that are its contract."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for thing in part.contract_of:
            found.setdefault(thing, set()).add(part.id)
    return {thing: frozenset(ids) for thing, ids in found.items()}


def decouplable(part: Part, contracts: dict[str, frozenset[str]]) -> tuple[Use, ...]:
    """What a part reads that it could be held to the contract of."""
    if part.is_final or part.gathers:
        return ()
    return tuple(
        use
        for use in part.consumes
        if use.thing in contracts
        and use.thing not in part.decoupled
        and use.thing not in part.produces
        and part.id not in contracts[use.thing]
    )
