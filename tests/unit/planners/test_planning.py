"""One planning from the goal to the winner, with sources that follow a script."""

import asyncio

import pytest
from support.planning import GOAL, SHAPES, planner
from support.plans import explained, named, plan_of
from support.sources import ScriptedSource, answering

from prefect_harmonic.errors import CandidateError, GoalError, HarmonicError, NoValidPlanError, OptionError
from prefect_harmonic.events import Event, EventName
from prefect_harmonic.planners.candidate import CandidateStatus
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.harmonic import as_one_goal
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy


def statuses(outcome: PlanningOutcome) -> list[str]:
    """What became of the candidates, in the order of their ids."""
    return [candidate.status.value for candidate in outcome.candidates]


async def test_all_candidates_are_asked_for_at_once() -> None:
    """No call comes back before all have been made."""
    all_asked = asyncio.Event()

    async def answer(request: CandidateRequest) -> Plan:
        if len(source.requests) == 5:
            all_asked.set()
        await all_asked.wait()
        return SHAPES[request.variation.index]

    source = ScriptedSource(answer)
    assert statuses(await planner(source).outcome(GOAL)) == ["valid"] * 5


async def test_candidates_are_judged_before_the_last_one_is_there() -> None:
    """The slowest call comes back only after the four others were scored."""
    others_scored, scored = asyncio.Event(), list[str]()

    def listen(event: Event) -> None:
        if event.name is EventName.CANDIDATE_SCORED:
            scored.append(event.subject)
            if len(scored) == 4:
                others_scored.set()

    async def answer(request: CandidateRequest) -> Plan:
        if request.variation.index == 2:
            await others_scored.wait()
        return SHAPES[request.variation.index]

    await planner(ScriptedSource(answer), on_event=listen).outcome(GOAL)
    assert scored[-1] == "candidate-2"


@pytest.mark.parametrize(
    ("broken", "status", "reason"),
    [
        (CandidateError("the answer was cut off"), "failed", "the answer was cut off"),
        (ValueError("not JSON\nat all"), "failed", "not JSON at all"),
        (RuntimeError(), "failed", "RuntimeError"),
        (Plan(artifacts=(named("A"), named("A"))), "invalid", "P001 A several artifacts have this id"),
        (plan_of({"A": "Gone"}), "invalid", "P002 A requires Gone"),
        (plan_of({"A": "B", "B": "A"}), "invalid", "P003 A is in a cycle: A → B → A"),
        (Plan(), "invalid", "P004 plan the plan has no artifacts"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str | Exception) else "plan",
)
async def test_broken_candidate_costs_itself_alone_and_says_why(
    broken: Plan | Exception, status: str, reason: str
) -> None:
    """The others are ranked as if it had not been there."""
    outcome = await planner(answering(SHAPES[1], broken, SHAPES[3]), candidates=3).outcome(GOAL)
    assert statuses(outcome) == ["valid", status, "valid"]
    told = outcome.candidates[1].reason or ""
    assert told.startswith(reason)
    assert "\n" not in told
    assert outcome.selection.winner.id == "candidate-0"
    assert outcome.to_document()["candidates"][1]["reason"] == told


async def test_all_broken_is_one_error_with_every_reason() -> None:
    """None is swallowed."""
    source = answering(CandidateError("no answer"), ValueError("no JSON"), Plan())
    with pytest.raises(NoValidPlanError) as refusal:
        await planner(source, candidates=3).outcome(GOAL)
    assert [candidate for candidate, _ in refusal.value.reasons] == ["candidate-0", "candidate-1", "candidate-2"]
    assert all(reason in str(refusal.value) for reason in ("no answer", "no JSON", "P004"))


async def test_very_long_reason_is_shortened() -> None:
    """A model's whole answer is no reason."""
    outcome = await planner(answering(SHAPES[1], ValueError("x" * 10_000)), candidates=2).outcome(GOAL)
    assert len(outcome.candidates[1].reason or "") <= 500


async def test_near_copies_are_reported_and_tried_again_otherwise() -> None:
    """The copy keeps its id and its place; what it is asked for the second time is another variation."""

    async def answer(request: CandidateRequest) -> Plan:
        is_again = len(source.requests) > 3
        return SHAPES[4] if is_again else (SHAPES[1], SHAPES[3], SHAPES[1])[request.variation.index]

    source = ScriptedSource(answer)
    outcome = await planner(source, candidates=3).outcome(GOAL)
    assert [candidate.id for candidate in outcome.candidates] == ["candidate-0", "candidate-1", "candidate-2"]
    assert [likeness.to_document() for likeness in outcome.likenesses] == [
        {"candidate": "candidate-2", "like": "candidate-0", "similarity": 1.0, "replaced": True}
    ]
    assert outcome.unique_structures == 3
    again = source.requests[3].variation
    assert again.candidate == "candidate-2"
    assert again.model_dump(exclude={"index"}) not in [
        request.variation.model_dump(exclude={"index"}) for request in source.requests[:3]
    ]


async def test_copies_are_tried_again_once_and_kept_if_that_brings_nothing() -> None:
    """A source that knows one plan is asked once more for each copy, and no more."""
    source = answering(SHAPES[3])
    outcome = await planner(source, candidates=5).outcome(GOAL)
    assert len(source.requests) == 9
    assert statuses(outcome) == ["valid"] * 5
    assert [likeness.is_replaced for likeness in outcome.likenesses] == [False] * 4
    assert outcome.unique_structures == 1


async def test_copy_whose_replacement_fails_stays() -> None:
    """A failed second try costs nothing."""

    async def answer(_request: CandidateRequest) -> Plan:
        if len(source.requests) > 2:
            raise CandidateError("no more")
        return SHAPES[1]

    source = ScriptedSource(answer)
    outcome = await planner(source, candidates=2).outcome(GOAL)
    assert statuses(outcome) == ["valid", "valid"]


async def test_constraint_is_checked_on_the_result() -> None:
    """A source that ignores the shape it was asked for has that candidate refused."""
    source = answering(SHAPES[3])
    outcome = await planner(source, candidates=5, variance=VarianceStrategy.CONSTRAINTS).outcome(GOAL)
    assert outcome.candidates[0].status is CandidateStatus.INVALID
    assert outcome.candidates[0].reason == "was asked for max_depth=2 and has 4"
    assert outcome.candidates[1].reason == "was asked for min_leaves=5 and has 1"
    assert outcome.candidates[4].is_valid


@pytest.mark.parametrize("variance", VarianceStrategy)
async def test_source_is_asked_for_different_things(variance: VarianceStrategy) -> None:
    """As many requests as candidates, no two of them alike, up to the most that may be asked for."""
    broken = answering(SHAPES[0], CandidateError("no"))
    await planner(broken, candidates=MAX_CANDIDATES, variance=variance, seed=11).outcome(GOAL)
    asked = {request.variation.model_dump_json(exclude={"index"}) for request in broken.requests}
    assert len(broken.requests) == len(asked) == MAX_CANDIDATES


async def test_requests_carry_goal_requirements_limits_and_workers() -> None:
    """All that a source needs to know."""
    source = answering(SHAPES[1])
    source.wanted = ("search",)
    with pytest.raises(OptionError):
        planner(source, workers=0)
    outcome = await planner(source, candidates=1, workers=7).outcome(f"  {GOAL}\n")
    (request,) = source.requests
    assert (request.goal, request.requirements, request.workers) == (outcome.goal, ("search",), 7)
    assert outcome.candidates[0].coverage == 0.0


async def test_context_is_computed_once_and_consumed_by_plans() -> None:
    """However many candidates ask for it, and what the project has may be consumed."""
    calls = []

    async def context() -> ProjectContext:
        calls.append(1)
        await asyncio.sleep(0)
        return ProjectContext(packages=("legacy",))

    async def answer(request: CandidateRequest) -> Plan:
        await request.context()
        reader = named("Reader", consumes=["legacy"])
        return Plan(artifacts=(reader, *SHAPES[request.variation.index].artifacts))

    outcome = await planner(ScriptedSource(answer), refinement_rounds=1).outcome(GOAL, context)
    assert statuses(outcome) == ["valid"] * 5
    assert len(calls) == 1
    memory = outcome.to_document()["memory"]
    assert (memory["misses"], memory["evictions"]) == (1, 0)
    assert memory["hits"] >= 10  # each candidate asks before it is generated and before it is judged


async def test_context_that_cannot_be_had_is_every_candidates_reason() -> None:
    """One clear error, not a hang."""

    async def context() -> ProjectContext:
        raise OSError("the disk is gone")

    with pytest.raises(NoValidPlanError, match="the disk is gone"):
        await planner(answering(*SHAPES)).outcome(GOAL, context)


async def test_cancelling_cancels_every_call() -> None:
    """Nobody goes on working for a planning that is over."""
    all_asked, cancelled, forever = asyncio.Event(), list[int](), asyncio.Event()

    async def answer(request: CandidateRequest) -> Plan:
        if len(source.requests) == 5:
            all_asked.set()
        try:
            await forever.wait()
        except asyncio.CancelledError:
            cancelled.append(request.variation.index)
            raise
        return SHAPES[0]

    async def context() -> ProjectContext:
        try:
            await forever.wait()
        except asyncio.CancelledError:
            cancelled.append(-1)
            raise
        return ProjectContext()

    source = ScriptedSource(answer)
    running = asyncio.create_task(planner(source).outcome(GOAL, context))
    await all_asked.wait()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0)
    assert sorted(cancelled) == [-1, 0, 1, 2, 3, 4]


async def test_ids_are_stable_from_generation_to_the_winner() -> None:
    """The winner's id is that of the request it came from, whatever its place in the ranking."""
    source = answering(SHAPES[3], SHAPES[4], SHAPES[1])
    outcome = await planner(source, candidates=3).outcome(GOAL)
    assert outcome.selection.winner.id == "candidate-2"
    assert outcome.refined.id == "candidate-2"
    assert outcome.selection.ranking == ("candidate-2", "candidate-0", "candidate-1")
    assert outcome.graph.plan.artifacts == SHAPES[1].artifacts


async def test_outcome_document_has_the_shape_of_the_contract() -> None:
    """Every key that scripts hold on to."""
    document = (await planner(answering(*SHAPES)).outcome(GOAL)).to_document()
    assert {"goal", "selected", "reason", "candidates", "refinement", "unique_structures", "plan", "timings_ms"} <= set(
        document
    )
    assert set(document["timings_ms"]) == {"total", "context", "generate", "score", "refine"}
    assert {"id", "style", "status", "reason", "findings", "coverage", "expected_makespan_hours", "metrics"} <= set(
        document["candidates"][0]
    )
    assert document["plan"]["version"] == 1


@pytest.mark.parametrize("goal", ["", "   ", "\n"])
async def test_goal_that_says_nothing_is_refused(goal: str) -> None:
    """Before any source is asked."""
    source = answering(*SHAPES)
    with pytest.raises(GoalError):
        await planner(source).outcome(goal)
    assert source.requests == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"candidates": 0},
        {"candidates": 33},
        {"refinement_rounds": -1},
        {"refinement_rounds": 11},
        {"workers": 0},
        {"workers": 1025},
        {"variance": "chaos"},
        {"scorer": "vibes"},
    ],
    ids=str,
)
def test_option_out_of_range_is_refused_when_the_planner_is_made(wrong: dict[str, object]) -> None:
    """With an error of this package that names the option, not somewhere deep in a run."""
    with pytest.raises(HarmonicError) as refusal:
        planner(answering(*SHAPES), **wrong)
    assert next(iter(wrong)) in str(refusal.value)


def test_options_may_be_given_by_their_values() -> None:
    """As a command line gives them."""
    made = planner(answering(*SHAPES), variance="mixed", scorer="rfc038", workers=1024)
    assert (made.options.variance.value, made.options.scorer.value, made.options.workers) == ("mixed", "rfc038", 1024)


async def test_tasks_come_after_what_they_depend_on() -> None:
    """The plan as a list that can be worked off from its start."""
    tasks = await planner(answering(SHAPES[4]), candidates=1).plan([GOAL])
    seen: set[str] = set()
    for task in tasks:
        assert set(task.depends_on) <= seen
        assert task.artifact.id == task.id
        seen.add(task.id)
    assert [task.wave for task in tasks] == [0, 1, 1, 2, 2, 3]
    assert [task.start for task in tasks] == sorted(task.start for task in tasks)


def test_several_goals_are_one_text_and_a_single_one_is_itself() -> None:
    """Each on a line of its own."""
    assert as_one_goal(["Only"]) == as_one_goal("Only") == "Only"
    assert as_one_goal(["One", "Two"]) == "- One\n- Two"


async def test_planning_twice_gives_the_same_document() -> None:
    """Nothing is drawn without a seed."""
    shapes = [*SHAPES[:4], Plan(artifacts=(explained("A"), explained("B", "A")))]
    first, second = [await planner(answering(*shapes)).outcome(GOAL) for _ in range(2)]
    assert first.to_document() == second.to_document()


@pytest.mark.parametrize(
    ("goal", "suggested"),
    [
        (GOAL, None),
        ("Explore what could replace our broker", "swarm-coordinator, since its structure is not known yet"),
        ("Extract the orders, then clean them, finally load them", "pipeline-manager, since its stages follow"),
    ],
)
async def test_coordinator_that_suits_a_goal_is_told_with_the_plan(goal: str, suggested: str | None) -> None:
    """Nothing is said where the usual one does."""
    outcome = await planner(answering(SHAPES[1]), candidates=1).outcome(goal)
    assert [bool(suggested) and str(suggested) in note for note in outcome.notes] == [True] * bool(suggested)
