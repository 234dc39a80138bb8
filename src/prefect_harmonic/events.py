"""What happens while a plan is made and carried out, by name.

One registry for planning callbacks, structured logs, Prefect events and the `events.jsonl` of a run, so that whoever
follows one of them can follow all.
"""

from collections.abc import Callable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class EventName(StrEnum):
    """Subject and what has become of it. Planning events come in the order in which they stand here."""

    PLANNING_STARTED = "planning.started"
    CANDIDATE_GENERATED = "candidate.generated"
    CANDIDATE_FAILED = "candidate.failed"
    CANDIDATE_SCORED = "candidate.scored"
    CANDIDATES_COMPLETED = "candidates.completed"
    PLAN_REFINED = "plan.refined"
    PLAN_SELECTED = "plan.selected"

    EARLIER_KEPT = "earlier.kept"
    RUN_STARTED = "run.started"
    PHASE_STARTED = "phase.started"
    ARTIFACT_STARTED = "artifact.started"
    ARTIFACT_MADE = "artifact.made"
    ARTIFACT_KEPT = "artifact.kept"
    ARTIFACT_FAILED = "artifact.failed"
    ARTIFACT_BLOCKED = "artifact.blocked"
    ARTIFACT_DROPPED = "artifact.dropped"
    PHASE_JUDGED = "phase.judged"
    PHASE_EVALUATED = "phase.evaluated"
    CHECKPOINT_REACHED = "checkpoint.reached"
    CAUSE_FOUND = "cause.found"
    PLAN_CHANGED = "plan.changed"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    MILESTONE_REVIEWED = "milestone.reviewed"
    BUDGET_SPENT = "budget.spent"
    KNOWLEDGE_MISSED = "knowledge.missed"
    RUN_COMPLETED = "run.completed"
    RUN_UNCHANGED = "run.unchanged"


class Event(BaseModel):
    """Something that happened. `subject` is the candidate, artifact or phase it happened to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: EventName
    subject: str = ""
    at: str = Field(default="", description="ISO time, where the event is recorded.")
    details: dict[str, JsonValue] = Field(default_factory=dict)


EventCallback = Callable[[Event], object]
"""Is told of every event. What it returns is ignored, and what it raises breaks nothing."""
