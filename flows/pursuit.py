"""From a goal to an outcome: plan, carry out phase by phase with an evaluation after each, synthesise."""

from time import monotonic
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.context import context_provider
from prefect_harmonic.flows.execution import (
    Execution,
    accepted,
    current_execution,
    execute_phase,
    opened_production,
)
from prefect_harmonic.flows.failing import fail_if_incomplete
from prefect_harmonic.flows.naming import named
from prefect_harmonic.flows.parameters import (
    Candidates,
    Goal,
    Harmonic,
    MaxArtifacts,
    MaxDepth,
    MaxParallel,
    MethodsFolder,
    Model,
    ModelUrl,
    PlanDocument,
    ProjectFolder,
    RankedBy,
    Refine,
    Retries,
    Seed,
    Timeout,
    Variance,
    Workers,
    WorkspaceFolder,
)
from prefect_harmonic.flows.planning import planned, refuse_model
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.phases import Phase, phases_of
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.sources.embedded import embedded_source
from prefect_harmonic.planners.variance import VarianceStrategy
from prefect_harmonic.tasks.calling import final_state, quoted
from prefect_harmonic.tasks.evaluation import evaluate_phase
from prefect_harmonic.tasks.logs import bridge_to_runs
from prefect_harmonic.tasks.publishing import publish_candidates, publish_plan, publish_report
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.synthesis import PAGE, REPORT, Findings, page_of_plan, synthesise, write_plan
from prefect_harmonic.tasks.workspace import Workspace


@flow(name="pursue-goal", flow_run_name=named("pursue"), on_completion=[fail_if_incomplete], persist_result=False)
async def pursue_goal(
    goal: Goal = "",
    project: ProjectFolder = None,
    workspace: WorkspaceFolder = "harmonic-out",
    plan: PlanDocument | None = None,
    candidates: Candidates = 5,
    variance: Variance = VarianceStrategy.PROMPTING,
    refine: Refine = 1,
    scorer: RankedBy = Scorer.EXPECTED_MAKESPAN,
    workers: Workers = 4,
    max_artifacts: MaxArtifacts = 50,
    max_depth: MaxDepth = 10,
    harmonic: Harmonic = True,
    seed: Seed = 0,
    methods: MethodsFolder = None,
    max_parallel: MaxParallel | None = None,
    retries: Retries = 1,
    timeout_seconds: Timeout = None,
    model: Model = None,
    base_url: ModelUrl = None,
) -> dict[str, Any]:
    """Plans a goal, carries the plan out phase by phase, and writes what came of it.

    Started again with the same goal or plan and the same workspace, it repeats nothing that is done.

    Args:
        goal: What should exist when the work is done, in a sentence. May be left out if a plan is given.
        project: Folder of the code that the goal is about, on the machine that runs this. It is only read.
        workspace: Folder that takes what is made, on the machine that runs this. Give each goal its own: the same goal
            in the same folder repeats nothing that is done, and only one run at a time may use it.
        plan: A plan to carry out as it is, instead of making one: the JSON of a plan file.
        candidates: How many plans to generate and compare.
        variance: What makes the candidates differ: their emphasis (prompting), how freely choices are made
            (temperature), the examples they start from (seeding), the shape asked for (constraints), or all of these in
            turn (mixed).
        refine: How many attempts to make to better the winner.
        scorer: How valid candidates are ranked: by the hours until everything is made (expected-makespan), by the shape
            alone (rfc038), or by a mixture (ensemble).
        workers: How many artifacts can be made at the same time: what the expected hours are computed for.
        max_artifacts: A plan with more artifacts is refused.
        max_depth: A plan with more artifacts on one chain is refused.
        harmonic: Compare several candidates. Switched off, a single plan is made.
        seed: Seed for whatever is drawn at random; the same seed gives the same plans.
        methods: Folder with planning methods of your own (YAML).
        max_parallel: How many artifacts are made at the same time at most. As many as were planned for if left out.
        retries: How often a failed artifact is tried again, where that may help.
        timeout_seconds: How many seconds one artifact may take. No limit if left out.
        model: Leave it empty: this version plans with the embedded planner, which needs no model.
        base_url: Leave it empty: this version plans with the embedded planner, which needs no model.

    Returns:
        Plain JSON: where every artifact ended, the evaluations, and where the report lies.

    Raises:
        InputError: A parameter cannot be used.
        NoValidPlanError: No candidate is valid; the error lists every reason.
        InvalidPlanError: The gate refuses the plan that was given.
    """
    bridge_to_runs()
    refuse_model(model, base_url)
    limits = ArtifactLimits(max_artifacts=max_artifacts, max_depth=max_depth)
    options = PlanningOptions(
        candidates=candidates,
        variance=variance,
        refinement_rounds=refine,
        scorer=scorer,
        workers=workers,
        limits=limits,
        harmonic=harmonic,
        seed=seed,
    )
    context = context_provider(project, workspace)
    if plan is None:
        goal = checked_goal(goal)
        source = embedded_source(methods)
    else:
        graph = accepted(plan if plan.goal else plan.model_copy(update={"goal": goal}), limits, await context())
    opened = Workspace.opened(workspace)
    with opened.leased():
        planning = None
        if plan is None:
            log = RunLog(opened.root / "events.jsonl")
            planning = await planned(goal, options, source=source, context=context, log=log)
            graph = planning.graph
        production = opened_production(graph, opened, await context(), seed=seed)
        return await _pursued(Execution(production, max_parallel or workers, retries, timeout_seconds), planning)


async def _pursued(execution: Execution, planning: PlanningOutcome | None) -> dict[str, Any]:
    """Carries a plan out phase by phase and writes what came of it."""
    begun = monotonic()
    production, max_parallel = execution.production, execution.max_parallel
    graph, workspace = production.graph, production.workspace
    write_plan(graph, workspace)
    workspace.write_own(PAGE, page_of_plan(graph, workers=max_parallel, planning=planning))
    if planning is not None:
        await publish_candidates(planning)
    await publish_plan(graph, planning.selection.reason if planning else "")
    production.log.tell(EventName.RUN_STARTED, graph.goal, artifacts=len(graph), plan="plan.json")
    evaluations = await _carried_out(execution, phases_of(graph))
    findings = Findings(
        graph=graph,
        outcome=execution.outcome,
        evidence={name: entry.evidence for name, entry in production.entries.items()},
        evaluations=evaluations,
        planning=planning,
        workers=max_parallel,
        seconds=monotonic() - begun,
    )
    text = await synthesise(quoted(findings), quoted(workspace))
    await publish_report(text, graph.goal)
    production.log.tell(EventName.RUN_COMPLETED, graph.goal, **execution.outcome.counts)
    return _document(graph, execution, evaluations, planning)


async def _carried_out(execution: Execution, phases: tuple[Phase, ...]) -> tuple[Evaluation, ...]:
    """Every phase in turn, each in a run of its own, and evaluated."""
    evaluations: list[Evaluation] = []
    before: list[State[Any]] = []
    run_phase: Any = execute_phase  # Prefect knows `wait_for` in its call, and its types do not
    token = current_execution.set(execution)
    try:
        for phase in phases:
            execution.production.log.tell(EventName.PHASE_STARTED, phase.name, artifacts=list(phase.artifacts))
            made: dict[str, Any] = await run_phase(phase.name, list(phase.artifacts), wait_for=before)
            evaluation, state = await _evaluated(execution, phase, tuple(evaluations), made)
            evaluations.append(evaluation)
            before = [state]
    finally:
        current_execution.reset(token)
    return tuple(evaluations)


async def _evaluated(
    execution: Execution, phase: Phase, before: tuple[Evaluation, ...], made: dict[str, Any]
) -> tuple[Evaluation, State[Any]]:
    """The evaluation of all that is known after a phase, and the state of the task run that made it.

    `made` is what the phase's run returned: the object itself, by which Prefect draws the edge from that run.
    """
    entries, outcomes = execution.production.entries, execution.outcomes
    known = tuple(entries[name].evidence for name in execution.production.graph.order if name in entries)
    # Each phase is evaluated once: a plan of many phases has not used up its tries by having them.
    criteria = Criteria(max_iterations=max(Criteria().max_iterations, len(phases_of(execution.production.graph)) + 1))
    unmade = tuple(sorted(name for name, one in outcomes.items() if not one.is_finished))
    # Quoted, as Prefect knows results by identity: an empty tuple is every empty tuple, and draws edges from nowhere.
    arguments = phase.name, quoted(known), quoted(unmade), quoted(before), quoted(criteria)
    state = await final_state(evaluate_phase, *arguments, wait_for=[made])
    evaluation: Evaluation = await state.aresult()
    execution.production.log.tell(
        EventName.PHASE_EVALUATED,
        phase.name,
        confidence=evaluation.confidence,
        gaps=list(evaluation.gaps),
        contradictions=[str(one) for one in evaluation.contradictions],
        outcome=evaluation.outcome.value,
        rationale=evaluation.rationale,
    )
    return evaluation, state


def _document(
    graph: ArtifactGraph, execution: Execution, evaluations: tuple[Evaluation, ...], planning: PlanningOutcome | None
) -> dict[str, Any]:
    outcome = execution.outcome
    return {
        "goal": graph.goal,
        **outcome.to_document(),
        "report": f"{outcome.workspace}/{REPORT}",
        "evaluations": [evaluation.model_dump(mode="json") for evaluation in evaluations],
        "planning": None if planning is None else planning.to_document(),
        "plan": graph.plan.to_document(),
    }
