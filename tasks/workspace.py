"""The folder that a run writes into, and nothing outside it.

Paths come from plans, which come from models and files: each is judged by its text (P007) and again on the disk, where
a link could lead out.
"""

import errno
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from prefect_harmonic.errors import FullDiskError, WorkspaceError, WorkspaceInUseError
from prefect_harmonic.planners.gate.files import normalised, path_problem
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.whole_file import replace_whole

LEDGER_FOLDER = ".harmonic"
"""Where a run keeps its books; no artifact may write there."""

_LOOKED_AT_SECONDS = 0.05
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder that is there and can be written, with its links resolved."""

    root: Path

    @classmethod
    def opened(cls, path: str | Path) -> "Workspace":
        """The workspace at a path, made if it is not there.

        Raises:
            WorkspaceError: It cannot be made or written.
            UnknownHomeError: It is to lie in a home folder that is not known.
        """
        root = whole_path(path)
        if root in {Path(root.anchor), Path.home()}:
            raise WorkspaceError(
                str(path), "is no folder of its own: a run writes report.md, plan.json and more into it"
            )
        if (doomed := _folder_of_a_worker()) is not None and root.is_relative_to(doomed):
            raise WorkspaceError(str(path), f"lies in {doomed}, which is deleted when this run ends: give a whole path")
        try:
            root.mkdir(parents=True, exist_ok=True)
            root = root.resolve(strict=True)
            with tempfile.TemporaryFile(dir=root):
                pass
        except (FileExistsError, NotADirectoryError):
            raise WorkspaceError(str(path), "is a file, not a folder") from None
        except (OSError, RuntimeError, ValueError) as error:
            raise WorkspaceError(str(path), f"cannot be written ({_why(error)})") from None
        return cls(root)

    @contextmanager
    def leased(self) -> Iterator[None]:
        """Keeps other runs out of the workspace. The lease ends with the process, however that ends.

        Raises:
            WorkspaceInUseError: Another run has it.
        """
        with self._opened_lease() as lease:
            try:
                _lock(lease)
            except OSError:
                time.sleep(_LOOKED_AT_SECONDS)  # somebody may only look whether it is leased, who lets go at once
                try:
                    _lock(lease)
                except OSError:
                    raise WorkspaceInUseError(str(self.root)) from None
            yield

    def is_leased(self) -> bool:
        """Whether a run has the workspace. Raises `WorkspaceError` where its books cannot be kept."""
        with self._opened_lease() as lease:
            try:
                _lock(lease)
            except OSError:
                return True
        return False

    def _opened_lease(self) -> TextIO:
        """The file that is locked while a run has the workspace, in a folder of books that is no link elsewhere."""
        path = self._within(f"{LEDGER_FOLDER}/lease")
        try:
            path.parent.mkdir(exist_ok=True)
            return path.open("a")
        except OSError as error:
            problem = f"cannot keep its books in {LEDGER_FOLDER} ({_why(error)})"
            raise WorkspaceError(str(self.root), problem) from None

    def path(self, relative: str) -> Path:
        """Where a relative path of a plan lies on the disk.

        Raises:
            WorkspaceError: It lies outside, by its text or by a link.
        """
        if problem := path_problem(relative):
            raise WorkspaceError(str(self.root), f"cannot hold {relative!r}, which {problem}")
        path = self._within(normalised(relative))
        # A link within the workspace can lead to a place that no text of a path may name.
        real = (path.parent.resolve() / path.name).relative_to(self.root).as_posix()
        if problem := path_problem(real):
            led = f"a link there leads to {real}, which {problem}"
            raise WorkspaceError(str(self.root), f"cannot hold {relative!r}: {led}")
        return path

    def _within(self, relative: str) -> Path:
        path = self.root / relative
        if path.is_symlink() or (self._is_linked(path.parent) and not self._holds(path.parent)):
            raise WorkspaceError(str(self.root), f"cannot hold {relative!r}: a link there leads elsewhere")
        return path

    def _is_linked(self, folder: Path) -> bool:
        """Whether a link, or a step up, lies on the way to a folder: the root itself has none, as it is resolved.

        Resolving asks the system about every folder from the top of the disk on, for each file that is written.
        """
        below = (folder, *folder.parents)[: len(folder.parts) - len(self.root.parts)]
        return ".." in folder.parts or any(one.is_symlink() for one in below)

    def _holds(self, folder: Path) -> bool:
        return folder.resolve().is_relative_to(self.root)

    def write(self, relative: str, content: str) -> Path:
        """Writes a file that an artifact produced, whole or not at all. Raises `WorkspaceError`, `FullDiskError`."""
        path = self.path(relative)
        self._write(path, relative, content)
        return path

    def write_own(self, relative: str, content: str) -> Path:
        """Writes a file of the run itself, such as its report. Raises `WorkspaceError`, `FullDiskError`."""
        path = self._within(relative)
        self._write(path, relative, content)
        return path

    def own_path(self, relative: str) -> Path:
        """Where a file of the run itself lies. Raises `WorkspaceError` where a link there leads elsewhere."""
        return self._within(relative)

    def _write(self, path: Path, relative: str, content: str) -> None:
        try:
            _put(path, content.encode("utf-8", "surrogatepass"))
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise FullDiskError(str(self.root), relative, _why(error)) from None
            raise WorkspaceError(str(self.root), f"cannot hold {relative!r} ({_why(error)})") from None

    def relative(self, path: Path) -> str:
        """A path in the workspace as plans write it."""
        return path.relative_to(self.root).as_posix()


def whole_path(path: str | Path) -> Path:
    """Where a workspace lies, whether it is there yet or not.

    Raises:
        WorkspaceError: It would lie in the present folder, which is gone.
        UnknownHomeError: It begins with a home folder that is not known.
    """
    try:
        return user_path(path).absolute()
    except FileNotFoundError:
        raise WorkspaceError(str(path), "would lie in a folder that is gone") from None


def _folder_of_a_worker() -> Path | None:
    """The temporary folder that a process worker of Prefect runs this in, and deletes with all that was made there."""
    try:
        here = Path.cwd()
    except FileNotFoundError:  # nothing that is still there lies in it
        return None
    temporary = Path(tempfile.gettempdir()).resolve()
    below = (one for one in (here, *here.parents) if one.parent == temporary)
    return next((one for one in below if one.name.startswith("tmp") and one.name.endswith("prefect")), None)


def _put(path: Path, content: bytes) -> None:
    """Writes a file as `replace_whole` does, into a folder that is made if it is not there, which it mostly is."""
    try:
        replace_whole(path, content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, content)


def _lock(file: TextIO) -> None:
    """Takes the lock on an open file at once, or raises OSError; where the system knows no such lock, takes none."""
    try:
        import fcntl
    except ImportError:  # not a Unix system
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _why(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
