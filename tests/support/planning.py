"""A planner for tests, and five plans that differ."""

from support.plans import plan_of
from support.sources import ScriptedSource

from prefect_harmonic.planners.harmonic import HarmonicPlanner

GOAL = "Build a shop with search"

SHAPES = [
    plan_of({"A": ""}),
    plan_of({"A": "", "B": "A"}),
    plan_of({"A": "", "B": "", "C": "A B"}),
    plan_of({"A": "", "B": "A", "C": "B", "D": "C"}),
    plan_of({"A": "", "B": "A", "C": "A", "D": "B", "E": "C", "F": "D E"}),
]
"""Plans of five different structures."""


def planner(source: ScriptedSource, **options: object) -> HarmonicPlanner:
    """A planner without refinement on a clock that stands still, unless the options say otherwise."""
    return HarmonicPlanner(**({"source": source, "refinement_rounds": 0, "clock": lambda: 0.0} | options))  # type: ignore[arg-type]  # options of many types
