"""Carrying out one phase of a plan: a flow run of its own within the run that pursues the goal."""

import asyncio
from contextvars import ContextVar
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from prefect_harmonic.flows.execution import Execution
from prefect_harmonic.flows.failing import of_unmade, outcome_flow
from prefect_harmonic.tasks.run_outcome import RunOutcome

SERVER_WRITES_SECONDS = 0.3

current_execution: ContextVar[Execution] = ContextVar("harmonic_execution")
"""The execution that phases belong to: it is shared by the phases of one run and is no parameter for a server."""


@outcome_flow(name="execute-phase", flow_run_name="{phase}")
async def execute_phase(phase: str, artifacts: list[str]) -> dict[str, Any]:
    """Carries out one phase of the plan that the surrounding run is pursuing.

    Args:
        phase: Name of the phase, with which attempt this is after a replanning.
        artifacts: Ids of those of its artifacts that are to be made.
    """
    execution = current_execution.get()
    await execution.carry_out(artifacts)
    reached = {name: execution.outcomes[name] for name in sorted(artifacts)}
    return of_unmade(RunOutcome(artifacts=reached).model_dump(mode="json"))


@task(name="run-phase", task_run_name="{phase}", persist_result=False, cache_policy=NO_CACHE)
async def run_phase(phase: str, artifacts: list[str]) -> dict[str, Any]:
    """Runs a phase within a task.

    Prefect finds the runs of subflows that a flow calls itself again by the order in which they were called, whatever
    their parameters (PrefectHQ/prefect#18601): after a replanning it would take the old phase's run for the new one's.
    Within a task it does not.
    """
    # A server on SQLite is just writing down that this task runs, and would answer that its database is locked; the
    # client then waits two seconds (measured: 2.1 s a phase without this pause, 0.45 s with it).
    await asyncio.sleep(SERVER_WRITES_SECONDS)
    return await execute_phase(phase, artifacts)
