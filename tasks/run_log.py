"""What happens in a run, for everyone who follows it: the workspace's `events.jsonl`, listeners, and the logs."""

import errno
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from prefect_harmonic.events import Event, EventCallback, EventName
from prefect_harmonic.tasks.logs import logger

_listeners: ContextVar[tuple[EventCallback, ...]] = ContextVar("harmonic_listeners", default=())
_log = logger(__name__)

_NO_DETOUR = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Neither follow a link nor wait for the reader of a pipe, where the system knows how."""

_QUIET = frozenset({EventName.ARTIFACT_STARTED, EventName.CANDIDATE_GENERATED})
"""Events that Prefect's own log tells as well, by the state of a task run; each line costs a run half a millisecond."""


@contextmanager
def listening(callback: EventCallback) -> Iterator[None]:
    """Has a callback told of every event of the runs that are started within."""
    token = _listeners.set((*_listeners.get(), callback))
    try:
        yield
    finally:
        _listeners.reset(token)


def current_time() -> datetime:
    """The time now, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RunLog:
    """Records events, each with its time. Nothing that goes wrong in a listener or a log stops the run."""

    path: Path | None = None
    clock: Callable[[], datetime] = current_time
    listeners: tuple[EventCallback, ...] = field(default_factory=_listeners.get)

    def tell(self, name: EventName, subject: str = "", **details: JsonValue) -> None:
        """Records that something happened."""
        self.pass_on(Event(name=name, subject=subject, details=details))

    def pass_on(self, event: Event) -> None:
        """Records an event that was made elsewhere, with the time now."""
        event = event.model_copy(update={"at": self.clock().isoformat()})
        if self.path is not None:
            try:
                _append(self.path, event.model_dump(mode="json"))
            except OSError as error:
                _log.warning("log.failed", path=str(self.path), error=str(error))
        log = _log.debug if event.name in _QUIET else _log.info
        log(event.name.value, subject=event.subject, **event.details)
        for listener in self.listeners:
            try:
                listener(event)
            except Exception:  # a listener is a guest in the house
                _log.warning("listener.failed", on=event.name.value, exc_info=True)


def _append(path: Path, line: JsonValue) -> None:
    """Adds one line of JSON to a file, never to what a link or a pipe in its place leads to.

    One write a line: a reader, or the next run after a crash, sees whole lines or none.
    """
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_DETOUR, 0o644)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "is no plain file", str(path))
        # Escapes where text is no Unicode, such as the name of a file: a surrogate could not be written.
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        os.write(handle, f"{text}\n".encode("utf-8", "backslashreplace"))
    finally:
        os.close(handle)
