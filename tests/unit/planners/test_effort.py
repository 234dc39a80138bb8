"""Hours of artifacts: what takes precedence, and that the same work costs the same in every candidate."""

import pytest
from support.plans import graph_of, named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel, kind_of
from prefect_harmonic.planners.graph import ArtifactGraph


@pytest.mark.parametrize(("effort", "hours"), [("low", 1.0), ("medium", 4.0), ("high", 16.0), ("huge", 4.0)])
def test_effort_means_hours_where_nothing_else_is_known(effort: str, hours: float) -> None:
    """A value that the gate will refuse counts as medium until it does."""
    assert EffortModel().hours(named("A", effort=effort)) == hours


def test_settled_goes_before_estimate_before_history_before_effort() -> None:
    """Each is used only where the one before is silent."""
    plain = named("A", agent="builder", domain_type="model", effort="high")
    estimated = named("A", agent="builder", domain_type="model", effort="high", estimated_hours=3.0)
    history = {"builder/model/high": 5.0}
    assert EffortModel().hours(plain) == 16.0
    assert EffortModel(history=history).hours(plain) == 5.0
    assert EffortModel(history=history).hours(estimated) == 3.0
    assert EffortModel(history=history, settled={"A": 2.0}).hours(estimated) == 2.0


def test_estimate_of_no_hours_is_an_estimate() -> None:
    """Zero is a figure, not an absence."""
    assert EffortModel(history={kind_of(named("A")): 5.0}).hours(named("A", estimated_hours=0.0)) == 0.0


@pytest.mark.parametrize("other", [{"agent": "x"}, {"domain_type": "x"}, {"effort": "low"}], ids=str)
def test_history_is_kept_by_agent_type_and_effort(other: dict[str, str]) -> None:
    """What another kind of work took says nothing."""
    model = EffortModel(history={"builder/model/high": 5.0})
    fields = {"agent": "builder", "domain_type": "model", "effort": "high"}
    assert model.hours(named("A", **fields)) == 5.0
    assert model.hours(named("A", **(fields | other))) != 5.0


def settled_hours(*plans: list[Artifact]) -> list[dict[str, float]]:
    """For each plan the hours of its artifacts after settling."""
    graphs = [ArtifactGraph(artifacts) for artifacts in plans]
    models = EffortModel().settling(graphs)
    return [dict(models[place].durations(graph)) for place, graph in enumerate(graphs)]


def test_same_work_is_settled_at_the_median() -> None:
    """Three estimates of one artifact become the middle one in all three plans."""
    plans = [[named("A", estimated_hours=hours)] for hours in (1.0, 2.0, 30.0)]
    assert settled_hours(*plans) == [{"A": 2.0}] * 3


def test_artifact_that_took_over_another_is_other_work() -> None:
    """The one that also produces what the merged one did keeps its own hours."""
    plain = named("A", produces=["a"], estimated_hours=2.0)
    merged = named("A", produces=["a", "b"], estimated_hours=5.0)
    assert settled_hours([plain], [merged]) == [{"A": 2.0}, {"A": 5.0}]


def test_other_kind_of_artifact_of_the_same_name_is_other_work() -> None:
    """A document and a service of one name are two things."""
    assert settled_hours(
        [named("A", domain_type="document", effort="low")], [named("A", domain_type="service", effort="high")]
    ) == [{"A": 1.0}, {"A": 16.0}]


def test_settling_of_equal_plans_changes_nothing() -> None:
    """Where all agree, hours stay what they are, and so do those of what only one plan has."""
    graph, wider = graph_of({"A": ""}), graph_of({"A": "", "B": ""})
    models = EffortModel().settling([graph, wider])
    assert [models[place].settled for place in (0, 1)] == [{}, {}]
