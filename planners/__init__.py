"""What should exist, and which plan for it is best. Pure: knows no Prefect, no clock and no files but its own methods.

Names are loaded when they are first used, so that reading a plan does not load the planner's methods.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
    from prefect_harmonic.planners.context import ProjectContext
    from prefect_harmonic.planners.graph import ArtifactGraph
    from prefect_harmonic.planners.harmonic import HarmonicPlanner
    from prefect_harmonic.planners.metrics import PlanMetrics
    from prefect_harmonic.planners.plan import Plan
    from prefect_harmonic.planners.planned_task import PlannedTask
    from prefect_harmonic.planners.scoring import Scorer
    from prefect_harmonic.planners.strategies import PlanningStrategy, create_planner
    from prefect_harmonic.planners.variance import VarianceStrategy

_HOMES = {
    "Artifact": "artifact",
    "ArtifactGraph": "graph",
    "ArtifactLimits": "artifact",
    "HarmonicPlanner": "harmonic",
    "Plan": "plan",
    "PlanMetrics": "metrics",
    "PlannedTask": "planned_task",
    "PlanningStrategy": "strategies",
    "ProjectContext": "context",
    "Requirement": "artifact",
    "Scorer": "scoring",
    "VarianceStrategy": "variance",
    "create_planner": "strategies",
}

__all__ = [
    "Artifact",
    "ArtifactGraph",
    "ArtifactLimits",
    "HarmonicPlanner",
    "Plan",
    "PlanMetrics",
    "PlannedTask",
    "PlanningStrategy",
    "ProjectContext",
    "Requirement",
    "Scorer",
    "VarianceStrategy",
    "create_planner",
]


def __getattr__(name: str) -> Any:  # whatever the name stands for
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """What can be asked for, loaded or not."""
    return sorted({*globals(), *_HOMES})
