"""Folders and files as people write them, where no shell has read them before: in forms, files and variables."""

from pathlib import Path

from prefect_harmonic.errors import UnknownHomeError


def user_path(text: str | Path) -> Path:
    """The path, with `~` at its start for the home folder that it stands for.

    Raises:
        UnknownHomeError: There is no such home.

    >>> user_path("docs/notes").as_posix()
    'docs/notes'
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise UnknownHomeError(str(text)) from None
