"""What is said of a plan that no method made, and which methods know goals of speed and of removal."""

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.methods.source import UNCLEAR_GOAL, UNKNOWN_GOAL, MethodSource
from prefect_harmonic.planners.sources.source import CandidateRequest
from prefect_harmonic.planners.variance import Style, Variation

SOURCE = MethodSource()
SHOP = ProjectContext(root="/shop", languages={"Python": 3}, packages=("shop",))


async def _no_project() -> ProjectContext:
    return NO_PROJECT


def _plan(goal: str, style: Style, project: ProjectContext = NO_PROJECT) -> Plan:
    request = CandidateRequest(goal=goal, variation=Variation(index=0, style=style), context=_no_project)
    return SOURCE.plan(request, project)


def _by_id(plan: Plan) -> dict[str, Artifact]:
    return {artifact.id: artifact for artifact in plan.artifacts}


@pytest.mark.parametrize(
    ("goal", "notes"),
    [
        ("Build a REST API with auth and database", ()),
        ("Cut p95 latency of our checkout by half without adding hardware", ()),
        ("Remove the deprecated proxies argument from the client", ()),
        ("Organise a conference", ()),
        ("Build a frobnicator with flux", (UNKNOWN_GOAL,)),
        ("Build a frobnicator without an API", (UNKNOWN_GOAL,)),
        ("Make things better", (UNKNOWN_GOAL, UNCLEAR_GOAL)),
        ("Improve everything", (UNKNOWN_GOAL, UNCLEAR_GOAL)),
        ("make it more robust", (UNKNOWN_GOAL, UNCLEAR_GOAL)),
    ],
)
def test_goal_that_no_method_knows_is_told(goal: str, notes: tuple[str, ...]) -> None:
    """By the words of the goal alone; a constraint's words do not make it known."""
    assert notes == SOURCE.notes(goal)


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(
    "goal", ["Rename the customer table", "Make login work on mobile", "Move to another mail provider"]
)
def test_unknown_change_of_existing_code_starts_from_what_is_there(goal: str, style: Style) -> None:
    """The code is looked at first and again at the end, and nothing is planned as if it were to be built anew."""
    made = _plan(goal, style, SHOP)
    plan, graph = _by_id(made), ArtifactGraph(made)
    changes = [name for name, artifact in plan.items() if artifact.domain_type == "component"]
    assert changes
    for name in changes:
        assert "code-analyzer" in {plan[each].agent for each in graph.ancestors_of(name)}
    assert plan["ChangeVerification"].agent == "code-analyzer"
    assert not [name for name in plan if name.endswith(("Model", "Protocol", "Assembly", "Groundwork"))]


@pytest.mark.parametrize("style", list(Style))
def test_unclear_goal_about_existing_code_starts_with_questions_too(style: Style) -> None:
    """What to look at is not known before its owner has answered."""
    plan = ArtifactGraph(_plan("Make things better", style, SHOP))
    assert plan.ancestors_of("GoalClarification") == frozenset()
    assert "GoalClarification" in plan.ancestors_of("ApproachDecision")


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("goal", ["Make things better", "Improve everything"])
def test_goal_without_subject_starts_with_questions_to_its_owner(goal: str, style: Style) -> None:
    """Nothing else is looked into before it is known what is meant."""
    plan = _plan(goal, style)
    clarification = _by_id(plan)["GoalClarification"]
    assert clarification.agent == "researcher"
    assert clarification.required_ids == ()
    assert "SituationReport" in ArtifactGraph(plan).dependents_of("GoalClarification")
    assert "GoalClarification" not in _by_id(_plan("Organise a conference", style))


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(
    "goal", ["Cut p95 latency of our checkout by half", "Speed up the import", "Reduce p95 of search", "Cut build time"]
)
def test_goal_of_speed_is_measured_before_anything_is_changed(goal: str, style: Style) -> None:
    """Baseline, bottlenecks, decision, change, and a report against the baseline."""
    made = _plan(goal, style)
    plan, graph = _by_id(made), ArtifactGraph(made)
    assert plan["BaselineMeasurement"].required_ids == ()
    changes = [artifact for artifact in plan.values() if artifact.domain_type == "component"]
    assert changes
    for change in changes:
        assert "BaselineMeasurement" in graph.ancestors_of(change.id)
        assert any(plan[name].agent == "code-analyzer" for name in graph.ancestors_of(change.id))
    assert plan["GainReport"].domain_type == "verification"


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(
    "goal", ["Remove the deprecated proxies argument", "Delete the proxies module", "Drop support for proxies"]
)
def test_removal_finds_uses_decides_removes_and_verifies(goal: str, style: Style) -> None:
    """Nothing is taken out before its uses are known; the search is for the words of the goal."""
    made = _plan(goal, style)
    plan, graph = _by_id(made), ArtifactGraph(made)
    assert plan["UseInventory"].agent == "code-analyzer"
    assert "proxies" in plan["UseInventory"].contract
    removals = {name for name, artifact in plan.items() if artifact.domain_type == "component"}
    assert removals
    assert all({"UseInventory", "DeprecationDecision"} <= graph.ancestors_of(name) for name in removals)
    assert removals <= graph.ancestors_of("RemovalVerification")
    assert {"RemainingBehaviour", "UpgradeNotes"} <= plan.keys()


@pytest.mark.parametrize(
    ("goal", "is_service"),
    [
        ("Replace the SQLite backend", False),
        ("Swap the rendering backend of the charts", False),
        ("Build a shop backend", True),
        ("Build a backend for the shop", True),
    ],
)
def test_general_word_beside_another_makes_no_web_service_of_what_is_replaced(goal: str, is_service: bool) -> None:
    """A backend of something is a part of it; one that is built serves."""
    assert ("ApiDescription" in _by_id(_plan(goal, Style.DEFAULT, SHOP))) is is_service


def test_what_stands_under_a_heading_of_constraints_leads_to_no_method() -> None:
    """A version of Python that must not break makes no upgrade of a wish about something else."""
    goal = "Let users pin a version\nMust not:\n- break Python 3.8"
    assert SOURCE.notes(goal) == SOURCE.notes("Let users pin a version") != ()
