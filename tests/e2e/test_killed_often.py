"""A phased run with a change of plan in it, killed at ten moments: nothing is lost, repeated or counted twice."""

import json
import random
import signal
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from support.forked import forked, printed, said
from support.killing import kill_when
from support.outcomes import subjects
from support.played import pursue_with_gaps

from prefect_harmonic.deployments.cli.main import exit_code

KILLS = 10
GAPS = ("what a call costs", "who runs it at night")


def plan() -> dict[str, Any]:
    """Three phases of three artifacts, each of which rests on one of the phase before."""
    phases = ("Ask", "Build", "Check")
    artifacts = [
        {
            "id": f"{phase}{number}",
            "agent": "builder",
            "phase": phase.lower(),
            "requires": [{"id": f"{phases[place - 1]}{number}", "because": "rests on it"}] if place else [],
        }
        for place, phase in enumerate(phases)
        for number in (1, 2, 3)
    ]
    return {"goal": "Survive being killed", "artifacts": artifacts}


def test_run_killed_at_ten_moments_loses_and_repeats_nothing(
    tmp_path: Path,
    forks: ForkServerContext,
    events_in: Callable[[Path], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The budget allows exactly the calls that are needed, so that one that counts twice would stop the run."""
    environment = {"HARMONIC_DATABASE_URL": f"sqlite:///{tmp_path}/knowledge.db"}
    workspace, log, project = tmp_path / "out", tmp_path / "log", tmp_path / "project"
    project.mkdir()
    calls = 9 + len(GAPS)
    parameters = {
        "plan": plan(), "workspace": str(workspace), "project": str(project), "budget": {"calls": calls},
        "retries": 0, "on_escalation": "fail",
    }  # fmt: skip
    moments = random.Random(20261122)
    for _ in range(KILLS):
        before, moment = len(events_in(workspace)), moments.randrange(1, 26)
        with forked(forks, pursue_with_gaps, parameters, GAPS, log=log, environment=environment) as process:

            def is_the_moment(before: int = before, moment: int = moment) -> bool:
                return len(events_in(workspace)) >= before + moment

            assert process.pid is not None
            kill_when(process.pid, is_the_moment, f"event {moment} after {before}")
            process.join(120)
            assert process.exitcode == -signal.SIGKILL, said(log)

    with forked(forks, pursue_with_gaps, parameters, GAPS, log=log, environment=environment) as process:
        process.join(180)
        assert process.exitcode == 0, said(log)
    outcome = printed(log)
    assert outcome["outcome"] == "converged"
    assert outcome["complete"]
    assert len(outcome["artifacts"]) == calls

    events = events_in(workspace)
    made = Counter(subjects(events, "artifact.made"))
    assert {name: number for name, number in made.items() if number > 1} == {}
    assert len(outcome["replannings"]) == 1
    closed = [closing["opening"]["text"] for closing in outcome["replannings"][0]["closings"]]
    assert sorted(closed) == sorted(GAPS)
    assert subjects(events, "plan.changed") in (["ask"], [])
    assert [one["phase"] for one in outcome["evaluations"]].count("ask") == 1

    monkeypatch.setenv("HARMONIC_DATABASE_URL", environment["HARMONIC_DATABASE_URL"])
    assert exit_code(("status", "--json", outcome["programme"])) == 0
    account = json.loads(capsys.readouterr().out)["spent"]
    assert account["units"]["calls"]["spent"] == calls
    assert account["units"]["calls"]["reserved"] == account["open"] == 0
