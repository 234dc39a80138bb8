"""One candidate from its generation to the verdict on it."""

from collections import Counter
from collections.abc import Collection
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.diversity import structure
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate import Finding, coverage
from prefect_harmonic.planners.gate.coverage import covered_requirements
from prefect_harmonic.planners.gate.gate import examined
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import PlanMetrics, metrics_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.scheduling import expected_schedule
from prefect_harmonic.planners.variance import Constraint, Variation

_LONGEST_REASON = 500


class CandidateStatus(StrEnum):
    """What became of a candidate."""

    VALID = "valid"
    INVALID = "invalid"
    """The gate refused it, or it has not the shape that was asked for."""
    FAILED = "failed"
    """It could not be generated."""


class Yardstick(BaseModel):
    """What all candidates for one goal are measured with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirements: tuple[str, ...] = ()
    limits: ArtifactLimits = ArtifactLimits()
    agents: frozenset[str] | None = Field(default=None, description="Agents a plan may name; any if left out.")
    provided: frozenset[str] = Field(default=frozenset(), description="What the project provides to be consumed.")
    workers: int = Field(default=4, ge=1, description="The parallelism to plan for.")
    effort: EffortModel = EffortModel()
    is_declared: bool = Field(
        default=False,
        description="Whether plans declare all that they consume, so that an order none of them declares is no order.",
    )


class Candidate(BaseModel):
    """A generated plan with the gate's findings and its figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variation: Variation
    status: CandidateStatus
    reason: str | None = Field(default=None, description="Why it failed or was refused.")
    plan: Plan | None = None
    findings: tuple[Finding, ...] = ()
    coverage: float = 0.0
    covered: frozenset[str] = frozenset()
    expected_makespan_hours: float | None = None
    cost_hours: float | None = Field(default=None, description="All its work, added up.")
    metrics: PlanMetrics | None = None
    _graph: ArtifactGraph | None = PrivateAttr(default=None)
    """The graph that the gate built, so that it is not built again."""

    @property
    def id(self) -> str:
        """Stable id, from generation to the winner."""
        return self.variation.candidate

    @property
    def is_valid(self) -> bool:
        """Whether it may be ranked and run."""
        return self.status is CandidateStatus.VALID

    @cached_property
    def graph(self) -> ArtifactGraph:
        """The plan as a graph; only where the candidate is valid."""
        return self._graph or ArtifactGraph(self.plan or Plan())

    @cached_property
    def structure(self) -> Counter[str]:
        """What the plan's structure is compared by."""
        return structure(self.graph)

    def to_document(self) -> dict[str, Any]:
        """The candidate as plain JSON values, in the shape of `harmonic plan --json`."""
        return self.summary() | {"findings": [finding.to_document() for finding in self.findings]}

    def summary(self) -> dict[str, Any]:
        """As `to_document`, without the findings."""
        return {
            "id": self.id,
            "style": self.variation.label,
            "origin": self.variation.origin or None,
            "status": self.status.value,
            "reason": self.reason,
            "findings": [],
            "coverage": self.coverage,
            "expected_makespan_hours": self.expected_makespan_hours,
            "cost_hours": self.cost_hours,
            "metrics": None if self.metrics is None else self.metrics.model_dump(mode="json"),
        }


def failed_candidate(variation: Variation, reason: str) -> Candidate:
    """A candidate that could not be generated, with why."""
    return Candidate(variation=variation, status=CandidateStatus.FAILED, reason=reason)


def reason_of(error: Exception) -> str:
    """Why a candidate failed, in one line of bearable length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def judged(plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
    """A generated plan with the gate's verdict, and its figures if it passes."""
    plan = plan.sorted()
    findings, graph = examined(
        plan,
        limits=yardstick.limits,
        agents=yardstick.agents,
        provided=yardstick.provided,
        requirements=yardstick.requirements,
    )
    refused = _refusal(graph, findings, variation.constraint)
    share = coverage(plan.artifacts, yardstick.requirements)
    if refused or graph is None:
        return Candidate(
            variation=variation,
            status=CandidateStatus.INVALID,
            reason=refused,
            plan=plan,
            findings=findings,
            coverage=share,
        )
    durations = yardstick.effort.durations(graph)
    candidate = Candidate(
        variation=variation,
        status=CandidateStatus.VALID,
        plan=plan,
        findings=findings,
        coverage=share,
        covered=covered_requirements(plan.artifacts, yardstick.requirements),
        expected_makespan_hours=expected_schedule(graph, durations, yardstick.workers).makespan,
        cost_hours=sum(durations.values()),
        metrics=metrics_of(graph),
    )
    candidate._graph = graph
    return candidate


def _refusal(graph: ArtifactGraph | None, findings: Collection[Finding], constraint: Constraint | None) -> str | None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return f"{errors[0].code} {errors[0].who or 'plan'} {errors[0].message}{more}"
    return constraint_problem(graph, constraint) if constraint and graph is not None else None


def constraint_problem(graph: ArtifactGraph, constraint: Constraint) -> str | None:
    """How a plan misses the shape that it was asked for, or nothing.

    >>> from prefect_harmonic.planners.artifact import Artifact
    >>> chain = ArtifactGraph([Artifact(id="A"), Artifact(id="B", requires="A")])
    >>> constraint_problem(chain, Constraint(max_depth=1))
    'was asked for max_depth=1 and has 2'
    """
    busiest = max(len(graph.dependents_of(artifact)) for artifact in graph.artifacts)
    figures = {"max_depth": graph.depth, "max_artifacts": len(graph), "max_dependents": busiest}
    for name, limit in constraint.model_dump(exclude_none=True).items():
        figure = figures.get(name, len(graph.leaves))
        if figure < limit if name == "min_leaves" else figure > limit:
            return f"was asked for {name}={limit} and has {figure}"
    return None
