"""The router: which coordinator suits a goal. Source: second design document, "When to Use Hierarchical Planner"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.errors import GoalError
from prefect_harmonic.planners.coordinators.coordinator import Coordinator, agent_named
from prefect_harmonic.planners.coordinators.router import suggested_coordinator

HIERARCHY, PIPELINE, SWARM = Coordinator


@pytest.mark.parametrize(
    ("goal", "coordinator"),
    [
        ("A complex project of several phases", HIERARCHY),
        ("A goal with a clear decomposition path", HIERARCHY),
        ("Careful management of dependencies between teams", HIERARCHY),
        ("A long-running initiative with milestones", HIERARCHY),
        ("A program with progress tracking and reports", HIERARCHY),
        ("A highly exploratory problem of unknown structure", SWARM),
        ("Find an emergent strategy", SWARM),
        ("A simple linear workflow", PIPELINE),
        ("Broad exploration of the solution space", SWARM),
        ("Build a REST API with auth and database", HIERARCHY),
        ("Migrate to Microservices Architecture", HIERARCHY),
        ("Build GraphQL API with Real-time Subscriptions", HIERARCHY),
        ("Resolve Production Database Performance Issue", HIERARCHY),
        ("Platform Modernization Program", HIERARCHY),
        ("Evaluate fusion reactor materials", HIERARCHY),
        ("Create file upload system", HIERARCHY),
        ("Pipeline: Compare HTS candidates", PIPELINE),
        ("First gather the figures, then give marks", PIPELINE),
        ("Extract → clean → load the orders", PIPELINE),
        ("Brainstorm ideas for the new start page", SWARM),
        ("Explore how others build search from different perspectives", SWARM),
    ],
)
def test_goal_goes_to_the_coordinator_that_suits_it(goal: str, coordinator: Coordinator) -> None:
    """The cases of the design document, and the goals of both."""
    assert suggested_coordinator(goal).coordinator is coordinator


@given(st.text(min_size=1, max_size=80))
def test_every_goal_gets_one_coordinator_and_one_sentence(goal: str) -> None:
    """Whatever it says, the reason names the coordinator and is one line."""
    try:
        suggestion = suggested_coordinator(goal)
    except GoalError:
        return
    assert suggestion.reason.startswith(suggestion.coordinator.value)
    assert suggestion.reason.endswith(".")
    assert "\n" not in suggestion.reason


@pytest.mark.parametrize("name", ["pipeline_manager", "Pipeline Manager", "pipeline-manager", " pipeline_manager "])
def test_coordinator_is_known_however_it_is_spelled(name: str) -> None:
    """The design document writes pipeline_manager."""
    assert agent_named(name) == "pipeline-manager"
