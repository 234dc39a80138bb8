"""Reading what earlier runs teach: what a project is recognised by, and that planning never depends on it."""

from pathlib import Path

import pytest

from prefect_harmonic.planners.options import HoursFrom, PlanningOptions
from prefect_harmonic.tasks.experience import Looking, project_identity, read_experience
from prefect_harmonic.tasks.knowledge_address import is_knowledge_there


def checkout(folder: Path, origin: str = "") -> Path:
    """A folder under version control, with an origin if one is given."""
    (folder / ".git").mkdir(parents=True)
    remote = f'[remote "origin"]\n\turl = {origin}\n\tfetch = +refs/heads/*\n' if origin else ""
    (folder / ".git" / "config").write_text(f"[core]\n\tbare = false\n{remote}")
    return folder


def test_two_checkouts_of_one_repository_are_one_project(tmp_path: Path) -> None:
    """Whoever asks, and whether the address ends in .git."""
    one = checkout(tmp_path / "a", "https://me:secret@example.org/shop.git")
    other = checkout(tmp_path / "b", "https://example.org/shop/")
    assert project_identity(one) == project_identity(other)


def test_two_repositories_in_one_folder_after_the_other_are_two_projects(tmp_path: Path) -> None:
    """As on a build machine, where everything is checked out into one place."""
    first = project_identity(checkout(tmp_path / "work", "git@example.org:shop.git"))
    (tmp_path / "work" / ".git" / "config").write_text('[remote "origin"]\n\turl = git@example.org:blog.git\n')
    assert project_identity(tmp_path / "work") != first


def test_parts_of_a_repository_are_projects_of_their_own(tmp_path: Path) -> None:
    """Two services of one repository do not share their plans."""
    root = checkout(tmp_path / "mono", "https://example.org/mono.git")
    for name in ("shop", "blog"):
        (root / name).mkdir()
    assert len({project_identity(place) for place in (root, root / "shop", root / "blog")}) == 3


def test_project_without_origin_is_its_folder_and_none_is_nothing(tmp_path: Path) -> None:
    """Nothing is shared by chance."""
    one, other = checkout(tmp_path / "a"), tmp_path / "b"
    other.mkdir()
    assert project_identity(one) != project_identity(other)
    assert project_identity(None) == ""


@pytest.mark.parametrize("damage", ["[remote", "\x00\xff", ""])
def test_unreadable_settings_of_git_are_none(tmp_path: Path, damage: str) -> None:
    """What a repository says is data, and may be anything."""
    root = checkout(tmp_path / "a")
    before = project_identity(root)
    (root / ".git" / "config").write_text(damage)
    assert project_identity(root) == before


async def test_looking_back_makes_no_knowledge_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning alone leaves nothing behind."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path}/none%20yet.db")
    assert not is_knowledge_there()
    known = await read_experience(Looking())
    assert (known.work, known.runs, known.problem) == ((), (), "")
    assert list(tmp_path.iterdir()) == []


async def test_knowledge_base_that_cannot_be_read_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planning goes on with what effort alone says."""
    (tmp_path / "torn.db").write_text("this is no database, whatever its name says" * 100)
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path}/torn.db")
    known = await read_experience(Looking())
    assert known.problem
    assert known.hours_words.startswith("hours by effort alone, as earlier runs could not be read: ")


def test_options_say_what_is_looked_for() -> None:
    """A single plan that is asked for is not compared with one that served before."""
    asked = PlanningOptions(hours=HoursFrom.DEFAULT, harmonic=False)
    assert Looking.by(asked, model="m", project=None) == Looking(False, False, "m", None)
    assert Looking.by(PlanningOptions(), model=None, project="p") == Looking(True, True, None, "p")
