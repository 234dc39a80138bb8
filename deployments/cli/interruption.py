"""Ctrl-C while a run goes on: it ends in order if it can, and soon in any case."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from prefect_harmonic.deployments.cli.temporary_server import temporary_servers

GRACE_SECONDS = 5.0
"""What a run that is interrupted has to end in order. Artifacts and decisions lie on the disk by then."""

INTERRUPTED = 130
_T = TypeVar("_T")
TOLD = "interrupted; a run goes on when it is started again with the same workspace"


async def interruptible(
    run: Coroutine[Any, Any, _T], *, grace: float = GRACE_SECONDS, leave: Callable[[], object] | None = None
) -> _T:
    """What a run gives; when it is cancelled, the process is left after the grace, whatever still holds it.

    Prefect's temporary server gets the Ctrl-C of a terminal as well, and Prefect goes on for minutes to tell it how the
    run ended; nor does a specialist in a thread of its own hear of it.

    Args:
        run: The flow run.
        grace: Seconds that it has to end in order.
        leave: What ends the process, on a thread of its own.
    """
    task = asyncio.ensure_future(run)

    def end() -> None:
        if not task.done():  # else it has been told, and only the end of the process is slow
            click.echo(f"harmonic: {TOLD}", err=True)
        (leave or _leave)()

    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        last = threading.Timer(grace, end)
        last.daemon = True
        last.start()
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains that it was not
        raise
    return task.result()


def _leave() -> None:
    """Ends the process as an interrupted one, and Prefect's temporary server with it."""
    for server in temporary_servers():
        server.terminate()
    os._exit(INTERRUPTED)
