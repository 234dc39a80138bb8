"""Calls that are cancelled end their transaction before they give up.

A driver that is cancelled in the middle of a statement leaves its connection behind with the lock it holds, and
everybody else waits for nobody. Transactions are short, so the end of this one is waited for.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect_harmonic.planners.uninterrupted import uninterrupted

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def whole(
    call: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """The same call, which has done all or nothing by the time its cancellation is seen."""

    @wraps(call)
    async def finished(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return await uninterrupted(call(*args, **kwargs))

    return finished
