"""What holds for all tests: how hypothesis draws, and how the work is shared out among processes."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# No deadline: a machine that is busy with something else is no fault of the code. Fifty examples find what the laws of
# small graphs have to show; the example database keeps what once failed.
settings.register_profile(
    "project", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")

# Each client of Prefect's and of a model's server loads the certificates of all authorities of the world, which takes
# twenty-five milliseconds; no test speaks to a server by TLS, so that one certificate, of nobody, is enough.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "support" / "certificate.pem")


WITH_A_SERVER = ("e2e", "flows", "contract")
"""Folders whose tests share a server. One process does a whole one, so that its server is started once, and early."""


class _Shares(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A folder with a server goes to one process whole; the other files go to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        folder = file.removeprefix("tests/").partition("/")[0]
        return folder if folder in WITH_A_SERVER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Shares | None:
    """Who does what, where files are shared out among processes."""
    return _Shares(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, since tests with a server spend much of their time waiting for it."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the folders with a server first; within one the order is drawn, as pytest-randomly does it."""
    folders = {name: place for place, name in enumerate(WITH_A_SERVER)}
    root = Path(__file__).parent
    # A doctest stands outside, where somebody runs one by its path.
    within = {item: item.path.relative_to(root).parts[0] for item in items if item.path.is_relative_to(root)}
    items.sort(key=lambda item: folders.get(within.get(item, ""), len(folders)))


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
