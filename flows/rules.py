"""What a pursuit goes by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from prefect_harmonic.flows.asking import OnEscalation
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.programme.deciding import ReplanLimits
from prefect_harmonic.planners.programme.evaluation import Criteria

PHASES_AT_ONCE = 2
"""Unless somebody says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a pursuit goes by.

    Attributes:
        options: How changed plans are compared.
        criteria: What findings must reach.
        replans: How often the plan may change.
        way: What to do with a question for a person.
        patience_seconds: How long a paused run waits for an answer.
        approves: Whether a person approves each change of the plan.
        due: Days before which phases do not begin.
        today: The day it is.
        phases_at_once: How many phases are carried out at the same time at most.
    """

    options: PlanningOptions = field(default_factory=PlanningOptions)
    criteria: Criteria = field(default_factory=Criteria)
    replans: ReplanLimits = field(default_factory=ReplanLimits)
    way: OnEscalation = OnEscalation.FAIL
    patience_seconds: float = 3600
    approves: bool = False
    due: Mapping[str, date] = field(default_factory=dict)
    today: date = date.max
    phases_at_once: int = PHASES_AT_ONCE
