"""How alike two plans are in structure.

The Weisfeiler-Lehman subtree comparison (Shervashidze et al. 2011): each artifact is named by its kind, then again by
its name together with the names around it, and two plans are as alike as the share of names they have in common. What
artifacts are called does not matter, only how they hang together.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

from prefect_harmonic.planners.graph import ArtifactGraph

NEARLY_IDENTICAL = 0.9
"""Similarity above which a candidate brings nothing new (first design document, open question 4)."""

_ROUNDS = 3


def structure(graph: ArtifactGraph) -> Counter[str]:
    """The names of all artifacts over three rounds, with how often each occurs."""
    names = {artifact: graph.artifacts[artifact].domain_type or "" for artifact in graph.artifacts}
    counted = Counter(f"0:{name}" for name in names.values())
    for depth in range(1, _ROUNDS + 1):
        names = {artifact: _renamed(graph, artifact, names) for artifact in names}
        counted.update(f"{depth}:{name}" for name in names.values())
    return counted


def _renamed(graph: ArtifactGraph, artifact: str, names: dict[str, str]) -> str:
    before = sorted(names[required] for required in graph.requirements_of(artifact))
    after = sorted(names[dependent] for dependent in graph.dependents_of(artifact))
    text = "\x1f".join((names[artifact], "\x1e".join(before), "\x1e".join(after)))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def similarity(one: ArtifactGraph, other: ArtifactGraph) -> float:
    """How alike two plans are, 0 to 1; 1 for plans of the same structure.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> similarity(ArtifactGraph([Artifact(id="A")]), ArtifactGraph([Artifact(id="B")]))
    1.0
    """
    return overlap(structure(one), structure(other))


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """The share of names that two structures have in common, 0 to 1."""
    common = sum(min(number, other[name]) for name, number in one.items() if name in other)
    return common / (one.total() + other.total() - common)


def unique_structures(structures: Iterable[Counter[str]]) -> int:
    """How many different ones there are among the structures of plans."""
    return len({frozenset(one.items()) for one in structures})
