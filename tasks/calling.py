"""Calling tasks: what Prefect's own types cannot say.

Owns two small casts, so that the rest of the house stays strictly typed.
"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from prefect import Flow, Task
from prefect.client.schemas.objects import State
from prefect.utilities.annotations import opaque, quote

Value = TypeVar("Value")


def quoted(value: Value) -> Value:
    """An argument that Prefect hands to the task as it is, without searching it for the results of other tasks.

    Searching costs time in proportion to what the argument holds, and a task's argument may hold a whole run.
    """
    return cast("Value", quote(value))


def unopened(value: Value) -> Value:
    """An argument that may be the result of a task itself, and is not searched for others inside it.

    Prefect draws the edge from the task that gave it, and does not walk through all that a plan or its evidence holds:
    that walk is half of what a task run costs otherwise.
    """
    return cast("Value", opaque(value))


async def final_state(
    work: Task[..., Any] | Flow[..., Any], *arguments: object, wait_for: Iterable[State[Any]] = ()
) -> State[Any]:  # the result's type is the work's
    """The state in which a task run or an inner flow run ends, whatever it is. `wait_for` draws edges of the graph."""
    call: Any = work  # Prefect types the state of asynchronous work as if it came without waiting
    state: State[Any] = await call(*arguments, wait_for=[unopened(one) for one in wait_for], return_state=True)
    return state
