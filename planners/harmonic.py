"""The harmonic planner: N candidates for a goal, the best of them refined. No engine is needed."""

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from prefect_harmonic.errors import OptionError
from prefect_harmonic.events import EventCallback
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import Yardstick
from prefect_harmonic.planners.context import NO_PROJECT, ContextProvider, ProjectContext
from prefect_harmonic.planners.coordinators.coordinator import COORDINATORS, Coordinator
from prefect_harmonic.planners.coordinators.router import suggested_coordinator
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.experience.experience import NO_EXPERIENCE, Experience
from prefect_harmonic.planners.goal import checked_goal
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.metrics import PlanMetrics
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.options import MAX_REFINEMENT_ROUNDS, MAX_WORKERS, PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.planned_task import PlannedTask, ordered_tasks
from prefect_harmonic.planners.planning import Planning
from prefect_harmonic.planners.scheduling import DEFAULT_WORKERS
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.soundness import PlanJudge
from prefect_harmonic.planners.sources.methods.model import AGENTS
from prefect_harmonic.planners.sources.methods.source import MethodSource
from prefect_harmonic.planners.sources.source import CandidateSource, DeclaringSource, MeteredSource, NotingSource
from prefect_harmonic.planners.stages import PlainStages, Stages
from prefect_harmonic.planners.variance import MAX_CANDIDATES, VarianceStrategy

Choice = TypeVar("Choice", bound=StrEnum)

DEFAULT_AGENTS = COORDINATORS.union(AGENTS)
"""Specialists that every installation has, coordinators among them."""


@dataclass(kw_only=True)
class HarmonicPlanner:
    """Plans by generating several candidates and choosing the best of those that are correct.

    Attributes:
        candidates: How many plans to generate, 1 to 32.
        variance: What is varied between them.
        refinement_rounds: Attempts to make the winner better.
        limits: How large a plan may be.
        scorer: By what valid candidates are ranked.
        workers: The parallelism to plan for.
        seed: Seed for whatever is drawn at random.
        source: Where candidates come from; the embedded methods, which need no model, if left out.
        agents: Specialists that artifacts may name.
        effort: How many hours artifacts take; as the experience says if left out.
        experience: What earlier runs teach; without it planning does not look back.
        judge: Says what it thinks of each valid candidate, without any say in the choice.
        on_event: Is told what happens; what it raises breaks nothing.
        clock: Seconds from any start, for the timings.

    >>> import asyncio
    >>> graph, metrics = asyncio.run(HarmonicPlanner(candidates=2).plan_with_metrics("Build a REST API with auth"))
    >>> metrics.artifact_count == len(graph)
    True
    """

    candidates: int = 5
    variance: VarianceStrategy = VarianceStrategy.PROMPTING
    refinement_rounds: int = 1
    limits: ArtifactLimits = field(default_factory=ArtifactLimits)
    scorer: Scorer = Scorer.EXPECTED_MAKESPAN
    workers: int = DEFAULT_WORKERS
    seed: int = 0
    source: CandidateSource = field(default_factory=MethodSource)
    agents: frozenset[str] | None = DEFAULT_AGENTS
    effort: EffortModel = field(default_factory=EffortModel)
    experience: Experience = NO_EXPERIENCE
    judge: PlanJudge | None = None
    on_event: EventCallback | None = None
    clock: Callable[[], float] = time.perf_counter

    def __post_init__(self) -> None:
        _check_range("candidates", self.candidates, 1, MAX_CANDIDATES)
        _check_range("refinement_rounds", self.refinement_rounds, 0, MAX_REFINEMENT_ROUNDS)
        _check_range("workers", self.workers, 1, MAX_WORKERS)
        if inspect.iscoroutinefunction(self.on_event):
            raise OptionError("on_event", self.on_event.__name__, "a plain function, as nobody awaits what it gives")
        self.variance = _chosen(VarianceStrategy, "variance", self.variance)
        self.scorer = _chosen(Scorer, "scorer", self.scorer)
        if self.effort == EffortModel():
            self.effort = self.experience.effort

    @classmethod
    def with_options(
        cls,
        options: PlanningOptions,
        *,
        source: CandidateSource | None = None,
        on_event: EventCallback | None = None,
        agents: frozenset[str] | None = DEFAULT_AGENTS,
        experience: Experience = NO_EXPERIENCE,
        judge: PlanJudge | None = None,
    ) -> "HarmonicPlanner":
        """A planner for a set of options, such as the command line's."""
        options = options.effective()
        return cls(
            candidates=options.candidates,
            variance=options.variance,
            refinement_rounds=options.refinement_rounds,
            limits=options.limits,
            scorer=options.scorer,
            workers=options.workers,
            seed=options.seed,
            source=source or MethodSource(),
            agents=agents,
            experience=experience,
            judge=judge,
            on_event=on_event,
        )

    @property
    def options(self) -> PlanningOptions:
        """The options as one value."""
        return PlanningOptions(
            candidates=self.candidates,
            variance=self.variance,
            refinement_rounds=self.refinement_rounds,
            scorer=self.scorer,
            workers=self.workers,
            limits=self.limits,
            seed=self.seed,
        )

    async def outcome(
        self,
        goal: str,
        context: ProjectContext | ContextProvider | None = None,
        *,
        stages: Stages | None = None,
    ) -> PlanningOutcome:
        """Plans, and gives every candidate with the reason for the choice.

        Args:
            goal: What should exist in the end.
            context: The project as it stands, or something that gives it once it is known.
            stages: How the stages are run; where they are called if left out.

        Raises:
            GoalError: The goal is no goal.
            NoValidPlanError: No candidate is valid; the error lists every reason.
        """
        goal = checked_goal(goal)
        provider = _provider(context)
        requirements = await self.source.requirements(goal)
        yardstick = Yardstick(
            requirements=requirements,
            limits=self.limits,
            agents=self.agents,
            workers=self.workers,
            effort=self.effort,
            is_declared=isinstance(self.source, DeclaringSource) and self.source.is_declaring,
        )
        outcome = await Planning(
            goal=goal,
            requirements=requirements,
            stages=stages or PlainStages(self.source, self.options),
            options=self.options,
            yardstick=yardstick,
            context=provider,
            clock=self.clock,
            on_event=self.on_event,
            notes=self._notes(goal),
            experience=self.experience,
            judge=self.judge,
        ).outcome()
        # A source may have more to say once it was asked for plans, such as what it could not give.
        return replace(outcome, notes=self._notes(goal), usage=self._usage())

    def _notes(self, goal: str) -> tuple[str, ...]:
        """What the source has to say about the goal, and the coordinator that suits it, where that is not the usual."""
        told = self.source.notes(goal) if isinstance(self.source, NotingSource) else ()
        suggestion = suggested_coordinator(goal)
        if suggestion.coordinator is Coordinator.HIERARCHICAL_PLANNER:
            return told
        return (*told, f"An artifact for this goal as a whole would suit the {suggestion.reason}")

    def _usage(self) -> Mapping[str, Usage]:
        """What was asked of models, by candidate, and what the judge was asked."""
        asked: tuple[object, ...] = (self.source, self.judge)
        metered = [each for each in asked if isinstance(each, MeteredSource)]
        return {name: usage for each in metered for name, usage in each.usage().items()}

    async def plan_with_metrics(
        self, goal: str, context: ProjectContext | ContextProvider | None = None
    ) -> tuple[ArtifactGraph, PlanMetrics]:
        """The best plan for a goal, and its figures. Raises as `outcome` does."""
        outcome = await self.outcome(goal, context)
        return outcome.graph, outcome.metrics

    async def plan(
        self, goals: Sequence[str] | str, context: ProjectContext | ContextProvider | None = None
    ) -> tuple[PlannedTask, ...]:
        """The best plan for one or several goals as tasks, each after what it depends on. Raises as `outcome` does."""
        graph, _ = await self.plan_with_metrics(as_one_goal(goals), context)
        return ordered_tasks(graph, self.effort, self.workers)


def _check_range(option: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise OptionError(option, str(value), f"a number from {least} to {most}")


def _chosen(choices: type[Choice], option: str, value: str) -> Choice:
    if value not in tuple(choices):
        raise OptionError(option, value, f"one of {', '.join(choices)}")
    return choices(value)


def as_one_goal(goals: Sequence[str] | str) -> str:
    """Several goals as one text, each on a line of its own as an item of a list."""
    if isinstance(goals, str):
        return goals
    return goals[0] if len(goals) == 1 else "\n".join(f"- {goal}" for goal in goals)


def _provider(context: ProjectContext | ContextProvider | None) -> ContextProvider:
    if context is not None and not isinstance(context, ProjectContext):
        return context
    known = context or NO_PROJECT

    async def provide() -> ProjectContext:
        return known

    return provide
