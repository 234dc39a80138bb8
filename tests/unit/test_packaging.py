"""The wheel holds what the source tree holds: packages on disk are packages shipped."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("deployments", "flows", "planners", "tasks")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def packages_on_disk() -> set[str]:
    """The import name of every folder that holds a Python file."""
    own = ROOT / "src" / "prefect_harmonic"
    found = {"prefect_harmonic"}
    found |= {
        f"prefect_harmonic.{file.parent.name}" for file in own.glob("*/__init__.py") if file.parent.name not in ROOMS
    }
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            found.add(".".join(("prefect_harmonic", *file.parent.relative_to(ROOT).parts)))
    return found


def test_packages_shipped_are_the_packages_on_disk() -> None:
    """A folder that is not listed would be missing from the wheel without a word."""
    assert set(SETUPTOOLS["packages"]) == packages_on_disk()


def test_packages_are_listed_once_and_sorted() -> None:
    """So that two people who add one do not add it twice."""
    assert SETUPTOOLS["packages"] == sorted(set(SETUPTOOLS["packages"]))


def test_every_package_has_an_init() -> None:
    """Without one it is a namespace, which setuptools ships and tools overlook."""
    lacking = [
        name for name in packages_on_disk() if not (ROOT / "src" / Path(*name.split(".")) / "__init__.py").exists()
    ]
    assert lacking == []


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_mapped_and_linked(room: str) -> None:
    """Setuptools maps the folder into the package, and the link in src is relative and leads to it."""
    link = ROOT / "src" / "prefect_harmonic" / room
    assert SETUPTOOLS["package-dir"][f"prefect_harmonic.{room}"] == room
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.resolve() == ROOT / room


def test_data_files_of_packages_match_a_shipped_pattern() -> None:
    """A template, style sheet or method file that no pattern names would be missing from the wheel."""
    patterns = SETUPTOOLS["package-data"]["*"]
    unshipped = [
        str(file.relative_to(ROOT))
        for room in ROOMS
        for file in (ROOT / room).rglob("*")
        if file.is_file()
        and file.suffix not in {".py", ".pyc"}
        and "__pycache__" not in file.parts
        and not any(file.match(pattern) for pattern in patterns)
    ]
    assert unshipped == []


def test_package_is_typed() -> None:
    """Type checkers look for the marker."""
    assert (ROOT / "src" / "prefect_harmonic" / "py.typed").exists()


def test_command_and_entry_points_are_those_of_the_contract() -> None:
    """The distribution, the command, and the module that Prefect loads."""
    project = PROJECT["project"]
    assert project["name"] == "prefect-harmonic"
    assert list(project["scripts"]) == ["harmonic"]
    assert project["entry-points"]["prefect.collections"] == {"prefect_harmonic": "prefect_harmonic"}
    assert project["requires-python"].startswith(">=3.11")
