"""The server as a process: it answers or says why not, and nothing of it is left, however it ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.ports import free_port
from support.stand_in_vllm import is_running, python_with_vllm

from prefect_harmonic.deployments.vllm.environment import VllmEnvironment, examined
from prefect_harmonic.deployments.vllm.launch import Launch
from prefect_harmonic.deployments.vllm.server import VllmServer, check_port, started
from prefect_harmonic.errors import OptionError, VllmServerError

Serving = Callable[..., AbstractContextManager[VllmServer]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> VllmEnvironment:
    """A vLLM that starts in no time."""
    return examined(python_with_vllm(tmp_path_factory.mktemp("environment")))


@pytest.fixture
def serving(environment: VllmEnvironment, tmp_path: Path) -> Serving:
    """Starts it in a mood."""

    @contextmanager
    def start(mood: str = "well", key: str | None = None) -> Iterator[VllmServer]:
        launch = Launch.of("some/model", port=free_port(), api_key=SecretStr(key) if key else None)
        with started(launch, environment, tmp_path / "logs" / "vllm.log", {**os.environ, "STAND_IN_MOOD": mood}) as one:
            yield one

    return start


def engine_of(server: VllmServer) -> int:
    """The engine's process, as the stand-in tells it."""
    return int(server.log.read_text().partition("engine: ")[2].split()[0])


def until_ended(process: int) -> None:
    """Waits until a process that was killed is gone, which is a moment later."""
    while is_running(process):
        time.sleep(0.02)


def test_a_server_is_ready_once_it_has_answered_and_gone_with_its_engine_afterwards(
    serving: Serving,
) -> None:
    """Its log is for the user's eyes only."""
    with serving() as server:
        server.wait_until_answering(60)
        engine = engine_of(server)
        assert is_running(engine)
        assert server.log.stat().st_mode & 0o077 == 0
    until_ended(engine)
    assert server.process.poll() is not None


def test_metrics_are_added_up_over_their_labels(serving: Serving) -> None:
    """A server with several engines tells each of them."""
    with serving() as server:
        server.wait_until_answering(60)
        assert server.probe.measured("running") == 3.5
        with pytest.raises(LookupError, match="no metric waiting"):
            server.probe.measured("waiting")
    with pytest.raises(LookupError, match="tells no metrics"):
        server.probe.measured("running")


def test_a_key_is_asked_for_and_shown(serving: Serving) -> None:
    """The probe has it, and the command line has not."""
    with serving(key="sk-marked") as server:
        server.wait_until_answering(60)
        command = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        assert b"sk-marked" not in command + server.log.read_bytes()


def test_a_start_that_fails_is_told_with_the_cause_and_without_the_key(serving: Serving) -> None:
    """Not with the last line, which only says that there was a cause."""
    with serving("broken", key="sk-marked") as server, pytest.raises(VllmServerError) as failed:
        server.wait_until_answering(60)
    assert (
        str(failed.value) == f"vLLM did not start: ValueError: no memory left for [key]; its whole log is {server.log}"
    )


def test_a_server_that_answers_questions_with_a_refusal_is_not_ready(serving: Serving) -> None:
    """A model without a chat template is healthy, and of no use."""
    with serving("wordless") as server, pytest.raises(VllmServerError, match="it answered 400: no chat template"):
        server.wait_until_answering(60)


def test_a_hung_server_is_not_ready_although_it_says_that_it_is_healthy(serving: Serving) -> None:
    """It is given up once the time for one token is over."""
    with serving("hung") as server:
        while server.probe.health() != "well":
            time.sleep(0.02)
        assert server.probe.answer(0.3) == "it gave no token within 0.3 s"


def test_a_server_that_never_is_healthy_is_given_up(serving: Serving) -> None:
    """With what it said last."""
    seconds = iter((0.0, 5.0, 11.0))
    with serving("late") as server, pytest.raises(VllmServerError, match="not ready within 10 s"):
        server.wait_until_answering(10, clock=lambda: next(seconds), pause=lambda _: None)
    assert server.process.poll() is not None


def test_a_server_that_ends_by_itself_is_told_of(serving: Serving) -> None:
    """Whoever serves it learns of it at once."""
    with serving("brief") as server:
        server.wait_until_answering(60)
        with pytest.raises(VllmServerError, match="vLLM ended"):
            server.wait_until_ended()
        engine = engine_of(server)
    until_ended(engine)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has gone")
def test_a_server_dies_with_a_parent_that_was_killed(environment: VllmEnvironment, tmp_path: Path) -> None:
    """SIGKILL leaves no time for stopping anything, and a server without an owner keeps a GPU for ever."""
    port, log = free_port(), tmp_path / "vllm.log"
    program = (
        "import os, pathlib, time; from prefect_harmonic.deployments.vllm.environment import VllmEnvironment as E; "
        "from prefect_harmonic.deployments.vllm.launch import Launch; "
        "from prefect_harmonic.deployments.vllm.server import started; P = pathlib.Path\n"
        f"with started(Launch.of('a/b', port={port}), E(P({str(environment.python)!r}), '1', False), P({str(log)!r}), "
        "{**os.environ, 'STAND_IN_MOOD': 'lonely'}) as server:\n"
        "    print(server.process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    assert is_running(server)
    parent.kill()
    parent.wait()
    until_ended(server)


def test_a_port_that_is_taken_is_refused_before_anything_starts() -> None:
    """The other server would answer the questions that are meant for ours."""
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OptionError, match=f"port cannot be '{port}'"):
            check_port("127.0.0.1", port)


def test_a_log_that_cannot_be_written_is_refused(environment: VllmEnvironment, tmp_path: Path) -> None:
    """A link would have the log written elsewhere."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    launch = Launch.of("some/model", port=free_port())
    with (
        pytest.raises(OptionError, match="log cannot be"),
        started(launch, environment, tmp_path / "link", os.environ),
    ):
        pass
    assert not (tmp_path / "elsewhere").exists()
