"""Calling tasks and ending them: what Prefect's own types cannot say, and what it would do for nothing.

Owns a few small casts, so that the rest of the house stays strictly typed.
"""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from prefect import Task
from prefect.client.schemas.objects import State
from prefect.results import ResultRecord, ResultRecordMetadata  # type: ignore[attr-defined]  # public there
from prefect.serializers import JSONSerializer
from prefect.states import Completed
from prefect.utilities.annotations import opaque, quote

Value = TypeVar("Value")

_NEVER_STORED = ResultRecordMetadata(storage_key="never-stored", serializer=JSONSerializer())


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


def completed(result: Value, *, name: str | None = None, message: str | None = None) -> State[Value]:
    """The end of a task whose result stays in this process.

    Given a bare result, Prefect works out where on the disk it would lie: some fifteen look-ups a task run, for a file
    that is never written. The record around it says that this has been seen to; callers `taken` the result out again.

    Args:
        result: What came of the task.
        name: Name of the state, if it is not just completed.
        message: What a person reads beside the state.
    """
    record: ResultRecord[Value] = ResultRecord.model_construct(metadata=_NEVER_STORED, result=result)
    return Completed(data=record, name=name, message=message) if name else Completed(data=record, message=message)


def taken(state: State[Value]) -> Value:
    """The result of a task that ended `completed`."""
    return cast("ResultRecord[Value]", state.data).result
