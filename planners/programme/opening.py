"""What keeps findings from carrying: one gap, contradiction, failure or surprise, under a name that does not change.

Owns the identity of an opening. Whoever counts, closes or asks about openings goes by these keys, so that a gap that
is told again in another order of words is not filled twice.
"""

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Names
from prefect_harmonic.planners.evidence import Contradiction, Evidence
from prefect_harmonic.planners.words import stems_of

_LONGEST_TEXT = 1000


class OpeningKind(StrEnum):
    """What sort of thing is open, in the order in which openings are dealt with."""

    FAILURE = "failure"
    """An artifact failed, or its maker says that something keeps it from being done."""
    CONTRADICTION = "contradiction"
    """Two statements cannot both hold."""
    COMPLEXITY = "complexity"
    """Something is far more involved than the remaining plan reckons with."""
    GUIDANCE = "guidance"
    """A person said what to look at."""
    GAP = "gap"
    """Something was asked for and not found."""
    DOUBT = "doubt"
    """What was found is not sure enough, without anything being named that is missing."""


class Opening(BaseModel):
    """Something that keeps the findings from carrying, until its closing artifact is done and does not report it again.

    An opening without origins concerns everything that is still to be made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(description="Stable id, made of its words: the same gap in another order of words is the same.")
    kind: OpeningKind
    text: str = Field(description="What is open, in one line.")
    origins: Names = Field(default=(), description="Artifacts that reported it.")


def opening_key(kind: OpeningKind, *parts: str) -> str:
    """The key of an opening, made of what tells it from others of its kind; the order of the parts does not count.

    >>> opening_key(OpeningKind.GAP, "b", "a") == opening_key(OpeningKind.GAP, "a", "b")
    True
    """
    told = "\x1f".join(sorted(parts))
    return f"{kind.value}-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def gap_key(text: str) -> str:
    """The key of a gap.

    >>> gap_key("No load figures") == gap_key("load figures: no")
    True
    """
    return opening_key(OpeningKind.GAP, *(stems_of(text) or {text}))


def contradiction_key(contradiction: Contradiction) -> str:
    """The key of a contradiction; one against the other is the other against the one."""
    return opening_key(OpeningKind.CONTRADICTION, contradiction.one.text, contradiction.other.text)


def failure_key(artifact: str) -> str:
    """The key of a failure: one for an artifact, however often and for whatever reason it fails."""
    return opening_key(OpeningKind.FAILURE, artifact)


def one_line(text: str) -> str:
    """A text in one line of bearable length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1].rsplit(' ', 1)[0]}…"


def is_restated(gap: str, opening: Opening) -> bool:
    """Whether a gap says in more or fewer words that an opening is still open.

    Meant for what a closing artifact reports of its own: it usually says more around the same words.

    >>> asked = Opening(key=gap_key("load figures"), kind=OpeningKind.GAP, text="load figures")
    >>> is_restated("no document gives load figures", asked), is_restated("who owns it", asked)
    (True, False)
    """
    gap_stems, asked = stems_of(gap), stems_of(opening.text)
    return bool(gap_stems and asked) and (asked <= gap_stems or gap_stems <= asked)


def as_counted(evidence: Iterable[Evidence], filling: Mapping[str, Opening]) -> tuple[Evidence, ...]:
    """The evidence as openings are counted in it: what closing artifacts say of their own openings opens nothing new.

    What such an artifact still misses is the opening that it was to close, and what it says to settle a contradiction
    stands against one of its sides by its nature.
    """
    return tuple(
        _without_own_matter(one, filling[one.artifact]) if one.artifact in filling else one for one in evidence
    )


def _without_own_matter(one: Evidence, opening: Opening) -> Evidence:
    gaps = tuple(gap for gap in one.gaps if not is_restated(gap, opening))
    claims = () if opening.kind is OpeningKind.CONTRADICTION else one.claims
    return one.model_copy(update={"gaps": gaps, "claims": claims})
