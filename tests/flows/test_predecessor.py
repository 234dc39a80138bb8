"""A run that was killed does not stay running in Prefect once another has its workspace."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect import flow, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State, TaskRun
from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.states import Cancelling, Crashed, Paused, Running, Suspended

from prefect_harmonic.flows.predecessor import is_of_another_process, running_in
from prefect_harmonic.tasks.running import left_running, note_running
from prefect_harmonic.tasks.workspace import Workspace


@flow
async def pursuing() -> None:
    """Stands for a run that had the workspace."""


@task
async def phase() -> None:
    """Stands for the place of a phase in its run."""


@flow
async def carrying_on(workspace: Workspace) -> str:
    """Has the workspace for a moment, and gives what it says meanwhile of who has it."""
    with workspace.leased():
        async with running_in(workspace):
            return left_running(workspace)


@flow
async def suspended(workspace: Workspace) -> None:
    """Is suspended while it has the workspace, as somebody may do in Prefect's UI at any moment."""
    with workspace.leased():
        async with running_in(workspace):
            raise Pause(state=Suspended(timeout_seconds=3600))


@flow
async def begun_again(workspace: Workspace, client: PrefectClient) -> list[str]:
    """Is killed and begun again as the same run; gives the states of what it left, in itself and below."""
    context = FlowRunContext.get()
    assert context is not None
    own = context.flow_run
    assert own is not None
    left = await left_below(client, own)
    note_running(workspace, str(own.id))
    with workspace.leased():
        async with running_in(workspace):
            assert (await client.read_flow_run(own.id)).state_type == "RUNNING"
            return await states(client, *left)


Left = tuple[UUID, UUID, UUID]


async def left_below(client: PrefectClient, above: FlowRun) -> Left:
    """The ids of a running phase of a run, of its place in that run, and of a task at work in it."""
    place = await client.create_task_run(phase, above.id, dynamic_key="0", state=Running())
    below = await client.create_flow_run(pursuing, parent_task_run_id=place.id, state=Running())
    at_work = await client.create_task_run(phase, below.id, dynamic_key="0", state=Running())
    return below.id, place.id, at_work.id


async def states(client: PrefectClient, below: UUID, *tasks: UUID) -> list[str]:
    """The types of the states of a flow run and of task runs."""
    found = [(await client.read_flow_run(below)).state, *[(await client.read_task_run(one)).state for one in tasks]]
    return [one.type.value for one in found if one is not None]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Running(), ["CRASHED"] * 4),
        (Crashed(), ["CRASHED"] * 4),
        (Cancelling(), ["CANCELLED"] + ["CRASHED"] * 3),
        (Paused(timeout_seconds=3600), ["CRASHED"] * 4),
        (Suspended(timeout_seconds=3600), ["PAUSED"] + ["RUNNING"] * 3),
    ],
    ids=["running", "seen to crash", "being cancelled", "paused", "suspended"],
)
async def test_run_that_was_killed_is_over_in_prefect_once_another_has_its_workspace(
    state: State, expected: list[str], client: PrefectClient, tmp_path: Path
) -> None:
    """With its phases, their tasks, and who carries it on; one that waits for a person in no process still waits."""
    workspace = Workspace.opened(tmp_path / "out")
    above = await client.create_flow_run(pursuing, state=state)
    left = await left_below(client, above)
    note_running(workspace, str(above.id))
    after = await carrying_on(workspace, return_state=True)
    successor = await client.read_flow_run(UUID(str(after.state_details.flow_run_id)))
    found = (await client.read_flow_run(above.id)).state
    assert found is not None
    assert [found.type.value, *await states(client, *left)] == expected
    told = {one.message for one in (found, (await client.read_task_run(left[2])).state) if one is not None}
    assert told - {None} == (
        {f"its process ended; carried on by {successor.name}"} if expected[0] != "PAUSED" else set()
    )
    assert (await after.aresult(), left_running(workspace)) == (str(successor.id), "")


async def test_run_that_was_killed_and_begun_again_ends_what_it_left(client: PrefectClient, tmp_path: Path) -> None:
    """Prefect retries a crashed run under its own id; what the first try was at is over, and the run itself is not."""
    assert await begun_again(Workspace.opened(tmp_path / "out"), client) == ["CRASHED"] * 3


@pytest.mark.parametrize("left", ["0b6f8c1e-2f5c-4a83-9d0b-3f1f6a0c7d11", "no id"])
async def test_run_that_the_server_does_not_know_is_let_be(left: str, tmp_path: Path) -> None:
    """It was another server's, and the workspace is carried on all the same."""
    workspace = Workspace.opened(tmp_path / "out")
    note_running(workspace, left)
    assert await carrying_on(workspace) not in ("", left)


async def test_run_that_is_suspended_leaves_its_note(tmp_path: Path) -> None:
    """Its phases are shown as running, until it goes on in another process and ends them."""
    workspace = Workspace.opened(tmp_path / "out")
    with pytest.raises(Pause):
        await suspended(workspace)
    assert left_running(workspace)


@pytest.mark.parametrize(("seconds", "expected"), [(-1, True), (1, False)], ids=["before", "after"])
def test_what_a_run_began_before_it_was_suspended_is_not_its_own(seconds: int, expected: bool) -> None:
    """Prefect counts no new try then, and only the time tells the one from the other."""
    run = FlowRun(flow_id=uuid4(), run_count=1, state=Running())
    assert run.state is not None
    begun = run.state.timestamp + timedelta(seconds=seconds)
    task = TaskRun(flow_run_id=run.id, task_key="phase", dynamic_key="0", flow_run_run_count=1, start_time=begun)
    assert is_of_another_process(task, run) is expected
