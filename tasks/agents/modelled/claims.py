"""Which of a model's statements count: those whose sources were really shown and carry them."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.evidence import Claim, Grade, Source
from prefect_harmonic.planners.words import telling_stems
from prefect_harmonic.tasks.agents.modelled.answer import MOST, Sourced, StatedClaim
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.shown import Shown, UnshownSourceError, unsupported_figures
from prefect_harmonic.tasks.agents.wording import clipped

_LONGEST = 400
_LEAST_SHARED = 2
"""Telling words that a statement shares with its quote: one alone is shared by chance."""

_SURE = {Grade.MEASURED: 0.95, Grade.DOCUMENTED: 0.9, Grade.DERIVED: 0.6, Grade.ASSUMED: 0.3}


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts of the statements, which gaps it closes, and what is wrong with the rest."""

    claims: tuple[Claim, ...] = ()
    closed: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def counted_claims(stated: Sequence[StatedClaim], material: Material, shown: Shown) -> Counted:
    """The statements that count, as claims."""
    claims: dict[str, Claim] = {claim.text: claim for claim in material.given.claims}
    known = set(claims)
    closed: set[str] = set()
    problems: list[str] = []
    for at, one in enumerate(stated[: MOST["claims"]], start=1):
        text = " ".join(one.text.split())
        problem, sources = grounded(text, one, material, shown)
        if problem:
            problems.append(f"claim {at}: {problem}")
        elif text not in claims:
            sure = max(_SURE[source.grade] for source in sources)
            claims[text] = Claim(text=text, sources=sources, confidence=round(min(one.percent / 100, sure), 2))
            # What the embedded specialist knew already did not answer it then.
            if one.at.strip() not in material.findings:
                closed |= {number for number in one.closes if _closes(text, material.gaps.get(number))}
    new = tuple(claim for text, claim in claims.items() if text not in known)
    return Counted(new, frozenset(closed), tuple(problems))


def grounded(text: str, stated: Sourced, material: Material, shown: Shown) -> tuple[str, tuple[Source, ...]]:
    """What is wrong with a statement and its source, or the sources that carry it."""
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST} characters", ()
    try:
        sources = shown.sources(stated.at, stated.quote)
    except UnshownSourceError as error:
        return clipped(str(error), 300), ()
    if not sources:
        return f"{stated.at} has no source of its own", ()
    finding = material.findings.get(stated.at.strip())
    words = finding.text if finding else ""
    if figures := unsupported_figures(text, sources, f"{words} {material.assignment.artifact.id}"):
        return f"{', '.join(figures)} does not stand in its quote", ()
    stated_words, quoted = telling_stems(text), telling_stems(" ".join([words, *(source.quote for source in sources)]))
    if len(stated_words & quoted) < max(1, min(_LEAST_SHARED, len(stated_words))):
        return "its quote is about something else", ()
    return "", sources


def _closes(text: str, gap: str | None) -> bool:
    """Whether a statement is about what is open at all."""
    return gap is not None and bool(telling_stems(text) & telling_stems(gap))
