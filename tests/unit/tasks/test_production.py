"""What is kept of earlier runs, and what is made again although it is there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_harmonic.errors import AgentError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.pursuit_state import pursuit_key
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.workspace import Workspace


async def call(assignment: Assignment) -> Evidence:
    """Makes anything."""
    return Evidence(artifact=assignment.artifact.id, agent="tester", summary="Made.", confidence=0.9)


@pytest.fixture
def production(tmp_path: Path) -> Callable[[], Production]:
    """The production of one artifact by a run of its own, in the same workspace each time."""

    def opened() -> Production:
        workspace = Workspace.opened(tmp_path / "out")
        return Production(
            graph=ArtifactGraph([Artifact(id="Answer", agent="tester")]),
            agents=AgentRegistry(Specialist(name="tester", call=call)),
            workspace=workspace,
            log=RunLog(workspace.root / "events.jsonl"),
        )

    return opened


async def test_what_a_person_wants_again_is_made_again_by_whichever_run_comes_to_it(
    production: Callable[[], Production],
) -> None:
    """The wish is for what was there when it was uttered: kept by a later run it still holds, and it holds once."""
    first = await production().make("Answer")
    after_a_kill = production()
    after_a_kill.again = {"Answer": first.finished}
    assert after_a_kill.keep("Answer") is None
    second = await after_a_kill.make("Answer")
    assert second.finished > first.finished
    after_another = production()
    after_another.again = {"Answer": first.finished}
    assert after_another.keep("Answer") == second


async def careless(assignment: Assignment) -> Any:
    """Returns no evidence."""
    return {"summary": assignment.artifact.id}


def hasty(assignment: Assignment) -> Any:
    """Returns at once, without being awaited."""
    return Evidence(artifact=assignment.artifact.id, agent="tester", summary="Done.", confidence=1)


@pytest.mark.parametrize(
    ("call", "told"),
    [(careless, "it returned a value of type dict; return Evi"), (hasty, "it is not asynchronous; make it an async")],
)
async def test_specialist_that_is_written_otherwise_is_told_how(
    production: Callable[[], Production], call: Any, told: str
) -> None:
    """Whoever writes one of their own reads which one it was and what is wanted of it."""
    opened = production()
    opened.agents = AgentRegistry(Specialist(name="tester", call=call))
    with pytest.raises(AgentError, match=f"tester could not make Answer: {told}"):
        await opened.make("Answer")


def test_another_project_is_another_pursuit() -> None:
    """What was decided about one project says nothing about another."""
    assert pursuit_key("Speed it up", None, ["/srv/shop"]) != pursuit_key("Speed it up", None, ["/srv/bank"])
