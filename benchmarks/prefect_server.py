"""A Prefect server of the benchmark's own: SQLite in a temporary folder, in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx


@contextmanager
def local_server() -> Iterator[None]:
    """Has every flow run that is started within go to a server that ends with it.

    Everything of Prefect is imported here, so that benchmarks without it do not wait for it.
    """
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


def completed_task_runs() -> int:
    """How many task runs the server knows to have completed; it learns of them in the background."""
    from prefect.settings import PREFECT_API_URL

    wanted = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    response = httpx.post(f"{PREFECT_API_URL.value()}/task_runs/count", json=wanted, timeout=60)
    response.raise_for_status()
    return int(response.json())
