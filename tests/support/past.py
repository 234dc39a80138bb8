"""Earlier runs for tests: short ways to write down what was made and how long it took."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.plan import Plan

FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def made(
    hours: float, *, agent: str = "builder", effort: str = "medium", run: str = "r1", **fields: Any
) -> FinishedWork:
    """An artifact of type model that an agent made."""
    return FinishedWork(run=run, agent=agent, kind=f"{agent}/model/{effort}", effort=effort, hours=hours, **fields)


def past_run(
    goal: str = "Build a shop",
    *,
    number: int = 1,
    requirements: Iterable[str] = (),
    artifacts: Iterable[Artifact] = (Artifact(id="Shop", agent="builder", domain_type="model"),),
    proven: Plan | None = None,
    **fields: Any,
) -> PastRun:
    """A run that converged, on the day of its number."""
    plan = Plan(goal=goal, requirements=tuple(requirements), artifacts=tuple(artifacts))
    stated = {"seconds": 10.0, "outcome": "converged", "workers": 4, "is_declared": True, **fields}
    return PastRun(
        id=f"run{number}", ended_at=FIRST_DAY + timedelta(days=number), planned=plan, proven=proven or plan, **stated
    )
