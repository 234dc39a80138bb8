"""A run that is killed in the middle and started again: what was finished is not made again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PARTS = 12
FINISHED_BEFORE_THE_KILL = 4
SLOWED = """
import asyncio, sys
from dataclasses import replace
from pathlib import Path

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.tasks.agents.builder.agent import BUILDER
from prefect_harmonic.tasks.agents.current import using_agents

gate = Path(sys.argv[1])


async def build(assignment):
    if assignment.artifact.id > "Part04":
        while not gate.exists():
            await asyncio.sleep(0.05)
    return await BUILDER.call(assignment)


with using_agents(replace(BUILDER, call=build)):
    sys.exit(exit_code(sys.argv[2:]))
"""
"""`harmonic` with a builder that waits, from the fifth part on, until a file is there: so there is a middle."""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A chain of parts, each with a file of its own."""
    artifacts = [
        {
            "id": f"Part{number:02}",
            "description": f"Part {number} of the whole.",
            "agent": "builder",
            "produces_file": f"parts/part_{number:02}.py",
            "requires": [f"Part{number - 1:02}"] if number > 1 else [],
        }
        for number in range(1, PARTS + 1)
    ]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"goal": "Make twelve parts", "artifacts": artifacts}))
    return file


def files_of(workspace: Path) -> dict[str, str]:
    """What the artifacts consist of, and the plan."""
    made = sorted((workspace / "parts").glob("*.py"))
    return {path.name: path.read_text() for path in [*made, workspace / "plan.json"]}


def named(events: list[dict[str, Any]], name: str) -> list[str]:
    """What an event happened to, in order."""
    return [event["subject"] for event in events if event["name"] == name]


def test_killed_run_carries_on_where_it_was(
    tmp_path: Path,
    plan: Path,
    running: Callable[..., Any],
    clean_environment: Callable[..., dict[str, str]],
    harmonic_command: tuple[str, ...],
    events_in: Callable[[Path], list[dict[str, Any]]],
    until: Callable[..., Any],
) -> None:
    """After SIGKILL the second run keeps what was finished, makes the rest, and ends as if nothing had happened."""
    environment = clean_environment(tmp_path / "home")
    interrupted, whole, gate = tmp_path / "interrupted", tmp_path / "whole", tmp_path / "gate"
    options = ("run", "--plan", str(plan), "--max-depth", "12", "--max-parallel", "2", "--json")

    first = (sys.executable, "-c", SLOWED, str(gate), *options, "--workspace", str(interrupted))
    log = tmp_path / "first.log"
    with running(first, log, env=environment, cwd=tmp_path) as process:

        def is_in_the_middle() -> bool:
            assert process.poll() is None, log.read_text()
            return len(named(events_in(interrupted), "artifact.made")) == FINISHED_BEFORE_THE_KILL

        until(is_in_the_middle, 120, "four artifacts")
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    before = events_in(interrupted)
    finished = named(before, "artifact.made")
    assert finished == ["Part01", "Part02", "Part03", "Part04"]
    times = {path.name: path.stat().st_mtime_ns for path in (interrupted / "parts").iterdir()}
    assert len(times) == FINISHED_BEFORE_THE_KILL

    outcomes = {}
    for workspace in (interrupted, whole):
        again = subprocess.run(
            [*harmonic_command, *options, "--workspace", str(workspace)],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert again.returncode == 0, again.stderr
        outcomes[workspace] = json.loads(again.stdout)

    after = events_in(interrupted)[len(before) :]
    assert named(after, "artifact.kept") == finished
    assert named(after, "artifact.made") == [f"Part{number:02}" for number in range(5, PARTS + 1)]
    assert {name: (interrupted / "parts" / name).stat().st_mtime_ns for name in times} == times
    assert files_of(interrupted) == files_of(whole)
    assert outcomes[interrupted]["counts"] == {
        "done": PARTS - FINISHED_BEFORE_THE_KILL,
        "kept": FINISHED_BEFORE_THE_KILL,
    }
    assert outcomes[whole]["counts"] == {"done": PARTS}
    assert outcomes[interrupted]["complete"] == outcomes[whole]["complete"]
    for name, one in outcomes[whole]["artifacts"].items():
        resumed = outcomes[interrupted]["artifacts"][name]
        assert {key: resumed[key] for key in ("agent", "files", "summary", "confidence")} == {
            key: one[key] for key in ("agent", "files", "summary", "confidence")
        }
