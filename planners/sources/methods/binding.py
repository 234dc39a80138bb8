"""Pieces of a finished plan that are held to the constraints of its goal.

A constraint is no piece of work. What decides has to keep it in mind and what verifies has to show that it was kept, so
both have it in their contracts and cover it.
"""

from collections.abc import Mapping, Sequence

from prefect_harmonic.planners.artifact import Artifact

VERIFYING = ("verification", "test", "integration", "release", "deployment", "benchmark")
"""Kinds of artifact that can show that a constraint holds, the best first."""

DECIDING = "decision"


def bound(artifacts: Sequence[Artifact], constraints: Sequence[str]) -> tuple[Artifact, ...]:
    """The artifacts, those that decide and verify with the constraints in their contracts and in what they cover."""
    if not constraints or not artifacts:
        return tuple(artifacts)
    held = {_verifier(artifacts), _decider(artifacts)}
    return tuple(_held(each, constraints) if each.id in held else each for each in artifacts)


def _verifier(artifacts: Sequence[Artifact]) -> str:
    """The artifact that comes after most others among those of the best kind; the very last where no kind fits."""
    depths = _depths(artifacts)
    for kind in VERIFYING:
        found = [each.id for each in artifacts if each.domain_type == kind]
        if found:
            return max(found, key=lambda name: (depths[name], name))
    return max(depths, key=lambda name: (depths[name], name))


def _decider(artifacts: Sequence[Artifact]) -> str | None:
    """The first decision, on which the others rest; nothing where nothing is decided."""
    depths = _depths(artifacts)
    found = [each.id for each in artifacts if each.domain_type == DECIDING]
    return min(found, key=lambda name: (depths[name], name), default=None)


def _depths(artifacts: Sequence[Artifact]) -> Mapping[str, int]:
    """How many artifacts stand before each on the longest way to it."""
    depths = dict.fromkeys((each.id for each in artifacts), 0)
    for _ in artifacts:
        deeper = {each.id: max((depths[name] + 1 for name in each.required_ids), default=0) for each in artifacts}
        if deeper == depths:
            break
        depths = deeper
    return depths


def _held(artifact: Artifact, constraints: Sequence[str]) -> Artifact:
    held = f"Holds: {'; '.join(constraints)}."
    contract = f"{artifact.contract} {held}".strip()
    covers = tuple(dict.fromkeys((*artifact.covers, *constraints)))
    return artifact.model_copy(update={"contract": contract, "covers": covers})
