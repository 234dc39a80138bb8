"""What the time of a run is foretold from: the structure of its plan and the hours that are expected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.scheduling import critical_path, expected_schedule

WORK, PATH, MAKESPAN = "work", "longest chain", "expected makespan"
"""What figures are called that are lengths of time."""

_LEAST_HOURS = 1e-9


@dataclass(frozen=True, slots=True)
class PlanFeatures:
    """A plan in figures, for so many workers.

    Attributes:
        artifacts: How many there are.
        depth: Artifacts on the longest chain.
        width: Artifacts in the largest wave.
        workers: How many are made at once.
        work_hours: All expected hours, added up.
        path_hours: Expected hours of the chain that takes longest.
        makespan_hours: Expected hours until everything is made.
    """

    artifacts: int
    depth: int
    width: int
    workers: int
    work_hours: float
    path_hours: float
    makespan_hours: float

    @property
    def makespan_seconds(self) -> float:
        """The expected makespan in seconds, from which all foretelling starts."""
        return max(self.makespan_hours, _LEAST_HOURS) * 3600

    @property
    def regressors(self) -> tuple[float, ...]:
        """What the time may depend on beside the makespan: logarithms, so that it is about ratios."""
        makespan = max(self.makespan_hours, _LEAST_HOURS)
        return (
            math.log(self.artifacts),
            math.log(self.depth),
            math.log(self.width),
            math.log(self.workers),
            math.log(max(self.work_hours, _LEAST_HOURS) / makespan),
            math.log(max(self.path_hours, _LEAST_HOURS) / makespan),
            math.log(makespan),
        )

    @property
    def told(self) -> Mapping[str, float]:
        """The figures by the names under which people are told of them."""
        return {
            "artifacts": self.artifacts,
            "depth": self.depth,
            "width": self.width,
            "workers": self.workers,
            WORK: self.work_hours,
            PATH: self.path_hours,
            MAKESPAN: self.makespan_hours,
        }


def features_of(graph: ArtifactGraph, durations: Mapping[str, float], workers: int) -> PlanFeatures:
    """The features of a plan.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> graph = ArtifactGraph([Artifact(id="A"), Artifact(id="B"), Artifact(id="C", requires=["A", "B"])])
    >>> features_of(graph, {"A": 1, "B": 2, "C": 3}, workers=2).makespan_hours
    5.0
    """
    return PlanFeatures(
        artifacts=len(graph),
        depth=graph.depth,
        width=graph.width,
        workers=workers,
        work_hours=sum(durations.values()),
        path_hours=sum(durations[name] for name in critical_path(graph, durations)),
        makespan_hours=expected_schedule(graph, durations, workers).makespan,
    )
