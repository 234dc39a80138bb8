"""Flow runs that show what really came of them.

A run in which artifacts were not made still returns its outcome, for its caller to act on. In the Prefect UI it must
not look like a success, so its state is set to failed when it ends.
"""

from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Failed

from prefect_harmonic.planners.dispatch import FINISHED

OFF_COURSE = frozenset({"incomplete", "stopped", "waiting"})
"""Outcomes of a run of a programme in which something that was due was not done."""


async def fail_if_off_course(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Sets a completed run of a programme to failed where what was due was not done; what is not due yet may wait."""
    outcome = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, dict) and outcome.get("outcome") in OFF_COURSE:
        message = f"{outcome['outcome']}: {outcome['headline']}"
        async with get_client() as client:
            await client.set_flow_run_state(flow_run.id, Failed(message=message), force=True)


async def fail_if_incomplete(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Sets a completed run to failed if its outcome lists artifacts that were not made."""
    outcome = await state.aresult(raise_on_failure=False)
    artifacts = outcome.get("artifacts", {}) if isinstance(outcome, dict) else {}
    unmade = sorted(name for name, one in artifacts.items() if one["state"] not in FINISHED)
    if unmade:
        shown = ", ".join(unmade[:5]) + (", …" if len(unmade) > 5 else "")
        message = f"{len(unmade)} of {len(artifacts)} artifacts were not made: {shown}"
        async with get_client() as client:
            await client.set_flow_run_state(flow_run.id, Failed(message=message), force=True)
