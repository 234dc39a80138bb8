"""The files of a project that nobody chose, and that may be made to do harm."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect_harmonic.tasks.project_files import MAX_RULES_BYTES, project_files


def names(root: Path) -> list[str]:
    """Relative paths of a project's files."""
    return [file.relative for file in project_files(root)]


def nested(root: Path, depth: int) -> None:
    """A file at the end of so many folders, made step by step since the whole path is too long for one call."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is removed by `rm`: what pytest removes its own with gives up on deep trees."""
    path = Path(tempfile.mkdtemp(prefix="harmonic-deep-"))
    yield path
    subprocess.run(["rm", "-rf", str(path)], check=True)


def test_folders_deeper_than_the_stack_are_walked(folder: Path) -> None:
    """A tree of 1,100 folders in each other is no error."""
    nested(folder, 1_100)
    assert names(folder) == ["d/" * 1_100 + "deep.py"]


def test_files_and_folders_come_in_one_order(tmp_path: Path) -> None:
    """What is in a folder comes in its folder's place among the names."""
    for name in ("c.py", "b/z.py", "b/a/y.py", "a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert names(tmp_path) == ["a.py", "b/a/y.py", "b/z.py", "c.py"]


def test_rule_that_would_take_for_ever_is_passed_over(tmp_path: Path) -> None:
    """A dozen wildcards in one rule would keep the matcher busy for years; the other rules hold."""
    (tmp_path / ".gitignore").write_text("*a" * 12 + "*b\n*.log\n")
    name = "a" * 80 + ".py"
    for file in (name, "x.log"):
        (tmp_path / file).touch()
    assert names(tmp_path) == [".gitignore", name]


def test_huge_list_of_rules_is_passed_over(tmp_path: Path) -> None:
    """A list of rules larger than any project needs hides nothing."""
    (tmp_path / ".gitignore").write_text("*.log\n" * (MAX_RULES_BYTES // 6 + 1))
    (tmp_path / "x.log").touch()
    assert names(tmp_path) == [".gitignore", "x.log"]


def test_pipes_and_links_to_elsewhere_are_no_files(tmp_path: Path) -> None:
    """Opening a pipe would wait for ever, and a device never ends."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    (tmp_path / "passwd.md").symlink_to("/etc/passwd")
    assert names(tmp_path) == []


def test_recordings_are_no_part_of_a_project(tmp_path: Path) -> None:
    """Otherwise a run that records into its project would ask something else in its replay."""
    for name in ("rec/begun.json", "answers/" + "0a" * 32 + ".json", "answers/more.md", "docs/a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [file.relative for file in project_files(tmp_path)] == ["docs/a.json"]
