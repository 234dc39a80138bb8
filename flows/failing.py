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
"""Outcomes in which something that was due was not done, or a person has not said whether to do without it."""


async def fail_if_off_course(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Sets a completed run of a programme to failed where what was due was not done; what is not due yet may wait."""
    outcome = await state.aresult(raise_on_failure=False)
    if isinstance(outcome, dict) and outcome.get("outcome") in OFF_COURSE:
        await _fail(flow_run, outcome, f"{outcome['outcome']}: {outcome['headline']}")


async def fail_if_incomplete(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Sets a completed run to failed if artifacts were not made, or if it ended with a question open."""
    outcome = await state.aresult(raise_on_failure=False)
    if not isinstance(outcome, dict):
        return
    artifacts = outcome.get("artifacts", {})
    unmade = sorted(name for name, one in artifacts.items() if one["state"] not in FINISHED)
    if unmade:
        shown = ", ".join(unmade[:5]) + (", …" if len(unmade) > 5 else "")
        await _fail(flow_run, outcome, f"{len(unmade)} of {len(artifacts)} artifacts were not made: {shown}")
    elif outcome.get("outcome") in OFF_COURSE:
        asked = outcome["questions"][-1]["question"]["text"] if outcome.get("questions") else outcome["headline"]
        await _fail(flow_run, outcome, asked)


async def _fail(flow_run: FlowRun, outcome: dict[str, Any], message: str) -> None:
    """Sets a run to failed, under the name Waiting where an answer would carry it on."""
    name = "Waiting" if outcome.get("outcome") == "waiting" else None
    failed: State[Any] = Failed(name=name, message=message) if name else Failed(message=message)
    async with get_client() as client:
        await client.set_flow_run_state(flow_run.id, failed, force=True)
