"""Serves the flows: one process that registers them as deployments and starts the runs that are asked for.

Runs are asked for in the Prefect UI, over its API, with `prefect deployment run`, or by a schedule. Each is a process
of its own, started here, on this machine.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Schedule
from prefect.settings import get_current_settings
from prefect.states import Scheduled
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.callables import ParameterSchema
from pydantic.fields import FieldInfo

from prefect_harmonic import __version__
from prefect_harmonic.errors import ServerError
from prefect_harmonic.flows import advance_program, execute_plan, harmonic_planning, pursue_goal, respond_to_incident

DEFAULT_NAME = "harmonic"
SERVED: tuple[Flow[..., Any], ...] = (
    pursue_goal,
    advance_program,
    harmonic_planning,
    execute_plan,
    respond_to_incident,
)
"""The flows that a person or a schedule starts; the phases of a run are started by the run itself."""

SCHEDULED = "pursue-goal"
"""Name of the flow that schedules start, unless they are to start `advance-program`."""

SECONDS_TO_END_BY_THEMSELVES = 2
"""What ends serving may have told the runs as well: Ctrl-C in a terminal, or a service manager."""

SECONDS_TO_END = 20
"""How long a run may take to tell Prefect that it, its phases and their tasks have ended."""


def reachable_server() -> str:
    """The address of the Prefect server that is set, which answers.

    Raises:
        ServerError: None is set, or it does not answer.
    """
    address = get_current_settings().api.url
    if not address:
        raise ServerError("")
    if (problem := asyncio.run(_problem_of_server())) is not None:
        raise ServerError(address, problem)
    return address


async def _problem_of_server() -> str | None:
    try:
        async with get_client() as client:
            error: Exception | None = await client.api_healthcheck()
    except Exception as refused:  # an address that is none is refused in as many ways as there are libraries below
        error = refused
    return None if error is None else " ".join(str(error).split()) or type(error).__name__


class _ClosedSchema(ParameterSchema):
    """The parameters of a flow and no others: a server would not notice one that does not exist, and the run crash."""

    additionalProperties: Literal[False]  # noqa: N815 - JSON schema's name for it


def deployments(
    name: str = DEFAULT_NAME,
    parameters: Mapping[str, Any] | None = None,
    schedules: Sequence[Schedule] = (),
    *,
    scheduled: str = SCHEDULED,
) -> tuple[RunnerDeployment, ...]:
    """The served flows as deployments.

    Args:
        name: Name of each, as in `pursue-goal/NAME`.
        parameters: What their forms are filled with, where a flow has such a parameter.
        schedules: When one of them starts by itself.
        scheduled: Name of the flow that does.
    """
    return tuple(
        _deployment(flow, name, parameters or {}, schedules if flow.name == scheduled else ()) for flow in SERVED
    )


def _deployment(
    flow: Flow[..., Any], name: str, parameters: Mapping[str, Any], schedules: Sequence[Schedule]
) -> RunnerDeployment:
    fields = flow.parameters.properties
    deployment = flow.to_deployment(
        name,
        parameters={key: value for key, value in parameters.items() if key in fields},
        schedules=list(schedules),
        description=(flow.description or "").partition("\n\nArgs:")[0],
        version=__version__,
        tags=["harmonic"],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(deployment, RunnerDeployment)  # noqa: S101 - in synchronous code it is one, never a coroutine
    for key, title in titles(flow).items():
        # Prefect titles a parameter with its bare name and offers no other way to give the form a readable one.
        deployment._parameter_openapi_schema.properties[key]["title"] = title
    known = deployment._parameter_openapi_schema.model_dump(exclude_unset=True)
    deployment._parameter_openapi_schema = _ClosedSchema(**known, additionalProperties=False)
    return deployment


def titles(flow: Flow[..., Any]) -> dict[str, str]:
    """The title of each parameter of a flow that has one, as its annotation gives it."""
    found = {}
    for name, hint in get_type_hints(flow.fn, include_extras=True).items():
        fields = [extra for extra in _metadata(hint) if isinstance(extra, FieldInfo) and extra.title]
        if fields and name in flow.parameters.properties:
            found[name] = str(fields[0].title)
    return found


def _metadata(hint: Any) -> tuple[Any, ...]:  # a type as typing gives it
    """What an annotation carries beside the type, looking into `X | None` too."""
    if get_origin(hint) is Annotated:
        return tuple(get_args(hint)[1:])
    return tuple(extra for part in get_args(hint) for extra in _metadata(part))


class _StoppableRunner(Runner):
    """A runner that SIGTERM stops as Ctrl-C does. Prefect's own leaves a coroutine behind that is never awaited.

    It lets its runs end before it does: Prefect kills them at once, so that they are shown as running for ever.
    """

    stop_serving: Callable[[], object]

    def handle_sigterm(self, *_arguments: object) -> None:
        """Has what runs end in order."""
        self.stop_serving()

    async def __aexit__(self, *problem: Any) -> None:  # as Prefect types it
        """Ends the runs, then serving."""
        processes, taken = self._process_manager, {*self._scheduled_run_poller._submitting_flow_run_ids}
        runs = processes.flow_run_ids()
        await asyncio.gather(*(processes.wait_for_exit(run, SECONDS_TO_END_BY_THEMSELVES) for run in runs))
        await asyncio.gather(*(processes.kill(run, SECONDS_TO_END) for run in processes.flow_run_ids()))
        await super().__aexit__(*problem)
        with suppress(Exception):  # a server that is gone is no reason not to end
            await hand_back(taken)


async def hand_back(taken: Collection[UUID]) -> None:
    """Has those of the runs that are not begun yet wait for whoever serves next; Prefect leaves them pending.

    Args:
        taken: Ids of the runs that this process has taken. Those that another one has, it will begin.
    """
    if not taken:
        return
    pending = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING]))
    mine = FlowRunFilter(id=FlowRunFilterId(any_=[*taken]), state=pending)
    async with get_client() as client:
        for run in await client.read_flow_runs(flow_run_filter=mine):
            await client.set_flow_run_state(run.id, Scheduled(message="serving ended before it began"), force=True)


def serve_until_stopped(
    served: Sequence[RunnerDeployment], *, limit: int | None = None, pause_on_shutdown: bool = True
) -> None:
    """Registers deployments and starts their runs until SIGINT or SIGTERM.

    Args:
        served: What to serve.
        limit: Runs at the same time at most; Prefect's own limit if left out.
        pause_on_shutdown: Whether schedules are paused when serving ends.
    """
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serving(served, limit, pause_on_shutdown))


async def _serving(served: Sequence[RunnerDeployment], limit: int | None, pause_on_shutdown: bool) -> None:
    limits: dict[str, Any] = {} if limit is None else {"limit": limit}
    runner = _StoppableRunner(name="harmonic", pause_on_shutdown=pause_on_shutdown, **limits)
    loop, work = asyncio.get_running_loop(), asyncio.current_task()
    assert work is not None  # noqa: S101 - a coroutine that runs is a task's
    runner.stop_serving = partial(loop.call_soon_threadsafe, work.cancel)
    for deployment in served:
        await runner.aadd_deployment(deployment)
    await runner.start()
