"""Work that is done at once and is of use only whole."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Given = TypeVar("Given")


async def together(works: Iterable[Coroutine[Any, Any, Given]]) -> list[Given]:
    """What each of the works gives, in their order. Where one fails, the others are called off before it is told."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
