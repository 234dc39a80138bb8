"""The lease of a workspace, whatever lies in its place."""

import errno
import os
from pathlib import Path

import pytest

from prefect_harmonic.errors import FullDiskError, InputError, WorkspaceError
from prefect_harmonic.tasks.workspace import Workspace


def test_workspace_is_leased_to_one_run_at_a_time(tmp_path: Path) -> None:
    """The second is refused while the first has it, and not after."""
    workspace = Workspace.opened(tmp_path)
    with workspace.leased(), pytest.raises(WorkspaceError, match="in use"), workspace.leased():
        pass
    with workspace.leased():
        assert workspace.is_leased()
    assert not workspace.is_leased()


def test_file_in_the_place_of_the_books_is_one_clear_error(tmp_path: Path) -> None:
    """Where the books cannot be kept, nothing is begun."""
    (tmp_path / ".harmonic").touch()
    with pytest.raises(WorkspaceError, match=r"cannot keep its books in \.harmonic"), Workspace(tmp_path).leased():
        pass


@pytest.mark.parametrize("place", [".harmonic", ".harmonic/lease"])
def test_books_are_not_kept_behind_a_link(tmp_path: Path, place: str) -> None:
    """A workspace that came with a repository cannot have anything written elsewhere."""
    workspace, elsewhere = tmp_path / "workspace", tmp_path / "elsewhere"
    (workspace / place).parent.mkdir(parents=True)
    elsewhere.mkdir()
    (workspace / place).symlink_to(elsewhere if place == ".harmonic" else elsewhere / "lease")
    with pytest.raises(WorkspaceError, match="link"), Workspace.opened(workspace).leased():
        pass
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("problem", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_no_bad_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: int) -> None:
    """Another folder would help nobody: room does; nothing is left half-written."""
    workspace = Workspace.opened(tmp_path)
    workspace.write("there.txt", "before")

    def full(*_: object) -> None:
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FullDiskError, match=r"no room for 'there\.txt' .* free some") as refusal:
        workspace.write("there.txt", "after")
    assert not isinstance(refusal.value, InputError)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("there.txt", "before")]


def test_workspace_refuses_folders_that_are_not_a_runs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root of the disk and the home folder would be littered."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("/", str(tmp_path)):
        with pytest.raises(WorkspaceError, match="no folder of its own"):
            Workspace.opened(folder)


def test_workspace_is_not_in_the_folder_that_a_worker_deletes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of Prefect runs in a temporary folder, with the code perhaps in one within: both go with the run."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = tmp_path / "tmpx7_prefect" / "repository"
    code.mkdir(parents=True)
    for place in (code.parent, code):
        monkeypatch.chdir(place)
        with pytest.raises(WorkspaceError, match="is deleted when this run ends"):
            Workspace.opened("harmonic-out")
        assert not Path("harmonic-out").exists()
    assert Workspace.opened(tmp_path / "out").root == tmp_path / "out"


def test_folder_that_is_gone_is_only_in_the_way_of_relative_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in a deleted folder can still say where the result is to lie."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert Workspace.opened(tmp_path / "out").root == tmp_path.resolve() / "out"
    with pytest.raises(WorkspaceError, match="in a folder that is gone"):
        Workspace.opened("out")


def test_link_within_the_workspace_leads_to_no_reserved_place(tmp_path: Path) -> None:
    """What may not be named may not be reached by a link either."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").symlink_to(".git")

    with pytest.raises(WorkspaceError, match=r"reserved place \.git"):
        Workspace.opened(tmp_path).write("docs/config", "[core]")

    assert list((tmp_path / ".git").iterdir()) == []
