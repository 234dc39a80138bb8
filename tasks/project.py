"""What a plan may build on in a project: its files, languages, packages and documents."""

import hashlib
from collections import Counter
from pathlib import Path

from prefect_harmonic.errors import ProjectNotFoundError, WorkspaceError
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.project_files import ProjectFile, content_digest, project_files

MAX_FILES = 20_000
"""More files than this are not listed; the context says that there are more."""

_DOCUMENTS = frozenset({".md", ".rst", ".txt", ".adoc"})
_LANGUAGES = {
    ".py": "Python", ".pyi": "Python", ".js": "JavaScript", ".jsx": "JavaScript", ".ts": "TypeScript",
    ".tsx": "TypeScript", ".java": "Java", ".kt": "Kotlin", ".go": "Go", ".rs": "Rust", ".c": "C", ".h": "C",
    ".cc": "C++", ".cpp": "C++", ".hpp": "C++", ".cs": "C#", ".rb": "Ruby", ".php": "PHP", ".swift": "Swift",
    ".scala": "Scala", ".sql": "SQL", ".sh": "Shell", ".html": "HTML", ".css": "CSS", ".yaml": "YAML", ".yml": "YAML",
}  # fmt: skip


def opened_project(path: str | Path) -> Path:
    """The root of a project, with its links resolved.

    Raises:
        ProjectNotFoundError: There is no such folder, or it cannot be read.
    """
    try:
        root = user_path(path).resolve(strict=True)
        if not root.is_dir():
            raise ProjectNotFoundError(str(path), "is a file, not a folder")
        str(root).encode("utf-8")
        next(root.iterdir(), None)
    except UnicodeEncodeError:
        raise ProjectNotFoundError(str(path), "has a path that is not UTF-8, which no flow run can take") from None
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectNotFoundError(str(path), "is not there") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise ProjectNotFoundError(str(path), f"cannot be read ({error})") from None
    return root


def check_apart(root: Path, workspace: str | Path) -> None:
    """Refuses a project as its own workspace. Raises `WorkspaceError`."""
    if root == user_path(workspace).resolve():
        problem = "is the project itself, which what a run writes would change for the next one"
        raise WorkspaceError(str(workspace), problem)


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
        digest.update(f"{file.relative}\0{content_digest(file.path)}\0".encode("utf-8", "surrogateescape"))
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
