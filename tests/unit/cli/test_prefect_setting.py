"""What the command line has Prefect do is settled before Prefect is loaded, which reads its settings only then."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "prefect":
            print("patience", os.environ.get("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"))
            sys.exit()

sys.meta_path.insert(0, Watch())
from prefect_harmonic.deployments.cli.main import exit_code
exit_code(sys.argv[1:])
"""


@pytest.mark.parametrize("command", [("run", "--plan", "plan.json"), ("resume", ".")])
def test_temporary_server_gets_its_time_before_prefect_is_loaded(command: tuple[str, ...], tmp_path: Path) -> None:
    """Set later, it holds for nothing: a resumed run had twenty seconds for its server, too few on a busy machine."""
    (tmp_path / "plan.json").write_text('{"artifacts": [{"id": "Notes"}]}')
    environment = {"PATH": "", "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.split() == ["patience", "120"], ran.stderr
