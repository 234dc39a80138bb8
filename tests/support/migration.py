"""The design document's worked example as a plan: four phases of a migration."""

from typing import Any

from prefect_harmonic.planners.artifact import Artifact, Requirement


def artifact(name: str, phase: str, *requires: str, agent: str = "tester", **fields: Any) -> Artifact:
    """An artifact with its requirements as bare ids."""
    edges = tuple(Requirement(id=one, because="builds on it") for one in requires)
    return Artifact(id=name, phase=phase, requires=edges, agent=agent, **fields)


def migration() -> tuple[Artifact, ...]:
    """The design document's worked example: four phases, one artifact each."""
    return (
        artifact("MonolithSurvey", "research", agent="researcher"),
        artifact("BoundaryAnalysis", "analysis", "MonolithSurvey", agent="code-analyzer"),
        artifact("MigrationDecision", "decision", "BoundaryAnalysis", agent="decision-log"),
        artifact("TeamTraining", "training", "MigrationDecision", agent="learning-path"),
    )
