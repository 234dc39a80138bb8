"""Work that is done at once and is of use only whole."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

Given = TypeVar("Given")


async def together(works: Iterable[Coroutine[Any, Any, Given]], *, head_start: int = 0) -> list[Given]:
    """What each of the works gives, in their order. Where one fails, the others are called off before it is told.

    Args:
        works: What is done; each is begun as it is drawn.
        head_start: How many turns of the event loop each work has before the next begins. With none, all get ready
            together and then wait together; with some, one is ready and waits while the next one gets ready.
    """
    tasks = []
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                tasks.append(group.create_task(work))
                for _ in range(head_start):
                    await asyncio.sleep(0)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
