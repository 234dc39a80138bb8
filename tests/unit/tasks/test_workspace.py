"""The lease of a workspace, whatever lies in its place."""

from pathlib import Path

import pytest

from prefect_harmonic.errors import WorkspaceError
from prefect_harmonic.tasks.workspace import Workspace


def test_workspace_is_leased_to_one_run_at_a_time(tmp_path: Path) -> None:
    """The second is refused while the first has it, and not after."""
    workspace = Workspace.opened(tmp_path)
    with workspace.leased(), pytest.raises(WorkspaceError, match="in use"), workspace.leased():
        pass
    with workspace.leased():
        pass


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
