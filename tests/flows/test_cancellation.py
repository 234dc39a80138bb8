"""A run that no deployment started is cancelled in Prefect: it hears of it, ends, and can be carried on."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import CancelledRun
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Cancelling, Running

from prefect_harmonic.errors import CancelledInPrefectError
from prefect_harmonic.flows.cancellation import heeding_cancellation
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.workspace import Workspace

if TYPE_CHECKING:
    from flows.conftest import Happenings, Team


@pytest.mark.parametrize("state", [Cancelling(), Cancelled()], ids=["in the UI", "outright"])
async def test_cancelled_run_ends_and_is_carried_on_by_the_next(
    state: State,
    team: "Team",
    happenings: "Happenings",
    carried_out: Callable[..., Coroutine[Any, Any, dict[str, Any]]],
    plan_of: Callable[..., Plan],
    latest_run: Callable[[str], Awaitable[FlowRun]],
    client: PrefectClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was made is kept, what was under way is called off and made by the next run, and nothing runs on."""
    monkeypatch.setattr("prefect_harmonic.flows.cancellation.POLL_SECONDS", 0.05)
    plan = plan_of(Artifact(id="First"), Artifact(id="Second", requires=(Requirement(id="First"),)))
    team.holding("Second")
    work = asyncio.create_task(carried_out(plan))
    await happenings.reached("artifact.started Second")
    run = await latest_run("execute-plan")
    await client.set_flow_run_state(run.id, state)
    with pytest.raises(CancelledRun, match="goes on when it is started again"):
        await asyncio.wait_for(work, 120)
    assert (await client.read_flow_run(run.id)).state_type == "CANCELLED"
    assert not Workspace.opened(tmp_path / "out").is_leased()
    team.before.clear()
    again = await carried_out(plan)
    assert {name: one["state"] for name, one in again["artifacts"].items()} == {"First": "kept", "Second": "done"}


async def test_run_is_called_off_with_the_flow_that_runs_it(
    client: PrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a flow of their own around ours cancels that one; ours would go on to its end below it."""
    monkeypatch.setattr("prefect_harmonic.flows.cancellation.POLL_SECONDS", 0.05)

    @flow
    def of_somebody() -> None: ...

    @task
    def standing_for_the_subflow() -> None: ...

    above = await client.create_flow_run(of_somebody, state=Running())
    stands = await client.create_task_run(standing_for_the_subflow, above.id, dynamic_key="0")
    run = await client.create_flow_run(of_somebody, parent_task_run_id=stands.id, state=Running())

    async def held() -> None:
        async with heeding_cancellation(run):
            await client.set_flow_run_state(above.id, Cancelling())
            await asyncio.Event().wait()

    with pytest.raises(CancelledInPrefectError):
        await asyncio.wait_for(held(), 60)


async def test_served_run_ends_itself_where_nobody_ends_its_process(
    client: PrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect's own watch ends for good when the server was away for some seconds; it is given time to be first."""
    monkeypatch.setattr("prefect_harmonic.flows.cancellation.SERVED_POLL_SECONDS", 0.05)

    @flow
    def served() -> None: ...

    run = await client.create_flow_run(served, state=Running())

    async def held() -> None:
        async with heeding_cancellation(run.model_copy(update={"deployment_id": uuid4()})):
            await client.set_flow_run_state(run.id, Cancelling())
            await asyncio.Event().wait()

    with pytest.raises(CancelledInPrefectError):
        await asyncio.wait_for(held(), 60)


@pytest.mark.parametrize("says", ["cancelled", "broke"])
async def test_work_that_is_over_or_whose_watch_broke_is_not_called_off(
    says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hearing of it in the turn in which the work ends is too late; an error of the watch is no cancellation."""
    heard = asyncio.Event()

    async def watched(_run: FlowRun) -> None:
        await heard.wait()
        if says == "broke":
            raise RuntimeError("no such server")

    monkeypatch.setattr("prefect_harmonic.flows.cancellation._until_cancelled", watched)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        async with heeding_cancellation(FlowRun(flow_id=uuid4())):
            heard.set()
            await asyncio.sleep(0)  # the watch ends in this turn, and what follows it is due in the next
            if says == "broke":
                await asyncio.sleep(0)
        for _ in range(3):
            await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
