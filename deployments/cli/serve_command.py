"""`harmonic serve`: deployments that can be started from the Prefect UI, over its API and by schedules."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.console import Console
from rich.markup import escape

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import (
    NumberRange,
    PlanningChoice,
    Shown,
    option,
    planning_options,
    project_option,
    shown_options,
)
from prefect_harmonic.deployments.cli.plan_command import chosen_source
from prefect_harmonic.deployments.cli.prefect_setting import quieten_prefect
from prefect_harmonic.deployments.cli.pursuit_options import WAYS
from prefect_harmonic.errors import WorkspaceError
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.options import MAX_WORKERS
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.agents.names import installed_agent_names

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

FLOW_PARAMETERS = (
    "candidates",
    "variance",
    "refine",
    "scorer",
    "workers",
    "max_artifacts",
    "max_depth",
    "harmonic",
    "seed",
    "hours",
    "reuse_plans",
    "max_parallel",
    "retries",
    "timeout_seconds",
    "on_escalation",
    "model",
    "base_url",
    "fallback_model",
    "judge",
)
"""Options that are parameters of the flows, as they were given."""

FOLDERS = ("methods", "record", "replay")
"""Those that name a folder."""

_SCHEDULABLE = ("pursue-goal", "advance-program")


@click.command()
@option("--name", default="harmonic", help="Name of the deployments, as in pursue-goal/NAME.")
@option("--cron", metavar="EXPR", help="Pursue --goal at these times, such as '0 6 * * mon-fri'.")
@option("--interval", metavar="TIME", help="Pursue --goal again and again: seconds, or a time such as 30m or 6h.")
@option("--timezone", metavar="ZONE", default="UTC", help="Time zone of --cron.")
@option("--goal", metavar="GOAL", help="What the scheduled runs pursue.")
@option("--flow", type=click.Choice(_SCHEDULABLE), default=_SCHEDULABLE[0], help="What the schedule starts.")
@option(
    "--start", type=click.DateTime(["%Y-%m-%d"]), help="Day on which a programme begins; its first run's if left out."
)
@option("--limit", type=click.IntRange(min=1), help="Runs at the same time at most; Prefect's own limit if left out.")
@option("--pause-on-shutdown/--no-pause-on-shutdown", default=True, help="Pause the schedule when serving ends.")
@option("--workspace", "-w", metavar="DIR", default="harmonic-out", help="Folder that takes what runs make.")
@option("--max-parallel", type=click.IntRange(1, MAX_WORKERS), help="Artifacts made at once; as --workers if left out.")
@option("--retries", type=click.IntRange(0, 20), default=1, help="Tries after a failure, where it may help.")
@option("--timeout-seconds", type=NumberRange(min=0, min_open=True), help="Seconds that one artifact may take.")
@option(
    "--on-escalation",
    type=click.Choice(WAYS),
    help="With a question for a person: wait in the process (pause; so if left out), end and go on after the answer "
    "(suspend), start nothing more (fail), or go on with what there is (skip).",
)
@project_option
@planning_options
@shown_options
@click.pass_context
def serve(
    context: click.Context,
    /,
    name: str,
    cron: str | None,
    interval: str | None,
    timezone: str,
    goal: str | None,
    flow: str,
    start: datetime | None,
    limit: int | None,
    pause_on_shutdown: bool,
    workspace: str,
    project: str | None,
    planning: PlanningChoice,
    shown: Shown,
    **_others: object,
) -> None:
    """Serve the flows, so that runs can be started from the Prefect UI, its API and by a schedule.

    Options that you give fill in the form of the deployments, and hold for scheduled runs. Needs a Prefect server.
    """
    _check_usage(name, cron, interval, goal)
    _check_programme(flow, start, is_scheduled=goal is not None)
    parameters = _parameters(context, workspace, project, planning)
    scheduled = {"goal": checked_goal(goal), **parameters} if goal is not None else {}
    if start is not None:
        scheduled["start"] = start.date().isoformat()
    if shown.quiet:
        quieten_prefect(verbose=False)
    from prefect_harmonic.deployments.schedules import cron_schedule, interval_schedule
    from prefect_harmonic.deployments.serve import deployments, reachable_server, serve_until_stopped

    slug = f"{name}-schedule"
    schedules = [cron_schedule(cron, timezone, scheduled, slug)] if cron is not None else []
    schedules += [interval_schedule(interval, scheduled, slug)] if interval is not None else []
    server = reachable_server()
    served = deployments(name, parameters, schedules, scheduled=flow)
    if shown.json:
        print_json({"server": server, "deployments": [one.full_name for one in served], "scheduled": scheduled or None})
    console = speaking(shown)
    _print_served(console, served, server, cron or interval, scheduled)
    serve_until_stopped(served, limit=limit, pause_on_shutdown=pause_on_shutdown)
    console.print("Stopped serving.")


def _check_usage(name: str, cron: str | None, interval: str | None, goal: str | None) -> None:
    """Refuses what does not go together. Raises `UsageError`."""
    is_scheduled = cron is not None or interval is not None
    if cron is not None and interval is not None:
        raise click.UsageError("give --cron or --interval, not both")
    if is_scheduled and goal is None:
        raise click.UsageError('a schedule needs a goal: add --goal "…"')
    if goal is not None and not is_scheduled:
        raise click.UsageError(
            "--goal is what a schedule pursues: add --cron or --interval, or give the goal in the UI"
        )
    if not name.strip() or set(name) & set("/%&<>"):
        raise click.UsageError(f"{name!r} cannot name deployments: leave out / % & < >")


def _check_programme(flow: str, start: datetime | None, *, is_scheduled: bool) -> None:
    """Refuses what is for a programme where none is scheduled. Raises `UsageError`."""
    is_programme = flow == "advance-program"
    if is_programme and not is_scheduled:
        raise click.UsageError("--flow is what a schedule starts: add --cron or --interval, and --goal")
    if start is not None and not is_programme:
        raise click.UsageError("--start is the day on which a programme begins: add --flow advance-program")


def _parameters(
    context: click.Context, workspace: str, project: str | None, planning: PlanningChoice
) -> dict[str, Any]:
    """What runs start with unless told otherwise. Folders become absolute: a run does not know where this was started.

    Raises:
        InputError: A folder cannot be used.
    """
    chosen_source(planning, installed_agent_names())
    parameters: dict[str, Any] = {"workspace": _absolute_workspace(workspace)}
    if project is not None:
        from prefect_harmonic.tasks.project import opened_project

        parameters["project"] = str(opened_project(project))
    given = {name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT}
    folders = {name: str(context.params[name]) for name in FOLDERS if context.params[name]}
    parameters |= {name: str(user_path(folder).resolve()) for name, folder in folders.items()}
    return parameters | {name: context.params[name] for name in FLOW_PARAMETERS if name in given}


def _absolute_workspace(workspace: str) -> str:
    """Where a workspace lies. It is made by the first run, not here. Raises `WorkspaceError` if it never can be."""
    from prefect_harmonic.tasks.workspace import whole_path

    path = whole_path(workspace)
    blocking = next((one for one in (path, *path.parents) if one.exists() and not one.is_dir()), None)
    if blocking is not None:
        raise WorkspaceError(
            workspace, "is a file, not a folder" if blocking == path else f"lies in a file, {blocking}"
        )
    return str(path)


def _print_served(
    console: Console,
    served: "tuple[RunnerDeployment, ...]",
    server: str,
    schedule: str | None,
    scheduled: Mapping[str, Any],
) -> None:
    first = served[0].full_name
    console.print(f"Serving to {server}", markup=False)
    for deployment in served:
        console.print(f"  {deployment.full_name}", markup=False, style="bold")
    if schedule is not None:
        console.print(f"Pursuing {escape(str(scheduled['goal']))} on the schedule {escape(schedule)}")
    console.print(f"Start a run in the UI:      {server.removesuffix('/api')}/deployments", markup=False)
    console.print(
        f"Start one on a terminal:    prefect deployment run '{first}' -p goal='Build a REST API'", markup=False
    )
    console.print("Stop with Ctrl-C.")
