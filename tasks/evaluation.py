"""The task that evaluates what is known after a phase."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, evaluated
from prefect_harmonic.planners.programme.opening import Opening
from prefect_harmonic.tasks.calling import completed


@task(name="evaluate-phase", task_run_name="evaluate {phase}", persist_result=False, cache_policy=NO_CACHE)
async def evaluate_phase(
    phase: str,
    evidence: Sequence[Evidence],
    unmade: Sequence[str],
    before: Sequence[Evaluation],
    criteria: Criteria,
    closed: Collection[str] = (),
    filling: Mapping[str, Opening] | None = None,
) -> State[Evaluation]:
    """Evaluates all findings so far. The state of the task run is named after the outcome, such as Converged."""
    evaluation = await asyncio.to_thread(
        evaluated, phase, evidence, unmade=unmade, before=before, criteria=criteria, closed=closed, filling=filling
    )
    return completed(evaluation, name=evaluation.outcome.value.capitalize(), message=evaluation.rationale)
