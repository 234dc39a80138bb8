"""What holds for all tests: how hypothesis draws, and reports that can be sent from one process to another."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a machine that is busy with something else is no fault of the code. Fifty examples find what the laws of
# small graphs have to show; the example database keeps what once failed.
settings.register_profile(
    "project", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")


SLOWEST_FIRST = ("e2e", "flows", "contract")
"""Folders whose files take longest. Side by side, what takes long is best begun early."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the slow folders first; within one the order is drawn, as pytest-randomly does it."""
    folders = {name: place for place, name in enumerate(SLOWEST_FIRST)}
    root = Path(__file__).parent
    items.sort(key=lambda item: folders.get(item.path.relative_to(root).parts[0], len(folders)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Some tests log what is no Unicode, on purpose; a report with it cannot be sent to the process that collects."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode("utf-8")) for name, text in report.sections
    ]
    return report
