"""A Prefect server of the benchmark's own: SQLite in a temporary folder, in a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def local_server() -> Iterator[None]:
    """Has every flow run that is started within go to a server that ends with it.

    Everything of Prefect is imported here, so that benchmarks without it do not wait for it.
    """
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
