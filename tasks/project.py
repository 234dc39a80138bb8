"""The files of a project, as version control would see them, without following a link out of it."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pathspec

from prefect_harmonic.errors import ProjectNotFoundError
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER

MAX_FILES = 20_000
"""More files than this are not listed; the context says that there are more."""

MAX_HASHED_BYTES = 1_000_000
"""Larger files count with their size and time of change, not with their content."""

_PASSED_OVER = frozenset(
    ".git .hg .svn .bzr .tox .nox .venv venv node_modules __pycache__ .mypy_cache .ruff_cache .pytest_cache "  # noqa: SIM905 - a list of words
    ".hypothesis .eggs .idea .vscode site-packages".split()
)
_DOCUMENTS = frozenset({".md", ".rst", ".txt", ".adoc"})
_LANGUAGES = {
    ".py": "Python", ".pyi": "Python", ".js": "JavaScript", ".jsx": "JavaScript", ".ts": "TypeScript",
    ".tsx": "TypeScript", ".java": "Java", ".kt": "Kotlin", ".go": "Go", ".rs": "Rust", ".c": "C", ".h": "C",
    ".cc": "C++", ".cpp": "C++", ".hpp": "C++", ".cs": "C#", ".rb": "Ruby", ".php": "PHP", ".swift": "Swift",
    ".scala": "Scala", ".sql": "SQL", ".sh": "Shell", ".html": "HTML", ".css": "CSS", ".yaml": "YAML", ".yml": "YAML",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file of a project: its path relative to the root, with slashes, and where it lies."""

    relative: str
    path: Path

    @property
    def suffix(self) -> str:
        """Its ending in lower case, with the dot."""
        return self.path.suffix.lower()


def opened_project(path: str | Path) -> Path:
    """The root of a project, with its links resolved.

    Raises:
        ProjectNotFoundError: There is no such folder, or it cannot be read.
    """
    try:
        root = Path(path).expanduser().resolve(strict=True)
        if not root.is_dir():
            raise ProjectNotFoundError(str(path), "is a file, not a folder")
        next(root.iterdir(), None)
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectNotFoundError(str(path), "is not there") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise ProjectNotFoundError(str(path), f"cannot be read ({error})") from None
    return root


def project_files(root: Path, *, excluding: Path | None = None) -> Iterator[ProjectFile]:
    """The files of a project, sorted by path.

    Passes over what version control ignores (the `.gitignore` files), caches and environments, other workspaces, and
    links that lead out of the project.
    """
    yield from _files_below(root, root, excluding.resolve() if excluding else None, ())


Ignored = tuple[tuple[str, pathspec.PathSpec[Any]], ...]


def _files_below(root: Path, folder: Path, excluding: Path | None, ignored: Ignored) -> Iterator[ProjectFile]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    prefix = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
    if any(entry.name == ".gitignore" and entry.is_file() for entry in entries):
        ignored = (*ignored, (prefix, _ignore_rules(folder / ".gitignore")))
    for entry in entries:
        path, relative = Path(entry.path), prefix + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.is_symlink() and not _leads_inside(path, root):
            continue
        if _is_ignored(relative + ("/" if is_folder else ""), ignored):
            continue
        if is_folder and entry.name not in _PASSED_OVER and path != excluding and not (path / LEDGER_FOLDER).is_dir():
            yield from _files_below(root, path, excluding, ignored)
        elif entry.is_file():
            yield ProjectFile(relative, path)


def _ignore_rules(path: Path) -> pathspec.PathSpec[Any]:  # the kind of pattern is pathspec's own affair
    try:
        return pathspec.PathSpec.from_lines("gitignore", path.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError):
        return pathspec.PathSpec([])


def _is_ignored(relative: str, ignored: Ignored) -> bool:
    return any(rules.match_file(relative[len(prefix) :]) for prefix, rules in ignored)


def _leads_inside(path: Path, root: Path) -> bool:
    """Whether a link ends at a file of the project; links to folders are not followed at all."""
    try:
        return path.resolve(strict=True).is_relative_to(root) and path.is_file()
    except (OSError, RuntimeError):
        return False


def project_context(path: str | Path, *, excluding: Path | None = None) -> ProjectContext:
    """What a plan may build on in a project. Raises `ProjectNotFoundError`."""
    root = opened_project(path)
    files: list[ProjectFile] = []
    digest, is_truncated = hashlib.sha256(), False
    for file in project_files(root, excluding=excluding):
        if len(files) == MAX_FILES:
            is_truncated = True
            break
        files.append(file)
        digest.update(f"{file.relative}\0{_content_digest(file.path)}\0".encode("utf-8", "surrogateescape"))
    languages = Counter(_LANGUAGES[file.suffix] for file in files if file.suffix in _LANGUAGES)
    return ProjectContext(
        name=root.name,
        root=str(root),
        files=tuple(_printable(file.relative) for file in files),
        is_truncated=is_truncated,
        languages=dict(sorted(languages.items(), key=lambda pair: (-pair[1], pair[0]))),
        packages=_python_packages(files),
        documents=tuple(_printable(file.relative) for file in files if file.suffix in _DOCUMENTS),
        has_history=any((folder / ".git").exists() for folder in (root, *root.parents)),
        fingerprint=digest.hexdigest(),
    )


def _content_digest(path: Path) -> str:
    try:
        status = path.stat()
        if status.st_size > MAX_HASHED_BYTES:
            return f"{status.st_size}:{status.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable:{error.errno}"


def _printable(relative: str) -> str:
    """A path that can stand in JSON: file names need not be Unicode."""
    return relative.encode("utf-8", "replace").decode("utf-8")


def _python_packages(files: list[ProjectFile]) -> tuple[str, ...]:
    """Importable names at the top of the project or of its `src` folder."""
    names = set()
    for file in files:
        parts = file.relative.removeprefix("src/").split("/")
        if len(parts) == 2 and parts[1] == "__init__.py" and parts[0].isidentifier():
            names.add(parts[0])
        elif len(parts) == 1 and file.suffix == ".py" and file.path.stem.isidentifier():
            names.add(file.path.stem)
    return tuple(sorted(names - {"setup", "conftest"}))
