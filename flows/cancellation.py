"""A run that is cancelled in Prefect, in its UI or over its API, where nobody serves it who would end its process.

Prefect ends runs of a deployment through whoever serves it, as long as its connection holds. One that a script or the
command line started would go on to its end, and be shown as being cancelled all the while. The same holds where a flow
of somebody's own that runs it is cancelled.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import get_current_settings

from prefect_harmonic.errors import CancelledInPrefectError

POLL_SECONDS = 5.0
"""How often a run looks whether it or a flow run above it is cancelled."""

SERVED_POLL_SECONDS = 10.0
"""How often a run of a deployment looks. Whoever serves it ends its process within seconds, but no more once the server
was away for a while: Prefect's watch for that ends with the third connection refused. So it ends itself at the second
look that finds it being cancelled."""

_CANCELLED = frozenset({StateType.CANCELLING, StateType.CANCELLED})


@asynccontextmanager
async def heeding_cancellation(run: FlowRun) -> AsyncIterator[None]:
    """Calls off what is done within once the flow run, or one that it is a subflow of, is cancelled in Prefect.

    Raises:
        CancelledInPrefectError: It was.
    """
    work = asyncio.current_task()
    if work is None or not get_current_settings().api.url:
        yield
        return
    watch = asyncio.create_task(_until_cancelled(run))
    is_over = is_called_off = False

    def call_off(_: "asyncio.Task[None]") -> None:
        """Runs a turn of the loop after the watch has ended, when what is within may be over already."""
        nonlocal is_called_off
        if not is_over and _has_heard(watch):
            is_called_off = True
            work.cancel()

    watch.add_done_callback(call_off)
    try:
        yield
    except asyncio.CancelledError:
        if not is_called_off:  # it was somebody else, as with Ctrl-C
            raise
        work.uncancel()
        raise CancelledInPrefectError from None
    else:
        if is_called_off:  # what is within went on to its end all the same
            work.uncancel()
    finally:
        is_over = True
        watch.cancel()


def _has_heard(watch: "asyncio.Task[None]") -> bool:
    """Whether the watch ended because the run is cancelled, and not by an error of its own."""
    return watch.done() and not watch.cancelled() and watch.exception() is None


async def _until_cancelled(run: FlowRun) -> None:
    """Waits until a run or one above it is cancelled. A server that does not answer has not said so."""
    watched: list[UUID] = []
    seconds, looks = (POLL_SECONDS, 1) if run.deployment_id is None else (SERVED_POLL_SECONDS, 2)
    seen = 0
    while True:
        await asyncio.sleep(seconds)
        try:
            async with get_client() as client:
                watched = watched or await _with_those_above(client, run)
                found = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=watched)))
                seen = seen + 1 if any(one.state_type in _CANCELLED for one in found) else 0
                if seen == looks:
                    return
        except Exception:  # noqa: S112 - the run itself needs the server too, and says what is wrong with it
            continue


async def _with_those_above(client: PrefectClient, run: FlowRun) -> list[UUID]:
    """A run and those it is a subflow of, up to one of a deployment: whoever serves that one ends its process."""
    watched = [run.id]
    while run.deployment_id is None and run.parent_task_run_id is not None:
        above = (await client.read_task_run(run.parent_task_run_id)).flow_run_id
        if above is None:
            break
        run = await client.read_flow_run(above)
        if run.deployment_id is None:
            watched.append(run.id)
    return watched
