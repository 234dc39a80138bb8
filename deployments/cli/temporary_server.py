"""The server that Prefect starts for one command where none is set: it must not outlive the command.

Prefect ends it at exit, which a process that is killed never comes to. It would go on for ever, and keep the database
of the user's Prefect home busy.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen
from threading import Event, Thread
from typing import Any

from prefect_harmonic.planners.models.engine.warden import Warden

_SECONDS_BETWEEN_LOOKS = 0.1


def temporary_servers() -> list[Popen[Any]]:
    """The servers that Prefect has started for this process."""
    module = sys.modules.get("prefect.server.api.server")  # to load it takes a second; whoever started one has done so
    kind = getattr(module, "SubprocessASGIServer", None)
    started = [] if kind is None else [server.server_process for server in [*kind._instances.values()]]
    return [process for process in started if process is not None]


@contextmanager
def ended_with_us(
    watched: Callable[[Sequence[int]], Warden] = Warden, servers: Callable[[], Sequence[Popen[Any]]] = temporary_servers
) -> Iterator[None]:
    """Has a server that is started within end when this process does, in whatever way.

    Args:
        watched: What ends processes when this one is gone.
        servers: What has been started so far.
    """
    is_over = Event()
    wardens: list[Warden] = []

    def watch() -> None:  # on a thread, as Prefect holds up the loop until its server answers
        while not (started := servers()):
            if is_over.wait(_SECONDS_BETWEEN_LOOKS):
                return
        wardens.append(watched([server.pid for server in started]))

    looking = Thread(target=watch, name="harmonic-temporary-server", daemon=True)
    looking.start()
    try:
        yield
    finally:
        is_over.set()
        looking.join()
        for warden in wardens:
            warden.dismiss()
