"""What a run may spend is exact whatever an attempt came to, and whenever a run before this one was killed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from prefect_harmonic.errors import BudgetSpentError
from prefect_harmonic.planners.budget import BudgetLimits, Unit
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.ledger import Entry
from prefect_harmonic.tasks.recording import Recording, recording_of
from prefect_harmonic.tasks.workspace import Workspace

KEY = "k" * 64
MADE = Entry(
    key=KEY,
    evidence=Evidence(artifact="Api", agent="builder", summary="It is there.", confidence=0.9),
    started="2026-11-22T08:00:00+00:00",
    finished="2026-11-22T08:00:02+00:00",
    seconds=2,
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace, and a knowledge base of its own."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path / 'kb.db'}")
    (tmp_path / "out" / ".harmonic").mkdir(parents=True)
    return Workspace.opened(tmp_path / "out")


@asynccontextmanager
async def recording(workspace: Workspace, calls: int) -> AsyncIterator[Recording]:
    """The recording of a run with so many calls."""
    async with recording_of(workspace, goal="Build it", parameters={}, limits=BudgetLimits(calls=calls)) as found:
        assert found is not None
        yield found


async def counted(found: Recording) -> tuple[object, object, int]:
    """Calls and seconds that were spent, and promises that are open."""
    account = await found.account()
    assert account is not None
    return account.units[Unit.CALLS].spent, account.units[Unit.WALL_SECONDS].spent, account.open


async def test_work_that_a_killed_run_made_and_could_not_settle_is_settled_when_it_is_kept(
    workspace: Workspace,
) -> None:
    """Killed after the entry in the books and before the account: one call of two seconds, whoever says so."""
    async with recording(workspace, 1) as killed:
        await killed.begin("Api", KEY, "builder")
    async with recording(workspace, 1) as found:
        await found.end("Api", MADE)
        assert await counted(found) == (1, 2.0, 0)
    async with recording(workspace, 1) as found:
        await found.end("Api", MADE)
        assert await counted(found) == (1, 2.0, 0)


@pytest.mark.parametrize(("outcome", "left"), [("converged", 0), ("accepted", 0), ("stopped", 1), ("waiting", 1)])
async def test_promise_of_a_killed_run_stays_open_until_the_goal_is_reached(
    workspace: Workspace, outcome: str, left: int
) -> None:
    """Work that a changed plan does without is not taken up again; what is carried on another day may be."""
    async with recording(workspace, 3) as killed:
        await killed.begin("Api", KEY, "builder")
    async with recording(workspace, 3) as found:
        await found.ended(outcome, "So it is.")
        calls, seconds, still_open = await counted(found)
        assert (calls, seconds, still_open) == (1 - left, 0, left)


async def test_attempt_that_ended_without_a_word_counts_as_one(workspace: Workspace) -> None:
    """A time limit leaves no time to say so; the next attempt is another call."""
    async with recording(workspace, 2) as found:
        await found.begin("Api", KEY, "builder")
        await found.begin("Api", KEY, "builder")
        await found.fail("Api", KEY, "took too long")
        calls, _, still_open = await counted(found)
        assert (calls, still_open) == (2, 0)
        with pytest.raises(BudgetSpentError):
            await found.begin("Api", KEY, "builder")


async def test_budget_holds_for_an_artifact_that_the_record_does_not_know_yet(workspace: Workspace) -> None:
    """The tree could not be written, because the database was busy; that is no leave to spend more."""
    async with recording(workspace, 1) as found:
        assert not found.record.nodes
        await found.begin("Api", KEY, "builder")
        with pytest.raises(BudgetSpentError):
            await found.begin("Ui", KEY, "builder")
