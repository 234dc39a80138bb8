"""The flow run that had the workspace before and was killed there: Prefect is told, as it cannot tell itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, TaskRun
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound, Pause
from prefect.states import Cancelled, Crashed

from prefect_harmonic.flows.cancellation import heeding_cancellation
from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.running import forget_running, left_running, note_running
from prefect_harmonic.tasks.workspace import Workspace

_log = logger(__name__)

_UNFINISHED = frozenset({StateType.RUNNING, StateType.PENDING, StateType.CANCELLING})
_SEEN_TO_END = frozenset({StateType.CRASHED, StateType.CANCELLED})
"""Whoever served a run saw it end, and says so of the run alone, not of what was below it."""

_TASKS_AT_WORK = TaskRunFilter(
    state=TaskRunFilterState(
        type=TaskRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING, StateType.SCHEDULED])
    )
)


@asynccontextmanager
async def running_in(workspace: Workspace) -> AsyncIterator[None]:
    """Keeps in a workspace which flow run has it, and ends the one in Prefect that was killed there.

    The workspace must be leased: that is what proves that nobody carries that run on. Of a run that is carried on under
    its own id, as one that was suspended is, only what it had begun before is ended; one that is suspended still stays
    as it is.

    Raises:
        CancelledInPrefectError: The run was cancelled in Prefect, and nobody but itself could end it.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        yield
        return
    own, left = context.flow_run, left_running(workspace)
    if left:
        await _ended_in_prefect(left, own)
    note_running(workspace, str(own.id))
    is_suspended = False
    try:
        async with heeding_cancellation(own):
            yield
    except Pause:  # it goes on in another process, which ends in Prefect what was left at work here
        is_suspended = True
        raise
    finally:
        if not is_suspended:
            forget_running(workspace)


async def _ended_in_prefect(left: str, successor: FlowRun) -> None:
    """Has a run whose process ended, the phases in it and their tasks crashed, where the server knows it."""
    message = f"its process ended; carried on by {successor.name or successor.id}"
    try:
        async with get_client() as client:
            runs = await _ended(client, UUID(left), successor)
            for run in runs:
                if run.state_type in _UNFINISHED | {StateType.PAUSED} and run.id != successor.id:
                    await client.set_flow_run_state(run.id, _end_of(run, message))
            for task in await _at_work(client, runs, successor):
                await client.set_task_run_state(task.id, Crashed(message=message), force=True)
    except (ObjectNotFound, ValueError):  # a run of another server
        return
    except Exception as error:  # what is shown of a run that is over is no reason for this one to end
        _log.warning("predecessor.unended", flow_run=left, reason=str(error), effect="Prefect shows it as running")


def _end_of(run: FlowRun, message: str) -> State[None]:
    """The state of a run that nobody carries out any more."""
    return Cancelled(message=message) if run.state_type is StateType.CANCELLING else Crashed(message=message)


async def _ended(client: PrefectClient, killed: UUID, successor: FlowRun) -> list[FlowRun]:
    """A run that was killed and the runs below it that did not end in order, what is below first."""
    found = [await client.read_flow_run(killed)]
    if killed != successor.id and not _was_at_work(found[0]):
        return []
    for above in found:  # grows as it goes
        parent = FlowRunFilterParentFlowRunId(any_=[above.id])
        found += await client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=parent))
    return [run for run in reversed(found) if run.state_type in _UNFINISHED | _SEEN_TO_END or run is found[0]]


def _was_at_work(run: FlowRun) -> bool:
    """Whether a run had a process, which it has while it is paused and has not once it is suspended."""
    if run.state_type is StateType.PAUSED:
        return run.state is not None and not run.state.state_details.pause_reschedule
    return run.state_type in _UNFINISHED | _SEEN_TO_END


async def _at_work(client: PrefectClient, runs: list[FlowRun], successor: FlowRun) -> list[TaskRun]:
    """The tasks of runs that are still shown as being worked on; none that the successor itself has begun."""
    if not runs:
        return []
    within = FlowRunFilter(id=FlowRunFilterId(any_=[run.id for run in runs]))
    found = await client.read_task_runs(flow_run_filter=within, task_run_filter=_TASKS_AT_WORK)
    return [one for one in found if is_of_another_process(one, successor)]


def is_of_another_process(task: TaskRun, run: FlowRun) -> bool:
    """Whether a task of a run, or of one below it, was begun before the run was tried again, or went on suspended."""
    if task.flow_run_id != run.id or task.flow_run_run_count < run.run_count:
        return True
    begun = task.start_time or task.expected_start_time
    return begun is not None and run.state is not None and begun < run.state.timestamp
