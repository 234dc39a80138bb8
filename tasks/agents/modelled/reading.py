"""Tools that read the project: which files there are, and the lines of one of them.

A file may be read if it is one of the project's as version control sees them: nothing that is ignored, nothing in a
folder of version control, nothing behind a link that leads elsewhere, and nothing whose name says that it holds keys.
"""

import asyncio
from pathlib import Path

from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.key_files import holds_keys
from prefect_harmonic.tasks.project_files import content, lines_of, project_files

_MOST_LINES = 200
_MOST_FILES = 200


class ProjectReader:
    """Reads files of one project.

    Args:
        root: The project's folder.
        excluding: The workspace, which is no part of the project.
    """

    def __init__(self, root: Path, excluding: Path | None = None) -> None:
        self.root = root.resolve()
        self._files = {file.relative for file in project_files(self.root, excluding=excluding)}

    def problem(self, path: str) -> str | None:
        """Why a file may not be read, or nothing if it may."""
        if path not in self._files:
            return "is no file of the project"
        real = (self.root / path).resolve()
        if not real.is_relative_to(self.root) or real.relative_to(self.root).as_posix() not in self._files:
            return "leads to a place that is no file of the project"
        if holds_keys(path) or holds_keys(real.relative_to(self.root).as_posix()):
            return "may hold keys, by its name"
        return None

    async def read_file(self, path: str, first_line: int = 1, last_line: int = _MOST_LINES) -> Observation:
        """Shows lines of one file of the project.

        Args:
            path: The file, relative to the project, as the other tools name it.
            first_line: Number of the first line.
            last_line: Number of the last line; at most 200 lines are shown.
        """
        path = path.strip().removeprefix("./")
        if problem := await asyncio.to_thread(self.problem, path):
            return Observation(note=f"Not shown: {path[:200]!r} {problem}.")
        try:
            raw = await asyncio.to_thread(content, (self.root / path).resolve())
        except OSError as error:
            return Observation(note=f"Not shown: {path!r} cannot be read ({(error.strerror or str(error)).lower()}).")
        if b"\0" in raw[:8192]:
            return Observation(note=f"Not shown: {path!r} is no text.")
        lines = lines_of(raw.decode("utf-8", errors="replace"))
        first = min(max(1, first_line), max(1, len(lines)))
        last = min(max(first, last_line), first + _MOST_LINES - 1, len(lines))
        shown = tuple(Line(path=path, number=at, text=lines[at - 1]) for at in range(first, last + 1))
        return Observation(lines=shown, note=f"Lines {first} to {last} of {len(lines)}.")

    async def list_files(self, folder: str = "") -> Observation:
        """Lists the files of the project.

        Args:
            folder: Only those below this folder, relative to the project; all of them if left out.
        """
        prefix = folder.strip().removeprefix("./").strip("/")
        names = sorted(name for name in self._files if not prefix or name.startswith(f"{prefix}/"))
        told = tuple(Line(path=name, text="a file of the project") for name in names[:_MOST_FILES] if _is_text(name))
        return Observation(lines=told, note=f"{len(names)} files.", is_source=False)


def _is_text(name: str) -> bool:
    """Whether a name can stand in JSON."""
    return name.encode("utf-8", "replace").decode("utf-8") == name
