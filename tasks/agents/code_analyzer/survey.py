"""The files of a project, read as names only.

Owns what is looked at and what is not: what version control ignores is not, by the rules that hold for everyone who
reads a project; caches, builds and environments are not, unless they are packages of the project's own. Follows no link
that leads out of the project or back to a folder above it, and opens no file.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.tasks.project_files import MAX_FILE_BYTES, Ignored, is_ignored, is_workspace, with_rules

MAX_FILES = 60_000
_NEVER = frozenset({"__pycache__", "node_modules"})
_BUILT = frozenset({"build", "dist", "env", "venv", "site-packages", "dist-packages", "target", "harmonic-out"})


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder that was entered.

    Attributes:
        path: Relative to the project, with slashes; empty for the project itself.
        files: Names of its files, sorted.
        folders: Names of the folders in it that were entered too, sorted.
        real: The absolute path without links.
    """

    path: str
    files: tuple[str, ...]
    folders: tuple[str, ...]
    real: str

    @property
    def is_package(self) -> bool:
        """Whether Python takes it for a regular package."""
        return "__init__.py" in self.files


@dataclass(frozen=True, slots=True)
class Survey:
    """All folders of a project, by path, and what was passed over.

    Attributes:
        root: Absolute path of the project, without links.
        folders: The folders that were entered.
        linked: Paths of folders that are links to another place in the project.
        unfollowed: Paths of links that were not followed, since they lead out of the project or round in a ring, and of
            folders that cannot be read.
        large: Paths of files that are too large to be read, without links. They are listed all the same.
        is_truncated: Whether there were more files than are read.
    """

    root: Path
    folders: dict[str, Folder]
    linked: frozenset[str] = frozenset()
    unfollowed: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    is_truncated: bool = False

    def real(self, path: str) -> str:
        """A file's path in the project without links, so that a file has one name however it is reached."""
        folder, _, name = path.rpartition("/")
        return joined(self.real_folder(folder), name)

    def real_folder(self, path: str) -> str:
        """A folder's path in the project without links."""
        inside = os.path.relpath(self.folders[path].real, self.root)
        return "" if inside == "." else inside.replace(os.sep, "/")

    def files_under(self, path: str) -> Iterator[str]:
        """Paths of all files in a folder and below it, sorted folder by folder."""
        pending = [path]
        while pending:
            folder = self.folders[pending.pop()]
            yield from (joined(folder.path, name) for name in folder.files)
            pending += [joined(folder.path, name) for name in reversed(folder.folders)]


def joined(folder: str, name: str) -> str:
    """A path below a folder, where the project itself is the empty path.

    >>> joined("", "a.py"), joined("src", "a.py")
    ('a.py', 'src/a.py')
    """
    return f"{folder}/{name}" if folder else name


class _Walk:
    """One pass over a project. Holds what has been seen so far."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.folders: dict[str, Folder] = {}
        self.linked: set[str] = set()
        self.unfollowed: list[str] = []
        self.large: set[str] = set()
        self.count = 0
        self.rules: dict[str, Ignored] = {}

    def survey(self) -> Survey:
        """All that can be reached."""
        pending = [("", str(self.root))]
        while pending and self.count < MAX_FILES:
            path, real = pending.pop()
            folder = self._entered(path, real)
            self.folders[path] = folder
            for name in folder.folders:
                below, inside = joined(path, name), os.path.join(real, name)  # noqa: PTH118 (hot loop over plain strings)
                pending.append((below, os.path.realpath(inside) if below in self.linked else inside))
        known = {
            path: Folder(
                path, folder.files, tuple(n for n in folder.folders if joined(path, n) in self.folders), folder.real
            )
            for path, folder in sorted(self.folders.items())
        }
        return Survey(
            self.root, known, frozenset(self.linked), tuple(sorted(self.unfollowed)), tuple(sorted(self.large)),
            is_truncated=self.count >= MAX_FILES,
        )  # fmt: skip

    def _entered(self, path: str, real: str) -> Folder:
        try:
            with os.scandir(real) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            self.unfollowed.append(path or ".")
            return Folder(path, (), (), real)
        names = {entry.name for entry in entries}
        rules = self._rules_for(path, real)
        entries = [entry for entry in entries if not _is_passed_over(path, entry, rules)]
        folders = [entry.name for entry in entries if self._is_entered(path, entry)]
        files = [entry.name for entry in entries if self._is_listed(path, entry)]
        if "pyvenv.cfg" in names and path:
            return Folder(path, (), (), real)
        self.count += len(files)
        return Folder(path, tuple(files), tuple(folders), real)

    def _rules_for(self, path: str, real: str) -> Ignored:
        """What version control passes over in a folder, by the rules of the folders above and its own."""
        above = self.rules.get(path.rpartition("/")[0], ()) if path else ()
        self.rules[path] = with_rules(above, f"{path}/" if path else "", Path(real))
        return self.rules[path]

    def _is_entered(self, path: str, entry: "os.DirEntry[str]") -> bool:
        name = entry.name
        if not entry.is_dir() or name.startswith(".") or name in _NEVER or name.endswith(".egg-info"):
            return False
        if not _is_encodable(name) or (
            name in _BUILT and not os.path.exists(os.path.join(entry.path, "__init__.py"))  # noqa: PTH110, PTH118
        ):
            return False
        return not entry.is_symlink() or self._is_followed(path, entry)

    def _is_followed(self, path: str, entry: "os.DirEntry[str]") -> bool:
        """A link to a folder is followed to another place in the project, unless it leads to a folder above itself."""
        target = Path(entry.path).resolve()
        place = joined(path, entry.name)
        here = Path(entry.path).parent.resolve()
        is_inside = target.is_relative_to(self.root)
        is_ring = here.is_relative_to(target) or self._is_linked_twice(path)
        if is_inside and not is_ring:
            self.linked.add(place)
            return True
        self.unfollowed.append(place)
        return False

    def _is_linked_twice(self, path: str) -> bool:
        """Whether a folder was itself reached over a link: two links to each other would go round for ever."""
        parts = path.split("/")
        return any("/".join(parts[:count]) in self.linked for count in range(1, len(parts) + 1))

    def _is_listed(self, path: str, entry: "os.DirEntry[str]") -> bool:
        if not entry.is_file() or not _is_encodable(entry.name):
            return False
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(self.root):
            self.unfollowed.append(joined(path, entry.name))
            return False
        if entry.stat().st_size > MAX_FILE_BYTES:
            self.large.add(Path(entry.path).resolve().relative_to(self.root).as_posix())
        return True


def _is_passed_over(path: str, entry: "os.DirEntry[str]", rules: Ignored) -> bool:
    """Whether version control or a run's workspace keeps an entry out of the project."""
    place = joined(path, entry.name)
    is_folder = entry.is_dir()
    return is_ignored(f"{place}/" if is_folder else place, rules) or (is_folder and is_workspace(Path(entry.path)))


def _is_encodable(name: str) -> bool:
    """Whether a name is text: JSON and Markdown cannot hold the lone surrogates of one that is not."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def surveyed(root: Path) -> Survey:
    """All folders and files of a project that are looked at."""
    return _Walk(root).survey()
