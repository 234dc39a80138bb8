"""One plan asked for once, beside the best of several after refinement: the design document's gates.

Planned by the embedded planner: its eight goals of `benchmarks.embedded` and, where they are there, goals that were
collected elsewhere. One plan is what it gives when asked once in its plain style (`harmonic=False`); a style picked
blindly is the mean of the five. Only goals that both cover alike are compared.

Planned by recorded answers: plans that were really made, mostly by language models, for goals that occur more than once
in the collection, and three plans that one model made for one product. One plan is the mean of the recorded ones, the
best is what the selection makes of them. Recorded plans say nothing of coverage: what they leave out looks quick. They
cannot be asked to better a plan, so that only the safe rewrites refine them.

The context of a project is found out once a planning; each time it is asked for after that is a hit. Refinement is
effective where a round was tried and taken.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.collected import MODELS, PLANS, Collected, absence, collected
from benchmarks.embedded import GOALS
from benchmarks.figure import Figure, Remark, Saying, above, at_most, mean
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import Candidate, Yardstick
from prefect_harmonic.planners.context import NO_PROJECT, ContextProvider, ProjectContext
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.metrics import metrics_of
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined
from prefect_harmonic.planners.scheduling import critical_path
from prefect_harmonic.planners.sources.embedded import embedded_source
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest
from prefect_harmonic.planners.stages import PlainStages
from prefect_harmonic.planners.variance import VarianceStrategy

CANDIDATES = 5
COLLECTED_GOALS = 60
LONGEST_GOAL = 400
LIMITS = ArtifactLimits(max_artifacts=200, max_depth=50)
"""Recorded plans were made without limits."""


@dataclass
class Asking:
    """How often the context of a project was asked for, and found out."""

    asked: int = 0
    found: int = 0

    async def find(self) -> ProjectContext:
        """Finds out the context."""
        self.found += 1
        return NO_PROJECT

    def counting(self, context: ContextProvider) -> ContextProvider:
        """The same context, each question counted."""

        async def asked() -> ProjectContext:
            self.asked += 1
            return await context()

        return asked


@dataclass(frozen=True)
class CountedStages(PlainStages):
    """The stages of planning, with every question for the context counted."""

    asking: Asking = field(default_factory=Asking)

    async def generate(self, request: CandidateRequest) -> Plan:
        """Asks the source for one plan."""
        return await super().generate(request.model_copy(update={"context": self.asking.counting(request.context)}))

    async def refine(self, winner: Candidate, yardstick: Yardstick, context: ContextProvider) -> Refined:
        """Improves the winner."""
        return await super().refine(winner, yardstick, self.asking.counting(context))


@dataclass(frozen=True)
class RecordedAnswers:
    """Gives the plans that were recorded for a goal, one to each candidate."""

    answers: Sequence[Plan]

    async def requirements(self, _goal: str) -> tuple[str, ...]:
        """Nothing is known of what a recorded plan had to cover."""
        return ()

    async def candidate(self, request: CandidateRequest) -> Plan:
        """The answer in the candidate's place."""
        return self.answers[request.variation.index]

    async def refined(self, _request: RefinementRequest) -> Plan | None:
        """Nobody is there to be asked."""
        return None


@dataclass(frozen=True, slots=True)
class Compared:
    """A goal planned once and harmonically.

    Attributes:
        singles: What it is compared with: the plan that was made once, or those that were recorded.
        best: The harmonic planning.
        blind: Its candidates that cover as much as the best.
        bettered: The plan that was made once, with a round of refinement.
    """

    singles: Sequence[Candidate]
    best: PlanningOutcome
    blind: Sequence[Candidate] = ()
    bettered: PlanningOutcome | None = None


def measured(*, quick: bool) -> Saying:
    """What comparing brings, planned by the embedded planner and by recorded answers."""
    goals = [*GOALS]
    if (missing := absence(PLANS)) is not None:
        yield missing
    else:
        found = [one.graph.goal for one in collected(PLANS, at_most=COLLECTED_GOALS // (4 if quick else 1))]
        goals += [goal for goal in found if len(goal) <= LONGEST_GOAL]
    yield from _embedded(goals)
    if missing is None:
        yield from _recorded(quick=quick)


def _embedded(goals: Sequence[str]) -> Saying:
    source, asking = embedded_source(None), Asking()
    compared = []
    for goal in goals:
        planner = HarmonicPlanner(candidates=CANDIDATES, source=source)
        stages = CountedStages(source, planner.options, asking)
        best = asyncio.run(planner.outcome(goal, asking.find, stages=stages))
        plain = HarmonicPlanner.with_options(PlanningOptions(harmonic=False), source=source)
        single = asyncio.run(plain.outcome(goal)).refined
        valid = [one for one in best.candidates if one.is_valid and one.coverage == best.refined.coverage]
        once = HarmonicPlanner(candidates=1, variance=VarianceStrategy.TEMPERATURE, source=source)
        compared.append(Compared([single], best, valid, asyncio.run(once.outcome(goal))))
    alike = [one for one in compared if one.singles[0].coverage == one.best.refined.coverage]
    yield Remark(f"embedded: {len(alike)} of {len(goals)} goals are covered alike by one plan and by the best of five")
    yield from _gains("embedded, best of five over one plan", alike)
    blind = [Compared(one.blind, one.best) for one in compared]
    yield from _gains("embedded, best of five over a style picked blindly", blind)
    yield from _story("embedded", compared)
    yield _taken("embedded, one plan", [one.bettered for one in compared if one.bettered])
    # Besides what sources ask, each candidate and the refinement ask for what the project provides.
    asked = asking.asked + sum(len(one.best.candidates) + 1 for one in compared)
    yield Figure("embedded: context at hand when asked for", 100 * (1 - asking.found / asked), "%", above(90), 1)


def _recorded(*, quick: bool) -> Saying:
    by_goal: dict[str, list[Plan]] = defaultdict(list)
    for one in collected(PLANS):
        by_goal[one.graph.goal.strip().casefold()].append(_plan(one))
    groups = [plans for _, plans in sorted(by_goal.items()) if len(plans) > 1]
    yield Remark(f"recorded: {len(groups)} goals with more than one recorded plan")
    yield from _recorded_gains("recorded", groups[: 8 if quick else None])
    if (missing := absence(MODELS)) is not None:
        yield missing
    else:
        yield from _recorded_gains("recorded, one model and one product", [[_plan(one) for one in collected(MODELS)]])
    plans = [_plan(one) for one in collected(PLANS, at_most=200 if quick else None)]
    refused = mean(any(finding.is_error for finding in lint(plan)) for plan in plans)
    yield Figure(f"recorded: {len(plans):,} plans refused by the gate as it is set", 100 * refused, "%", digits=2)


def _recorded_gains(name: str, groups: Iterable[Sequence[Plan]]) -> Saying:
    compared = []
    for plans in groups:
        planner = HarmonicPlanner(candidates=len(plans), source=RecordedAnswers(plans), limits=LIMITS, agents=None)
        best = asyncio.run(planner.outcome(plans[0].goal))
        compared.append(Compared([one for one in best.candidates if one.is_valid], best))
    yield from _gains(f"{name}, chosen over the mean", compared)
    yield from _story(name, compared)


def _gains(name: str, compared: Sequence[Compared]) -> Saying:
    """How much more parallel and how much shorter the best is than what it is compared with, mean over all goals."""
    for what, figure, target in (
        ("parallelism factor, more", _parallelism, above(15)),
        ("critical path, shorter", _chain, above(10)),
        ("expected makespan, shorter", _makespan, None),
    ):
        ratios = [figure(one.best.refined) / mean(map(figure, one.singles)) for one in compared]
        gain = mean(ratios) - 1 if figure is _parallelism else 1 - mean(ratios)
        yield Figure(f"{name}: {what}", 100 * gain, "%", target, 1)


def _parallelism(candidate: Candidate) -> float:
    return metrics_of(candidate.graph).parallelism_factor


def _chain(candidate: Candidate) -> float:
    hours = EffortModel().durations(candidate.graph)
    return sum(hours[name] for name in critical_path(candidate.graph, hours))


def _makespan(candidate: Candidate) -> float:
    return candidate.expected_makespan_hours or 0.0


def _story(name: str, compared: Sequence[Compared]) -> Saying:
    """What happened on the way, over all goals."""
    candidates = [candidate for one in compared for candidate in one.best.candidates]
    failed = mean(not candidate.is_valid for candidate in candidates)
    yield Figure(f"{name}: candidates that failed or were refused", 100 * failed, "%", at_most(0), 1)
    unique = mean(one.best.unique_structures for one in compared)
    yield Figure(f"{name}: different structures, mean", unique, "", above(3) if name == "embedded" else None, 2)
    yield _taken(f"{name}, the best", [one.best for one in compared])
    for reason in sorted({candidate.reason for candidate in candidates if candidate.reason}):
        yield Remark(f"{name}: refused for {reason}")


def _taken(name: str, outcomes: Sequence[PlanningOutcome]) -> Figure:
    """In how many of the plans in which something stood out a round of refinement made it better."""
    tried = [outcome.rounds for outcome in outcomes if outcome.rounds]
    taken = mean(any(attempt.accepted for attempt in rounds) for rounds in tried) if tried else 0.0
    told = f"{name}: refinement taken, of {len(tried)} plans with something to better"
    return Figure(told, 100 * taken, "%", above(40), 0)


def _plan(one: Collected) -> Plan:
    """A recorded plan with what each step says, and how long it takes where that is known."""
    artifacts = [
        artifact.model_copy(update={"description": one.texts.get(name, ""), "estimated_hours": _hours(one, name)})
        for name, artifact in one.graph.artifacts.items()
    ]
    return Plan(goal=one.graph.goal, artifacts=tuple(artifacts))


def _hours(one: Collected, name: str) -> float | None:
    return one.seconds[name] / 3600 if name in one.seconds else None
