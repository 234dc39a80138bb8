"""A run that is killed in the middle and started again: what was finished is not made again."""

import json
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from support.forked import forked, kill, printed, said
from support.outcomes import subjects
from support.played import run_with_a_gate

PARTS = 12
FINISHED_BEFORE_THE_KILL = 4


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


def test_killed_run_carries_on_where_it_was(
    tmp_path: Path,
    plan: Path,
    forks: ForkServerContext,
    events_in: Callable[[Path], list[dict[str, Any]]],
    until: Callable[..., Any],
) -> None:
    """After SIGKILL the second run keeps what was finished, makes the rest, and ends as if nothing had happened."""
    environment = {"HARMONIC_DATABASE_URL": f"sqlite:///{tmp_path}/knowledge.db"}
    interrupted, whole, gate, log = (tmp_path / name for name in ("interrupted", "whole", "gate", "first.log"))
    options = ("run", "--plan", str(plan), "--max-depth", "12", "--max-parallel", "2", "--json", "--workspace")
    started = (str(gate), (*options, str(interrupted)))
    with forked(forks, run_with_a_gate, *started, log=log, environment=environment) as process:

        def is_in_the_middle() -> bool:
            assert process.is_alive(), said(log)
            return len(subjects(events_in(interrupted), "artifact.made")) == FINISHED_BEFORE_THE_KILL

        until(is_in_the_middle, "four artifacts")
        kill(process)
        assert process.exitcode == -signal.SIGKILL
    before = events_in(interrupted)
    finished = subjects(before, "artifact.made")
    assert finished == ["Part01", "Part02", "Part03", "Part04"]
    times = {path.name: path.stat().st_mtime_ns for path in (interrupted / "parts").iterdir()}
    assert len(times) == FINISHED_BEFORE_THE_KILL

    gate.touch()
    outcomes = {}
    for workspace in (interrupted, whole):
        log = tmp_path / f"{workspace.name}.log"
        given = (str(gate), (*options, str(workspace)))
        with forked(forks, run_with_a_gate, *given, log=log, environment=environment) as process:
            process.join(180)
            assert process.exitcode == 0, said(log)
        outcomes[workspace] = printed(log)

    after = events_in(interrupted)[len(before) :]
    assert subjects(after, "artifact.kept") == finished
    assert subjects(after, "artifact.made") == [f"Part{number:02}" for number in range(5, PARTS + 1)]
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
