"""Which openings it makes sense to close by more work of the specialists, and which are for whoever reads the report.

A closing artifact that cannot succeed costs time and says nothing. Without documents there is nothing to search, and
what a builder leaves to be written in its own skeleton no research fills. Nor does it find what its maker says no
search can find, or what is assumed from general experience.
"""

from collections.abc import Mapping

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, gap_key

_SEARCHED = frozenset({OpeningKind.GAP, OpeningKind.DOUBT, OpeningKind.COMPLEXITY})
"""Kinds that are closed by looking further, for which there must be something to look at."""


def is_closable(opening: Opening, evidence: Mapping[str, Evidence], *, has_project: bool) -> bool:
    """Whether an artifact of its own has a chance to close an opening.

    Args:
        opening: What is open.
        evidence: What was found out, by artifact.
        has_project: Whether there is a project whose files can be searched.

    >>> gap = Opening(key="gap-1", kind=OpeningKind.GAP, text="load figures")
    >>> is_closable(gap, {}, has_project=True), is_closable(gap, {}, has_project=False)
    (True, False)
    """
    if opening.kind not in _SEARCHED:
        return True
    makers = [evidence[origin] for origin in opening.origins if origin in evidence]
    if makers and all(maker.left_open or _is_limit(opening, maker) for maker in makers):
        return False
    if opening.kind is OpeningKind.DOUBT and not any(
        _is_confirmable(claim) for maker in makers for claim in maker.claims
    ):
        return False
    return has_project


def _is_limit(opening: Opening, maker: Evidence) -> bool:
    """Whether what is open is something of which its maker says that no search closes it."""
    return opening.key in {gap_key(limit) for limit in maker.limits}


def _is_confirmable(claim: Claim) -> bool:
    """Whether more could be found out about a claim: what is only assumed from general experience no document bears."""
    return not claim.sources or any(source.grade is not Grade.ASSUMED for source in claim.sources)
