"""Brings together what a run found out: the report, the plan's page, the knowledge graph, the decision records."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.effort import DEFAULT_EFFORT, EffortModel
from prefect_harmonic.planners.evidence import Decision, Evidence
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.programme.difference import difference
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation
from prefect_harmonic.planners.programme.question import Answer, Question
from prefect_harmonic.planners.programme.replanning import Replanning
from prefect_harmonic.planners.scheduling import critical_path, expected_schedule
from prefect_harmonic.planners.soundness import Soundness
from prefect_harmonic.tasks.agents.code_owners import NOBODY, CodeOwners
from prefect_harmonic.tasks.run_outcome import RunOutcome
from prefect_harmonic.tasks.views.budget import BudgetRow
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.changes import ChangeRow, change_rows, with_alterations
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation, evaluation_row
from prefect_harmonic.tasks.views.graphml import graphml
from prefect_harmonic.tasks.views.knowledge_picture import knowledge_svg
from prefect_harmonic.tasks.views.model_use import ModelUseRow
from prefect_harmonic.tasks.views.overview import FindingRow
from prefect_harmonic.tasks.views.page import plan_page
from prefect_harmonic.tasks.views.question import question_row
from prefect_harmonic.tasks.views.replanning import ReplanningRow, replanning_rows
from prefect_harmonic.tasks.views.report.decisions import decision_record
from prefect_harmonic.tasks.views.report.document import report, report_digest
from prefect_harmonic.tasks.views.report.subject import SKELETON, ReportInput
from prefect_harmonic.tasks.views.report.subject import ArtifactState as ShownState
from prefect_harmonic.tasks.views.timeline import TimelineBar
from prefect_harmonic.tasks.workspace import Workspace

REPORT, PLAN, PAGE, KNOWLEDGE = "report.md", "plan.json", "plan.html", "knowledge.graphml"
PICTURE = "knowledge.svg"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that a run leaves to be told.

    Attributes:
        graph: The plan as it was executed.
        outcome: Where every artifact ended.
        evidence: What was found out, by artifact.
        evaluations: The verdicts in the order in which they were made.
        planning: How the first plan was chosen, if it was: what `PlanningOutcome.to_document` gives.
        workers: How many artifacts were made at once at most.
        seconds: How long the run took.
        effort: How many hours artifacts take: what the plan was chosen by.
        foretold: How long it was foretold to take, in words.
        criteria: What the findings had to reach.
        first_plan: The plan before it was changed for the first time; needed to draw what was dropped.
        replannings: Each change of the plan while it was carried out, in order; `graph` is the plan after the last.
        questions: What was put to a person, in order, each with the answer if there is one.
        budget: What was spent, and what may be.
        model_use: What was taken of the language model, by purpose.
        ending: How the run ended: `converged`, `plateaued`, `exhausted`, `stopped`, `skipped`, `waiting`, `blocked`,
            `budget`, `cancelled` or `failed`; empty where nobody says.
        ending_reason: Why, in a sentence.
        owners: Who answers for which files of the project.
    """

    graph: ArtifactGraph
    outcome: RunOutcome
    evidence: Mapping[str, Evidence]
    evaluations: Sequence[Evaluation] = ()
    planning: Mapping[str, Any] | None = None
    workers: int = 4
    seconds: float | None = None
    effort: EffortModel = DEFAULT_EFFORT
    foretold: str = ""
    criteria: Criteria | None = None
    first_plan: ArtifactGraph | None = None
    replannings: Sequence[Replanning] = ()
    questions: Sequence[tuple[Question, Answer | None]] = ()
    budget: Sequence[BudgetRow] = ()
    model_use: Sequence[ModelUseRow] = ()
    ending: str = ""
    ending_reason: str = ""
    owners: CodeOwners = NOBODY


@task(name="synthesise", task_run_name="synthesise", persist_result=False, cache_policy=NO_CACHE)
async def synthesise(findings: Findings, workspace: Workspace) -> str:
    """Writes what a run leaves in the workspace, and gives the first screen of its report.

    Raises:
        WorkspaceError: A file cannot be written.
    """
    return await asyncio.to_thread(written_synthesis, findings, workspace)


def written_synthesis(findings: Findings, workspace: Workspace) -> str:
    """As `synthesise`, without an engine."""
    records = decision_records(findings, workspace)
    for path, text in records.items():
        workspace.write(path, text)
    write_plan(findings.graph, workspace)
    workspace.write_own(PAGE, run_page(findings))
    known = (findings.graph, findings.evidence, _states(findings.outcome))
    workspace.write_own(KNOWLEDGE, graphml(*known))
    workspace.write_own(PICTURE, knowledge_svg(*known))
    told = _report_input(findings, sorted(records))
    return report_digest(told, str(workspace.write_own(REPORT, report(told))))


def write_plan(graph: ArtifactGraph, workspace: Workspace) -> Path:
    """Writes the plan as it is executed."""
    return workspace.write_own(PLAN, graph.plan.to_json())


def decision_records(findings: Findings, workspace: Workspace) -> dict[str, str]:
    """Records of the decisions that no artifact's own file records, by their path, numbered after those there are."""
    there = sorted((workspace.root / "decisions").glob("[0-9][0-9][0-9][0-9]-*.md"))
    known = {path.name[5:]: int(path.name[:4]) for path in reversed(there)}
    taken = {path.name[:4] for path in there}
    own = {file.path for evidence in findings.evidence.values() for file in evidence.files}
    taken |= {Path(path).name[:4] for path in own if path.startswith("decisions/")}
    numbers = (number for number in count(1) if f"{number:04}" not in taken)
    undocumented = [decision for decision in _decisions(findings) if decision.file not in own]
    records = {}
    for decision in undocumented:
        name = decision_record(decision, 0)[0].removeprefix("decisions/0000-")
        # One that an earlier run recorded keeps its number; a second decision of the same title gets one of its own.
        number = known.pop(name) if name in known else next(numbers)
        path, text = decision_record(decision, number)
        records[path] = text
    return records


def _decisions(findings: Findings) -> list[Decision]:
    found = (findings.evidence[name] for name in findings.graph.order if name in findings.evidence)
    return [decision for evidence in found for decision in evidence.decisions]


def _states(outcome: RunOutcome) -> dict[str, str]:
    """Where each artifact ended; one that is there only in outline is called that."""
    return {name: SKELETON if one.is_skeleton else one.state.value for name, one in outcome.artifacts.items()}


def candidate_rows(planning: Mapping[str, Any] | None) -> tuple[CandidateRow, ...]:
    """The candidates as the page and the report show them."""
    if planning is None:
        return ()
    return tuple(
        CandidateRow(
            id=candidate["id"],
            style=candidate["style"],
            status=candidate["status"],
            is_selected=candidate["id"] == planning["selected"],
            reason=candidate["reason"] or "",
            coverage=candidate["coverage"],
            expected_makespan_hours=candidate["expected_makespan_hours"],
            score=metrics.get("score"),
            artifact_count=metrics.get("artifact_count"),
            depth=metrics.get("depth"),
            soundness=Soundness.model_validate(candidate["soundness"]) if "soundness" in candidate else None,
        )
        for candidate in planning["candidates"]
        for metrics in (candidate["metrics"] or {},)
    )


def page_of_plan(
    graph: ArtifactGraph,
    *,
    workers: int,
    planning: Mapping[str, Any] | None = None,
    effort: EffortModel = DEFAULT_EFFORT,
) -> str:
    """The page of a plan that has not been carried out."""
    waiting = RunOutcome(artifacts={})
    findings = Findings(graph=graph, outcome=waiting, evidence={}, planning=planning, workers=workers, effort=effort)
    return run_page(findings)


def page_of_difference(graph: ArtifactGraph, before: ArtifactGraph, *, workers: int, made: Collection[str] = ()) -> str:
    """The page of a plan with what it changes against another one, of which so much has been made."""
    dropped = [artifact for name, artifact in before.artifacts.items() if name not in graph]
    findings = Findings(graph=graph, outcome=RunOutcome(artifacts={}), evidence={}, workers=workers)
    return run_page(findings, changes=difference_rows(graph, before, made), dropped=dropped)


def difference_rows(graph: ArtifactGraph, before: ArtifactGraph, made: Collection[str] = ()) -> tuple[ChangeRow, ...]:
    """What a plan changes against another one.

    Args:
        graph: The plan.
        before: The other one.
        made: Ids of what has been made of the other one; all else is still to be made under both.
    """
    found = difference(before, graph, finished=made)
    hours = {**DEFAULT_EFFORT.durations(before), **DEFAULT_EFFORT.durations(graph)}
    return with_alterations(change_rows(found, hours), before, graph)


def run_page(findings: Findings, *, changes: Sequence[ChangeRow] = (), dropped: Sequence[Artifact] = ()) -> str:
    """The page of a plan: its drawing, the expected schedule, what really happened, what was changed, the table.

    Args:
        findings: What the run found out, as far as it is.
        changes: What becomes of each artifact, where the plan is compared with another one.
        dropped: Artifacts of the other plan that this one does without.
    """
    graph = findings.graph
    durations = findings.effort.durations(graph)
    expected = [
        TimelineBar(slot.artifact, slot.start, slot.finish, f"worker {slot.worker + 1}")
        for slot in expected_schedule(graph, durations, findings.workers).slots
    ]
    figures = metrics_of(graph).model_dump()
    hours = max((bar.finish for bar in expected), default=0.0)
    return plan_page(
        graph,
        timeline=expected,
        hours=durations,
        run=_run_bars(findings.outcome),
        metrics={"expected_makespan_hours": hours, **figures},
        critical_path=critical_path(graph, durations),
        states=_states(findings.outcome),
        candidates=candidate_rows(findings.planning),
        reason="" if findings.planning is None else findings.planning["reason"],
        findings=[
            FindingRow(finding.code.value, finding.severity.value, finding.artifact or "", finding.message)
            for finding in lint(graph.plan)
        ],
        changes=changes,
        dropped=dropped,
        replannings=_replannings(findings),
        evaluations=_evaluations(findings),
        threshold=findings.criteria.min_confidence if findings.criteria else None,
        links=(REPORT, PICTURE) if findings.evidence else (),
    )


def _run_bars(outcome: RunOutcome) -> list[TimelineBar]:
    """What was really made in this run, in seconds from the start of the first artifact."""
    spans = [
        (name, datetime.fromisoformat(one.started), datetime.fromisoformat(one.finished), one.agent or "")
        for name, one in outcome.artifacts.items()
        if one.state.value == "done" and one.started and one.finished
    ]
    if not spans:
        return []
    start = min(span[1] for span in spans)
    return [
        TimelineBar(name, (begun - start).total_seconds(), (ended - start).total_seconds(), agent)
        for name, begun, ended, agent in spans
    ]


def _report_input(findings: Findings, records: Sequence[str]) -> ReportInput:
    outcome, graph = findings.outcome, findings.graph
    durations = findings.effort.durations(graph)
    produced = {path for one in outcome.artifacts.values() for path in one.files}
    return ReportInput(
        graph=graph,
        evidence=findings.evidence,
        states={name: ShownState(one.state.value, one.reason or "") for name, one in outcome.artifacts.items()},
        evaluations=_evaluations(findings),
        expected_hours=durations,
        is_learned=findings.effort != DEFAULT_EFFORT,
        actual_seconds={name: one.seconds for name, one in outcome.artifacts.items() if one.seconds is not None},
        expected_makespan_hours=expected_schedule(graph, durations, findings.workers).makespan,
        run_seconds=findings.seconds,
        foretold=findings.foretold,
        candidates=candidate_rows(findings.planning),
        reason="" if findings.planning is None else findings.planning["reason"],
        produced_files=tuple(sorted({*produced, *records, PLAN, PAGE, KNOWLEDGE, PICTURE, "events.jsonl"})),
        replannings=_replannings(findings),
        questions=tuple(question_row(question, answer) for question, answer in findings.questions),
        budget=tuple(findings.budget),
        model_use=tuple(findings.model_use),
        ending=findings.ending,
        ending_reason=findings.ending_reason,
        owners=findings.owners,
    )


def _evaluations(findings: Findings) -> tuple[PhaseEvaluation, ...]:
    return tuple(map(evaluation_row, findings.evaluations))


def _replannings(findings: Findings) -> tuple[ReplanningRow, ...]:
    failed = [name for name, one in findings.outcome.artifacts.items() if one.state is ArtifactState.FAILED]
    return replanning_rows(findings.replannings, findings.first_plan, findings.evidence, failed, effort=findings.effort)
