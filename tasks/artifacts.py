"""The task that makes one artifact, or finds it made already."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled

from prefect_harmonic.errors import CalledOffError, HarmonicError
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.tasks.calling import completed
from prefect_harmonic.tasks.ledger import Entry
from prefect_harmonic.tasks.model_calls import calling_as_tasks
from prefect_harmonic.tasks.production import Production

DROPPED = "Dropped"
"""Name of the state of a task run whose artifact was called off."""

KEPT = ArtifactState.KEPT.value.capitalize()
"""Name of the state of a task run whose artifact was there already."""


def is_worth_retrying(_task: Any, _run: Any, state: State[Any]) -> bool:  # Prefect's own signature
    """Whether making an artifact again may help: not where the error says that it will not."""
    error = state.data if isinstance(state.data, BaseException) else getattr(state.data, "result", None)
    return error.retryable if isinstance(error, HarmonicError) else True


@task(
    name="make-artifact",
    task_run_name="{artifact}",
    persist_result=False,
    cache_policy=NO_CACHE,
    retry_condition_fn=is_worth_retrying,
    retry_jitter_factor=0.5,
)
async def make_artifact(artifact: str, production: Production) -> State[Entry]:
    """Makes one artifact of a production, unless an earlier run made it and that still holds.

    What is found made ends in the state Kept, so that a resumed run shows what it did not repeat; what is called off
    meanwhile ends in the state Dropped, which is a cancelled one.
    """
    kept = production.keep(artifact)
    if kept is not None:
        await production.meter.end(artifact, kept)
        return completed(kept, name=KEPT, message=f"made {kept.finished} and unchanged since")
    try:
        with production.at_work(artifact), calling_as_tasks(production, artifact):
            entry = await production.make(artifact)
    except CalledOffError as ended:
        return Cancelled(name=DROPPED, message=ended.reason)
    return completed(entry, message=_account(entry))


def _account(entry: Entry) -> str:
    """What was made, as the state of the task run tells it."""
    evidence = entry.evidence
    told = [", ".join(file.path for file in evidence.files) or "no file", f"confidence {evidence.confidence:g}"]
    return "; ".join([*told, f"{evidence.left_open} left open"] if evidence.left_open else told)
