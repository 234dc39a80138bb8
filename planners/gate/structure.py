"""P001 to P006: whether the artifacts form a graph at all, and one of a bearable size."""

from collections.abc import Iterator

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.graph import ArtifactGraph, cycles_among, missing_requirements, repeated_ids
from prefect_harmonic.planners.plan import Plan


def shape_findings(plan: Plan, limits: ArtifactLimits) -> Iterator[Finding]:
    """What keeps a plan from being a graph, and whether it has too many artifacts."""
    if not plan.artifacts:
        yield Finding(Code.EMPTY_PLAN, None, "the plan has no artifacts; it needs at least one")
    for artifact in repeated_ids(plan.artifacts):
        yield Finding(Code.REPEATED_ID, artifact, "several artifacts have this id; give each its own")
    for artifact, missing in missing_requirements(plan.artifacts):
        message = f"requires {missing}, which is not in the plan; add it or remove the requirement"
        yield Finding(Code.MISSING_REQUIREMENT, artifact, message, missing)
    for cycle in cycles_among(plan.artifacts):
        message = f"is in a cycle: {' → '.join(cycle)}; remove one of these requirements"
        yield Finding(Code.CYCLE, cycle[0], message)
    if len(plan.artifacts) > limits.max_artifacts:
        message = f"the plan has {len(plan.artifacts)} artifacts, {limits.max_artifacts} are allowed; merge some"
        yield Finding(Code.TOO_MANY_ARTIFACTS, None, message)


def depth_findings(graph: ArtifactGraph, limits: ArtifactLimits) -> Iterator[Finding]:
    """Whether a chain is longer than allowed."""
    if graph.depth > limits.max_depth:
        last = graph.waves[-1][0]
        message = f"ends a chain of {graph.depth} artifacts, {limits.max_depth} are allowed; shorten it"
        yield Finding(Code.TOO_DEEP, last, message)
