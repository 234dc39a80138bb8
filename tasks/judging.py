"""The task that has a judge look at the findings of a phase."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.planners.candidate import reason_of
from prefect_harmonic.planners.programme.judgement import Judgement, JudgeRequest, PhaseJudge
from prefect_harmonic.tasks.calling import completed


@task(name="judge-phase", task_run_name="judge {phase}", persist_result=False, cache_policy=NO_CACHE)
async def judge_phase(phase: str, request: JudgeRequest, judge: PhaseJudge) -> State[Judgement]:
    """What a judge adds to the findings. Where it has nothing to say the rules stand alone, and the state says why."""
    try:
        judgement = await judge.judged(request)
    except NotRecordedError:  # going on without it would be another run than the one that is replayed
        raise
    except Exception as error:  # a judge is a guest in the house
        judgement = Judgement(phase=phase, judge=judge.label, failure=reason_of(error))
        return completed(judgement, name="Unjudged", message=str(judgement))
    return completed(judgement, name="Judged", message=str(judgement))
