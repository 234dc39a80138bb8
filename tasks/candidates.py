"""The stages of planning as Prefect tasks: generate one candidate, score one candidate, refine the winner."""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined, refined
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.variance import Variation
from prefect_harmonic.tasks.calling import quoted, unopened

# Candidates differ by index and seed, which a cache of equal inputs would miss; generating anew is what is wanted.


@task(name="generate-candidate", task_run_name="generate {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def generate_candidate(candidate: str, request: CandidateRequest, source: CandidateSource) -> Plan:
    """One plan from the source, in the style that the request asks for. Fails alone."""
    return await source.candidate(request)


@task(name="score-candidate", task_run_name="score {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def score_candidate(candidate: str, plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
    """The gate's verdict on a plan, and its figures."""
    return judged(plan, variation, yardstick)


@task(name="refine-plan", task_run_name="refine {candidate}", persist_result=False, cache_policy=NO_CACHE)
async def refine_plan(
    candidate: str,
    winner: Candidate,
    source: CandidateSource,
    yardstick: Yardstick,
    context: ContextProvider,
    options: PlanningOptions,
) -> Refined:
    """The winner after refinement."""
    return await refined(winner, source, yardstick, context, rounds=options.refinement_rounds, scorer=options.scorer)


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
        return await generate_candidate(_named(request.variation), quoted(request), quoted(self.source))

    async def judge(self, plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
        """A task run that scores one candidate."""
        return await score_candidate(_named(variation), unopened(plan), quoted(variation), quoted(yardstick))

    async def refine(self, winner: Candidate, yardstick: Yardstick, context: ContextProvider) -> Refined:
        """A task run that refines the winner."""
        return await refine_plan(
            _named(winner.variation),
            unopened(winner),
            quoted(self.source),
            quoted(yardstick),
            quoted(context),
            quoted(self.options),
        )


def _named(variation: Variation) -> str:
    return f"{variation.candidate} {variation.style.value}"
