"""From a goal to an outcome: plan, carry out phase by phase with an evaluation after each, change, synthesise."""

from typing import Any

from prefect_harmonic.flows.counsel import Evaluator, EvaluatorKind, JudgePlans
from prefect_harmonic.flows.failing import of_unmade, outcome_flow
from prefect_harmonic.flows.model_parameters import FallbackModel, RecordFolder, ReplayFolder
from prefect_harmonic.flows.naming import named
from prefect_harmonic.flows.parameters import (
    AnswerWithin,
    ApproveChanges,
    Budget,
    Candidates,
    Escalation,
    EvaluationCriteria,
    Goal,
    Harmonic,
    Hours,
    MaxArtifacts,
    MaxDepth,
    MaxParallel,
    MaxReplans,
    MethodsFolder,
    Model,
    ModelUrl,
    PlanDocument,
    ProjectFolder,
    RankedBy,
    Refine,
    Retries,
    ReusePlans,
    Seed,
    Timeout,
    TreeDepth,
    Variance,
    Workers,
    WorkspaceFolder,
)
from prefect_harmonic.flows.pursuit_report import pursued
from prefect_harmonic.flows.pursuit_request import PursuitRequest
from prefect_harmonic.flows.specialists import SpecialistKind, Specialists, ToolServersFile
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH
from prefect_harmonic.planners.options import HoursFrom
from prefect_harmonic.planners.programme.evaluation import Criteria
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import VarianceStrategy

_USUAL = Criteria()


@outcome_flow(name="pursue-goal", flow_run_name=named("pursue"))
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
    tree_depth: TreeDepth = MAX_DEPTH,
    harmonic: Harmonic = True,
    seed: Seed = 0,
    hours: Hours = HoursFrom.HISTORY,
    reuse_plans: ReusePlans = True,
    methods: MethodsFolder = None,
    max_parallel: MaxParallel | None = None,
    retries: Retries = 1,
    timeout_seconds: Timeout = None,
    criteria: EvaluationCriteria = _USUAL,
    max_replans: MaxReplans = 5,
    on_escalation: Escalation | None = None,
    answer_within: AnswerWithin = 3600,
    approve_changes: ApproveChanges = False,
    budget: Budget | None = None,
    model: Model = None,
    base_url: ModelUrl = None,
    fallback_model: FallbackModel = None,
    record: RecordFolder = None,
    replay: ReplayFolder = None,
    specialists: Specialists = SpecialistKind.MODEL,
    tool_servers: ToolServersFile = None,
    evaluator: Evaluator = EvaluatorKind.MODEL,
    judge: JudgePlans = False,
) -> dict[str, Any]:
    """Plans a goal, carries the plan out phase by phase, changes it by what is found, and writes what came of it.

    Started again with the same goal or plan and the same workspace, it repeats nothing that is done or decided.

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
        tree_depth: How many levels the tree of the work may have: phases, artifacts, and what these are divided into.
            At the last level an artifact is made as it is.
        harmonic: Compare several candidates. Switched off, a single plan is made.
        seed: Seed for whatever is drawn at random; the same seed gives the same plans.
        hours: Where the hours of artifacts come from: what earlier ones took, where enough is known of them (history),
            or their effort alone (default).
        reuse_plans: Offer a plan that served a similar goal in the same project as one more candidate.
        methods: Folder with planning methods of your own (YAML).
        max_parallel: How many artifacts are made at the same time at most. As many as were planned for if left out.
        retries: How often a failed artifact is tried again, where that may help.
        timeout_seconds: How many seconds one artifact may take. No limit if left out.
        criteria: What the findings must reach after each phase; where they do not, the plan is changed, or a person is
            asked.
        max_replans: How often the plan may be changed while it is carried out.
        on_escalation: What to do with a question for a person: wait in the process (pause), end it and go on after the
            answer (suspend), start nothing more (fail), or go on with what there is (skip). If left out, runs of a
            deployment pause and others fail.
        answer_within: How many seconds a paused run waits for an answer before it stops.
        approve_changes: Put every change of the plan before a person, who sees only the difference.
        budget: What the run may spend: calls of specialists and models, tokens, money at your prices, GPU-seconds and
            seconds of work. Nothing is started that does not fit in; what there is by then is reported.
        model: The language model to plan with, such as openai:NAME, vllm:NAME or vllm-local:FOLDER. Left empty, the
            embedded planner plans, which needs none. Its key is taken from the environment of the run.
        base_url: Address of the model's server, if it speaks the protocol of OpenAI's chat completions.
        fallback_model: Another model for what the first one fails to give; or "embedded", for candidates as well as for
            specialists, who fall back to it in any case; or "none", so that what the model fails to give fails.
        record: Folder in which every exchange with the model is kept.
        replay: Folder with such exchanges, from which all answers are taken without any model.
        specialists: Who does the work where there is a model: specialists who ask it (model), or those that need none
            (embedded).
        tool_servers: File (YAML) that names MCP servers with further tools, and which tools of each may be called.
        evaluator: Who judges what was found where there is a model: the model beside the rules (model), or the rules
            alone (rules).
        judge: Have the model judge how sound each valid candidate is. What it says stands beside the figures and has no
            say in the choice.

    Returns:
        Plain JSON: where every artifact ended, the evaluations, and where the report lies. `complete` says whether
        every artifact is there, `outcome` what came of it: only `converged` has reached the criteria, and `accepted`
        was taken as it is. One that was stopped may be complete.

    Raises:
        InputError: A parameter cannot be used.
        NoValidPlanError: No candidate is valid; the error lists every reason.
        InvalidPlanError: The gate refuses the plan that was given.
    """
    request = PursuitRequest.of(locals())
    async with request.begun(request.options.model_dump(mode="json"), methods, model, project) as beginning:
        state = await beginning.state()
        async with beginning.pursuit(state) as pursuit:
            return of_unmade(await pursued(pursuit, beginning.planning))
