"""What the package logs within a run reaches the run's logs."""

import logging
from collections.abc import Iterator

import pytest
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_LOGGING_LEVEL, temporary_settings

from prefect_harmonic.tasks.logs import ROOT, bridge_to_runs, logger


@pytest.fixture
def ours() -> Iterator[logging.Logger]:
    """Our logger as it is before any run, and as it was again afterwards."""
    logger = logging.getLogger(ROOT)
    level, handlers = logger.level, logger.handlers[:]
    logger.setLevel(logging.NOTSET)
    logger.handlers[:] = []
    yield logger
    logger.setLevel(level)
    logger.handlers[:] = handlers


def test_level_that_was_taken_back_is_set_anew(ours: logging.Logger) -> None:
    """Or the events of all later runs in the process would be left out of their logs."""
    ours.setLevel(logging.DEBUG)
    bridge_to_runs()
    ours.setLevel(logging.NOTSET)
    bridge_to_runs()
    assert ours.level == logging.INFO
    assert sum(isinstance(handler, APILogHandler) for handler in ours.handlers) == 1  # pytest may add some of its own


def test_level_that_prefect_is_set_to_holds(ours: logging.Logger) -> None:
    """Whoever wants to see everything, or warnings alone, says so once."""
    with temporary_settings({PREFECT_LOGGING_LEVEL: "DEBUG"}):
        bridge_to_runs()
    assert ours.level == logging.DEBUG


def test_level_of_the_user_stays(ours: logging.Logger) -> None:
    """Whoever wants less of it gets less."""
    ours.setLevel(logging.ERROR)
    bridge_to_runs()
    assert ours.level == logging.ERROR


def test_line_can_be_sent_whatever_it_quotes(caplog: pytest.LogCaptureFixture) -> None:
    """A name that is no Unicode would cost every line that Prefect sends along with this one."""
    logger("elsewhere").warning("listener.failed", path="caf\udce9.md", error="two\nlines")
    assert [record.getMessage() for record in caplog.records] == ["listener.failed path=caf\\udce9.md error=two lines"]
