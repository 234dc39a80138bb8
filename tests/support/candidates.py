"""Candidates for tests, judged as they are in planning."""

from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.variance import Variation


def candidate_of(plan: Plan | ArtifactGraph, index: int = 0, yardstick: Yardstick | None = None) -> Candidate:
    """The plan as the candidate of an index, with the gate's verdict."""
    plan = plan.plan if isinstance(plan, ArtifactGraph) else plan
    yardstick = yardstick or Yardstick(requirements=plan.requirements)
    return judged(plan, Variation(index=index), yardstick)
