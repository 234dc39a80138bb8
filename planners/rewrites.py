"""Rewrites that make a plan better and provably lose nothing, applied before any model is asked."""

from collections.abc import Iterable
from itertools import combinations, count, pairwise
from pathlib import PurePosixPath

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.gate.files import normalised, writers
from prefect_harmonic.planners.gate.flow import needless_requirements
from prefect_harmonic.planners.graph import ArtifactGraph


def without_redundant_edges(graph: ArtifactGraph) -> ArtifactGraph:
    """The plan without the edges that others imply and that hand nothing over. Every order stays as it was."""
    dropped = set(needless_requirements(graph))
    if not dropped:
        return graph
    return graph.with_artifacts(
        artifact.requiring(*(edge for edge in artifact.requires if (edge.id, artifact.id) not in dropped))
        for artifact in graph.plan.artifacts
    )


def with_files_apart(graph: ArtifactGraph) -> ArtifactGraph:
    """The plan with unordered writers of one file writing files of their own.

    The first keeps the file, the others get one named after them beside it. Where what is in the file matters to
    others, the writers are put in order instead: some artifact consumes it by its path or speaks of it, or one of the
    writers requires another and so adds to what is there.
    """
    artifacts = dict(graph.artifacts)
    taken = set(writers(artifacts.values()))
    ranks = {artifact: rank for rank, artifact in enumerate(graph.order)}
    for path, ids in writers(graph.artifacts.values()).items():
        ranked = sorted(ids, key=ranks.__getitem__)
        pairs = [pair for pair in pairwise(ranked) if not graph.is_ordered(*pair)]
        together = pairs and (
            _is_spoken_of(path, graph.artifacts.values()) or any(graph.is_ordered(*two) for two in combinations(ids, 2))
        )
        for first, second in pairs:
            if together:  # successive writers in a possible order of the plan, so that no cycle is closed
                edge = Requirement(id=first, because=f"writes {path} first")
                artifacts[second] = artifacts[second].requiring(*artifacts[second].requires, edge)
            else:
                own = _beside(path, second, taken)
                taken.add(own)
                artifacts[second] = artifacts[second].model_copy(update={"produces_file": own})
    return graph if artifacts == dict(graph.artifacts) else graph.with_artifacts(artifacts.values())


def _is_spoken_of(path: str, artifacts: Iterable[Artifact]) -> bool:
    return any(
        path in artifact.description
        or path in artifact.contract
        or path in map(normalised, (*artifact.consumes, *artifact.produces))
        for artifact in artifacts
    )


def _beside(path: str, artifact: str, taken: set[str]) -> str:
    file = PurePosixPath(path)
    name = "".join(character if character.isalnum() else "_" for character in artifact).lower()
    for number in count(1):
        suffix = "" if number == 1 else f"_{number}"
        candidate = str(file.with_name(f"{file.stem}_{name}{suffix}{file.suffix}"))
        if candidate not in taken:
            return candidate
    raise AssertionError("unreachable: count() does not end")


def safely_rewritten(graph: ArtifactGraph) -> ArtifactGraph:
    """The plan after all safe rewrites."""
    return without_redundant_edges(with_files_apart(graph))
