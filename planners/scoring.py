"""What makes one valid plan better than another.

Every scorer gives a number that is better when smaller, so that ranking, ties and refinement have one rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import PlanMetrics, metrics_of
from prefect_harmonic.planners.scheduling import expected_schedule


class Scorer(StrEnum):
    """By what candidates are ranked, once they are valid and cover enough."""

    EXPECTED_MAKESPAN = "expected-makespan"
    """The hours until everything is made."""
    RFC038 = "rfc038"
    """The design document's score of the shape. It rewards missing dependencies."""
    ENSEMBLE = "ensemble"
    """Parallelism 0.4, depth 0.3, resources 0.2, complexity 0.1."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A plan with the figures that scorers look at. Hours are working hours."""

    metrics: PlanMetrics
    makespan: float


def measured(graph: ArtifactGraph, durations: Mapping[str, float], workers: int) -> Measured:
    """The figures of a plan on so many workers."""
    return Measured(metrics_of(graph), expected_schedule(graph, durations, workers).makespan)


def ensemble_score(metrics: PlanMetrics) -> float:
    """A weighted mean of four views of the shape, each from 0 to 1; higher is better.

    Source: first design document, "Ensemble Selection", which leaves the four scorers open: parallelism is the share
    of artifacts that require nothing, depth what is left of one chain through all, resources the freedom from file
    conflicts, complexity how few artifacts there are.
    """
    count = metrics.artifact_count
    shallowness = 1.0 if count == 1 else (count - metrics.depth) / (count - 1)
    return (
        0.4 * metrics.parallelism_factor
        + 0.3 * shallowness
        + 0.2 / (1 + metrics.file_conflicts)
        + 0.1 / (1 + count / 10)
    )


_COSTS: Mapping[Scorer, Callable[[Measured], float]] = {
    Scorer.EXPECTED_MAKESPAN: lambda plan: plan.makespan,
    Scorer.RFC038: lambda plan: -plan.metrics.score,
    Scorer.ENSEMBLE: lambda plan: -ensemble_score(plan.metrics),
}


def scored_cost(scorer: Scorer, plan: Measured) -> float:
    """What the scorer makes of a plan; smaller is better. Rounded, so that noise in the last digits decides nothing."""
    return round(_COSTS[scorer](plan), 9)


def scored_figure(scorer: Scorer, cost: float) -> float:
    """The scorer's own figure, as people know it: hours, of which fewer are better, or a score, of which more is.

    >>> scored_figure(Scorer.EXPECTED_MAKESPAN, 9.5), scored_figure(Scorer.RFC038, -74.4)
    (9.5, 74.4)
    """
    return cost if scorer is Scorer.EXPECTED_MAKESPAN else -cost
