"""What is shown in the Prefect UI beside the runs: the candidates, the plan, the report.

Publishing is a courtesy: if the server does not take it, the run goes on and says so in its log.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.views.mermaid import plan_markdown

CANDIDATES_KEY = "harmonic-candidates"
PLAN_KEY = "harmonic-plan"
REPORT_KEY = "harmonic-report"

_log = logger(__name__)


async def publish_candidates(outcome: PlanningOutcome) -> None:
    """Publishes the candidates side by side as a table."""
    rows = [candidate_row(candidate) for candidate in outcome.to_document()["candidates"]]
    selected = outcome.selection.winner.id
    table = [{"choice": "selected" if row["candidate"] == selected else "", **row} for row in rows]
    await _published(
        "candidates", acreate_table_artifact(table, key=CANDIDATES_KEY, description=outcome.selection.reason)
    )


def candidate_row(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """One candidate as a row of a table; every row has the same columns."""
    metrics = candidate["metrics"] or {}
    hours, score = candidate["expected_makespan_hours"], metrics.get("score")
    return {
        "candidate": candidate["id"],
        "style": candidate["style"].replace("_", " "),
        "status": candidate["status"],
        "coverage": f"{candidate['coverage']:.0%}",
        "expected hours": "" if hours is None else round(hours, 2),
        "artifacts": metrics.get("artifact_count", ""),
        "depth": metrics.get("depth", ""),
        "width": metrics.get("width", ""),
        "conflicts": metrics.get("file_conflicts", ""),
        "score": "" if score is None else round(score, 1),
        "reason": candidate["reason"] or "",
    }


async def publish_plan(graph: ArtifactGraph, reason: str = "", states: Mapping[str, str] | None = None) -> None:
    """Publishes a plan as a diagram with its artifacts listed below."""
    text = plan_markdown(graph, states, reason=reason)
    await _published("plan", acreate_markdown_artifact(text, key=PLAN_KEY, description=graph.goal[:500]))


async def publish_report(text: str, goal: str) -> None:
    """Publishes the report of a run."""
    await _published("report", acreate_markdown_artifact(text, key=REPORT_KEY, description=goal[:500]))


async def _published(what: str, publishing: Awaitable[object]) -> None:
    try:
        await publishing
    except Exception as error:  # the run does not depend on being shown
        _log.warning("publishing.failed", what=what, error=str(error))
