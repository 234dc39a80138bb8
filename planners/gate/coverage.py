"""P012 and coverage: whether a plan answers what the goal asks for."""

from collections.abc import Iterable, Iterator

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.words import stems_of


def covered_requirements(artifacts: Iterable[Artifact], requirements: Iterable[str]) -> frozenset[str]:
    """Those of the requirements that some artifact covers.

    An artifact covers what its `covers` lists. Where plans do not say, one whose own words hold all the words of the
    requirement counts as well, so that a plan written elsewhere is not marked down for leaving a field out.
    """
    artifacts = tuple(artifacts)
    listed = {stems_of(name) for artifact in artifacts for name in artifact.covers}
    texts: list[frozenset[str]] | None = None
    covered = set()
    for requirement in requirements:
        wanted = stems_of(requirement)
        if wanted not in listed:
            texts = texts if texts is not None else [frozenset(stems_of(_words(artifact))) for artifact in artifacts]
            if not wanted or not any(wanted <= text for text in texts):
                continue
        covered.add(requirement)
    return frozenset(covered)


def _words(artifact: Artifact) -> str:
    spoken = (artifact.id, artifact.description, artifact.contract, artifact.produces_file or "")
    return " ".join((*spoken, *artifact.produces, *artifact.covers))


def coverage(artifacts: Iterable[Artifact], requirements: Iterable[str]) -> float:
    """Share of the requirements that are covered, 0 to 1; 1 where nothing is asked for."""
    requirements = frozenset(requirements)
    return len(covered_requirements(artifacts, requirements)) / len(requirements) if requirements else 1.0


def uncovered_requirements(artifacts: Iterable[Artifact], requirements: Iterable[str]) -> Iterator[Finding]:
    """P012: requirements that no artifact covers."""
    artifacts, requirements = tuple(artifacts), tuple(requirements)
    covered = covered_requirements(artifacts, requirements)
    for requirement in sorted(set(requirements) - covered):
        yield Finding(Code.UNCOVERED_REQUIREMENT, None, f"no artifact covers {requirement!r}; add one that does")
