"""A phased run with a change of plan in it, killed at ten moments: nothing is lost, repeated or counted twice."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from e2e.conftest import Api

KILLS = 10
GAPS = ("what a call costs", "who runs it at night")
PLAYED = """
import asyncio, json, sys
from prefect_harmonic.flows import pursue_goal
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import Specialist

parameters = json.loads(sys.argv[1])
gaps = json.loads(sys.argv[2])


async def play(assignment):
    artifact = assignment.artifact
    await asyncio.sleep(0.15)
    found = tuple(gaps) if artifact.id == "Ask1" else ()
    return Evidence(
        artifact=artifact.id, agent=artifact.agent or "builder", summary="Done.", gaps=found,
        confidence=0.4 if artifact.id.startswith("Ask") else 0.95,
    )


async def main():
    roles = ("researcher", "code-analyzer", "decision-log", "learning-path", "builder")
    with using_agents(*(Specialist(name=role, call=play) for role in roles)):
        outcome = await pursue_goal(**parameters)
    print(json.dumps(outcome))


asyncio.run(main())
"""
"""Pursues a plan with specialists that take a moment and leave gaps open in the first phase."""


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


def subjects(events: list[dict[str, Any]], name: str) -> list[str]:
    """What an event happened to, in order."""
    return [event["subject"] for event in events if event["name"] == name]


def test_run_killed_at_ten_moments_loses_and_repeats_nothing(
    tmp_path: Path,
    api: "Api",
    home: Path,
    running: Callable[..., Any],
    clean_environment: Callable[..., dict[str, str]],
    events_in: Callable[[Path], list[dict[str, Any]]],
    until: Callable[..., Any],
) -> None:
    """The budget allows exactly the calls that are needed, so that one that counts twice would stop the run."""
    environment = clean_environment(home, PREFECT_API_URL=api.url)
    workspace, log, project = tmp_path / "out", tmp_path / "log", tmp_path / "project"
    project.mkdir()
    calls = 9 + len(GAPS)
    parameters = {
        "plan": plan(), "workspace": str(workspace), "project": str(project), "budget": {"calls": calls},
        "retries": 0, "on_escalation": "fail",
    }  # fmt: skip
    command = (sys.executable, "-c", PLAYED, json.dumps(parameters), json.dumps(GAPS))
    moments, killed = random.Random(20261122), 0
    while killed < KILLS:
        before, moment = len(events_in(workspace)), moments.randrange(1, 26)
        with running(command, log, env=environment, cwd=tmp_path) as process:

            def is_the_moment(
                process: subprocess.Popen[bytes] = process, before: int = before, moment: int = moment
            ) -> bool:
                return process.poll() is not None or len(events_in(workspace)) >= before + moment

            until(is_the_moment, 120, f"event {moment} after {before}")
            assert process.poll() is None, log.read_text()[-3000:]
            os.killpg(process.pid, signal.SIGKILL)
            assert process.wait(30) == -signal.SIGKILL
            killed += 1

    last = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
    )
    assert last.returncode == 0, last.stderr
    outcome = json.loads(last.stdout.splitlines()[-1])
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

    status = subprocess.run(
        [sys.executable, "-c", "from prefect_harmonic.deployments.cli import main; main()", "status", "--json",
         outcome["programme"]],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    account = json.loads(status.stdout)["spent"]
    assert account["units"]["calls"]["spent"] == calls
    assert account["units"]["calls"]["reserved"] == account["open"] == 0
