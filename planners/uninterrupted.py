"""Work that is ended although whoever waits for it is cancelled meanwhile: keeping books of what was done."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Given = TypeVar("Given")


async def uninterrupted(work: Coroutine[Any, Any, Given]) -> Given:
    """What the work gives, once it is done. A cancellation meanwhile is passed on after that, whatever came of it.

    A time limit of Prefect cancels at every step and not once (that is how anyio does it), so that without this
    nothing could be written down any more after it has passed.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # seen here, so that nobody is warned of it: whoever asked has gone
    raise cancelled
