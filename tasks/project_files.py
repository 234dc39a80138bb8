"""The files of a project, as version control would see them, without following a link out of it.

One definition for everyone who reads a project: the planner's context, the researcher, the code analyzer. No engine is
known here.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pathspec

from prefect_harmonic.tasks.workspace import LEDGER_FOLDER

MAX_HASHED_BYTES = 1_000_000
"""Larger files count with their size and time of change, not with their content."""

_PASSED_OVER = frozenset(
    ".git .hg .svn .bzr .tox .nox .venv venv node_modules __pycache__ .mypy_cache .ruff_cache .pytest_cache "  # noqa: SIM905 - a list of words
    ".hypothesis .eggs .idea .vscode site-packages".split()
)


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file of a project: its path relative to the root, with slashes, and where it lies."""

    relative: str
    path: Path

    @property
    def suffix(self) -> str:
        """Its ending in lower case, with the dot."""
        return self.path.suffix.lower()


def project_files(root: Path, *, excluding: Path | None = None) -> Iterator[ProjectFile]:
    """The files of a project, sorted by path.

    Passes over what version control ignores (the `.gitignore` files), caches and environments, other workspaces, and
    links that lead out of the project.
    """
    yield from _files_below(root, root, excluding.resolve() if excluding else None, ())


Ignored = tuple[tuple[str, pathspec.PathSpec[Any]], ...]
"""Rules of `.gitignore` files, each with the folder that it holds in."""


def _files_below(root: Path, folder: Path, excluding: Path | None, ignored: Ignored) -> Iterator[ProjectFile]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
    ignored = with_rules(ignored, prefix, folder)
    for entry in entries:
        path, relative = Path(entry.path), prefix + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.is_symlink() and not _leads_inside(path, root):
            continue
        if is_ignored(relative + ("/" if is_folder else ""), ignored):
            continue
        if is_folder and entry.name not in _PASSED_OVER and path != excluding and not is_workspace(path):
            yield from _files_below(root, path, excluding, ignored)
        elif entry.is_file():
            yield ProjectFile(relative, path)


def with_rules(ignored: Ignored, prefix: str, folder: Path) -> Ignored:
    """The rules for a folder: those of the folders above and of its own `.gitignore`. `prefix` ends in a slash."""
    path = folder / ".gitignore"
    return (*ignored, (prefix, _ignore_rules(path))) if path.is_file() and not path.is_symlink() else ignored


def is_workspace(folder: Path) -> bool:
    """Whether a run writes into a folder, so that it is no part of the project."""
    return (folder / LEDGER_FOLDER).is_dir()


def _ignore_rules(path: Path) -> pathspec.PathSpec[Any]:  # the kind of pattern is pathspec's own affair
    try:
        return pathspec.PathSpec.from_lines("gitignore", path.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError):
        return pathspec.PathSpec([])


def is_ignored(relative: str, ignored: Ignored) -> bool:
    """Whether version control passes over a path; that of a folder ends in a slash."""
    return any(rules.match_file(relative[len(prefix) :]) for prefix, rules in ignored)


def _leads_inside(path: Path, root: Path) -> bool:
    """Whether a link ends at a file of the project; links to folders are not followed at all."""
    try:
        return path.resolve(strict=True).is_relative_to(root) and path.is_file()
    except (OSError, RuntimeError):
        return False


def content_digest(path: Path) -> str:
    """A digest that changes when the content of a file does."""
    try:
        status = path.stat()
        if status.st_size > MAX_HASHED_BYTES:
            return f"{status.st_size}:{status.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable:{error.errno}"
