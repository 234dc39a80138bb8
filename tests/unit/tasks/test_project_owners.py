"""Owners are read from the project and from nowhere else."""

from pathlib import Path

from prefect_harmonic.tasks.agents.code_owners import NOBODY
from prefect_harmonic.tasks.project_owners import project_owners


def test_first_file_of_the_usual_places_counts(tmp_path: Path) -> None:
    """The one for the host goes before the one at the root."""
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/CODEOWNERS").write_text("*.py @python\n")
    (tmp_path / "CODEOWNERS").write_text("* @all\n")
    assert project_owners(tmp_path).of("a.py") == ("@python",)
    assert project_owners(tmp_path).of("a.md") == ()


def test_project_without_the_file_has_no_owners(tmp_path: Path) -> None:
    """Nobody answers where nothing says so, or where the file is a folder."""
    (tmp_path / "CODEOWNERS").mkdir()
    assert project_owners(tmp_path) == NOBODY


def test_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """What lies elsewhere says nothing about this project."""
    (tmp_path / "elsewhere").write_text("* @other\n")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/CODEOWNERS").symlink_to(tmp_path / "elsewhere")
    assert project_owners(tmp_path / "project") == NOBODY
