"""Calling tasks: what Prefect's own types cannot say.

Owns two small casts, so that the rest of the house stays strictly typed.
"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from prefect import Task
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
    task: Task[..., Any], *arguments: object, wait_for: Iterable[object] = ()
) -> State[Any]:  # the result's type is the task's
    """The state in which a task run ends, whatever it is.

    Args:
        task: What to run.
        arguments: What it is called with.
        wait_for: Results of other tasks, from which the run graph has edges.
    """
    call: Any = task  # Prefect types the state of an asynchronous task as if it came without waiting
    state: State[Any] = await call(*arguments, wait_for=[unopened(one) for one in wait_for], return_state=True)
    return state
