"""The plan for an incident: two tracks that search for the cause at once, and the decision that follows it.

Source: second design document, "Workflow 2: Emergency Incident Response" (priority critical, depth 3).
"""

from collections.abc import Collection, Sequence

from prefect_harmonic.planners.artifact import Artifact, Priority, Requirement
from prefect_harmonic.planners.coordinators.race import Cause
from prefect_harmonic.planners.plan import Plan

INCIDENT_DEPTH = 3
"""Levels of the tree of an incident."""

ANALYSIS, RESEARCH, DECISION = "QueryPerformanceAnalysis", "KnownIssueResearch", "ImmediateMitigation"
TRACKS = (ANALYSIS, RESEARCH)
"""The tracks, which search at the same time."""

INCIDENT_ANALYSIS = "incident-analysis"
"""Kind of an artifact that searches logs, SQL and code for what makes a database slow now."""

SEARCH, MITIGATION = "investigation", "mitigation"
"""The phases: the second begins when the first is over, whichever track ended it."""


def incident_plan(goal: str, symptoms: str = "", guidance: Sequence[str] = (), cause: Cause | None = None) -> Plan:
    """The plan for an incident.

    Until the cause is known the decision waits for both tracks. Once it is, it rests on what the track found that
    knows it, and on nothing else: what the other one read may be of an incident that only looks the same.

    Args:
        goal: What is to be resolved.
        symptoms: What users see, in a person's words.
        guidance: What people said to look at.
        cause: The cause, once it is known.
    """
    seen = "".join(f" {text.strip().rstrip('.')}." for text in (symptoms, *guidance) if text.strip())
    return Plan(goal=goal, artifacts=(_analysis(seen), _research(seen), _decision(cause)))


def plan_without(plan: Plan, dropped: Collection[str]) -> Plan:
    """The plan without what was called off."""
    return plan.with_artifacts(artifact for artifact in plan.artifacts if artifact.id not in dropped)


def _analysis(seen: str) -> Artifact:
    return Artifact(
        id=ANALYSIS,
        description="Slow queries, missing indexes and lock contention, in logs, SQL and code of the project",
        contract=f"Each suspect with file and line, its share of the slow time, and what confirms it.{seen}",
        agent="code-analyzer",
        domain_type=INCIDENT_ANALYSIS,
        produces_file="analysis/query-performance.md",
        effort="low",
        phase=SEARCH,
        priority=Priority.CRITICAL.value,
    )


def _research(seen: str) -> Artifact:
    return Artifact(
        id=RESEARCH,
        description="Known issues: similar incidents, faults of the database's version, remedies that worked",
        contract=f"Each with its source; what is alike and what is not.{seen}",
        agent="researcher",
        domain_type="research",
        produces_file="research/known-issues.md",
        effort="low",
        phase=SEARCH,
        priority=Priority.CRITICAL.value,
    )


def _decision(cause: Cause | None) -> Artifact:
    told = "" if cause is None else f" {cause.claim.text}"
    because = "the mitigation follows from the cause"
    requires = TRACKS if cause is None else (cause.track,)
    return Artifact(
        id=DECISION,
        description=f"Immediate mitigation: what is done now so that users stop suffering.{told}",
        contract="The cause with its evidence; at least two remedies weighed by time, risk and way back",
        requires=tuple(Requirement(id=track, because=because) for track in requires),
        agent="decision-log",
        domain_type="decision",
        produces_file="decisions/0001-immediate-mitigation.md",
        effort="low",
        phase=MITIGATION,
        priority=Priority.CRITICAL.value,
    )
