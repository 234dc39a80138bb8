"""The task that changes the plan: it compares changed plans for what remains and gives the best."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from prefect_harmonic.planners.programme.replanning import Replanning, replanned
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.sources.remainder import RemainderSource, ReplanRequest
from prefect_harmonic.tasks.calling import completed


@task(name="replan", task_run_name="replan after {phase}", persist_result=False, cache_policy=NO_CACHE)
async def replan(phase: str, request: ReplanRequest, source: RemainderSource, scorer: Scorer) -> State[Replanning]:
    """The best of several changed plans for what remains. The state of the task run says why it was chosen."""
    replanning = await replanned(request, source, scorer)
    return completed(replanning, name="Replanned", message=replanning.reason)
