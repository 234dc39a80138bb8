"""Structured logs, bridged into the logs of Prefect's runs.

structlog renders a line, the standard library carries it, and a handler of Prefect sends it to the run that it belongs
to. Nothing is configured until a run starts, and then only our own logger: the user's logging stays the user's.
"""

import logging
from typing import cast

import structlog
from prefect.context import FlowRunContext, TaskRunContext
from prefect.logging.handlers import APILogHandler
from prefect.settings import get_current_settings

from prefect_harmonic.tasks.views.escaping import one_line

ROOT = "prefect_harmonic"
_LONGEST_VALUE = 200


def _as_line(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    """The event and its data as one line, for people and for `grep`."""
    name = event.pop("event")
    told = (f"{key}={_shortened(value)}" for key, value in event.items() if value not in (None, "", []))
    # A name of a file that is no Unicode cannot be sent, nor can all the lines that Prefect sends along with it.
    return one_line(" ".join([str(name), *told]))


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


_PROCESSORS: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, _as_line]


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A structured logger under the package's own."""
    wrapped = structlog.wrap_logger(
        logging.getLogger(name), processors=_PROCESSORS, wrapper_class=structlog.stdlib.BoundLogger
    )
    return cast("structlog.stdlib.BoundLogger", wrapped)


class _InRuns(logging.Filter):
    """Lets through only what is logged within a run; elsewhere Prefect's handler would warn of every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        return (FlowRunContext.get() or TaskRunContext.get()) is not None


def bridge_to_runs() -> None:
    """Has what the package logs within a run sent to that run's logs, from the level on that Prefect is set to.

    Calling it again changes nothing. A level that somebody gave our logger stays. Where somebody took his own back
    since, as tests do, ours is set anew.
    """
    ours = logging.getLogger(ROOT)
    if ours.level == logging.NOTSET:
        ours.setLevel(get_current_settings().logging.level)
    if not any(isinstance(handler, APILogHandler) for handler in ours.handlers):
        handler = APILogHandler()
        handler.addFilter(_InRuns())
        ours.addHandler(handler)
