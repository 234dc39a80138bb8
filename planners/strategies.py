"""The planning strategies and the one door to them.

Source: first design document, "PlanningStrategy Extension". All of them answer `plan()` and `plan_with_metrics()`; they
differ in what they do with what must exist.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.artifact import CONTRACT_TYPES, Requirement
from prefect_harmonic.planners.context import ContextProvider, ProjectContext
from prefect_harmonic.planners.gate.files import writers
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.harmonic import HarmonicPlanner, as_one_goal
from prefect_harmonic.planners.metrics import PlanMetrics, metrics_of
from prefect_harmonic.planners.planned_task import PlannedTask, ordered_tasks
from prefect_harmonic.planners.rewrites import without_redundant_edges
from prefect_harmonic.planners.scheduling import expected_schedule
from prefect_harmonic.planners.variance import VarianceStrategy

Context = ProjectContext | ContextProvider | None
Rearrangement = Callable[["ArtifactGraph", HarmonicPlanner], "ArtifactGraph"]


class PlanningStrategy(StrEnum):
    """How a goal becomes tasks."""

    SEQUENTIAL = "sequential"
    """One task after the other, in a safe order."""
    CONTRACT_FIRST = "contract_first"
    """All contracts, then everything else in parallel behind them."""
    RESOURCE_AWARE = "resource_aware"
    """Nobody writes into a file or folder that somebody else is writing into."""
    ARTIFACT_FIRST = "artifact_first"
    """What must exist, found once, in whatever order its requirements allow."""
    HARMONIC = "harmonic"
    """Several plans, the best of them refined."""


class Planner(Protocol):
    """What every strategy gives."""

    async def plan_with_metrics(self, goal: str, context: Context = None) -> tuple[ArtifactGraph, PlanMetrics]:
        """A plan and its figures."""
        ...

    async def plan(self, goals: Sequence[str] | str, context: Context = None) -> tuple[PlannedTask, ...]:
        """The plan as ordered tasks."""
        ...


@dataclass(frozen=True)
class SingleShotPlanner:
    """Finds what must exist once, and arranges it as its strategy says.

    What is longer than a plan may be once it is arranged is found anew, as fewer and larger artifacts: the gate would
    refuse to have it carried out.

    Attributes:
        discovery: The planner that finds the artifacts; it makes a single candidate.
        rearranged: What the strategy does with the plan.
    """

    discovery: HarmonicPlanner
    rearranged: Rearrangement

    async def plan_with_metrics(self, goal: str, context: Context = None) -> tuple[ArtifactGraph, PlanMetrics]:
        """A plan within the limits and its figures. Raises as `HarmonicPlanner.outcome` does."""
        arranged = await self._arranged(self.discovery, goal, context)
        limits = self.discovery.limits
        if arranged.depth > limits.max_depth:  # of no more artifacts than a chain may have none is too long
            fewer = limits.model_copy(update={"max_artifacts": limits.max_depth})
            arranged = await self._arranged(replace(self.discovery, limits=fewer), goal, context)
        return arranged, metrics_of(arranged)

    async def _arranged(self, discovery: HarmonicPlanner, goal: str, context: Context) -> ArtifactGraph:
        graph, _ = await discovery.plan_with_metrics(goal, context)
        return self.rearranged(graph, discovery)

    async def plan(self, goals: Sequence[str] | str, context: Context = None) -> tuple[PlannedTask, ...]:
        """The plan as ordered tasks. Raises as `HarmonicPlanner.outcome` does."""
        graph, _ = await self.plan_with_metrics(as_one_goal(goals), context)
        return ordered_tasks(graph, self.discovery.effort, self.discovery.workers)


def create_planner(
    strategy: PlanningStrategy | str = PlanningStrategy.HARMONIC,
    **options: Any,  # the fields of HarmonicPlanner
) -> Planner:
    """The planner for a strategy.

    Args:
        strategy: One of `PlanningStrategy`, or its value.
        options: Fields of `HarmonicPlanner`. Strategies other than `harmonic` make a single candidate and do without
            refinement, so that `candidates`, `variance` and `refinement_rounds` mean nothing to them and are refused.

    Raises:
        OptionError: The strategy or an option is unknown.

    >>> type(create_planner("sequential")).__name__
    'SingleShotPlanner'
    """
    if strategy not in tuple(PlanningStrategy):
        raise OptionError("strategy", str(strategy), f"one of {', '.join(PlanningStrategy)}")
    strategy = PlanningStrategy(strategy)
    allowed = set(HarmonicPlanner.__dataclass_fields__)
    if strategy is not PlanningStrategy.HARMONIC:
        allowed -= {"candidates", "variance", "refinement_rounds"}
    for name in sorted(set(options) - allowed):
        raise OptionError(name, str(options[name]), f"for {strategy} one of {', '.join(sorted(allowed))}")
    if strategy is PlanningStrategy.HARMONIC:
        return HarmonicPlanner(**options)
    # Varying the temperature leaves the one candidate the plain style, where prompting would begin with an emphasis.
    discovery = HarmonicPlanner(candidates=1, variance=VarianceStrategy.TEMPERATURE, refinement_rounds=0, **options)
    return SingleShotPlanner(discovery, _REARRANGEMENTS[strategy])


def in_sequence(graph: ArtifactGraph, planner: HarmonicPlanner) -> ArtifactGraph:
    """The plan as one chain, in the order in which the schedule would start its artifacts on one worker."""
    slots = expected_schedule(graph, planner.effort.durations(graph), workers=1).slots
    return without_redundant_edges(_with_orders(graph, pairwise([slot.artifact for slot in slots]), "done before"))


def with_contracts_first(graph: ArtifactGraph, _planner: HarmonicPlanner) -> ArtifactGraph:
    """The plan with every contract done before anything that is no contract and requires none yet.

    What a contract itself rests on stays before it, and nothing that was ordered becomes unordered.
    """
    contracts = {name for name, artifact in graph.artifacts.items() if artifact.domain_type in CONTRACT_TYPES}
    early = set(contracts).union(*(graph.ancestors_of(contract) for contract in contracts)) if contracts else set()
    orders = [
        (contract, artifact) for contract in sorted(contracts) for artifact in graph.artifacts if artifact not in early
    ]
    return without_redundant_edges(_with_orders(graph, orders, "the contracts stand first"))


def with_resources_apart(graph: ArtifactGraph, planner: HarmonicPlanner) -> ArtifactGraph:
    """The plan with an order wherever two artifacts would write into the same file or folder at once."""
    slots = expected_schedule(graph, planner.effort.durations(graph), planner.workers).slots
    rank = {slot.artifact: place for place, slot in enumerate(slots)}
    orders = [pair for ids in _by_folder(graph) for pair in pairwise(sorted(ids, key=rank.__getitem__))]
    return without_redundant_edges(_with_orders(graph, orders, "writes into the same folder"))


def _by_folder(graph: ArtifactGraph) -> list[list[str]]:
    """The ids of the artifacts that write into each folder; those of one file are in one folder too."""
    folders: dict[str, list[str]] = {}
    for path, ids in writers(graph.artifacts.values()).items():
        folders.setdefault(path.rpartition("/")[0], []).extend(ids)
    return [folders[folder] for folder in sorted(folders)]


def _with_orders(graph: ArtifactGraph, orders: Iterable[tuple[str, str]], because: str) -> ArtifactGraph:
    """The plan with orders added. They follow a possible order of the plan, so that none closes a cycle."""
    added: dict[str, list[Requirement]] = {}
    for first, second in orders:
        if not graph.is_before(first, second):
            added.setdefault(second, []).append(Requirement(id=first, because=because))
    return graph.with_artifacts(
        artifact.requiring(*artifact.requires, *added.get(artifact.id, ())) for artifact in graph.plan.artifacts
    )


def _unchanged(graph: ArtifactGraph, _planner: HarmonicPlanner) -> ArtifactGraph:
    return graph


_REARRANGEMENTS: Mapping[PlanningStrategy, Rearrangement] = {
    PlanningStrategy.SEQUENTIAL: in_sequence,
    PlanningStrategy.CONTRACT_FIRST: with_contracts_first,
    PlanningStrategy.RESOURCE_AWARE: with_resources_apart,
    PlanningStrategy.ARTIFACT_FIRST: _unchanged,
}
