"""The planner that needs no model: time for a candidate, how different candidates are, what comparing them brings.

One plan is what the planner gives with `harmonic=False`: its plain style. Beside it stands the mean of the five
candidates, which is what a style picked blindly would give.
"""

import asyncio
from statistics import median

from benchmarks.figure import Figure, Remark, Saying, mean
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.scheduling import critical_path, expected_schedule
from prefect_harmonic.planners.sources.embedded import embedded_source

GOALS = (
    "Build a REST API with auth and database",
    "Add user settings with dark mode",
    "Add file upload",
    "Build a GraphQL API with subscriptions",
    "Migrate to microservices architecture",
    "Resolve a production database incident",
    "Modernize the platform over four quarters",
    "Find materials for a fusion reactor",
)
CANDIDATES = 5


def measured(*, quick: bool) -> Saying:
    """Milliseconds a candidate and figures of the plans, for each goal and on average."""
    source = embedded_source(None)
    repetitions = 1 if quick else 5
    taken: list[float] = []
    structures: list[int] = []
    pairs: list[tuple[PlanningOutcome, PlanningOutcome]] = []
    asyncio.run(HarmonicPlanner(source=source).outcome(GOALS[0]))
    for goal in GOALS:
        runs = [
            asyncio.run(HarmonicPlanner(candidates=CANDIDATES, source=source).outcome(goal)) for _ in range(repetitions)
        ]
        single = asyncio.run(HarmonicPlanner.with_options(PlanningOptions(harmonic=False), source=source).outcome(goal))
        taken.append(median(run.timings_ms["generate"] for run in runs) / CANDIDATES)
        structures.append(runs[0].unique_structures)
        pairs.append((single, runs[0]))
        yield Remark(_line(goal, single, runs[0], taken[-1]))
    yield Figure("a candidate, generated: median over the goals", median(taken), "ms", digits=1)
    yield Figure("a candidate, generated: slowest goal", max(taken), "ms", digits=1)
    yield Figure("different structures among five: mean over the goals", mean(structures), "", digits=2)
    yield Figure("different structures among five: fewest", min(structures), "", digits=0)
    yield from _gains([(one, best) for one, best in pairs if _coverage(one) == _coverage(best)])


def _gains(pairs: list[tuple[PlanningOutcome, PlanningOutcome]]) -> Saying:
    """What the best of five has over a single plan, where both cover the goal alike."""
    yield Remark(f"{len(pairs)} of {len(GOALS)} goals are covered alike by one plan and by the best of five")
    for name, position, digits in (("parallelism factor", 0, 3), ("critical path", 1, 1), ("expected makespan", 2, 1)):
        single = mean(_shape(one)[position] for one, _ in pairs)
        best = mean(_shape(best)[position] for _, best in pairs)
        unit = "" if position == 0 else "h"
        yield Figure(f"{name}, one plan: mean", single, unit, digits=digits)
        yield Figure(f"{name}, best of five: mean", best, unit, digits=digits)
        ratio = mean(_shape(best)[position] / _shape(one)[position] for one, best in pairs)
        yield Figure(f"{name}, best of five over one plan: mean ratio", ratio, "", digits=2)
    blind = mean(_shape(best)[2] / _mean_makespan(best) for _, best in pairs)
    yield Figure("expected makespan, best of five over the mean of the five: mean ratio", blind, "", digits=2)


def _mean_makespan(outcome: PlanningOutcome) -> float:
    """Hours that the valid candidates of the winner's coverage take on average."""
    winner = outcome.selection.winner
    return mean(
        candidate.expected_makespan_hours or 0.0
        for candidate in outcome.candidates
        if candidate.is_valid and candidate.coverage >= winner.coverage
    )


def _shape(outcome: PlanningOutcome) -> tuple[float, float, float]:
    """Parallelism factor, hours of the critical path, expected makespan in hours on four workers."""
    graph = outcome.graph
    hours = EffortModel().durations(graph)
    chain = sum(hours[artifact] for artifact in critical_path(graph, hours))
    return outcome.metrics.parallelism_factor, chain, expected_schedule(graph, hours).makespan


def _coverage(outcome: PlanningOutcome) -> float:
    return round(outcome.refined.coverage, 9)


def _line(goal: str, single: PlanningOutcome, best: PlanningOutcome, milliseconds: float) -> str:
    one, five = _shape(single), _shape(best)
    return (
        f"{goal}: {best.unique_structures} of {CANDIDATES} structures, {milliseconds:.1f} ms a candidate; "
        f"one plan → best of five: coverage {_coverage(single):.2f} → {_coverage(best):.2f}, "
        f"parallelism {one[0]:.2f} → {five[0]:.2f}, critical path {one[1]:g} h → {five[1]:g} h, "
        f"makespan {one[2]:g} h → {five[2]:g} h, artifacts {len(single.graph)} → {len(best.graph)}"
    )
