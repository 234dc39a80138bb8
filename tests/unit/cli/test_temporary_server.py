"""Prefect's temporary server ends with the command that it was started for, however that ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen
from threading import Event
from typing import Any

from prefect_harmonic.deployments.cli.temporary_server import ended_with_us
from prefect_harmonic.planners.models.engine.warden import Warden

_SECONDS_TO_WAIT = 60
COMMAND = """
import subprocess, sys, time
from prefect_harmonic.deployments.cli.temporary_server import ended_with_us
from prefect_harmonic.planners.models.engine.warden import Warden

def watched(processes):
    warden = Warden(processes)
    print(*processes, flush=True)
    return warden

server = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"])
with ended_with_us(watched, lambda: [server]):
    time.sleep(600)
"""


def is_running(process: int) -> bool:
    """Whether a process that is no child of ours is there."""
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return told.rpartition(")")[2].split()[0] != "Z"  # one that nobody has waited for is there in name only


def test_server_of_a_killed_command_is_gone() -> None:
    """SIGKILL leaves nothing running."""
    with subprocess.Popen([sys.executable, "-c", COMMAND], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        server = int(command.stdout.readline())
        command.kill()
    end = time.monotonic() + _SECONDS_TO_WAIT
    try:
        while is_running(server):
            assert time.monotonic() < end, "the server outlived its command"
            time.sleep(0.01)
    finally:
        if is_running(server):
            os.kill(server, signal.SIGKILL)


def test_server_of_a_command_that_ends_is_left_to_prefect() -> None:
    """Whoever watches is dismissed before, so that a number that was given anew is never taken for the server's."""
    told: list[str] = []
    is_watched = Event()

    class Told(Warden):
        """Says what it is told instead of doing it."""

        def __init__(self, processes: Sequence[int]) -> None:
            told.append(f"watches {len(processes)}")
            is_watched.set()
            super().__init__(())

        def dismiss(self) -> None:
            told.append("dismissed")

    started: list[Popen[Any]] = []
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", ""]) as server:
        with ended_with_us(Told, lambda: started):
            started.append(server)
            assert is_watched.wait(_SECONDS_TO_WAIT)
        assert told == ["watches 1", "dismissed"]


def test_command_with_a_server_of_the_users_own_watches_nothing() -> None:
    """Where Prefect starts none, there is nothing to end."""
    watched: list[Sequence[int]] = []

    def watch(processes: Sequence[int]) -> Warden:
        watched.append(processes)
        return Warden(())

    with ended_with_us(watch, list):
        pass
    assert watched == []
