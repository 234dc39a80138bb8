"""A run that was killed does not stay running in Prefect once another has its workspace."""

from pathlib import Path
from uuid import UUID

import pytest
from prefect import flow, task
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.states import Crashed, Paused, Running

from prefect_harmonic.flows.predecessor import running_in
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


async def left_behind(client: PrefectClient, workspace: Workspace, state: State) -> tuple[UUID, UUID]:
    """The ids of a run and of a running phase of it, whose process was killed when the run was in a state."""
    above = await client.create_flow_run(pursuing, state=state)
    place = await client.create_task_run(phase, above.id, dynamic_key="0", state=Running())
    below = await client.create_flow_run(pursuing, parent_task_run_id=place.id, state=Running())
    note_running(workspace, str(above.id))
    return above.id, below.id


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Running(), ["CRASHED", "CRASHED"]),
        (Crashed(), ["CRASHED", "CRASHED"]),
        (Paused(timeout_seconds=3600), ["PAUSED", "RUNNING"]),
    ],
    ids=["running", "seen to crash", "paused"],
)
async def test_run_that_was_killed_is_over_in_prefect_once_another_has_its_workspace(
    state: State, expected: list[str], client: PrefectClient, tmp_path: Path
) -> None:
    """With its phases, and with who carries it on; one that waits for a person still waits."""
    workspace = Workspace.opened(tmp_path / "out")
    left = await left_behind(client, workspace, state)
    after = await carrying_on(workspace, return_state=True)
    successor = await client.read_flow_run(UUID(str(after.state_details.flow_run_id)))
    found = [(await client.read_flow_run(one)).state for one in left]
    assert [one.type.value for one in found if one is not None] == expected
    told = {one.message for one in found if one is not None and one.message}
    assert told == ({f"its process ended; carried on by {successor.name}"} if "RUNNING" not in expected else set())
    assert (await after.aresult(), left_running(workspace)) == (str(successor.id), "")


@pytest.mark.parametrize("left", ["0b6f8c1e-2f5c-4a83-9d0b-3f1f6a0c7d11", "no id"])
async def test_run_that_the_server_does_not_know_is_let_be(left: str, tmp_path: Path) -> None:
    """It was another server's, and the workspace is carried on all the same."""
    workspace = Workspace.opened(tmp_path / "out")
    note_running(workspace, left)
    assert await carrying_on(workspace) not in ("", left)
