"""Kills a process at a moment that the test has seen: it is stopped while the test looks, so that nothing moves on."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_SECONDS_TO_WAIT = 300
_SECONDS_BETWEEN_LOOKS = 0.03
_SECONDS_TO_STAND = 1.0


def kill_when(leader: int, condition: Callable[[], bool], what: str) -> None:
    """Kills a group of processes once a condition holds, while it holds.

    A test that looks and then kills lets the process work on in between, on a busy machine for seconds.

    Args:
        leader: The process that leads the group, which is what writes the files the condition reads.
        condition: Read while nothing of the group runs.
        what: What is waited for.

    Raises:
        AssertionError: The process ended before, or the condition never held in time.
    """
    try:
        _kill_when(leader, condition, what)
    except ProcessLookupError as error:
        raise AssertionError(f"the process ended before {what}") from error


def _kill_when(leader: int, condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _SECONDS_TO_WAIT
    while os.getpgid(leader) != leader:  # it has been started, and leads no group yet
        assert time.monotonic() < end, f"waited {_SECONDS_TO_WAIT} s in vain for the process to lead a group"
        time.sleep(0.001)
    while True:
        os.killpg(leader, signal.SIGSTOP)
        if _stands(leader, what) and condition():
            os.killpg(leader, signal.SIGKILL)
            return
        os.killpg(leader, signal.SIGCONT)
        assert time.monotonic() < end, f"waited {_SECONDS_TO_WAIT} s in vain for {what}"
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _stands(process: int, what: str) -> bool:
    """Whether all threads stand; a signal to stop reaches them a moment after it is sent.

    One that is just starting a program (vfork) waits for its child and never stands, if the child was stopped first:
    it has to run on.
    """
    end = time.monotonic() + _SECONDS_TO_STAND
    while any(state != "T" for state in _states(process, what)):
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


def _states(process: int, what: str) -> list[str]:
    """The state of each thread: T where it is stopped. A thread that ends while it is looked at has none."""
    os.kill(process, 0)  # whoever has ended and was waited for has no folder either
    states = []
    for thread in Path(f"/proc/{process}/task").glob("*/stat"):
        try:
            state = thread.read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            continue
        assert state not in "ZX", f"the process ended before {what}"
        states.append(state)
    return states
