"""What is shown in the Prefect UI beside the runs: candidates, plan, evaluations, changes, questions, the report.

Publishing is a courtesy: if the server does not take it, the run goes on and says so in its log.
"""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from prefect_harmonic.planners.coordinators.race import Checkpoint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.soundness import NO_SAY
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.views.changes import ChangeRow, changes_words, difference_table
from prefect_harmonic.tasks.views.escaping import markdown_text, one_line
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.evaluations import evaluation_table
from prefect_harmonic.tasks.views.mermaid import plan_markdown
from prefect_harmonic.tasks.views.question import QuestionRow, question_markdown

CANDIDATES_KEY = "harmonic-candidates"
PLAN_KEY = "harmonic-plan"
REPORT_KEY = "harmonic-report"
DIFFERENCE_KEY = "harmonic-difference"
QUESTION_KEY = "harmonic-question"
EVALUATIONS_KEY = "harmonic-evaluations"
CHECKPOINTS_KEY = "harmonic-checkpoints"

_LONGEST_GOAL = 500
_log = logger(__name__)


async def publish_candidates(outcome: PlanningOutcome) -> None:
    """Publishes the candidates side by side as a table."""
    rows = [candidate_row(candidate) for candidate in outcome.to_document()["candidates"]]
    told = outcome.selection.reason
    if outcome.soundness:
        rows = [row | {"soundness": str(outcome.soundness.get(row["candidate"], ""))} for row in rows]
        told = f"{told} {NO_SAY}"
    selected = outcome.selection.winner.id
    table = [{"choice": "selected" if row["candidate"] == selected else "", **row} for row in rows]
    await _published("candidates", acreate_table_artifact(table, key=CANDIDATES_KEY, description=markdown_text(told)))


def candidate_row(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """One candidate as a row of a table; every row has the same columns."""
    metrics = candidate["metrics"] or {}
    hours, score = candidate["expected_makespan_hours"], metrics.get("score")
    return {
        "candidate": candidate["id"],
        "style": candidate["style"].replace("_", " "),
        "status": candidate["status"],
        "coverage": f"{candidate['coverage']:.0%}",
        "expected makespan": "" if hours is None else spoken_hours(hours),
        "artifacts": metrics.get("artifact_count", ""),
        "depth": metrics.get("depth", ""),
        "width": metrics.get("width", ""),
        "conflicts": metrics.get("file_conflicts", ""),
        "score": "" if score is None else round(score, 1),
        "reason": one_line(candidate["reason"] or ""),
    }


async def publish_plan(graph: ArtifactGraph, reason: str = "") -> None:
    """Publishes a plan as a diagram with its artifacts listed below."""
    text = plan_markdown(graph, reason=reason)
    await _published("plan", acreate_markdown_artifact(text, key=PLAN_KEY, description=_about(graph.goal)))


async def publish_report(text: str, goal: str) -> None:
    """Publishes the report of a run."""
    await _published("report", acreate_markdown_artifact(text, key=REPORT_KEY, description=_about(goal)))


async def publish_difference(changes: Sequence[ChangeRow], reason: str = "") -> None:
    """Publishes what a changed plan means for every artifact as a table; each change is a version of one artifact."""
    told = "; ".join(part for part in (changes_words(changes), one_line(reason)) if part)
    await _published(
        "difference",
        acreate_table_artifact(difference_table(changes), key=DIFFERENCE_KEY, description=markdown_text(told)),
    )


async def publish_question(question: QuestionRow, *, how_to_answer: str = "") -> None:
    """Publishes what a person is asked, or what was answered."""
    text = question_markdown(question, how_to_answer=how_to_answer)
    about = markdown_text(question.subject)
    await _published("question", acreate_markdown_artifact(text, key=QUESTION_KEY, description=about))


async def publish_evaluations(evaluations: Sequence[PhaseEvaluation]) -> None:
    """Publishes all evaluations so far as a table, with the last verdict above it."""
    last = markdown_text(evaluations[-1].rationale) if evaluations else ""
    await _published(
        "evaluations",
        acreate_table_artifact(evaluation_table(evaluations), key=EVALUATIONS_KEY, description=last),
    )


async def publish_checkpoints(checkpoints: Sequence[Checkpoint], told: str = "") -> None:
    """Publishes how the tracks of a search stood at each checkpoint, the last one first."""
    table = [
        {
            "checkpoint": checkpoint.number,
            "minute": round(checkpoint.seconds / 60, 1),
            "track": track.track,
            "agent": track.agent,
            "state": track.state.value,
            "confidence": round(track.confidence, 2),
            "suspicion": one_line(track.reason or track.suspicion),
        }
        for checkpoint in reversed(checkpoints)
        for track in checkpoint.tracks
    ]
    await _published("checkpoints", acreate_table_artifact(table, key=CHECKPOINTS_KEY, description=markdown_text(told)))


def _about(goal: str) -> str:
    """A goal as a description, which Prefect reads as Markdown."""
    return markdown_text(goal[:_LONGEST_GOAL])


async def _published(what: str, publishing: Awaitable[object]) -> None:
    try:
        await publishing
    except Exception as error:  # the run does not depend on being shown
        _log.warning("publishing.failed", what=what, error=str(error))
