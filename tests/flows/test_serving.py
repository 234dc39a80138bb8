"""What a Prefect server keeps for those who start runs: options as blocks, and runs that were taken and not begun."""

from inspect import signature

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.states import Pending, Running, Submitting
from pydantic import ValidationError

from prefect_harmonic.deployments.blocks import HarmonicOptions
from prefect_harmonic.deployments.serve import hand_back
from prefect_harmonic.flows import harmonic_planning, pursue_goal
from prefect_harmonic.planners.variance import VarianceStrategy


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


def test_block_has_the_same_fields_as_the_flow() -> None:
    """All but what a run is for, with the same defaults; each flow takes those that it has."""
    given = {name: one.default for name, one in signature(pursue_goal.fn).parameters.items()}
    block = HarmonicOptions()
    assert block.parameters_for(pursue_goal) == {
        name: default for name, default in given.items() if name not in {"goal", "plan"}
    }
    assert "candidates" in block.parameters_for(harmonic_planning)
    assert "workspace" not in block.parameters_for(harmonic_planning)


async def test_options_come_back_from_the_server_as_they_were_saved() -> None:
    """What was filled in once is what a run is given, checked as the flow checks it."""
    block = HarmonicOptions(candidates=7, variance="mixed", criteria={"min_confidence": 0.9}, budget={"calls": 5})
    await block.asave("of-a-team")
    found: HarmonicOptions = await HarmonicOptions.aload("of-a-team")
    options = found.parameters_for(pursue_goal)
    assert (options["candidates"], options["variance"]) == (7, VarianceStrategy.MIXED)
    assert (options["criteria"].min_confidence, options["budget"].calls) == (0.9, 5)
    with pytest.raises(ValidationError):
        HarmonicOptions(candidates=99)
