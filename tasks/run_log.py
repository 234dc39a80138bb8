"""What happens in a run, for everyone who follows it: the workspace's `events.jsonl`, listeners, and the logs."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pydantic import JsonValue

from prefect_harmonic.events import Event, EventCallback, EventName
from prefect_harmonic.tasks.line_file import LineFile
from prefect_harmonic.tasks.logs import logger

_listeners: ContextVar[tuple[EventCallback, ...]] = ContextVar("harmonic_listeners", default=())
_log = logger(__name__)

_QUIET = frozenset(
    {
        EventName.CANDIDATE_GENERATED,
        EventName.CANDIDATE_SCORED,
        EventName.ARTIFACT_STARTED,
        EventName.ARTIFACT_MADE,
        EventName.ARTIFACT_KEPT,
    }
)
"""Events that Prefect's own log tells as well, by the state of a task run; each line costs a run half a millisecond."""

_AMISS = frozenset(
    {
        EventName.CANDIDATE_FAILED,
        EventName.ARTIFACT_FAILED,
        EventName.ARTIFACT_BLOCKED,
        EventName.QUESTION_ASKED,
        EventName.BUDGET_SPENT,
        EventName.KNOWLEDGE_MISSED,
    }
)
"""Events that somebody who reads only warnings must not miss."""


def level_of(event: EventName) -> int:
    """At which level of the log an event is told.

    >>> told = (EventName.ARTIFACT_FAILED, EventName.RUN_COMPLETED, EventName.ARTIFACT_MADE)
    >>> [logging.getLevelName(level_of(event)) for event in told]
    ['WARNING', 'INFO', 'DEBUG']
    """
    if event in _AMISS:
        return logging.WARNING
    return logging.DEBUG if event in _QUIET else logging.INFO


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


@dataclass(frozen=True)
class RunLog:
    """Records events, each with its time. Nothing that goes wrong in a listener or a log stops the run."""

    path: Path | None = None
    clock: Callable[[], datetime] = current_time
    listeners: tuple[EventCallback, ...] = field(default_factory=_listeners.get)

    @cached_property
    def _record(self) -> LineFile:
        return LineFile(self.path or Path(os.devnull))

    def heard_by(self, listener: EventCallback) -> "RunLog":
        """The same log with one more listener."""
        return replace(self, listeners=(*self.listeners, listener))

    def tell(self, name: EventName, subject: str = "", **details: JsonValue) -> None:
        """Records that something happened."""
        self.pass_on(Event(name=name, subject=subject, details=details))

    def pass_on(self, event: Event) -> None:
        """Records an event that was made elsewhere, with the time now."""
        event = event.model_copy(update={"at": self.clock().isoformat()})
        if self.path is not None:
            try:
                self._record.append(event.model_dump(mode="json"))
            except OSError as error:
                _log.warning("log.failed", path=str(self.path), error=str(error))
        _log.log(level_of(event.name), event.name.value, subject=event.subject, **event.details)
        for listener in self.listeners:
            try:
                listener(event)
            except Exception:  # a listener is a guest in the house
                _log.warning("listener.failed", on=event.name.value, exc_info=True)
