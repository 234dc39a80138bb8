"""Finding candidates that came out nearly alike, so that others can be generated in their place."""

from collections import Counter
from collections.abc import Sequence

from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.diversity import NEARLY_IDENTICAL, overlap


def nearest(candidate: Candidate, others: Sequence[Candidate]) -> tuple[float, str]:
    """How alike a candidate is to the one it is most like, and that one's id; 0 where there is no other."""
    known = {other.id: other.structure for other in others if other.is_valid and other != candidate}
    return _nearest(candidate.structure, known)


def _nearest(ours: Counter[str], known: dict[str, Counter[str]]) -> tuple[float, str]:
    alike = ((overlap(ours, theirs), name) for name, theirs in known.items())
    return max(alike, key=lambda pair: pair[0], default=(0.0, ""))


def near_copies(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, str, float], ...]:
    """The valid candidates that are nearly like an earlier one, each with that one's id and the similarity."""
    kept: dict[str, Counter[str]] = {}
    copies = []
    for candidate in candidates:
        if not candidate.is_valid:
            continue
        ours = candidate.structure
        alike, other = _nearest(ours, kept)
        if alike > NEARLY_IDENTICAL:
            copies.append((candidate, other, alike))
        else:
            kept[candidate.id] = ours
    return tuple(copies)
