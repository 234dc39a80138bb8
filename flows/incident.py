"""Responding to an incident: two tracks search for the cause at once, and what is done at once is decided from it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.asking import default_way
from prefect_harmonic.flows.beginning import spawner_of, started_with
from prefect_harmonic.flows.context import context_provider
from prefect_harmonic.flows.execution import Execution, opened_production
from prefect_harmonic.flows.failing import of_unmade, outcome_flow
from prefect_harmonic.flows.investigating import Investigation
from prefect_harmonic.flows.naming import named
from prefect_harmonic.flows.parameters import (
    AnswerWithin,
    Budget,
    CheckpointMinutes,
    Checkpoints,
    Escalation,
    Goal,
    LeastConfidence,
    PersonsAnswer,
    ProjectFolder,
    Retries,
    Symptoms,
    Timeout,
    WorkspaceFolder,
)
from prefect_harmonic.flows.predecessor import running_in
from prefect_harmonic.planners.coordinators.race import CAUSE_THRESHOLD, CHECKPOINTS, RaceLimits
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.incident import INCIDENT_DEPTH, TRACKS
from prefect_harmonic.planners.programme.outcome import IncidentOutcome
from prefect_harmonic.tasks.agents.spawning import using_spawner
from prefect_harmonic.tasks.calling import quoted
from prefect_harmonic.tasks.checkpoint_clock import current_checkpoint_clock
from prefect_harmonic.tasks.earlier_result import kept_aside
from prefect_harmonic.tasks.incident_state import IncidentState, incident_key, read_incident
from prefect_harmonic.tasks.logs import bridge_to_runs
from prefect_harmonic.tasks.project import project_context
from prefect_harmonic.tasks.publishing import publish_plan, publish_report
from prefect_harmonic.tasks.recording import recording_of
from prefect_harmonic.tasks.synthesis import REPORT, Findings, synthesise, write_plan
from prefect_harmonic.tasks.views.budget import budget_rows
from prefect_harmonic.tasks.workspace import Workspace

_ENDINGS = {IncidentOutcome.INCOMPLETE: "blocked", IncidentOutcome.UNRESOLVED: "exhausted"}
"""How the report calls what the run calls otherwise."""


@outcome_flow(name="respond-to-incident", flow_run_name=named("incident"))
async def respond_to_incident(
    goal: Goal = "Resolve Production Database Performance Issue",
    symptoms: Symptoms = "",
    project: ProjectFolder = None,
    workspace: WorkspaceFolder = "harmonic-out",
    checkpoint_minutes: CheckpointMinutes = 5,
    max_checkpoints: Checkpoints = CHECKPOINTS,
    min_confidence: LeastConfidence = CAUSE_THRESHOLD,
    retries: Retries = 1,
    timeout_seconds: Timeout = None,
    on_escalation: Escalation | None = None,
    answer_within: AnswerWithin = 3600,
    answer: PersonsAnswer | None = None,
    budget: Budget | None = None,
) -> dict[str, Any]:
    """Searches for the cause of an incident on two tracks at once, and decides what is done at once.

    One track reads logs, SQL and code, the other documents. As soon as one knows the cause, the decision record
    "Immediate mitigation" is written from what it found, and the other is called off. While no cause is known, every
    checkpoint says how the tracks stand, and tracks look again where files of the project have changed; after the last
    checkpoint a person is asked. Started again with the same workspace, nothing is repeated.

    Args:
        goal: What is to be resolved, in a sentence.
        symptoms: What users see, in a person's words.
        project: Folder with the code, the SQL files, the logs and the documents, on the machine that runs this. It is
            only read; a log that comes into it meanwhile is read at the next checkpoint.
        workspace: Folder that takes what is made, on the machine that runs this. Give each incident its own.
        checkpoint_minutes: Minutes from one checkpoint to the next.
        max_checkpoints: Checkpoints after which a person is asked.
        min_confidence: How sure a track must be to know the cause.
        retries: How often a failed track is tried again, where that may help.
        timeout_seconds: How many seconds one track may take. No limit if left out.
        on_escalation: What to do with a question for a person: wait in the process (pause), end it and go on after the
            answer (suspend), or start nothing more (fail, skip). If left out, runs of a deployment pause and others
            fail.
        answer_within: How many seconds a paused run waits for an answer before it stops.
        answer: Your answer to the question that an earlier run in this workspace left open.
        budget: What the run may spend. Nothing is started that does not fit in.

    Returns:
        Plain JSON: how it ended (`mitigated`, `incomplete`, `unresolved`, `waiting`), the cause, where every artifact
        ended, the checkpoints, what was dropped and why, and where the report lies.

    Raises:
        InputError: A parameter cannot be used.
    """
    bridge_to_runs()
    goal = checked_goal(goal)
    limits = RaceLimits(
        min_confidence=min_confidence, max_checkpoints=max_checkpoints, checkpoint_seconds=60 * checkpoint_minutes
    )
    context = context_provider(project, workspace)
    opened = Workspace.opened(workspace)
    with opened.leased():
        kept_aside(opened, goal)
        key = incident_key(goal, symptoms)
        state = read_incident(opened, key) or IncidentState(key=key, allowed=max_checkpoints)
        if answer is not None and state.open_question is not None:
            state = state.model_copy(update={"given": answer})
        plan = state.plan(goal, symptoms)
        parameters = {**started_with(goal)["parameters"], "flow": "respond-to-incident"}
        async with (
            running_in(opened),
            recording_of(
                opened, goal=goal, parameters=parameters, limits=budget, max_depth=INCIDENT_DEPTH
            ) as recording,
        ):
            production = opened_production(ArtifactGraph(plan), opened, await context())
            if recording is not None:
                production.meter = recording
            with using_spawner(spawner_of(production, recording)):
                responded = await _responded(
                    Investigation(
                        execution=Execution(production, len(TRACKS), retries, timeout_seconds),
                        state=state,
                        symptoms=symptoms,
                        limits=limits,
                        way=on_escalation or default_way(),
                        patience_seconds=answer_within,
                        clock=current_checkpoint_clock(),
                        news=_news(project, opened),
                        recording=recording,
                    )
                )
    return of_unmade(responded)


def _news(project: str | None, workspace: Workspace) -> Callable[[], Awaitable[str]]:
    """Gives a digest of the project's files as they are when it is called."""

    async def news() -> str:
        if project is None:
            return ""
        context = await asyncio.to_thread(project_context, Path(project), excluding=workspace.root)
        return context.fingerprint

    return news


async def _responded(investigation: Investigation) -> dict[str, Any]:
    """Investigates, and writes what came of it, however it ended."""
    begun = monotonic()
    execution = investigation.execution
    graph, workspace, log = execution.production.graph, execution.production.workspace, execution.production.log
    write_plan(graph, workspace)
    await publish_plan(graph, "Two tracks search for the cause at once; the first that knows it ends the search.")
    log.tell(EventName.RUN_STARTED, graph.goal, artifacts=len(graph), plan="plan.json")
    ended = await investigation.investigate()
    production, state = execution.production, investigation.state
    account = None if investigation.recording is None else await investigation.recording.account()
    findings = Findings(
        graph=production.graph,
        outcome=execution.outcome,
        evidence={name: entry.evidence for name, entry in production.entries.items()},
        workers=execution.max_parallel,
        seconds=monotonic() - begun,
        questions=[(asked.question, asked.answer) for asked in state.questions],
        budget=() if account is None else budget_rows(account),
        ending=_ENDINGS.get(ended, ended.value),
        ending_reason=str(state.cause) if state.cause else "",
    )
    await publish_report(await synthesise(quoted(findings), quoted(workspace)), graph.goal)
    log.tell(EventName.RUN_COMPLETED, graph.goal, outcome=ended.value, **execution.outcome.counts)
    return _document(investigation, ended)


def _document(investigation: Investigation, ended: IncidentOutcome) -> dict[str, Any]:
    """The outcome as plain JSON values."""
    state, outcome = investigation.state, investigation.execution.outcome
    question = state.open_question
    return {
        "goal": investigation.execution.production.graph.goal,
        **outcome.to_document(),
        "outcome": ended.value,
        "report": f"{outcome.workspace}/{REPORT}",
        "cause": None if state.cause is None else state.cause.model_dump(mode="json"),
        "dropped": dict(state.dropped),
        "checkpoints": [checkpoint.model_dump(mode="json") for checkpoint in state.checkpoints],
        "questions": [asked.model_dump(mode="json") for asked in state.questions],
        "question": None if question is None else question.model_dump(mode="json"),
        "plan": investigation.execution.production.graph.plan.to_document(),
    }
