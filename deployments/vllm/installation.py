"""Installing vLLM into an environment of its own: with uv where there is one, with pip otherwise."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from prefect_harmonic.deployments.vllm.environment import VllmEnvironment, examined, interpreter_of
from prefect_harmonic.deployments.vllm.server_log import last_useful_line
from prefect_harmonic.errors import OptionError, VllmServerError

VLLM_VERSION = "0.32.0"
"""The version that our flags were tried with."""

_TORCH_FOR_PROCESSORS = "https://download.pytorch.org/whl/cpu"
Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """What is to be installed, and where.

    Attributes:
        folder: The virtual environment that is made.
        python: The interpreter that it is made with.
        is_cpu: Whether the build for the processor is wanted rather than the one for NVIDIA's GPUs.
        uv: The program uv; pip is used where there is none.
        wheels: Folders with wheels that the user named, where torch for the processor is looked for then.
    """

    folder: Path
    python: str
    is_cpu: bool
    uv: str | None
    wheels: Command = ()

    @classmethod
    def into(cls, folder: Path, *, is_cpu: bool, python: str | None, environment: Mapping[str, str]) -> "Installation":
        """The installation on this machine."""
        beside = Path(sys.executable).with_name("uv")
        uv = shutil.which("uv", path=environment.get("PATH")) or (str(beside) if beside.exists() else None)
        return cls(
            folder=folder,
            python=python or sys.executable,
            is_cpu=is_cpu,
            uv=uv,
            wheels=_named_wheels(environment),
        )

    def commands(self, requirements: Path) -> Iterator[Command]:
        """The programs to run, in order.

        Args:
            requirements: The file with what the build for the processor needs.
        """
        inside = str(interpreter_of(self.folder))
        if self.uv:
            yield (self.uv, "venv", "--quiet", "--clear", "--python", self.python, str(self.folder))
            yield (self.uv, "pip", "install", "--python", inside, *self._wanted(requirements))
        else:
            yield (self.python, "-m", "venv", "--clear", str(self.folder))
            yield (inside, "-m", "pip", "install", "--disable-pip-version-check", *self._wanted(requirements))

    def _wanted(self, requirements: Path) -> Command:
        """What the installer is asked for. torch without CUDA has an index of its own."""
        if not self.is_cpu:
            return (*(("--torch-backend", "auto") if self.uv else ()), f"vllm=={VLLM_VERSION}")
        index: Command = ()
        if not self.wheels:
            index = ("--torch-backend", "cpu") if self.uv else ("--extra-index-url", _TORCH_FOR_PROCESSORS)
        return (*index, "--no-deps", "-r", str(requirements))


def installed(
    installation: Installation, environment: Mapping[str, str], *, is_anew: bool, say: Callable[[str], object]
) -> VllmEnvironment:
    """Makes the environment, unless it is there.

    Args:
        installation: What and where.
        environment: Variables for the programs that are run.
        is_anew: Whether an environment that is there already is made once more.
        say: Is told what goes on.

    Raises:
        OptionError: The folder holds something else.
        VllmServerError: An installer failed.
        VllmMissingError: It succeeded, and there is no vLLM after all.
    """
    folder = installation.folder
    _check_folder(folder)
    if not is_anew and (folder / _FINISHED).exists():
        say(f"vLLM is in {folder} already; --force installs it anew.")
        return examined(interpreter_of(folder))
    build = "the processor" if installation.is_cpu else "NVIDIA's GPUs"
    say(f"Installing vLLM {VLLM_VERSION} for {build} into {folder}, with {'uv' if installation.uv else 'pip'} …")
    with as_file(files("prefect_harmonic.deployments.vllm") / "requirements-cpu.txt") as requirements:
        try:
            _run_all(installation, requirements, environment)
        except VllmServerError as error:
            if installation.uv is None:
                raise
            # It does not know pip's own settings, such as an index or a certificate of the user's company.
            say(f"{error}; trying it with pip …")
            _run_all(replace(installation, uv=None), requirements, environment)
    found = examined(interpreter_of(folder))
    (folder / _FINISHED).write_text(f"{found.version}\n", encoding="utf-8")
    return found


_FINISHED = "harmonic-installed"


def _check_folder(folder: Path) -> None:
    """Refuses to clear away what is no environment."""
    try:
        if folder.exists() and not (folder / "pyvenv.cfg").exists() and (folder.is_file() or any(folder.iterdir())):
            raise OptionError("into", str(folder), "a folder that is not there yet, or an environment that was made so")
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise OptionError("into", str(folder), f"a folder that can be written ({problem})") from None


def _named_wheels(environment: Mapping[str, str]) -> Command:
    """Folders with wheels: from the environment, or else from pip's own settings."""
    named = environment.get("UV_FIND_LINKS") or environment.get("PIP_FIND_LINKS")
    if named is None:
        asked = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", "global.find-links"],
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        named = asked.stdout if asked.returncode == 0 else ""
    return tuple(named.replace(",", " ").split())


def _run_all(installation: Installation, requirements: Path, environment: Mapping[str, str]) -> None:
    variables = dict(environment)
    if installation.wheels:
        variables["UV_FIND_LINKS"] = ",".join(installation.wheels)
    # vLLM's thousands of modules are otherwise compiled by several processes at once at its first start, or never.
    variables["UV_COMPILE_BYTECODE"] = "1"
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in installation.commands(requirements):
        _run(command, variables)


def _run(command: Command, variables: Mapping[str, str]) -> None:
    """Runs an installer. What it says is shown where it failed only, and then its last useful line."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own words, and the interpreter that the user named
            command,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise VllmServerError("vLLM could not be installed", f"{command[0]}: {problem}", "") from None
    if ended.returncode:
        told = last_useful_line(ended.stdout) or f"{Path(command[0]).name} ended with {ended.returncode}"
        raise VllmServerError("vLLM could not be installed", told, "")


def has_nvidia_driver() -> bool:
    """Whether a GPU of NVIDIA's can be used on this machine."""
    return Path("/proc/driver/nvidia").exists() or os.access("/dev/nvidiactl", os.R_OK)
