"""A run whose Prefect server fails ends with one line that says so."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import prefect
import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from prefect_harmonic.deployments.cli.main import exit_code


class _FullDisk(BaseHTTPRequestHandler):
    """A server that is well and can write nothing, as one is whose database has no room left."""

    def do_GET(self) -> None:
        """Says that it is well, of the same version as the client, and wants no tokens."""
        self._answer(404 if "csrf" in self.path else 200, json.dumps(prefect.__version__).encode())

    def do_POST(self) -> None:
        """Says that it cannot."""
        self._answer(503, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_arguments: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def failing_server() -> Iterator[str]:
    """The address of such a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _FullDisk) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


def test_server_that_can_write_nothing_is_told_in_one_line(
    failing_server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no fault of ours, and none of how the command was used."""
    with temporary_settings({PREFECT_API_URL: failing_server, PREFECT_CLIENT_MAX_RETRIES: 0}):
        assert exit_code(["run", "Build a REST API", "--workspace", str(tmp_path / "out"), "--quiet"]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("harmonic: the Prefect server failed (Server error '503 Service Unavailable'")
    assert "what is made is kept" in said
    assert "\n" not in said
