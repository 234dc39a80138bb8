"""The gate: what must hold before a plan is ranked or run.

Correctness comes before every score, because scores of a plan's shape rise when dependencies are left out.
"""

from collections.abc import Collection, Iterable

from prefect_harmonic.errors import InvalidPlanError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.gate.coverage import uncovered_requirements
from prefect_harmonic.planners.gate.fields import field_findings
from prefect_harmonic.planners.gate.files import shared_files, unsafe_files
from prefect_harmonic.planners.gate.finding import Finding, printable, sort_key
from prefect_harmonic.planners.gate.flow import edge_findings, end_findings, named_not_required, unmet_consumption
from prefect_harmonic.planners.gate.structure import depth_findings, shape_findings
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan


def lint(
    plan: Plan,
    *,
    limits: ArtifactLimits | None = None,
    agents: Collection[str] | None = None,
    provided: Collection[str] = (),
    requirements: Iterable[str] | None = None,
) -> tuple[Finding, ...]:
    """All that the gate has to say about a plan, sorted by code, artifact and message.

    Args:
        plan: The plan, which may be anything but well-formed.
        limits: How large it may be.
        agents: Agents that artifacts may name; any if left out.
        provided: What the project itself provides to be consumed.
        requirements: What it must cover; the plan's own requirements if left out.

    Source: contract, "Lint codes (the gate)".

    >>> [str(finding.code) for finding in lint(Plan())]
    ['P004']
    """
    return examined(plan, limits=limits, agents=agents, provided=provided, requirements=requirements)[0]


def examined(
    plan: Plan,
    *,
    limits: ArtifactLimits | None = None,
    agents: Collection[str] | None = None,
    provided: Collection[str] = (),
    requirements: Iterable[str] | None = None,
) -> tuple[tuple[Finding, ...], ArtifactGraph | None]:
    """As `lint`, together with the graph that had to be built for it, if the plan is one that can be walked."""
    limits = limits or ArtifactLimits()
    requirements = plan.requirements if requirements is None else tuple(requirements)
    findings = [*shape_findings(plan, limits), *unsafe_files(plan.artifacts), *field_findings(plan.artifacts, agents)]
    findings += uncovered_requirements(plan.artifacts, requirements)
    if (graph := _graph(plan, findings)) is not None:
        findings += depth_findings(graph, limits)
        findings += unmet_consumption(graph, provided)
        findings += shared_files(graph)
        findings += named_not_required(graph)
        findings += edge_findings(graph)
        findings += end_findings(graph)
    return tuple(sorted(findings, key=sort_key)), graph


def _graph(plan: Plan, findings: Iterable[Finding]) -> ArtifactGraph | None:
    """The plan as a graph, unless its shape was already found wanting."""
    broken = {"P001", "P002", "P003", "P004"}
    return None if any(finding.code.value in broken for finding in findings) else ArtifactGraph(plan)


def passed(
    plan: Plan,
    *,
    limits: ArtifactLimits | None = None,
    agents: Collection[str] | None = None,
    provided: Collection[str] = (),
) -> ArtifactGraph:
    """The plan as a graph, if the gate lets it pass.

    Raises:
        InvalidPlanError: It does not; the error carries every finding of severity error.
    """
    findings, graph = examined(plan, limits=limits, agents=agents, provided=provided)
    errors = [finding for finding in findings if finding.is_error]
    if errors or graph is None:
        raise InvalidPlanError([f"{error.code} {printable(error.artifact or '-')} {error.message}" for error in errors])
    return graph
