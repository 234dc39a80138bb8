"""The result of another goal is kept aside whole, whenever a run that does so is killed, and whoever comes next."""

import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest

from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.tasks.earlier_result import kept_aside
from prefect_harmonic.tasks.ledger import Entry, Ledger
from prefect_harmonic.tasks.workspace import Workspace

FIRST, SECOND = "Reach it", "Reach more"
CHANGED = "src/two.txt"


class Killed(BaseException):
    """What ends a process, as far as its code can tell."""


def killed_at(step: int, workspace: Workspace, goal: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Makes room for a goal and is killed before the file with this number is moved, if it comes to that."""
    left, replace = count(), Path.replace

    def replaced(path: Path, target: Path) -> Path:
        if next(left) == step:
            raise Killed
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replaced)
        try:
            kept_aside(workspace, goal)
        except Killed:
            return True
    return False


def held(root: Path) -> Mapping[str, bytes]:
    """Every file of a result, but for the lease and what lies in `earlier`."""
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {name: text for name, text in files.items() if not name.startswith("earlier/") and "/lease" not in name}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with the result of the first goal: two files, of which a person changed one, books and a report."""
    workspace = Workspace.opened(tmp_path / "out")
    files = tuple(ProducedFile(path=name, content=f"made {name}") for name in ("one.txt", CHANGED))
    evidence = Evidence(artifact="A", agent="tester", summary="It is there.", confidence=0.9, files=files)
    with workspace.leased():
        Ledger(workspace).record(Entry(key="a" * 64, evidence=evidence, started="", finished="", seconds=1))
    for file in files:
        workspace.write(file.path, file.content)
    (workspace.root / CHANGED).write_text("a person's own")
    workspace.write_own(".harmonic/pursuit.json", json.dumps({"plan": {"goal": FIRST}}))
    for name in ("report.md", "plan.json", "events.jsonl"):
        workspace.write_own(name, "{}")
    return workspace


def test_hundredth_result_is_kept_aside_too(workspace: Workspace) -> None:
    """A schedule with the day in its goal comes there, and looked for a free number for ever."""
    for number in range(1, 100):
        (workspace.root / "earlier" / f"{number:02}-made").mkdir(parents=True)
    kept = kept_aside(workspace, SECOND)
    assert kept is not None
    assert kept.folder.name == "100-reach-it"


@pytest.mark.parametrize("step", range(8))
def test_result_that_was_being_kept_aside_is_put_back_for_its_own_goal(
    workspace: Workspace, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before any file of it is moved, it lies where it lay, and nothing of the move is left."""
    before = held(workspace.root)
    assert killed_at(step, workspace, SECOND, monkeypatch) == (step < 7)
    if step < 7:
        assert kept_aside(workspace, FIRST) is None
        assert held(workspace.root) == before
        assert not (workspace.root / "earlier").exists()
    else:
        assert held(workspace.root / "earlier" / "01-reach-it") == before
    assert kept_aside(workspace, FIRST) is None


@pytest.mark.parametrize("step", range(1, 7))
def test_result_that_was_being_put_back_is_kept_aside_whole(
    workspace: Workspace, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once more while it was put back: the other goal finds the same room as if nothing had been interrupted."""
    before = held(workspace.root)
    killed_at(6, workspace, SECOND, monkeypatch)
    killed_at(step - 1, workspace, FIRST, monkeypatch)
    kept = kept_aside(workspace, SECOND)
    assert kept is not None
    assert (kept.goal, held(kept.folder)) == (FIRST, before)
    assert held(workspace.root) == {CHANGED: b"a person's own"}
