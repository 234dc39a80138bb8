"""Finding candidates that came out nearly alike, so that others can be generated in their place."""

from collections.abc import Sequence

from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.diversity import NEARLY_IDENTICAL, similarity


def nearest(candidate: Candidate, others: Sequence[Candidate]) -> tuple[float, str]:
    """How alike a candidate is to the one it is most like, and that one's id; 0 where there is no other."""
    graph = candidate.graph
    alike = [(similarity(graph, other.graph), other.id) for other in others if other.is_valid and other != candidate]
    return max(alike, key=lambda pair: pair[0], default=(0.0, ""))


def near_copies(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, str, float], ...]:
    """The valid candidates that are nearly like an earlier one, each with that one's id and the similarity."""
    kept: list[Candidate] = []
    copies = []
    for candidate in candidates:
        if not candidate.is_valid:
            continue
        alike, other = nearest(candidate, kept)
        if alike > NEARLY_IDENTICAL:
            copies.append((candidate, other, alike))
        else:
            kept.append(candidate)
    return tuple(copies)
