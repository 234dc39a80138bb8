"""`harmonic run`: from a goal or a plan file to an outcome, as a Prefect flow run."""

from typing import Any

import click

from prefect_harmonic.deployments.cli.console import speaking
from prefect_harmonic.deployments.cli.file_commands import provided_by, read_plan
from prefect_harmonic.deployments.cli.options import (
    NumberRange,
    PlanningChoice,
    Shown,
    option,
    planning_options,
    project_option,
    shown_options,
)
from prefect_harmonic.deployments.cli.plan_command import chosen_model, chosen_source
from prefect_harmonic.deployments.cli.prefect_setting import quieten_prefect
from prefect_harmonic.deployments.cli.pursuing import pursue
from prefect_harmonic.deployments.cli.pursuit_options import pursuit_options
from prefect_harmonic.planners.gate import passed
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.options import MAX_WORKERS
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.names import installed_agent_names
from prefect_harmonic.tasks.project import check_apart, opened_project


@click.command()
@click.argument("goal", required=False)
@option("--plan", "plan_file", metavar="FILE", help="Carry out this plan instead of making one.")
@option("--workspace", "-w", metavar="DIR", default="harmonic-out", help="Folder that takes what is made.")
@option("--max-parallel", type=click.IntRange(1, MAX_WORKERS), help="Artifacts made at once; as --workers if left out.")
@option("--retries", type=click.IntRange(0, 20), default=1, help="Tries after a failure, where it may help.")
@option("--timeout-seconds", type=NumberRange(min=0, min_open=True), help="Seconds that one artifact may take.")
@option("--fail-under", type=NumberRange(0, 1), default=0.0, help="Exit with 1 if the final confidence is lower.")
@project_option
@planning_options
@pursuit_options
@shown_options
def run(
    goal: str | None,
    plan_file: str | None,
    workspace: str,
    max_parallel: int | None,
    retries: int,
    timeout_seconds: float | None,
    fail_under: float,
    project: str | None,
    planning: PlanningChoice,
    pursuit: dict[str, Any],
    shown: Shown,
) -> int:
    """Reach GOAL, or carry out the plan of --plan, and write what came of it.

    Started again with the same goal or plan and the same workspace, it repeats nothing that is done or decided. Exit 0:
    everything is there and carries, or was accepted; 1: something is not; 3: a person has to answer.
    """
    if project is not None:
        check_apart(opened_project(project), workspace)
    plan = _checked_input(goal, plan_file, project, planning)
    quieten_prefect(verbose=shown.verbose)
    console = speaking(shown)
    options = planning.options
    parameters = {
        "goal": goal or "",
        "plan": plan,
        "project": None if project is None else str(opened_project(project)),  # it is carried on from anywhere
        "workspace": workspace,
        "candidates": options.candidates,
        "variance": options.variance,
        "refine": options.refinement_rounds,
        "scorer": options.scorer,
        "workers": options.workers,
        "max_artifacts": options.limits.max_artifacts,
        "max_depth": options.limits.max_depth,
        "harmonic": options.harmonic,
        "seed": options.seed,
        "hours": options.hours,
        "reuse_plans": options.reuse_plans,
        "methods": planning.methods,
        "model": planning.model,
        "base_url": planning.base_url,
        "fallback_model": planning.fallback_model,
        "record": planning.record,
        "replay": planning.replay,
        "judge": planning.judge,
        "max_parallel": max_parallel,
        "retries": retries,
        "timeout_seconds": timeout_seconds,
        **pursuit,
    }
    return pursue(parameters, console, as_json=shown.json, fail_under=fail_under)


def _checked_input(
    goal: str | None, plan_file: str | None, project: str | None, planning: PlanningChoice
) -> Plan | None:
    """The plan to carry out, if one was given. What can be found wrong without Prefect is found here, at once.

    Raises:
        UsageError: Neither a goal nor a plan was given, or both.
        InputError: The goal, the plan file, the model or the methods cannot be used.
        InvalidPlanError: The gate refuses the plan.
    """
    if plan_file is None:
        if goal is None:
            raise click.UsageError('say what to reach, as in: harmonic run "Build a REST API"; or give --plan FILE')
        checked_goal(goal)
        chosen_source(planning, installed_agent_names())
        return None
    if goal is not None:
        raise click.UsageError("give a goal or --plan FILE, not both: a plan has its goal")
    plan = read_plan(plan_file)
    chosen_model(planning)
    provided = provided_by(project)
    passed(plan, limits=planning.options.limits, agents=installed_agent_names(), provided=provided)
    return plan
