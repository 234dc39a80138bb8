"""The files of a project, as version control would see them, without following a link out of it.

One definition for everyone who reads a project: the planner's context, the researcher, the code analyzer. No engine is
known here.
"""

import errno
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pathspec

from prefect_harmonic.tasks.workspace import LEDGER_FOLDER

MAX_FILE_BYTES = 1_000_000
"""Larger files are not read: they count with their size and time of change, not with their content."""

MAX_RULES_BYTES = 256_000
"""A larger `.gitignore` is passed over: each of its rules is tried on each file."""

MAX_WILDCARDS = 4
"""A rule with more is passed over: the time to try it grows with the name's length to the power of their number."""

_WILDCARDS = re.compile(r"\*+")

_RECORDED = re.compile(r"(?:begun|[0-9a-f]{64})\.json")
"""Files of a recording of a model's answers."""

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

    Passes over what version control ignores (the `.gitignore` files), caches and environments, other workspaces,
    recordings of a model's answers (what a run writes while it asks would change what it asks), and links that lead out
    of the project.
    """
    left_out = excluding.resolve() if excluding else None
    open_folders = [_entries(root, _Folder(root, "", ()), left_out)]  # a stack, for trees deeper than Python's own
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif isinstance(entry, _Folder):
            open_folders.append(_entries(root, entry, left_out))
        else:
            yield entry


Ignored = tuple[tuple[str, pathspec.PathSpec[Any]], ...]
"""Rules of `.gitignore` files, each with the folder that it holds in."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be entered: where it lies, what its files' paths begin with, and the rules of those above it."""

    path: Path
    prefix: str
    ignored: Ignored


def _entries(root: Path, folder: _Folder, excluding: Path | None) -> Iterator[ProjectFile | _Folder]:
    """The files and folders in a folder that belong to the project, sorted by name."""
    try:
        entries = sorted(os.scandir(folder.path), key=lambda entry: entry.name)
    except OSError:
        return
    if folder.prefix and any(_RECORDED.fullmatch(entry.name) for entry in entries):
        return
    ignored = with_rules(folder.ignored, folder.prefix, folder.path)
    for entry in entries:
        path, relative = Path(entry.path), folder.prefix + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.is_symlink() and not _leads_inside(path, root):
            continue
        if is_ignored(relative + ("/" if is_folder else ""), ignored):
            continue
        is_passed = entry.name in _PASSED_OVER or entry.name.endswith(".egg-info")  # written by a build, not by anybody
        if is_folder and not is_passed and path != excluding and not is_workspace(path):
            yield _Folder(path, f"{relative}/", ignored)
        elif entry.is_file():
            yield ProjectFile(relative, path)


def with_rules(ignored: Ignored, prefix: str, folder: Path) -> Ignored:
    """The rules for a folder: those of the folders above and of its own `.gitignore`. `prefix` ends in a slash."""
    path = folder / ".gitignore"
    is_plain = os.path.isfile(path) and not path.is_symlink()  # noqa: PTH113 (no error for a path that is too long)
    return (*ignored, (prefix, _ignore_rules(path))) if is_plain else ignored


def is_workspace(folder: Path) -> bool:
    """Whether a run writes into a folder, so that it is no part of the project."""
    return os.path.isdir(folder / LEDGER_FOLDER)  # noqa: PTH112 (no error for a path that is too long)


def _ignore_rules(path: Path) -> pathspec.PathSpec[Any]:  # the kind of pattern is pathspec's own affair
    """The rules in a file, without those that would take for ever to try: the file is the project's, not ours."""
    try:
        text = path.read_text("utf-8", "replace") if path.stat().st_size <= MAX_RULES_BYTES else ""
        rules = [rule for rule in text.splitlines() if len(_WILDCARDS.findall(rule)) <= MAX_WILDCARDS]
        return pathspec.PathSpec.from_lines("gitignore", rules)
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


def content(path: Path) -> bytes:
    """What a file holds. One that is too large is an error of the operating system's kind, and no more of it is read.

    Raises:
        OSError: The file cannot be read, or holds more than `MAX_FILE_BYTES`.
    """
    with path.open("rb") as file:
        is_large = os.fstat(file.fileno()).st_size > MAX_FILE_BYTES
        held = b"" if is_large else file.read(MAX_FILE_BYTES + 1)  # it may grow between the two
    if is_large or len(held) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, f"larger than {MAX_FILE_BYTES:,} bytes", str(path))
    return held


def lines_of(text: str) -> list[str]:
    r"""The lines of a file as editors and syntax trees count them.

    `str.splitlines` ends a line at a form feed and at other marks too, after which every number would be wrong.

    >>> lines_of("a\r\nb\x0cc\n\nd\n"), lines_of("")
    (['a', 'b\x0cc', '', 'd'], [])
    """
    return [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


def content_digest(path: Path) -> str:
    """A digest that changes when the content of a file does."""
    try:
        status = path.stat()
        if status.st_size > MAX_FILE_BYTES:
            return f"{status.st_size}:{status.st_mtime_ns}"
        return hashlib.sha256(content(path)).hexdigest()
    except OSError as error:
        return f"unreadable:{error.errno}"
