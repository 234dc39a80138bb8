"""A file that a command writes where the user says: looked at before the work, and written whole or not at all."""

import os
from pathlib import Path

import click

from prefect_harmonic.tasks.whole_file import USUAL_MODE, replace_whole


def check_output(file: str) -> None:
    """Finds out whether a file can be written, before anything is done for it. Raises `UsageError`."""
    path = Path(file)
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "is a directory")
        if not path.parent.is_dir():
            raise FileNotFoundError(None, "no such file or directory")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError(None, "permission denied")
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from None


def write_output(path: Path, text: str) -> None:
    """Writes a file. Where there is no room for it, what was there before stays. Raises `UsageError`."""
    try:
        if path.is_file() or not path.exists():
            _replace(path.resolve(), text)
        else:  # a pipe or a device, such as /dev/stdout
            path.write_text(text, encoding="utf-8")
    except (OSError, ValueError, RuntimeError) as error:  # the last for links that lead to each other
        raise _refusal(path, error) from None


def _replace(path: Path, text: str) -> None:
    if not os.access(path.parent, os.W_OK):  # a file may be writable in a folder that is not
        path.write_text(text, encoding="utf-8")
        return
    mode = path.stat().st_mode & 0o777 if path.exists() else USUAL_MODE
    replace_whole(path, text.encode(), mode)


def _refusal(path: Path, error: Exception) -> click.UsageError:
    problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return click.UsageError(f"cannot write {path}: {problem.lower()}")
