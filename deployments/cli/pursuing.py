"""Pursuing a goal from the command line: the flow run, shown while it runs, and its exit code."""

import asyncio
import logging
from contextlib import nullcontext
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from prefect_harmonic.deployments.cli.console import print_json
from prefect_harmonic.deployments.cli.ending import print_end
from prefect_harmonic.deployments.cli.interruption import INTERRUPTED, interruptible
from prefect_harmonic.deployments.cli.prefect_setting import server_note
from prefect_harmonic.deployments.cli.progress import RunProgress
from prefect_harmonic.deployments.cli.temporary_server import ended_with_us
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.outcome import REACHED, PursuitOutcome


def pursue(parameters: dict[str, Any], console: Console, *, as_json: bool, fail_under: float = 0.0) -> int:
    """Runs `pursue_goal`, or `advance_program` for parameters of a programme, shows it, and gives the exit code.

    Raises:
        ServerError: The Prefect server that is set does not answer.
    """
    _check(parameters)
    if (note := server_note()) is None:
        check_server()
    from httpx import HTTPError
    from prefect.exceptions import CancelledRun

    try:
        outcome = asyncio.run(_pursued(parameters, console, note))
    except CancelledRun as cancelled:
        click.echo(f"harmonic: {cancelled}", err=True)
        return INTERRUPTED
    except HTTPError as error:
        problem = str(error).partition(" - ")[0] or type(error).__name__  # what follows is where to read about it
        remedy = "see to it, and start the run again with the same workspace: what is made is kept"
        click.echo(f"harmonic: the Prefect server failed ({problem}); {remedy}", err=True)
        return 1
    except RuntimeError as error:
        if "ephemeral" not in str(error):
            raise
        raise click.ClickException(
            "Prefect's temporary server did not start in time: start one with 'prefect server start' and set "
            "PREFECT_API_URL, or give it longer with PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=300"
        ) from None
    if as_json:
        print_json(outcome)
    print_end(console, outcome)
    return exit_code(outcome, fail_under)


def exit_code(outcome: dict[str, Any], fail_under: float = 0.0) -> int:
    """0 where all that is due is there and carries or was accepted, 3 where a person has to answer, else 1."""
    if outcome["outcome"] == PursuitOutcome.WAITING:
        return 3
    if outcome["outcome"] == PursuitOutcome.SCHEDULED:
        return 0
    is_reached = outcome["complete"] and outcome["outcome"] in REACHED
    return 0 if is_reached and _final_confidence(outcome) >= fail_under else 1


def check_server() -> None:
    """Finds out whether the server that is set answers, before anything is written. Raises `ServerError`."""
    from prefect_harmonic.deployments.serve import reachable_server

    reachable_server()


def _check(parameters: dict[str, Any]) -> None:
    """Finds out whether the flow takes its parameters, before anything is started. Raises `UsageError`."""
    from prefect.exceptions import ParameterTypeError

    prefects_log = logging.getLogger("prefect.flows")
    prefects_log.disabled = True  # it lists all parameters, where one line is enough
    try:
        _flow(parameters).validate_parameters(parameters)
    except ParameterTypeError as error:
        told = "; ".join(line.strip(" -") for line in str(error).splitlines() if line.lstrip().startswith("-"))
        raise click.UsageError(f"cannot run with {told or error}") from None
    finally:
        prefects_log.disabled = False


def _flow(parameters: dict[str, Any]) -> Any:
    """The flow that parameters are for."""
    from prefect_harmonic.flows import advance_program, pursue_goal

    return advance_program if "milestones" in parameters else pursue_goal


async def _pursued(parameters: dict[str, Any], console: Console, note: str | None) -> dict[str, Any]:
    """The outcome of the flow run, shown while it runs."""
    from prefect_harmonic.tasks.run_log import listening
    from prefect_harmonic.tasks.workspace import Workspace

    Workspace.opened(parameters["workspace"])
    if note is not None:
        console.print(note, style="dim")
    first, *further = (_goal(parameters) or "-").strip().splitlines()
    console.print(f"[bold]Goal:[/] {escape(printable(first))}{' …' if further else ''}")
    progress = RunProgress(console)
    with ended_with_us() if note is not None else nullcontext(), listening(progress), progress.showing():
        outcome: dict[str, Any] = await interruptible(_flow(parameters)(**parameters))
    return outcome


def _goal(parameters: dict[str, Any]) -> str:
    plan = parameters.get("plan")
    stated = plan.get("goal", "") if isinstance(plan, dict) else getattr(plan, "goal", "")
    return str(stated or parameters.get("goal", ""))


def _final_confidence(outcome: dict[str, Any]) -> float:
    """Confidence in all that was found out, by the last evaluation."""
    evaluations: list[dict[str, Any]] = outcome["evaluations"]
    return float(evaluations[-1]["confidence"]) if evaluations else 0.0
