"""Flow runs that show what really came of them.

A run in which artifacts were not made still returns its outcome, for its caller to act on. In the Prefect UI, and for
an automation that waits for runs to complete, it must never look like a success: it ends as failed, without having been
completed for a moment.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Failed

from prefect_harmonic import __version__
from prefect_harmonic.errors import CancelledInPrefectError, HarmonicError, UnfinishedRunError
from prefect_harmonic.planners.dispatch import FINISHED

OFF_COURSE = frozenset({"incomplete", "stopped", "waiting"})
"""Outcomes in which something that was due was not done, or a person has not said whether to do without it."""

Document = dict[str, Any]  # an outcome as plain JSON
Given = ParamSpec("Given")


class OutcomeFlow(Flow[Given, Coroutine[Any, Any, Document]]):
    """A flow that returns its outcome to whoever calls it, also from a run that is shown as failed."""

    if not TYPE_CHECKING:  # for a type checker they are Prefect's own, which say the same

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Runs the flow. Gives the outcome, or with `return_state=True` the state of the run."""
            if kwargs.get("return_state"):
                return super().__call__(*args, **kwargs)
            if self.retries:  # of several tries Prefect would give the first one's error
                kwargs["return_state"] = True
                return _given_back(_result_of(super().__call__(*args, **kwargs)))
            return _given_back(super().__call__(*args, **kwargs))

        def with_options(self, **options: Any) -> "OutcomeFlow[Any]":
            """The same flow with other options."""
            changed = super().with_options(**options)
            changed.__class__ = OutcomeFlow  # Prefect makes a plain flow of it
            return changed


def outcome_flow(
    **options: Any,
) -> Callable[[Callable[Given, Coroutine[Any, Any, Document]]], OutcomeFlow[Given]]:
    """Makes a flow of a function that ends with `of_unmade` or `of_off_course`; takes the options of Prefect's `flow`.

    Results stay in the process: an outcome is in the workspace.
    """
    # The version is ours, as by itself Prefect takes a digest of the file that the function is wrapped in.
    options = {"persist_result": False, "version": __version__, **options}
    return lambda function: OutcomeFlow(_ending_in_order(function), **options)


def _ending_in_order(
    function: Callable[Given, Coroutine[Any, Any, Document]],
) -> Callable[Given, Coroutine[Any, Any, Document]]:
    """The function of a flow, which ends as cancelled where it was cancelled in Prefect, and with an error in a line.

    What it raises, its caller gets. An error that says what to do about it needs no traceback in the log of the run,
    which Prefect writes of all that is raised.
    """

    @wraps(function)
    async def ended(*args: Given.args, **kwargs: Given.kwargs) -> Document:
        try:
            found: object = await function(*args, **kwargs)
        except CancelledInPrefectError as cancelled:
            return cast("Document", Cancelled(message=str(cancelled)))
        except HarmonicError as error:
            found = Failed(data=error, message=str(error))
        if isinstance(found, State) and isinstance(found.data, Exception) and _is_tried_again():
            raise found.data  # Prefect tries again what is raised, and leaves what is returned waiting for it for ever
        return cast("Document", found)

    return ended


def _is_tried_again() -> bool:
    """Whether Prefect runs the flow once more if it fails now, as its option `retries` says."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return False
    return context.flow_run.run_count <= (context.flow_run.empirical_policy.retries or 0)


def of_off_course(outcome: Document) -> Document:
    """What a flow returns for a programme's outcome: failed where what was due was not done; what is not due may wait.

    Returns:
        The outcome, or the state that carries it to whoever called the flow.
    """
    if outcome.get("outcome") in OFF_COURSE:
        return _failed(outcome, f"{outcome['outcome']}: {outcome['headline']}")
    return outcome


def of_unmade(outcome: Document) -> Document:
    """What a flow returns for an outcome: failed if artifacts were not made, or if it ended with a question open.

    Returns:
        The outcome, or the state that carries it to whoever called the flow.
    """
    artifacts = outcome.get("artifacts", {})
    unmade = sorted(name for name, one in artifacts.items() if one["state"] not in FINISHED)
    if unmade:
        shown = ", ".join(unmade[:5]) + (", …" if len(unmade) > 5 else "")
        return _failed(outcome, f"{len(unmade)} of {len(artifacts)} artifacts were not made: {shown}")
    if outcome.get("outcome") in OFF_COURSE:
        asked = outcome["questions"][-1]["question"]["text"] if outcome.get("questions") else outcome["headline"]
        return _failed(outcome, asked)
    return outcome


def _failed(outcome: Document, message: str) -> Document:
    """A failed state, under the name Waiting where an answer would carry the run on."""
    failed: State[Any] = Failed(data=UnfinishedRunError(outcome, message), message=message)
    if outcome.get("outcome") == "waiting":
        failed = failed.model_copy(update={"name": "Waiting"})
    return cast("Document", failed)  # what a flow's function returns is not what its caller gets


async def _result_of(run: Coroutine[Any, Any, State[Document]]) -> Document:
    return await (await run).aresult()


async def _given_back(run: Coroutine[Any, Any, Document]) -> Document:
    try:
        return await run
    except UnfinishedRunError as unfinished:
        return unfinished.outcome
