"""What is left of an engine when its process is killed: nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)  # as in test_engine
PROGRAM = """
import asyncio, multiprocessing, sys
from prefect_harmonic.planners.models.engine.engine import ChatQuestion
from prefect_harmonic.planners.models.engine.hosts import host_for
from prefect_harmonic.planners.models.engine.settings import EngineSettings

def main():
    host = host_for(EngineSettings(model=sys.argv[1], max_model_len=1024, max_num_seqs=2, cpu_kvcache_gib=1))
    question = ChatQuestion(messages=({"role": "user", "content": "Stop."},), max_tokens=4)
    print(asyncio.run(host.answer(question)).answer_tokens, *(child.pid for child in multiprocessing.active_children()))
    sys.stdout.flush()
    sys.stdin.read()

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def program(tiny_model: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with an engine, which says how many tokens it was answered and which processes it has."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, str(script), str(tiny_model)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def descendants(process: int) -> set[int]:
    """All processes below one, as Linux lists them."""
    below: set[int] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        children = {int(child) for child in listed.read_text(encoding="ascii").split()}
        below |= children.union(*(descendants(child) for child in children))
    return below


def is_running(process: int) -> bool:
    """Whether it is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_is_killed_leaves_no_engine_behind(program: subprocess.Popen[str]) -> None:
    """Neither the core nor its worker, which on a GPU would hold all its memory; and it printed its own line alone."""
    assert program.stdout is not None
    tokens, core = (int(word) for word in program.stdout.readline().split())
    assert tokens == 4
    assert is_running(core)
    below = descendants(program.pid)
    assert core in below
    assert descendants(core), "the core has a worker of its own"
    os.kill(program.pid, signal.SIGKILL)
    due = time.monotonic() + 30
    while any(map(is_running, below)) and time.monotonic() < due:
        time.sleep(0.05)
    assert [process for process in below if is_running(process)] == []
