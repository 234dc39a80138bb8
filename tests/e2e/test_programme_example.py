"""The example of a programme, run as a user runs it, and killed once after the first quarter."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.killing import kill_when

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
) -> None:
    """Killed within a quarter after the first and started again: four reviews, each artifact made once, one tree."""
    out, log = tmp_path / "out", tmp_path / "first.log"
    database = f"sqlite:///{tmp_path}/knowledge.db"
    environment = clean_environment(home, PREFECT_API_URL=api.url, HARMONIC_DATABASE_URL=database)
    command = (sys.executable, str(RUN), str(out))
    with running(command, log, env=environment, cwd=tmp_path) as process:

        def is_within_a_later_quarter() -> bool:
            names = [f"{event['name']} {event['subject']}" for event in events_in(out)]
            return "phase.started Q2" in names and names[-1].startswith("artifact.made")

        kill_when(process.pid, is_within_a_later_quarter, "something of Q2")
        assert process.wait(120) == -signal.SIGKILL, log.read_text()
    begun = [event["subject"] for event in events_in(out) if event["name"] == "phase.started"]
    before = sorted(path.stem for path in (out / "reviews").iterdir())
    assert before == sorted(set(begun[:-1]))

    again = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert again.returncode == 0, again.stderr
    assert f"nothing was due: {len(before)} of 4 milestones are reviewed" in again.stdout
    plan = json.loads((out / "plan.json").read_text())
    assert f"all {len(plan['artifacts'])} artifacts are there" in again.stdout
    made = Counter(event["subject"] for event in events_in(out) if event["name"] == "artifact.made")
    assert max(made.values()) == 1
    assert len(list((out / ".harmonic" / "made").glob("*.json"))) == len(plan["artifacts"])
    reviewed = [event["subject"] for event in events_in(out) if event["name"] == "milestone.reviewed"]
    assert reviewed == list(QUARTERS)
    assert sorted(path.stem for path in (out / "reviews").iterdir()) == list(QUARTERS)
