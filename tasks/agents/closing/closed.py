"""The one door through which specialists close openings: what is asked decides who answers it, not who was sent."""

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.tasks.agents.closing.confirming import confirmed
from prefect_harmonic.tasks.agents.closing.gap_filling import filled_gap
from prefect_harmonic.tasks.agents.closing.opening import opening_of
from prefect_harmonic.tasks.agents.closing.settling import settled


def closing_evidence(assignment: Assignment, agent: str) -> Evidence | None:
    """What closes the opening that an assignment is for, in an agent's name; nothing for an ordinary artifact."""
    to_close = opening_of(assignment.artifact)
    if to_close is None:
        return None
    if to_close.kind is OpeningKind.CONTRADICTION:
        return settled(assignment, to_close, agent)
    if to_close.kind is OpeningKind.DOUBT:
        return confirmed(assignment, to_close, agent)
    return filled_gap(assignment, to_close, agent)


def answer_of(evidence: Evidence) -> str:
    """What was found out about an opening, in a line, where no file says it; empty for an ordinary artifact.

    >>> answer_of(Evidence(artifact="A", agent="builder", summary="Done.", confidence=1))
    ''
    """
    if evidence.files or "is_closed" not in evidence.data:
        return ""
    if not evidence.data["is_closed"] or not evidence.claims:
        return "nothing found that closes it"
    claim = evidence.claims[0]
    return f"{claim.text} ({claim.sources[0]})" if claim.sources else claim.text
