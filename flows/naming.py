"""Names of runs: what a run is for, as its parameters say it, on one line."""

from collections.abc import Callable

from prefect.runtime import flow_run

from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan

LONGEST_NAME = 60
"""Characters of a goal that a name shows."""


def named(what: str) -> Callable[[], str]:
    """A name for runs of a flow: what it does, and the goal of its call or of the plan it was called with."""

    def name() -> str:
        goal = " ".join(_goal().split())
        shown = goal if len(goal) <= LONGEST_NAME else f"{goal[: LONGEST_NAME - 1]}…"
        return f"{what}: {shown}" if shown else f"{what} a plan"

    return name


def _goal() -> str:
    parameters = flow_run.get_parameters()
    goal, plan = parameters.get("goal"), parameters.get("plan")
    if isinstance(plan, ArtifactGraph | Plan):
        return plan.goal or goal or ""
    return goal or (plan.get("goal") if isinstance(plan, dict) else "") or ""
