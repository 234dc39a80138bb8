"""How long the gate and the metrics take on plans far larger than any that a person reads.

A chain of 10,000 artifacts is the deepest plan of that size, a grid of 100 by 100 the one in which everything is deep
and wide at once; each artifact of a row requires one, two or three neighbours in the row above.
"""

from functools import partial

from benchmarks.figure import Figure, Saying, below
from benchmarks.stopwatch import median_seconds
from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.candidate import Yardstick, judged
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.variance import Variation

ARTIFACTS = 10_000
MOST_SECONDS = 1.0
LIMITS = ArtifactLimits(max_artifacts=ARTIFACTS, max_depth=ARTIFACTS)


def measured(*, quick: bool) -> Saying:
    """Seconds for each plan: lint and score together as promised, and all that a candidate is judged by."""
    plans = {"chain of 10,000": chain(ARTIFACTS)}
    for edges in (1, 2, 3):
        plans[f"grid of 100 by 100, {edges} required by each"] = grid(100, edges)
    repetitions = 1 if quick else 5
    for name, plan in plans.items():
        seconds = median_seconds(partial(_linted_and_scored, plan), repetitions)
        yield Figure(f"{name}: lint and score", seconds, "s", below(MOST_SECONDS), 2)
        seconds = median_seconds(partial(_judged, plan), repetitions)
        yield Figure(f"{name}: judged as a candidate, schedule included", seconds, "s", digits=2)


def _linted_and_scored(plan: Plan) -> float:
    lint(plan, limits=LIMITS)
    return metrics_of(ArtifactGraph(plan)).score


def _judged(plan: Plan) -> None:
    judged(plan, Variation(index=0), Yardstick(limits=LIMITS))


def chain(length: int) -> Plan:
    """Artifacts that each require the one before."""
    names = [f"Part{place:05}" for place in range(length)]
    before: list[tuple[Requirement, ...]] = [(), *((Requirement(id=name),) for name in names)]
    return Plan(artifacts=tuple(Artifact(id=name, requires=one) for name, one in zip(names, before, strict=False)))


def grid(side: int, edges: int) -> Plan:
    """Rows of artifacts; each requires so many neighbours in the row above, the one right above it first."""
    artifacts = []
    for row in range(side):
        for column in range(side):
            above = [(column + shift) % side for shift in (0, 1, -1)[:edges]] if row else []
            required = tuple(Requirement(id=f"Part{row - 1:03}x{place:03}") for place in above)
            artifacts.append(Artifact(id=f"Part{row:03}x{column:03}", requires=required))
    return Plan(artifacts=tuple(artifacts))
