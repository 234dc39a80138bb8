"""vLLM's server as a process that is watched: it answers, or says why not, and never outlives who started it."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prefect_harmonic.deployments.vllm.environment import VllmEnvironment
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.deployments.vllm.probe import Health, Probe
from prefect_harmonic.deployments.vllm.server_log import last_useful_line
from prefect_harmonic.errors import OptionError, VllmServerError

_LOOK_SECONDS = 0.25
_STOP_SECONDS = 20.0
_SHOWN_OF_LOG = 400_000
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class VllmServer:
    """A server that was started.

    Attributes:
        launch: How.
        process: Its first process; the engine's are its children.
        log: Where everything that it says is written.
    """

    launch: Launch
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def probe(self) -> Probe:
        """Asks it how it is."""
        key = self.launch.api_key.get_secret_value() if self.launch.api_key else None
        return Probe(self.launch.base_url, self.launch.name, key)

    def wait_until_answering(
        self, seconds: float, *, clock: Clock = time.monotonic, pause: Callable[[float], object] = time.sleep
    ) -> None:
        """Waits until it is healthy and has answered a question.

        Raises:
            VllmServerError: It ended, took longer than that, or gives no answers.
        """
        due = clock() + seconds
        while self.probe.health() is not Health.WELL:
            self._check_running("vLLM did not start")
            if clock() > due:
                problem = f"it was not ready within {seconds:g} s ({self._last_line()})"
                raise VllmServerError("vLLM did not start", problem, str(self.log))
            pause(_LOOK_SECONDS)
        silence = self.probe.answer()
        if silence is not None:
            self._check_running("vLLM did not start")
            raise VllmServerError("vLLM started and does not answer", silence, str(self.log))

    def wait_until_ended(self, *, pause: Callable[[float], object] = time.sleep) -> None:
        """Waits as long as it runs.

        Raises:
            VllmServerError: It ended, which nobody asked for.
        """
        while True:
            self._check_running("vLLM ended")
            pause(_LOOK_SECONDS)

    def stop(self) -> None:
        """Ends it with all its processes: in order if it can, and otherwise not."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
        finally:
            # Its processes are one group of their own: an engine whose server is gone would keep the GPU's memory.
            _kill_group(self.process.pid)
            self.process.wait()

    def _check_running(self, fact: str) -> None:
        ended = self.process.poll()
        if ended is not None:
            how = f"killed by signal {-ended}" if ended < 0 else f"exit status {ended}"
            raise VllmServerError(fact, self._last_line() or how, str(self.log))

    def _last_line(self) -> str:
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _SHOWN_OF_LOG))
            line = last_useful_line(file.read().decode("utf-8", "replace"))
        key = self.launch.api_key
        return line.replace(key.get_secret_value(), "[key]") if key else line


@contextmanager
def started(
    launch: Launch, environment: VllmEnvironment, log: Path, variables: Mapping[str, str]
) -> Iterator[VllmServer]:
    """A server that runs as long as the block, and no longer than the thread that started it.

    Args:
        launch: The model and how it is served.
        environment: The Python that has vLLM.
        log: File for what it says; written anew.
        variables: Environment variables of this process.

    Raises:
        OptionError: The port is taken, or the log cannot be written.
        VllmServerError: The process cannot be started.
    """
    check_port(launch.host, launch.port)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        # It may hold a prompt, so nobody else reads it.
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        raise OptionError("log", str(log), f"a file that can be written ({problem})") from None
    try:
        process = subprocess.Popen(  # noqa: S603 - an interpreter that the user named, and our own words
            launch.arguments(environment),
            env=launch.variables(variables),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dying_with_parent(),  # noqa: PLW1509 - it does one system call, of a function found before
        )
    except OSError as error:
        raise VllmServerError("vLLM did not start", (error.strerror or str(error)).lower(), "") from None
    finally:
        os.close(file)
    server = VllmServer(launch, process, log)
    try:
        yield server
    finally:
        server.stop()


def check_port(host: str, port: int) -> None:
    """Raises `OptionError` where a server cannot listen at an address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), port))
        except OSError as error:
            problem = (error.strerror or str(error)).lower()
            raise OptionError("port", str(port), f"one that is free at {host} ({problem})") from None


def _dying_with_parent() -> Callable[[], None] | None:
    """What has a new process get SIGTERM when the thread that started it ends, even by SIGKILL. Linux has it only."""
    if sys.platform != "linux":
        return None
    # Looked up before the fork, after which only what is safe between two threads may happen.
    control, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()
    return partial(_die_with, control, parent)


def _die_with(control: Callable[[int, int], int], parent: int) -> None:
    control(_DIE_WITH_PARENT, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before this was said
        os._exit(1)


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
