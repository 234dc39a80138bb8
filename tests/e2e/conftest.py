"""Processes that the end-to-end tests start: a Prefect server, `harmonic serve`, `harmonic run`. All of them end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.forked import loaded
from support.ports import free_port

SECONDS_TO_RUN = 300
HARMONIC = (sys.executable, "-c", "from prefect_harmonic.deployments.cli import main; main()")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment without what the user or another test has set for Prefect and for us."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "HARMONIC_"))}
    return {
        **kept,
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",  # seconds until a run is begun; ten, if nobody says
        **more,
    }


@contextmanager
def running(command: tuple[str, ...], log: Path, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, all of which is gone afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **settings)
    try:
        yield process
    finally:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it has started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(120)


def until(condition: Callable[[], Any], what: str, seconds: float = SECONDS_TO_RUN) -> Any:
    """What a condition gives once it holds. Waiting long costs nothing but where it never does.

    Raises:
        AssertionError: It never held in time.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.2)
    return found


class Api:
    """The REST API of a Prefect server, as a user's script calls it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=f"{url}/", timeout=SECONDS_TO_RUN)

    def get(self, path: str) -> Any:
        """What a GET gives; an error of the server's is an error."""
        response = self._answered("GET", path)
        response.raise_for_status()
        return response.json()

    def post(self, path: str, document: object) -> httpx.Response:
        """The response to a POST, whatever it is."""
        return self._answered("POST", path, json=document)

    def _answered(self, method: str, path: str, **content: Any) -> httpx.Response:
        """A response. Where a busy server sends the caller away it is asked again, as Prefect's own client does."""

        def taken() -> httpx.Response | None:
            response = self._client.request(method, path, **content)
            return None if response.status_code == httpx.codes.SERVICE_UNAVAILABLE else response

        response: httpx.Response = until(taken, f"an answer to {method} {path}")
        return response

    def found(self, what: str, **filters: object) -> list[dict[str, Any]]:
        """What a filter finds."""
        response = self.post(f"{what}/filter", filters)
        response.raise_for_status()
        found: list[dict[str, Any]] = response.json()
        return found

    def deployment(self, name: str) -> dict[str, Any]:
        """A deployment by its full name."""
        found: dict[str, Any] = self.get(f"deployments/name/{name}")
        return found

    def start(self, deployment: str, **parameters: object) -> httpx.Response:
        """Asks for a run of a deployment."""
        identity = self.deployment(deployment)["id"]
        return self.post(f"deployments/{identity}/create_flow_run", {"parameters": parameters})

    def ended(self, run: str) -> dict[str, Any]:
        """A run once it is over."""

        def over() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"flow_runs/{run}")
            is_over = found["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
            return found if is_over else None

        found: dict[str, Any] = until(over, f"the end of run {run}")
        return found

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prefect's home for all tests that share a server."""
    return tmp_path_factory.mktemp("prefect-home")


@pytest.fixture(scope="session")
def api(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A real Prefect server with its own database."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "server.log"
    environment = clean_environment(
        home,
        PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE="100",
        PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL="1",
    )
    command = (sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    with running(command, log, env=environment, cwd=log.parent) as server:
        api = Api(f"http://127.0.0.1:{port}/api")

        def is_healthy() -> bool:
            assert server.poll() is None, log.read_text()
            try:
                return api.get("health") is True
            except httpx.HTTPError:
                return False

        until(is_healthy, "the server")
        yield api
        api.close()


@pytest.fixture(scope="session")
def forks(api: Api, home: Path) -> ForkServerContext:
    """Starts processes that have everything loaded and use the server."""
    return loaded(clean_environment(home, PREFECT_API_URL=api.url))


def events_in(workspace: Path) -> list[dict[str, Any]]:
    """The events that a workspace has recorded so far; a line that is being written is left out."""
    try:
        text = (workspace / "events.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@pytest.fixture(name="until", scope="session")
def until_fixture() -> Callable[..., Any]:
    """See `until`."""
    return until


@pytest.fixture(name="events_in", scope="session")
def events_in_fixture() -> Callable[[Path], list[dict[str, Any]]]:
    """See `events_in`."""
    return events_in


@pytest.fixture(name="running", scope="session")
def running_fixture() -> Callable[..., Any]:
    """See `running`."""
    return running


@pytest.fixture(name="clean_environment", scope="session")
def clean_environment_fixture() -> Callable[..., dict[str, str]]:
    """See `clean_environment`."""
    return clean_environment


@pytest.fixture
def harmonic(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a process of its own, in a folder and with a Prefect home of the test's."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*HARMONIC, *arguments],
            env=clean_environment(tmp_path / "home", **environment),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_RUN,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def harmonic_command() -> tuple[str, ...]:
    """The command as the first words of a process."""
    return HARMONIC
