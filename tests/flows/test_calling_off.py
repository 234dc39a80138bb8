"""Work that is called off while it is done: it ends in order, what waits for it never runs, and the rest goes on."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prefect import flow

from prefect_harmonic.flows.execution import Execution, opened_production
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.workspace import Workspace

if TYPE_CHECKING:
    from flows.conftest import Happenings, Team


@pytest.fixture
def execution(team: "Team", happenings: "Happenings", tmp_path: Path) -> Execution:
    """Two artifacts that do not depend on each other, and one that waits for the first."""
    waits = Artifact(id="Waits", agent="tester", requires=(Requirement(id="First"),))
    artifacts = (Artifact(id="First", agent="tester"), Artifact(id="Second", agent="tester"), waits)
    with using_agents(team.specialist):
        production = opened_production(ArtifactGraph(Plan(artifacts=artifacts)), Workspace.opened(tmp_path / "out"))
    return Execution(production, max_parallel=4, retries=0)


def states(execution: Execution) -> dict[str, str]:
    """Where the artifacts ended."""
    return {name: one.state.value for name, one in execution.outcome.artifacts.items()}


async def test_work_under_way_is_cancelled_and_the_rest_goes_on(
    execution: Execution, team: "Team", happenings: "Happenings"
) -> None:
    """The specialist sees the cancellation; what waits for its artifact never runs."""
    team.holding("First")
    release = team.holding("Second")

    @flow
    async def carry_out() -> None:
        work = asyncio.create_task(execution.carry_out(["First", "Second", "Waits"]))
        await happenings.reached("artifact.started First", "artifact.started Second")
        while len(team.called) < 2:
            await asyncio.sleep(0)
        execution.call_off("First", "not needed")
        await happenings.reached("artifact.dropped First")
        release.set()
        await work

    await carry_out()
    assert states(execution) == {"First": "skipped", "Second": "done", "Waits": "blocked"}
    assert execution.outcomes["First"].reason == "not needed"
    assert team.ended == ["Second"]


async def test_what_was_called_off_is_made_where_it_is_asked_for_again(execution: Execution, team: "Team") -> None:
    """Called off before it began it never begins; asked for again it is made."""

    @flow
    async def carry_out() -> None:
        work = asyncio.create_task(execution.carry_out(["First"]))
        await asyncio.sleep(0)
        execution.call_off("First", "not needed")
        await work
        assert states(execution)["First"] == "skipped"
        assert team.called == []
        await execution.carry_out(["First"])

    await carry_out()
    assert states(execution)["First"] == "done"
    assert team.called == ["First"]


async def test_run_that_is_cancelled_is_not_taken_for_work_called_off(
    execution: Execution, team: "Team", happenings: "Happenings"
) -> None:
    """The cancellation goes on outward."""
    team.holding("First")

    @flow
    async def carry_out() -> None:
        await execution.carry_out(["First"])

    run = asyncio.create_task(carry_out())
    await happenings.reached("artifact.started First")
    while not team.called:
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert "First" not in execution.outcomes
