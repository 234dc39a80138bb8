"""Sees to it that no engine, and no other process that we start, outlives our own.

An engine's processes do not notice when the process that started them is killed; on a GPU they would hold all its
memory until somebody finds them. A warden is a small process that waits at the other end of a pipe: when the pipe
breaks, because we are gone in whatever way, it ends the engine's processes.
"""

import subprocess
import sys
from collections.abc import Sequence

# The whole of the warden. It must not load our package: that would take a second and much memory to wait in.
_WAIT = """
import os, signal, sys
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, signal.SIG_IGN)
if not sys.stdin.buffer.read(1):
    for number in sys.argv[1:]:
        try:
            os.kill(int(number), signal.SIGKILL)
        except OSError:
            pass
"""


class Warden:
    """Ends processes when this one is gone. Dismissed, it goes away and ends nothing.

    Args:
        processes: Their numbers.
    """

    def __init__(self, processes: Sequence[int]) -> None:
        self._waiting = None
        if processes:
            # Our own interpreter and a text of our own; a session of its own, so that Ctrl-C does not reach it.
            self._waiting = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", "-c", _WAIT, *map(str, processes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def dismiss(self) -> None:
        """To be called before the processes are ended in order, so that their numbers are not taken for others'."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.stdin is not None:
            try:
                waiting.stdin.write(b".")
                waiting.stdin.close()
            except OSError:  # it is gone already
                pass
            waiting.wait(10)
