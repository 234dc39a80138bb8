"""What serving that ends does about runs that it has taken, as a Prefect server knows them."""

from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.states import Pending, Running, Submitting

from prefect_harmonic.deployments.serve import hand_back


async def test_only_what_was_taken_here_and_not_begun_is_handed_back(client: PrefectClient) -> None:
    """What another process took of the same deployments, and is about to begin, would be begun twice."""

    @flow
    def of_somebody() -> None: ...

    states: dict[str, State[None]] = {
        "pending": Pending(),
        "submitted": Submitting(),
        "begun": Running(),
        "another's": Submitting(),
    }
    runs = {name: (await client.create_flow_run(of_somebody, state=state)).id for name, state in states.items()}
    await hand_back([run for name, run in runs.items() if name != "another's"])
    left = {name: (await client.read_flow_run(run)).state_type for name, run in runs.items()}
    assert left == {"pending": "SCHEDULED", "submitted": "SCHEDULED", "begun": "RUNNING", "another's": "PENDING"}
