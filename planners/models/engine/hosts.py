"""The engines of this process: one for each model and its settings, closed when the process ends."""

import atexit
import os
import threading

from prefect_harmonic.planners.models.engine.host import EngineHost
from prefect_harmonic.planners.models.engine.settings import EngineSettings
from prefect_harmonic.planners.models.engine.vllm_engine import started

_lock = threading.Lock()
_hosts: dict[EngineSettings, EngineHost] = {}


def host_for(settings: EngineSettings) -> EngineHost:
    """The host of the engine with these settings; the same one for all who ask in this process."""
    with _lock:
        if settings not in _hosts:
            _hosts[settings] = EngineHost(settings, started)
        return _hosts[settings]


def close_all() -> None:
    """Closes every engine of this process; the next question starts a fresh one."""
    with _lock:
        hosts = tuple(_hosts.values())
    for host in hosts:
        host.close()


def _forget() -> None:
    """In a forked child the engines' threads do not run; it starts its own."""
    global _lock  # noqa: PLW0603  # the lock may have been held by a thread that is not in the child
    _lock = threading.Lock()
    _hosts.clear()


atexit.register(close_all)  # for those that are still being started; one that runs sees to itself
os.register_at_fork(after_in_child=_forget)
