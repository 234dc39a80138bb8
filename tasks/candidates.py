"""The stages of planning as Prefect tasks: generate one candidate, score one candidate, refine the winner."""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined, refined
from prefect_harmonic.planners.soundness import PlanJudge, Soundness
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.planners.variance import Variation
from prefect_harmonic.tasks.calling import completed, quoted, taken, unopened

# Candidates differ by index and seed, which a cache of equal inputs would miss; generating anew is what is wanted.


@task(name="generate-candidate", task_run_name="generate {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def generate_candidate(candidate: str, request: CandidateRequest, source: CandidateSource) -> State[Plan]:
    """One plan from the source, in the style that the request asks for. Fails alone."""
    return completed(await source.candidate(request))


@task(name="score-candidate", task_run_name="score {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def score_candidate(candidate: str, plan: Plan, variation: Variation, yardstick: Yardstick) -> State[Candidate]:
    """The gate's verdict on a plan, and its figures."""
    scored = judged(plan, variation, yardstick)
    return completed(scored, message=_verdict(scored))


@task(name="refine-plan", task_run_name="refine {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def refine_plan(
    candidate: str,
    winner: Candidate,
    source: CandidateSource,
    yardstick: Yardstick,
    context: ContextProvider,
    options: PlanningOptions,
) -> State[Refined]:
    """The winner after refinement."""
    rounds, scorer = options.refinement_rounds, options.scorer
    return completed(await refined(winner, source, yardstick, context, rounds=rounds, scorer=scorer))


@task(name="judge-candidate", task_run_name="judge {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def judge_candidate(
    candidate: str, plan: Candidate, judge: PlanJudge, context: ContextProvider
) -> State[Soundness]:
    """What a judge thinks of a candidate, beside its figures."""
    soundness = await judge.soundness(plan, await context())
    return completed(soundness, message=str(soundness))


def _verdict(candidate: Candidate) -> str:
    """What came of scoring, as the state of the task run tells it."""
    status, hours = candidate.status.value, candidate.expected_makespan_hours
    return status if hours is None else f"{status}: expected makespan {spoken_hours(hours)}"


@dataclass(frozen=True)
class TaskStages:
    """The stages of planning, each as a task run.

    Plans are passed from one task to the next as the objects they are, by which Prefect knows what came of what, but
    it does not search them; what is no result of a task is quoted, so that Prefect does not even look at it.
    """

    source: CandidateSource
    options: PlanningOptions

    async def generate(self, request: CandidateRequest) -> Plan:
        """A task run that generates one candidate."""
        return taken(await generate_candidate(_named(request.variation), quoted(request), quoted(self.source)))

    async def judge(self, plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
        """A task run that scores one candidate."""
        return taken(await score_candidate(_named(variation), unopened(plan), quoted(variation), quoted(yardstick)))

    async def refine(self, winner: Candidate, yardstick: Yardstick, context: ContextProvider) -> Refined:
        """A task run that refines the winner."""
        state = await refine_plan(
            _named(winner.variation),
            unopened(winner),
            quoted(self.source),
            quoted(yardstick),
            quoted(context),
            quoted(self.options),
        )
        return taken(state)

    async def assess(self, candidate: Candidate, judge: PlanJudge, context: ContextProvider) -> Soundness:
        """A task run that judges one candidate."""
        name = _named(candidate.variation)
        return taken(await judge_candidate(name, unopened(candidate), quoted(judge), quoted(context)))


def _named(variation: Variation) -> str:
    return f"{variation.candidate} {variation.label}"
