"""A swarm: several angles on one subject at once, and what comes of them together.

Nothing waits for the last straggler: from four fifths done the angles are brought together. What most of them say is
consensus, what only one says is told as that, and what they say against each other is a conflict.

Source: semantics, "Spawning" (synthesis from 80 % done, consensus from 0.6, conflicts and gaps found).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence
from prefect_harmonic.planners.programme.evaluation import distinct_gaps
from prefect_harmonic.planners.words import stems_of

ENOUGH_DONE = Fraction(8, 10)
"""Share of the angles that must be done before they are brought together. A fraction: 0.8 · 5 is not quite 4."""

CONSENSUS = Fraction(6, 10)
"""Share of the angles that must say so for it to be consensus."""

_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Angle:
    """One way to look at the subject, and who does it (chosen by its words if left out)."""

    title: str
    content: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one or more angles say, in the words of the surest.

    Attributes:
        claim: The words, with the sources of all angles that say so.
        angles: Who says so, sorted.
        support: Share of the angles done that say so.
    """

    claim: Claim
    angles: tuple[str, ...]
    support: float
    is_consensus: bool


@dataclass(frozen=True, slots=True)
class SwarmSynthesis:
    """What the angles come to together.

    Attributes:
        statements: What is said, the best supported first.
        conflicts: What different angles say against each other.
        gaps: What none of them found, and the angles that are missing.
        agreement: Share of the angles done that stand in no conflict.
        has_consensus: Whether enough angles agree.
    """

    statements: tuple[Statement, ...]
    conflicts: tuple[Contradiction, ...]
    gaps: tuple[str, ...]
    agreement: float
    has_consensus: bool

    @property
    def agreed(self) -> tuple[Statement, ...]:
        """What is consensus."""
        return tuple(each for each in self.statements if each.is_consensus)


def needed(total: int) -> int:
    """How many of so many angles must be done before they are brought together.

    >>> [needed(total) for total in (1, 2, 4, 5, 10)]
    [1, 2, 4, 4, 8]
    """
    return math.ceil(ENOUGH_DONE * total)


def is_enough(done: int, total: int) -> bool:
    """Whether so many of so many angles are enough to bring them together."""
    return done >= needed(total)


def is_consensus(saying: int, done: int) -> bool:
    """Whether so many of the angles done make a consensus. One voice alone is none, unless there is only one.

    >>> is_consensus(3, 5), is_consensus(2, 4), is_consensus(1, 1)
    (True, False, True)
    """
    return done > 0 and saying >= CONSENSUS * done and (saying > 1 or done == 1)


def synthesised(found: Mapping[str, Evidence], missing: Mapping[str, str] | None = None) -> SwarmSynthesis:
    """Brings the angles together.

    Args:
        found: What each angle found, by its title. Blocked ones belong to `missing`.
        missing: The angles that are not there, each with why.
    """
    missing = missing or {}
    conflicts = _conflicts(found)
    disputed = {text for each in conflicts for text in (each.one.text, each.other.text)}
    quarrelling = {name for name, one in found.items() if any(claim.text in disputed for claim in one.claims)}
    peaceful = len(found) - len(quarrelling)
    gaps = [*distinct_gaps(found[name] for name in sorted(found))]
    gaps += [f"{name} is missing: {missing[name]}" for name in sorted(missing)]
    return SwarmSynthesis(
        statements=_statements(found),
        conflicts=conflicts,
        gaps=tuple(gaps),
        agreement=round(peaceful / len(found), 3) if found else 0.0,
        has_consensus=bool(found) and peaceful >= CONSENSUS * len(found),
    )


def _conflicts(found: Mapping[str, Evidence]) -> tuple[Contradiction, ...]:
    """Contradictions between claims of different angles; what an angle says against itself it reports itself."""
    saying: dict[str, set[str]] = {}
    claims: dict[str, Claim] = {}
    for name in sorted(found):
        for claim in found[name].claims:
            saying.setdefault(claim.text, set()).add(name)
            claims.setdefault(claim.text, claim)
    every = contradictions_among(list(claims.values()))
    return tuple(
        each
        for each in every
        if any(one != other for one in saying[each.one.text] for other in saying[each.other.text])
    )


def _statements(found: Mapping[str, Evidence]) -> tuple[Statement, ...]:
    groups: list[list[tuple[str, Claim]]] = []
    for name in sorted(found):
        for claim in found[name].claims:
            group = next((each for each in groups if _says_the_same(each[0][1], claim)), None)
            if group is None:
                groups.append([(name, claim)])
            else:
                group.append((name, claim))
    statements = [_statement(group, len(found)) for group in groups]
    return tuple(sorted(statements, key=lambda each: (-each.support, -each.claim.confidence, each.claim.text)))


def _says_the_same(one: Claim, other: Claim) -> bool:
    """Whether two claims have nearly the same words and exactly the same figures."""
    if one.text == other.text:
        return True
    first, second = stems_of(one.text), stems_of(other.text)
    if _figures(first) != _figures(second):
        return False
    # "Is" and "is not" have the same telling words and are no consensus.
    is_opposed = bool(contradictions_among([one, other]))
    return not is_opposed and len(first & second) >= _ALIKE * len(first | second)


def _figures(stems: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in stems if any(letter.isdigit() for letter in each))


def _statement(group: Sequence[tuple[str, Claim]], done: int) -> Statement:
    angles = tuple(sorted({name for name, _ in group}))
    surest = max((claim for _, claim in group), key=lambda claim: (claim.confidence, claim.text))
    sources = tuple(dict.fromkeys(source for _, claim in group for source in claim.sources))
    return Statement(
        claim=surest.model_copy(update={"sources": sources}),
        angles=angles,
        support=round(len(angles) / done, 3),
        is_consensus=is_consensus(len(angles), done),
    )
