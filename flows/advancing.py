"""Carrying a programme of several months on, run by run: each does what is due and reviews it.

Source: second design document, "Workflow 3: Multi-Month Strategic Initiative".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from prefect_harmonic.errors import OptionError, WorkspaceError
from prefect_harmonic.flows.beginning import Beginning
from prefect_harmonic.flows.counsel import Evaluator, EvaluatorKind, JudgePlans
from prefect_harmonic.flows.failing import of_off_course, outcome_flow
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
    Milestones,
    Model,
    ModelUrl,
    PlanDocument,
    ProjectFolder,
    RankedBy,
    Refine,
    Retries,
    ReusePlans,
    Seed,
    Start,
    Timeout,
    Today,
    TreeDepth,
    Variance,
    Workers,
    WorkspaceFolder,
)
from prefect_harmonic.flows.programme import Programme, programme_document, programme_headline
from prefect_harmonic.flows.pursuit_report import pursued
from prefect_harmonic.flows.pursuit_request import PursuitRequest
from prefect_harmonic.flows.specialists import SpecialistKind, Specialists, ToolServersFile
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.options import HoursFrom
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.evaluation import Criteria
from prefect_harmonic.planners.programme.milestones import Milestone, milestones_of
from prefect_harmonic.planners.programme.outcome import REACHED, PursuitOutcome
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.variance import VarianceStrategy
from prefect_harmonic.tasks.programme_state import ProgrammeState, read_programme, write_programme
from prefect_harmonic.tasks.pursuit_state import read_state
from prefect_harmonic.tasks.run_log import current_time
from prefect_harmonic.tasks.synthesis import REPORT

_USUAL = Criteria()


@outcome_flow(name="advance-program", flow_run_name=named("advance"))
async def advance_program(
    goal: Goal = "",
    project: ProjectFolder = None,
    workspace: WorkspaceFolder = "harmonic-out",
    plan: PlanDocument | None = None,
    milestones: Milestones = (),
    start: Start = None,
    today: Today = None,
    candidates: Candidates = 5,
    variance: Variance = VarianceStrategy.PROMPTING,
    refine: Refine = 1,
    scorer: RankedBy = Scorer.EXPECTED_MAKESPAN,
    workers: Workers = 4,
    max_artifacts: MaxArtifacts = 50,
    max_depth: MaxDepth = 10,
    tree_depth: TreeDepth = 6,
    harmonic: Harmonic = True,
    seed: Seed = 0,
    hours: Hours = HoursFrom.HISTORY,
    reuse_plans: ReusePlans = True,
    methods: MethodsFolder = None,
    max_parallel: MaxParallel | None = None,
    retries: Retries = 1,
    timeout_seconds: Timeout = None,
    criteria: EvaluationCriteria = _USUAL,
    max_replans: MaxReplans = 20,
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
    """Carries a programme of several months on where the last run stopped, by the milestones that are due.

    Start it again and again, with the same goal and workspace, by a schedule for instance: a run that comes before the
    next milestone is due does nothing and says when that is. After each milestone there is a review, which changes what
    is left of the plan by what the milestone left open.

    Args:
        goal: What should exist when the programme is over, in a sentence. May be left out if a plan is given.
        project: Folder of the code that the programme is about, on the machine that runs this. It is only read.
        workspace: Folder that takes what is made, on the machine that runs this. Give each programme its own.
        plan: A plan to carry out as it is, instead of making one: the JSON of a plan file.
        milestones: The milestones in order, each with its name, the day it is due, the day of its review and the phases
            of the plan that belong to it. If left out: those the plan's phases are named after (Q1, Q2, …), or else
            four, over which the phases are spread; a quarter apart. Given to a programme that has begun: other days
            for those that were not reviewed yet.
        start: The day on which the first milestone is due, where no milestones are given. The day of the first run if
            left out.
        today: The day it is taken to be, for trying out and for tests. The day it is (UTC) if left out.
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
        tree_depth: How many levels the tree of the programme may have: milestones, artifacts, and what these are
            divided into. At the last level an artifact is made as it is.
        harmonic: Compare several candidates. Switched off, a single plan is made.
        seed: Seed for whatever is drawn at random; the same seed gives the same plans.
        hours: Where the hours of artifacts come from: what earlier ones took, where enough is known of them (history),
            or their effort alone (default).
        reuse_plans: Offer a plan that served a similar goal in the same project as one more candidate.
        methods: Folder with planning methods of your own (YAML).
        max_parallel: How many artifacts are made at the same time at most. As many as were planned for if left out.
        retries: How often a failed artifact is tried again, where that may help.
        timeout_seconds: How many seconds one artifact may take. No limit if left out.
        criteria: What the findings must reach after each phase; the evaluations allowed are counted anew in each
            milestone.
        max_replans: How often the plan may be changed in the whole programme; reviews change it once each at most.
        on_escalation: What to do with a question for a person: wait in the process (pause), end it and go on after the
            answer (suspend), start nothing more (fail), or go on with what there is (skip). If left out, runs of a
            deployment pause and others fail.
        answer_within: How many seconds a paused run waits for an answer before it stops.
        approve_changes: Put every change of the plan before a person, who sees only the difference.
        budget: What the whole programme may spend: calls of specialists and models, tokens, money at your prices,
            GPU-seconds and seconds of work. Nothing is started that does not fit in.
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
        Plain JSON: how the run ended (`scheduled` where what is left is not due yet), the milestones with their
        reviews, which one is next and when it is due, and where every artifact stands if anything was due.

    Raises:
        InputError: A parameter cannot be used, or the workspace holds another programme.
        NoValidPlanError: No candidate is valid; the error lists every reason.
        InvalidPlanError: The gate refuses the plan that was given.
    """
    async with PursuitRequest.of(locals()).begun("programme") as beginning:
        calendar = Calendar.of(beginning.log.clock, today, start=start, stated=milestones)
        beginning.log = replace(beginning.log, clock=calendar.now)
        return of_off_course(await _advanced(beginning, calendar))


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days that a run of a programme goes by.

    Attributes:
        today: The day it is, or is taken to be.
        now: Gives the time, on the day it is taken to be.
        start: When the first milestone is due, if somebody said so.
        stated: Milestones that somebody stated.
    """

    today: date
    now: Callable[[], datetime] = current_time
    start: date | None = None
    stated: tuple[Milestone, ...] = ()

    @classmethod
    def of(
        cls,
        clock: Callable[[], datetime],
        taken: date | None,
        *,
        start: date | None = None,
        stated: tuple[Milestone, ...] = (),
    ) -> "Calendar":
        """The calendar of a run by a clock, moved to the day that it is taken to be, if somebody said so.

        >>> clock = lambda: datetime(2026, 1, 30, 23, 59)
        >>> Calendar.of(clock, date(2026, 4, 1)).now().isoformat()
        '2026-04-01T23:59:00'
        """
        if taken is None:
            return cls(today=clock().date(), now=clock, start=start, stated=stated)
        moved = timedelta(days=(taken - clock().date()).days)
        return cls(today=taken, now=lambda: clock() + moved, start=start, stated=stated)


async def _advanced(beginning: Beginning, calendar: Calendar) -> dict[str, Any]:
    """Carries a programme on as far as it is due."""
    workspace, known = beginning.workspace, read_programme(beginning.workspace)
    if known is not None and known.key != beginning.key:
        held = f"holds another programme, {known.goal!r}"
        raise WorkspaceError(str(workspace.root), f"{held}; give each programme a folder of its own")
    if known is not None:
        known = _rescheduled(known, calendar)
        if (idle := _with_nothing_due(known, beginning, calendar.today)) is not None:
            write_programme(workspace, known)
            return idle
    state = await beginning.state()
    if known is None:
        known = _begun(beginning.key, state.plan, calendar)
    write_programme(workspace, known)
    if (idle := _with_nothing_due(known, beginning, calendar.today)) is not None:
        return idle
    async with beginning.pursuit(state) as begun:
        programme = Programme(
            execution=begun.execution,
            state=begun.state,
            rules=begun.rules,
            recording=begun.recording,
            source=begun.source,
            counsel=begun.counsel,
            programme=known,
            today=calendar.today,
        )
        document = await pursued(programme, beginning.planning)
    if document["outcome"] == PursuitOutcome.SCHEDULED:
        document["headline"] = programme_headline(programme.programme)
    return {**document, **programme_document(programme.programme)}


def _begun(key: str, plan: Plan, calendar: Calendar) -> ProgrammeState:
    """A programme of which nothing is done yet. Raises `OptionError`."""
    graph = ArtifactGraph(plan)
    phases, durations = phases_of(graph), EffortModel().durations(graph)
    hours = {phase.name: sum(durations[name] for name in phase.artifacts) for phase in phases}
    milestones = milestones_of(phases, hours, start=calendar.start or calendar.today, stated=calendar.stated)
    return ProgrammeState(key=key, goal=plan.goal, milestones=milestones)


def _rescheduled(known: ProgrammeState, calendar: Calendar) -> ProgrammeState:
    """A programme with the days that its milestones have now. Raises `OptionError`."""
    if not calendar.stated:
        return known
    names, stated = [one.name for one in known.milestones], [one.name for one in calendar.stated]
    if names != stated:
        raise OptionError("milestones", ", ".join(stated), f"{', '.join(names)}: those that this programme began with")
    return known.rescheduled(calendar.stated)


def _with_nothing_due(known: ProgrammeState, beginning: Beginning, today: date) -> dict[str, Any] | None:
    """The outcome of a run that has nothing to do; nothing if it has."""
    state = read_state(beginning.workspace, beginning.key)
    if known.due is not None and (known.due <= today or (state is not None and state.open_question is not None)):
        return None
    ended = PursuitOutcome.SCHEDULED.value if known.due is not None or state is None else state.outcome
    return {
        "goal": known.goal,
        "complete": ended in REACHED,
        "headline": f"nothing was due: {programme_headline(known)}",
        "outcome": ended,
        "workspace": str(beginning.workspace.root),
        "report": f"{beginning.workspace.root}/{REPORT}",
        "evaluations": [one.model_dump(mode="json") for one in state.evaluations] if state else [],
        "question": None,
        **programme_document(known),
    }
