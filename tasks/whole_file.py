"""A file that is there whole or as it was before, whatever happens while it is written."""

import os
import tempfile
from pathlib import Path

USUAL_MODE = 0o644


def replace_whole(path: Path, content: bytes, mode: int = USUAL_MODE) -> None:
    """Writes a file beside `path` that takes its place in one step, so that nobody ever sees half of it.

    Raises:
        OSError: There is no room for it, or no such folder; what was there before stays.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".harmonic-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
