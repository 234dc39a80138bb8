"""The code analyzer on files and folders that would exhaust memory or Python's stack."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect_harmonic.tasks.agents.code_analyzer.analysis import analysis
from prefect_harmonic.tasks.agents.code_analyzer.findings import gaps
from prefect_harmonic.tasks.agents.code_analyzer.modules import laid_out
from prefect_harmonic.tasks.agents.code_analyzer.survey import surveyed
from prefect_harmonic.tasks.project_files import MAX_FILE_BYTES

DEPTH = 1_500


def test_file_larger_than_memory_is_a_module_without_content(tmp_path: Path) -> None:
    """A sparse file of 20 GB counts by its path, is named as a gap once, and none of it is read."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "a.py").write_text("from shop import huge\n", encoding="utf-8")
    for path in (package / "huge.py", tmp_path / "tests.py", tmp_path / "blob.bin"):
        path.touch()
        os.truncate(path, 20 * 1000**3)
    found = analysis(tmp_path)
    assert [module.key for module in found.layout.modules] == ["shop", "shop.a", "shop.huge", "tests"]
    assert list(found.graph.edges) == [("shop.a", "shop.huge")]
    assert gaps(found) == ("2 files above 1,000,000 bytes not read: shop/huge.py and tests.py.",)
    assert found.quote("shop/huge.py", 1) == ""
    assert found.complexity.failed == ("shop/huge.py", "tests.py")


def test_file_at_the_limit_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed; one byte more is not."""
    (tmp_path / "app.py").write_bytes(b"import b\n".ljust(MAX_FILE_BYTES, b"\n"))
    (tmp_path / "b.py").write_bytes(b"import app\n".ljust(MAX_FILE_BYTES + 1, b"\n"))
    found = analysis(tmp_path)
    assert list(found.graph.edges) == [("app", "b")]
    assert found.unread == ("b.py",)


def _made(root: Path, name: str, file: str, everywhere: bool) -> None:
    """So many folders in each other, made step by step: a file at the end, or in each of them."""
    here = os.open(root, os.O_RDONLY)
    for step in range(DEPTH):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
        if everywhere or step == DEPTH - 1:
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def _removed(root: Path, name: str, file: str) -> None:
    """Removes what was made, from the outside: each inner folder is moved up to the root before its own is removed."""
    at = root / name
    while at.is_dir():
        (at / file).unlink(missing_ok=True)
        inner = root / f".{name}"
        is_last = not (at / name).is_dir()
        if not is_last:
            (at / name).rename(inner)
        at.rmdir()
        if not is_last:
            inner.rename(at)


@pytest.fixture
def deep(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A deep tree, removed step by step afterwards: pytest's own way of removing it would recurse."""
    kind = request.param
    name = {"root": "1", "too long": "name"}.get(kind, "d")
    file = "__init__.py" if kind == "package" else "a.py"
    try:
        _made(tmp_path, name, file, everywhere=kind == "package")
        yield tmp_path
    finally:
        _removed(tmp_path, name, file)


@pytest.mark.parametrize("deep", ["namespace", "root"], indirect=True)
def test_module_in_folders_deeper_than_the_stack_is_found(deep: Path) -> None:
    """The one file below 1,500 folders is a module, whether its folders are a namespace or import roots."""
    name = next(deep.iterdir()).name
    files = [module.path for module in analysis(deep).layout.modules if not module.is_namespace]
    assert files == [f"{name}/" * DEPTH + "a.py"]


@pytest.mark.parametrize("deep", ["package"], indirect=True)
def test_packages_deeper_than_the_stack_are_found(deep: Path) -> None:
    """Each of 1,500 packages in each other is a module."""
    assert len(laid_out(surveyed(deep)).modules) == DEPTH


@pytest.mark.parametrize("deep", ["too long"], indirect=True)
def test_path_too_long_for_the_system_is_told(deep: Path) -> None:
    """Where the system takes no longer path, the survey ends and names the folder."""
    survey = surveyed(deep)
    assert len(survey.unfollowed) == 1
    assert laid_out(survey).modules == ()
