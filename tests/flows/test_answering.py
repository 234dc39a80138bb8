"""An answer reaches a run only where somebody is there to heed it."""

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.states import Paused, Suspended

from prefect_harmonic.flows.answering import answer_waiting_run
from prefect_harmonic.planners.programme.question import Answer, AnswerAction


@flow
async def asking() -> None:
    """Stands for a run that waits for a person."""


@pytest.mark.parametrize(
    ("state", "is_attended", "expected"),
    [
        (Paused(timeout_seconds=3600), True, (True, "RUNNING")),
        (Paused(timeout_seconds=3600), False, (False, "PAUSED")),
        (Suspended(timeout_seconds=3600), False, (True, "SCHEDULED")),
    ],
    ids=["paused", "paused and killed", "suspended"],
)
async def test_paused_run_without_a_process_is_not_said_to_go_on(
    state: State, is_attended: bool, expected: tuple[bool, str], client: PrefectClient
) -> None:
    """Prefect would show it as running, with nobody there; a suspended one gets a process for its answer."""
    deployment = await client.create_deployment(await client.create_flow(asking), "asking")
    run = await client.create_flow_run_from_deployment(deployment, state=state)
    heard = await answer_waiting_run(str(run.id), Answer(action=AnswerAction.SKIP), is_attended=is_attended)
    assert (heard, (await client.read_flow_run(run.id)).state_type) == expected
