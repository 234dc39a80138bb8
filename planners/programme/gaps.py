"""What is open after a phase: the gaps, contradictions and failures of all that is known, and where each comes from.

Source: semantics, "Evaluation and replanning".
"""

from collections.abc import Collection, Mapping

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind

__all__ = ["Opening", "OpeningKind", "doubts", "guidance_opening", "openings"]


def openings(
    evidence: Mapping[str, Evidence],
    failed: Mapping[str, str],
    closed: Collection[str] = (),
    *,
    filling: Mapping[str, Opening] | None = None,
) -> tuple[Opening, ...]:
    """Everything that is open, most pressing kind first, then by key.

    Args:
        evidence: What was found out so far, by artifact.
        failed: Artifacts that failed, each with why.
        closed: Keys of openings that are closed (`closing.closed_by`); they are left out.
        filling: For closing artifacts the opening each is to close (`closing.filling`). What such an artifact still
            misses about its opening is that opening, not a further one.
    """
    raise NotImplementedError


def doubts(
    evidence: Mapping[str, Evidence], min_confidence: float, closed: Collection[str] = ()
) -> tuple[Opening, ...]:
    """Artifacts that are less sure than is asked for and do not say what they miss, the least sure first."""
    raise NotImplementedError


def guidance_opening(text: str, origins: Collection[str] = ()) -> Opening:
    """What a person said to look at, as an opening of its own."""
    raise NotImplementedError
