"""The example of a programme, run as a user runs it, and killed once in the second quarter."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from e2e.conftest import Api

RUN = Path(__file__).parents[2] / "examples" / "programme" / "run.py"
QUARTERS = ("Q1", "Q2", "Q3", "Q4")


def test_year_goes_on_after_a_kill_and_repeats_nothing(
    tmp_path: Path,
    api: "Api",
    home: Path,
    running: Callable[..., Any],
    clean_environment: Callable[..., dict[str, str]],
    events_in: Callable[[Path], list[dict[str, Any]]],
    until: Callable[..., Any],
) -> None:
    """Killed once something of Q2 is made and started again: four reviews, each artifact made once, one tree."""
    out, log = tmp_path / "out", tmp_path / "first.log"
    database = f"sqlite:///{tmp_path}/knowledge.db"
    environment = clean_environment(home, PREFECT_API_URL=api.url, HARMONIC_DATABASE_URL=database)
    command = (sys.executable, str(RUN), str(out))
    with running(command, log, env=environment, cwd=tmp_path) as process:

        def is_in_the_second_quarter() -> bool:
            assert process.poll() is None, log.read_text()
            names = [f"{event['name']} {event['subject']}" for event in events_in(out)]
            return "phase.started Q2" in names and names[-1].startswith("artifact.made")

        until(is_in_the_second_quarter, "something of Q2")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(120)
    assert sorted(path.name for path in (out / "reviews").iterdir()) == ["Q1.md"]

    again = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert again.returncode == 0, again.stderr
    assert "nothing was due: 1 of 4 milestones are reviewed; Q2 is due on 2026-04-05" in again.stdout
    assert "all 20 artifacts are there" in again.stdout
    made = Counter(event["subject"] for event in events_in(out) if event["name"] == "artifact.made")
    assert max(made.values()) == 1
    plan = json.loads((out / "plan.json").read_text())
    assert len(list((out / ".harmonic" / "made").glob("*.json"))) == len(plan["artifacts"])
    reviewed = [event["subject"] for event in events_in(out) if event["name"] == "milestone.reviewed"]
    assert reviewed == list(QUARTERS)
    assert sorted(path.stem for path in (out / "reviews").iterdir()) == list(QUARTERS)
