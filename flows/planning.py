"""Planning as a Prefect flow: candidates and scores as task runs, the outcome as Prefect artifacts."""

from typing import Any

from prefect_harmonic.flows.context import context_provider
from prefect_harmonic.flows.counsel import JudgePlans, counsel_of
from prefect_harmonic.flows.failing import outcome_flow
from prefect_harmonic.flows.model_parameters import FallbackModel, RecordFolder, ReplayFolder
from prefect_harmonic.flows.naming import named
from prefect_harmonic.flows.parameters import (
    Candidates,
    Goal,
    Harmonic,
    Hours,
    MaxArtifacts,
    MaxDepth,
    MethodsFolder,
    Model,
    ModelUrl,
    ProjectFolder,
    RankedBy,
    Refine,
    ReusePlans,
    Seed,
    Variance,
    Workers,
)
from prefect_harmonic.flows.planning_request import PlanningRequest
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.experience.experience import NO_EXPERIENCE, Experience
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.options import HoursFrom, PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.soundness import PlanJudge
from prefect_harmonic.planners.sources.source import CandidateSource
from prefect_harmonic.planners.variance import VarianceStrategy
from prefect_harmonic.tasks.agents.current import current_agents
from prefect_harmonic.tasks.candidates import TaskStages
from prefect_harmonic.tasks.experience import Looking, read_experience
from prefect_harmonic.tasks.logs import bridge_to_runs
from prefect_harmonic.tasks.publishing import publish_candidates, publish_plan
from prefect_harmonic.tasks.run_log import RunLog


async def planned(
    goal: str,
    options: PlanningOptions,
    *,
    source: CandidateSource,
    context: ContextProvider | None = None,
    log: RunLog | None = None,
    experience: Experience = NO_EXPERIENCE,
    judge: PlanJudge | None = None,
) -> PlanningOutcome:
    """Plans within a flow run: every candidate and every score is a task run.

    Args:
        goal: What should exist in the end.
        options: How many candidates, how varied, ranked and refined.
        source: What proposes candidates.
        context: Gives the context of the project that the goal is about, if it is about one.
        log: What is told of the events.
        experience: What earlier runs teach.
        judge: Says what it thinks of each valid candidate, without a say in the choice.

    Raises:
        InputError: The goal or the project cannot be used.
        NoValidPlanError: No candidate is valid; the error lists every reason.
    """
    options = options.effective()
    planner = HarmonicPlanner.with_options(
        options,
        source=source,
        agents=frozenset(current_agents()),
        experience=experience,
        judge=judge,
        on_event=(log or RunLog()).pass_on,
    )
    return await planner.outcome(goal, context or context_provider(None), stages=TaskStages(source, options))


@outcome_flow(name="harmonic-planning", flow_run_name=named("plan"))
async def harmonic_planning(
    goal: Goal,
    candidates: Candidates = 5,
    project: ProjectFolder = None,
    variance: Variance = VarianceStrategy.PROMPTING,
    refine: Refine = 1,
    scorer: RankedBy = Scorer.EXPECTED_MAKESPAN,
    workers: Workers = 4,
    max_artifacts: MaxArtifacts = 50,
    max_depth: MaxDepth = 10,
    harmonic: Harmonic = True,
    seed: Seed = 0,
    hours: Hours = HoursFrom.HISTORY,
    reuse_plans: ReusePlans = True,
    methods: MethodsFolder = None,
    model: Model = None,
    base_url: ModelUrl = None,
    fallback_model: FallbackModel = None,
    record: RecordFolder = None,
    replay: ReplayFolder = None,
    judge: JudgePlans = False,
) -> dict[str, Any]:
    """Turns a goal into the best of several plans.

    Args:
        goal: What should exist when the work is done, in a sentence.
        candidates: How many plans to generate and compare.
        project: Folder of the code that the goal is about, on the machine that runs this. It is only read.
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
        hours: Where the hours of artifacts come from: what earlier ones took, where enough is known of them (history),
            or their effort alone (default).
        reuse_plans: Offer a plan that served a similar goal in the same project as one more candidate.
        methods: Folder with planning methods of your own (YAML).
        model: The language model to plan with, such as openai:NAME, vllm:NAME or vllm-local:FOLDER. Left empty, the
            embedded planner plans, which needs none. Its key is taken from the environment of the run.
        base_url: Address of the model's server, if it speaks the protocol of OpenAI's chat completions.
        fallback_model: Another model, or "embedded", for candidates that the model fails to give.
        record: Folder in which every exchange with the model is kept.
        replay: Folder with such exchanges, from which all answers are taken without any model.
        judge: Have the model judge how sound each valid candidate is. What it says stands beside the figures and has no
            say in the choice.

    Returns:
        Every candidate, the winner with the reason, and the plan, as plain JSON in the shape of `harmonic plan --json`.

    Raises:
        InputError: A parameter cannot be used.
        NoValidPlanError: No candidate is valid; the error lists every reason.
    """
    request = PlanningRequest.of(locals())
    bridge_to_runs()
    chosen = request.language_model()
    counsel = counsel_of(chosen, None, judges_plans=judge)
    source, options, context = request.source(chosen), request.options, context_provider(project)
    experience = await read_experience(Looking.by(options, model=model, project=project))
    outcome = await planned(
        checked_goal(goal), options, source=source, context=context, experience=experience, judge=counsel.plan_judge
    )
    await publish_candidates(outcome)
    await publish_plan(outcome.graph, outcome.selection.reason)
    return outcome.to_document()
