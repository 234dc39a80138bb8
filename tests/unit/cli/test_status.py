"""`harmonic status`: what is said of runs that the knowledge base knows."""

import asyncio
import json
from pathlib import Path

import pytest

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.workspace import Workspace

GOAL = "Find out which of the many ways there are to move the old application is the one that costs the least " * 2


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A run of two artifacts in one phase, the first of them done: its folder and its id."""
    address = f"sqlite:///{tmp_path}/knowledge.db"
    monkeypatch.setenv("HARMONIC_DATABASE_URL", address)
    workspace = Workspace.opened(tmp_path / "out")
    (workspace.root / ".harmonic").mkdir()
    plan = [Artifact(id="Ask", phase="ask"), Artifact(id="Tell", phase="ask", requires=(Requirement(id="Ask"),))]

    async def recorded() -> str:
        async with KnowledgeBase(address) as kb:
            record = await ProgrammeRecord.opened(kb, workspace, goal=GOAL.strip(), parameters={})
            graph = ArtifactGraph(plan)
            await record.plan_set(graph, phases_of(graph))
            await record.artifact_started("Ask")
            await record.artifact_ended("Ask", state="done")
            return record.root

    return workspace.root, asyncio.run(recorded())


def test_list_counts_artifacts_and_says_where_and_since_when(
    run: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A phase is no work; a long goal ends at a word."""
    folder, root = run
    with Workspace(folder).leased():
        assert exit_code(["status"]) == 0
    said = capsys.readouterr().out
    line = next(line for line in said.splitlines() if root in line)
    assert line.split()[3:5] == ["executing", "1/2"]
    assert str(folder).replace("/", "") in said.replace("\n", "").replace(" ", "").replace("/", "")
    assert "…" in said
    words = set(GOAL.split())
    assert all(word in words for word in line.split()[5:] if word != "…")


def test_one_run_is_named_by_its_folder_too(run: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The levels have names."""
    folder, root = run
    with Workspace(folder).leased():
        assert exit_code(["status", str(folder)]) == 0
    said = capsys.readouterr().out
    assert f"id {root}" in said
    assert "1 of 2 artifacts made, 0 being made, 0 blocked" in said
    assert [line.split()[:2] for line in said.splitlines() if line.startswith(("phases", "artifacts"))] == [
        ["phases", "1"],
        ["artifacts", "2"],
    ]


def test_run_whose_process_is_gone_says_so_and_how_to_carry_it_on(
    run: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has its workspace, so nobody is at what it had begun, whatever was written down last."""
    folder, root = run
    assert exit_code(["status"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "interrupted 1/2" in said
    assert f"its process is gone; harmonic resume {root} carries it on" in said
    assert exit_code(["status", str(folder)]) == 0
    assert f"Carry it on with: harmonic resume {root}" in capsys.readouterr().out
    assert exit_code(["status", "--json", root]) == 0
    assert json.loads(capsys.readouterr().out)["is_interrupted"]


@pytest.mark.parametrize("named", ["gone", "."])
@pytest.mark.usefixtures("run")
def test_what_names_no_run_is_bad_usage(named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line says what can be named."""
    assert exit_code(["status", named]) == 2
    assert "neither the id of a run nor a folder" in capsys.readouterr().err


def test_run_that_waits_for_an_answer_says_so_wherever_it_waits(
    run: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is paused in its process has not ended, and its goal is still being pursued."""
    folder, root = run

    async def asked() -> None:
        async with KnowledgeBase(f"sqlite:///{folder.parent}/knowledge.db") as kb:
            record = ProgrammeRecord(kb, root)
            await record.asked({"key": "q", "subject": "ask", "text": "Go on without it?", "options": ["skip", "stop"]})

    asyncio.run(asked())
    assert exit_code(["status", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "waiting" in said.partition("id ")[0].split()
    assert "Go on without it?" in said
    assert exit_code(["status"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if root in line)
    assert line.split()[3:5] == ["waiting", "1/2"]
