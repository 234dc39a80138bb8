"""Whether what was built is valid: each kind of file by its own reader, Python by compiling and importing it.

The import happens in another process, isolated, in a folder of its own that holds nothing but skeletons that the
builder made. What any other agent wrote is compiled at most, never run.
"""

import asyncio
import contextlib
import csv
import json
import os
import sqlite3
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

IMPORT_LIMIT_SECONDS = 20.0
_LONGEST_COMPLAINT = 300
_STEPS, _MOST_STEPS = 10_000, 20_000_000
"""Steps of SQLite's machine between two looks at the clock, and in one script at most."""

_IMPORTER = """
import importlib.util, sys, unittest
sys.path.insert(0, sys.argv[1])
spec = importlib.util.spec_from_file_location("built_artifact", sys.argv[2])
module = importlib.util.module_from_spec(spec)
sys.modules["built_artifact"] = module
spec.loader.exec_module(module)
tests = [name for name in dir(module) if name.startswith("test_")] if sys.argv[3] == "test" else []
passed = 0
for name in tests:
    try:
        getattr(module, name)()
        passed += 1
    except unittest.SkipTest:
        pass  # still to be written
print(passed)
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check saw.

    Attributes:
        problem: Why the file is not valid, or empty.
        how: What was done to check it, or empty if there was nothing to check it with.
        tests: How many tests ran and passed.
    """

    problem: str = ""
    how: str = ""
    tests: int = 0


def checked_text(path: str, content: str) -> Checked:
    """Whether a file that is not Python is valid for its ending."""
    ending = PurePosixPath(path).suffix.lower()
    try:
        if ending == ".json":
            json.loads(content)
        elif ending in {".yaml", ".yml"}:
            yaml.safe_load(content)
        elif ending == ".toml":
            tomllib.loads(content)
        elif ending == ".csv":
            _check_rows(content)
        elif ending == ".sql":
            with contextlib.closing(sqlite3.connect(":memory:")) as database:
                database.set_authorizer(_allowed)
                database.set_progress_handler(_Clock(), _STEPS)
                database.executescript(content)
        else:
            return Checked()
    except (ValueError, csv.Error, yaml.YAMLError, sqlite3.Error, RecursionError) as error:
        return Checked(problem=str(error)[:_LONGEST_COMPLAINT])
    return Checked(how={".sql": "run by SQLite in memory"}.get(ending, f"read as {ending[1:].upper()}"))


def _allowed(action: int, *_: str | None) -> int:
    """Keeps a script to the database in memory: attaching another one would open a file that the script names."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


class _Clock:
    """Ends a script that goes on and on."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS // _STEPS

    def __call__(self) -> int:
        """Whether to end it."""
        self._left -= 1
        return int(self._left < 0)


def _check_rows(content: str) -> None:
    """Refuses a table whose rows are of different lengths."""
    lengths = {len(row) for row in csv.reader(content.splitlines(), strict=True)}
    if len(lengths) != 1:
        raise ValueError(f"its rows have {len(lengths)} different lengths")


def compiled(path: str, content: str) -> Checked:
    """Whether Python source compiles."""
    try:
        compile(content, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Checked(problem=str(error)[:_LONGEST_COMPLAINT])
    return Checked(how="compiled")


async def imported(path: str, content: str, beside: Mapping[str, str], *, is_test: bool) -> Checked:
    """Whether a Python file imports with others beside it, and whether its tests pass if it is one of tests.

    Args:
        path: Path of the file, relative and without `..`.
        content: Its source.
        beside: Contents of other files by path; skeletons of the builder only.
        is_test: Whether its `test_` functions are to be called.
    """
    with tempfile.TemporaryDirectory(prefix="harmonic-build-") as folder:
        file = await asyncio.to_thread(_laid_out, Path(folder), {**beside, path: content}, path)
        call = (sys.executable, "-I", "-S", "-B", "-c", _IMPORTER, folder, str(file))
        process = await asyncio.create_subprocess_exec(
            *call,
            "test" if is_test else "import",
            cwd=folder,
            env={"PATH": os.defpath, "PYTHONHASHSEED": "0"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, complaint = await asyncio.wait_for(process.communicate(), IMPORT_LIMIT_SECONDS)
        except TimeoutError:
            return Checked(problem=f"importing it took longer than {IMPORT_LIMIT_SECONDS:g} s")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        return Checked(problem=(lines[-1] if lines else f"exit {process.returncode}")[:_LONGEST_COMPLAINT])
    return Checked(how="compiled and imported in a process of its own", tests=int(out.split()[-1]))


def _laid_out(folder: Path, files: Mapping[str, str], wanted: str) -> Path:
    """The place of one file, after all of them were written into a folder and none outside it."""
    root = folder.resolve()
    for name in sorted(files):
        place = root / name
        if place.resolve().is_relative_to(root):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(files[name], encoding="utf-8")
    return root / wanted
