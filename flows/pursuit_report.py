"""What a pursuit shows while it goes on and leaves when it has ended, however it ended."""

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.execution import Execution
from prefect_harmonic.flows.pursuing import Pursuit
from prefect_harmonic.flows.settling import settle
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.programme.evaluation import EvaluationOutcome
from prefect_harmonic.planners.programme.outcome import PursuitOutcome
from prefect_harmonic.planners.programme.question import AnswerAction
from prefect_harmonic.tasks.agents.code_owners import NOBODY
from prefect_harmonic.tasks.calling import quoted
from prefect_harmonic.tasks.past_run import keep_past_run
from prefect_harmonic.tasks.programme_root import stated_root
from prefect_harmonic.tasks.project_owners import project_owners
from prefect_harmonic.tasks.publishing import (
    publish_candidates,
    publish_evaluations,
    publish_plan,
    publish_report,
)
from prefect_harmonic.tasks.pursuit_state import PursuitState
from prefect_harmonic.tasks.synthesis import PAGE, REPORT, Findings, page_of_plan, synthesise, write_plan
from prefect_harmonic.tasks.views.budget import budget_rows
from prefect_harmonic.tasks.views.evaluation import evaluation_row
from prefect_harmonic.tasks.views.model_use import model_use_rows
from prefect_harmonic.tasks.views.report.decisions import is_proposed, is_ruling

_ENDINGS = {
    PursuitOutcome.CONVERGED: "converged",
    PursuitOutcome.ACCEPTED: "skipped",
    PursuitOutcome.INCONCLUSIVE: "inconclusive",
    PursuitOutcome.INCOMPLETE: "blocked",
    PursuitOutcome.WAITING: "waiting",
    PursuitOutcome.SCHEDULED: "scheduled",
}
"""How the report calls what came of a pursuit."""


async def pursued(pursuit: Pursuit, planning: PlanningOutcome | None) -> dict[str, Any]:
    """Pursues a plan and writes what came of it, however it ended."""
    if pursuit.is_settled:
        return _as_it_is(pursuit)
    begun = monotonic()
    is_first = not pursuit.state.evaluations and not pursuit.state.questions
    execution = pursuit.execution
    graph, workspace, log = execution.production.graph, execution.production.workspace, execution.production.log
    write_plan(graph, workspace)
    page = page_of_plan(
        graph, workers=execution.max_parallel, planning=pursuit.state.planning, effort=pursuit.state.effort
    )
    workspace.write_own(PAGE, page)
    if planning is not None:
        await publish_candidates(planning)
    await publish_plan(graph, planning.selection.reason if planning else "")
    log.tell(EventName.RUN_STARTED, graph.goal, artifacts=len(graph), plan="plan.json")
    ended = await pursuit.pursue()
    seconds = monotonic() - begun
    production, state = execution.production, pursuit.state
    if pursuit.recording is not None:
        await keep_past_run(
            pursuit.recording,
            state,
            execution.outcome,
            project=production.project,
            workers=execution.max_parallel,
            seconds=seconds if is_first else None,
        )
    account = None if pursuit.recording is None else await pursuit.recording.account()
    is_converged = ended is PursuitOutcome.CONVERGED
    findings = Findings(
        graph=production.graph,
        outcome=execution.outcome,
        evidence={name: entry.evidence for name, entry in production.entries.items()},
        evaluations=state.evaluations,
        planning=state.planning,
        workers=execution.max_parallel,
        seconds=seconds,
        effort=state.effort,
        foretold=str(state.prediction["said"]) if state.prediction and state.prediction["seconds"] else "",
        criteria=pursuit.rules.criteria,
        first_plan=ArtifactGraph(state.first_plan),
        replannings=state.replannings,
        questions=[(asked.question, asked.answer) for asked in state.questions],
        budget=() if account is None else budget_rows(account),
        model_use=() if pursuit.counsel.account is None else model_use_rows(pursuit.counsel.account.used),
        ending=_ending(ended, state),
        ending_reason="" if is_converged else _why(execution, state),
        owners=NOBODY if production.project is None else project_owners(Path(production.project)),
    )
    await publish_evaluations([evaluation_row(one) for one in state.evaluations])
    text = await synthesise(quoted(findings), quoted(workspace))
    await publish_report(text, graph.goal)
    log.tell(EventName.RUN_COMPLETED, graph.goal, outcome=ended.value, **execution.outcome.counts)
    settle(production, state)
    return _document(pursuit, ended)


def _as_it_is(pursuit: Pursuit) -> dict[str, Any]:
    """The outcome of a run that finds everything done and decided; nothing of the result is written again."""
    execution = pursuit.execution
    execution.production.log = replace(execution.production.log, path=None)
    for name, entry in execution.production.entries.items():
        execution.keep(name, entry)
    ended = max(entry.finished for entry in execution.production.entries.values())
    goal = execution.production.graph.goal
    execution.production.log.tell(EventName.RUN_UNCHANGED, goal, artifacts=len(execution.outcomes), finished=ended)
    return _document(pursuit, PursuitOutcome(pursuit.state.outcome))


def _document(pursuit: Pursuit, ended: PursuitOutcome) -> dict[str, Any]:
    """The outcome as plain JSON values."""
    state, outcome = pursuit.state, pursuit.execution.outcome
    question = state.open_question
    return {
        "goal": pursuit.execution.production.graph.goal,
        **outcome.to_document(),
        "outcome": ended.value,
        "programme": stated_root(pursuit.execution.production.workspace) if pursuit.is_settled else _root(pursuit),
        "report": f"{outcome.workspace}/{REPORT}",
        "evaluations": [evaluation.model_dump(mode="json") for evaluation in state.evaluations],
        "replannings": [replanning.model_dump(mode="json") for replanning in state.replannings],
        "questions": [asked.model_dump(mode="json") for asked in state.questions],
        "question": None if question is None else question.model_dump(mode="json"),
        "planning": state.planning,
        "decisions": _decisions(pursuit),
        "judgements": [str(judgement) for judgement in state.judgements],
        "model": None if pursuit.counsel.account is None else pursuit.counsel.account.to_document(),
        "plan": state.plan.to_document(),
    }


def _decisions(pursuit: Pursuit) -> list[dict[str, Any]]:
    """What was decided for the goal, in the order of the plan; not which of two statements of documents holds."""
    production = pursuit.execution.production
    made = (production.entries[name].evidence for name in production.graph.order if name in production.entries)
    return [
        {
            "artifact": found.artifact,
            "subject": decision.subject,
            "chosen": decision.chosen,
            "settled": not is_proposed(found),
        }
        for found in made
        for decision in found.decisions
        if decision.chosen and not is_ruling(found)
    ]


def _root(pursuit: Pursuit) -> str | None:
    """The id of the pursuit in the knowledge base, if it could be used."""
    return None if pursuit.recording is None else pursuit.recording.record.root


def _why(execution: Execution, state: PursuitState) -> str:
    """Why a pursuit has not arrived: what refused it, else how the last evaluation fell short."""
    if execution.refusal or not state.evaluations:
        return execution.refusal
    last = state.evaluations[-1]
    return "" if last.outcome is EvaluationOutcome.CONVERGED else last.rationale


def _ending(ended: PursuitOutcome, state: PursuitState) -> str:
    """What the report calls the end: where a standing order stopped the run, what it was stopped by."""
    if ended is not PursuitOutcome.STOPPED:
        return _ENDINGS[ended]
    last = next((one for one in reversed(state.questions) if one.answer is not None), None)
    is_order = last is not None and last.answer is not None and last.answer.by.startswith("standing order")
    is_stop = last is not None and last.answer is not None and last.answer.action is AnswerAction.STOP
    return last.question.kind.value if last is not None and is_order and is_stop else "stopped"
