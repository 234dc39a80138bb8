"""Five strategies, each of which really arranges the same work differently."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.plans import edge_sets, graph_of, named
from support.sources import answering

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.artifact import CONTRACT_TYPES, ArtifactLimits
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate import Severity, lint
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.scheduling import expected_schedule
from prefect_harmonic.planners.strategies import (
    PlanningStrategy,
    SingleShotPlanner,
    create_planner,
    in_sequence,
    with_contracts_first,
    with_resources_apart,
)

GOAL = "Build a REST API with auth and database"
MIGRATION = "Migrate to microservices architecture"
PLANNER = HarmonicPlanner(source=answering())


@st.composite
def resourceful_graphs(draw: st.DrawFn) -> ArtifactGraph:
    """Graphs of contracts and other things that write into a few folders."""
    kinds = st.sampled_from(["protocol", "model", None])
    files = st.none() | st.sampled_from(["a/x", "a/y", "b/x", "./a/x", "top"])
    return ArtifactGraph(
        named(name, required, domain_type=draw(kinds), produces_file=draw(files))
        for name, required in draw(edge_sets(8)).items()
    )


async def arranged(strategy: PlanningStrategy) -> ArtifactGraph:
    """The embedded planner's plan for the goal, as the strategy arranges it where chains may be long."""
    graph, _ = await create_planner(strategy, limits=ArtifactLimits(max_depth=50)).plan_with_metrics(GOAL)
    return graph


@pytest.mark.parametrize("limits", [ArtifactLimits(), ArtifactLimits(max_artifacts=6, max_depth=3)], ids=str)
async def test_every_strategy_gives_a_plan_that_the_gate_lets_pass(limits: ArtifactLimits) -> None:
    """A chain of all artifacts would be longer than a chain may be; nothing that was asked for is lost for that."""
    for strategy in PlanningStrategy:
        graph, _ = await create_planner(strategy, limits=limits).plan_with_metrics(MIGRATION)
        findings = lint(graph.plan, limits=limits)
        assert [finding for finding in findings if finding.severity is not Severity.INFO] == [], strategy


async def test_every_strategy_differs_in_structure_on_the_embedded_plan() -> None:
    """The same goal, five plans, no two of which have the same orders; all but one make the same artifacts."""
    plans = {strategy: await arranged(strategy) for strategy in PlanningStrategy}
    orders = {
        strategy: tuple((name, tuple(sorted(graph.ancestors_of(name)))) for name in graph.artifacts)
        for strategy, graph in plans.items()
    }
    assert len(set(orders.values())) == len(PlanningStrategy) == 5
    single = [set(graph.artifacts) for strategy, graph in plans.items() if strategy is not PlanningStrategy.HARMONIC]
    assert all(one == single[0] for one in single)


async def test_sequential_plan_of_the_embedded_planner_is_a_chain() -> None:
    """As many waves as artifacts."""
    graph = await arranged(PlanningStrategy.SEQUENTIAL)
    assert graph.depth == len(graph) > 1


async def test_metrics_are_those_of_the_arranged_plan() -> None:
    """Not of the plan before."""
    graph, metrics = await create_planner("sequential").plan_with_metrics(GOAL)
    assert (metrics.depth, metrics.width) == (len(graph), 1)


async def test_plan_gives_tasks_in_an_order_in_which_they_can_be_done() -> None:
    """For several goals at once, under every strategy."""
    for strategy in PlanningStrategy:
        seen: set[str] = set()
        for task in await create_planner(strategy).plan(["Build a REST API", "Write a user guide"]):
            assert set(task.depends_on) <= seen
            seen.add(task.id)
        assert seen


@given(resourceful_graphs())
def test_sequence_is_one_chain_that_keeps_every_order(graph: ArtifactGraph) -> None:
    """Each artifact requires the one before it, and nothing that was ordered is turned round."""
    chain = in_sequence(graph, PLANNER)
    assert chain.depth == len(chain)
    assert all(chain.requirements_of(later) == (earlier,) for earlier, later in pairwise(chain.order))
    assert all(graph.ancestors_of(name) <= chain.ancestors_of(name) for name in graph.artifacts)


@given(resourceful_graphs())
def test_contracts_stand_before_everything_that_is_no_contract(graph: ArtifactGraph) -> None:
    """Except for what a contract itself rests on; every order is kept."""
    arranged = with_contracts_first(graph, PLANNER)
    contracts = {name for name, one in graph.artifacts.items() if one.domain_type in CONTRACT_TYPES}
    rests_on = {name for contract in contracts for name in graph.ancestors_of(contract)}
    for name in graph.artifacts:
        assert graph.ancestors_of(name) <= arranged.ancestors_of(name)
        if name not in contracts | rests_on:
            assert contracts <= arranged.ancestors_of(name)


def test_plan_without_contracts_stays_as_it_is() -> None:
    """There is nothing to put first."""
    graph = graph_of({"A": "", "B": "A", "C": ""})
    assert with_contracts_first(graph, PLANNER) == graph


@given(resourceful_graphs(), st.integers(1, 5))
def test_nobody_writes_into_a_folder_that_another_is_writing_into(graph: ArtifactGraph, workers: int) -> None:
    """Looked at on the schedule, on any number of workers; every order is kept."""
    arranged = with_resources_apart(graph, PLANNER)
    assert all(graph.ancestors_of(name) <= arranged.ancestors_of(name) for name in graph.artifacts)
    folders = {
        name: normalised(one.produces_file).rpartition("/")[0]
        for name, one in graph.artifacts.items()
        if one.produces_file is not None
    }
    slots = [
        slot
        for slot in expected_schedule(arranged, EffortModel().durations(arranged), workers).slots
        if slot.artifact in folders
    ]
    assert not any(
        one.start < other.finish and other.start < one.finish
        for one in slots
        for other in slots
        if one is not other and folders[one.artifact] == folders[other.artifact]
    )


def test_artifacts_of_different_folders_stay_side_by_side() -> None:
    """Only one folder at a time is too much caution."""
    graph = ArtifactGraph([named("A", produces_file="a/x"), named("B", produces_file="b/x")])
    assert with_resources_apart(graph, PLANNER) == graph


@pytest.mark.parametrize("strategy", PlanningStrategy)
def test_strategy_may_be_given_by_its_value(strategy: PlanningStrategy) -> None:
    """As a command line gives it."""
    expected = HarmonicPlanner if strategy is PlanningStrategy.HARMONIC else SingleShotPlanner
    assert type(create_planner(strategy.value)) is type(create_planner(strategy)) is expected


@pytest.mark.parametrize(
    ("strategy", "options"),
    [
        ("harmonic", {"candidate": 5}),
        ("sequential", {"candidates": 5}),
        ("contract_first", {"variance": "mixed"}),
        ("resource_aware", {"refinement_rounds": 2}),
        ("artifact_first", {"colour": "red"}),
        ("Sequential", {}),
        ("", {}),
    ],
)
def test_unknown_strategies_and_options_are_refused(strategy: str, options: dict[str, Any]) -> None:
    """With the culprit's name, and what would be allowed."""
    culprit = next(iter(options), "strategy")
    with pytest.raises(OptionError, match=f"^{culprit} cannot be .*one of "):
        create_planner(strategy, **options)


async def test_single_shot_asks_for_one_candidate_and_no_refinement() -> None:
    """What must exist is found out once."""
    source = answering(graph_of({"A": "", "B": "A", "C": "B", "D": "C"}).plan)
    graph, _ = await create_planner("artifact_first", source=source).plan_with_metrics(GOAL)
    assert len(source.requests) == 1
    assert source.refinements == []
    assert graph.depth == 4
