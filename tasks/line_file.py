"""A file that grows by lines of JSON, and is never what a link or a pipe in its place leads to."""

import errno
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

_NO_DETOUR = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Neither follow a link nor wait for the reader of a pipe, where the system knows how."""


@dataclass(slots=True)
class LineFile:
    """Appends lines to one file, which is opened with the first of them and stays open as long as this is in use."""

    path: Path
    _handle: int | None = field(default=None, repr=False)

    def append(self, line: JsonValue) -> None:
        """Adds one line. One write a line: a reader, or the next run after a crash, sees whole lines or none.

        Raises:
            OSError: There is no plain file at the path and none can be made, or the disk is full.
        """
        if self._handle is None:
            self._handle = _opened(self.path)
        # Escapes where text is no Unicode, such as the name of a file: a surrogate could not be written.
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        os.write(self._handle, f"{text}\n".encode("utf-8", "backslashreplace"))

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)


def _opened(path: Path) -> int:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_DETOUR, 0o644)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is no plain file", str(path))
    return handle
