"""Flows: planning, carrying out a plan, pursuing a goal. Each is importable, callable and deployable."""

from prefect_harmonic.flows.plan_execution import execute_plan
from prefect_harmonic.flows.planning import harmonic_planning
from prefect_harmonic.flows.pursuit import pursue_goal

__all__ = ["execute_plan", "harmonic_planning", "pursue_goal"]
