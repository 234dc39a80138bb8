"""The flow run that had the workspace before and was killed there: Prefect is told, as it cannot tell itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from prefect_harmonic.tasks.logs import logger
from prefect_harmonic.tasks.running import forget_running, left_running, note_running
from prefect_harmonic.tasks.workspace import Workspace

_log = logger(__name__)

_UNFINISHED = frozenset({StateType.RUNNING, StateType.PENDING})


@asynccontextmanager
async def running_in(workspace: Workspace) -> AsyncIterator[None]:
    """Keeps in a workspace which flow run has it, and ends the one in Prefect that was killed there.

    The workspace must be leased: that is what proves that nobody carries that run on. A run that is carried on under
    its own id, and one that waits for a person, stay as they are.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        yield
        return
    own, left = context.flow_run, left_running(workspace)
    if left not in ("", str(own.id)):
        await _ended_in_prefect(left, own)
    note_running(workspace, str(own.id))
    try:
        yield
    finally:
        forget_running(workspace)


async def _ended_in_prefect(left: str, successor: FlowRun) -> None:
    """Has a run whose process ended, and the phases in it, crashed, where the server knows it."""
    message = f"its process ended; carried on by {successor.name or successor.id}"
    try:
        async with get_client() as client:
            for run in await _unfinished(client, UUID(left)):
                await client.set_flow_run_state(run.id, Crashed(message=message))
    except (ObjectNotFound, ValueError):  # a run of another server
        return
    except Exception as error:  # what is shown of a run that is over is no reason for this one to end
        _log.warning("predecessor.unended", flow_run=left, reason=str(error), effect="Prefect shows it as running")


async def _unfinished(client: PrefectClient, killed: UUID) -> list[FlowRun]:
    """A run and all below it that are still shown as being worked on, what is below first."""
    found = [await client.read_flow_run(killed)]
    if found[0].state_type not in _UNFINISHED | {StateType.CRASHED}:  # whoever served it saw it crash, not its phases
        return []
    for above in found:  # grows as it goes
        parent = FlowRunFilterParentFlowRunId(any_=[above.id])
        found += await client.read_flow_runs(flow_run_filter=FlowRunFilter(parent_flow_run_id=parent))
    return [run for run in reversed(found) if run.state_type in _UNFINISHED]
