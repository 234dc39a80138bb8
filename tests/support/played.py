"""What the processes do that tests kill: runs with specialists that take their time."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.flows import pursue_goal
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.builder.agent import BUILDER
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import Specialist

ROLES = ("researcher", "code-analyzer", "decision-log", "learning-path", "builder")


def pursue_with_gaps(parameters: dict[str, Any], gaps: tuple[str, ...]) -> None:
    """Pursues a plan with specialists that take a moment; the one of `Ask1` leaves gaps. Prints the outcome."""

    async def play(assignment: Assignment) -> Evidence:
        artifact = assignment.artifact
        await asyncio.sleep(0.15)
        return Evidence(
            artifact=artifact.id,
            agent=artifact.agent or "builder",
            summary="Done.",
            gaps=gaps if artifact.id == "Ask1" else (),
            confidence=0.4 if artifact.id.startswith("Ask") else 0.95,
        )

    async def pursued() -> dict[str, Any]:
        with using_agents(*(Specialist(name=role, call=play) for role in ROLES)):
            outcome: dict[str, Any] = await pursue_goal(**parameters)
            return outcome

    print(json.dumps(asyncio.run(pursued())))


def run_with_a_gate(gate: str, arguments: tuple[str, ...]) -> None:
    """`harmonic` with a builder that waits, from the fifth part on, until a file is there: so there is a middle."""

    async def build(assignment: Assignment) -> Evidence:
        if assignment.artifact.id > "Part04":
            while not Path(gate).exists():
                await asyncio.sleep(0.05)
        return await BUILDER.call(assignment)

    with using_agents(replace(BUILDER, call=build)):
        sys.exit(exit_code(arguments))
