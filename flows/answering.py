"""Answering a run that waits in Prefect, from any process."""

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from prefect_harmonic.errors import ServerError
from prefect_harmonic.planners.programme.question import Answer


async def answer_waiting_run(flow_run: str, answer: Answer, *, is_attended: bool = True) -> bool:
    """Gives an answer to a paused or suspended flow run, which then goes on; says whether there was one to answer.

    Args:
        flow_run: Id of the flow run.
        answer: What a person said.
        is_attended: Whether the run has a process. A paused one without would be shown as running, and nobody would
            heed the answer; a suspended one gets a process for it.

    Raises:
        ServerError: The server did not take the answer.
    """
    url = get_current_settings().api.url
    if not url:
        return False
    given = {"action": answer.action.value, "guidance": answer.guidance, "by": answer.by}
    async with get_client() as client:
        try:
            run = await client.read_flow_run(UUID(flow_run))
        except (ObjectNotFound, ValueError):
            return False
        if run.state is None or not run.state.is_paused():
            return False
        if not is_attended and not run.state.state_details.pause_reschedule:
            return False
        response = await client.resume_flow_run(run.id, run_input=given)
    if response.status.value != "ACCEPT":
        raise ServerError(url, f"did not take the answer: {getattr(response.details, 'reason', '') or response.status}")
    return True
