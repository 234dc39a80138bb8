"""Flows: planning, carrying out a plan, pursuing a goal, advancing a programme. Each can be imported and deployed."""

from prefect_harmonic.flows.advancing import advance_program
from prefect_harmonic.flows.incident import respond_to_incident
from prefect_harmonic.flows.plan_execution import execute_plan
from prefect_harmonic.flows.planning import harmonic_planning
from prefect_harmonic.flows.pursuit import pursue_goal

__all__ = ["advance_program", "execute_plan", "harmonic_planning", "pursue_goal", "respond_to_incident"]
