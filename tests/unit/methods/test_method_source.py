"""The embedded planner: what every plan it makes must be, whatever the goal and the variation."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact, ArtifactLimits, Requirement
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate.gate import lint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.scheduling import expected_schedule
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.matching import tasks_in
from prefect_harmonic.planners.sources.methods.model import AGENTS
from prefect_harmonic.planners.sources.methods.source import MethodSource
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest
from prefect_harmonic.planners.variance import Constraint, Style, Variation

SOURCE = MethodSource()
PROMPTING = (
    (Style.PARALLEL_FIRST, 0.2),
    (Style.MINIMAL, 0.3),
    (Style.THOROUGH, 0.3),
    (Style.BALANCED, 0.4),
    (Style.DEFAULT, 0.5),
)
GOALS = (
    "Build a REST API with auth and database",
    "Add user settings with dark mode",
    "Create a file upload system",
    "Build GraphQL API with Real-time Subscriptions",
    "Migrate to Microservices Architecture",
    "Resolve Production Database Performance Issue",
    "Platform modernization over four quarters",
    "Evaluate fusion reactor materials",
    "Build a REST API with auth, rate limiting and audit log",
    "Build a CLI tool",
    "Build a data pipeline",
    "Train an ML model with serving",
    "Build a web front end with search and dashboard",
    "Add payments and email notifications",
    "Set up a CI/CD pipeline",
    "Refactor the legacy code",
    "Upgrade Django to version 5",
    "Migrate our database from MySQL to PostgreSQL",
    "Optimise the performance of the checkout",
    "Run a security audit",
    "Add observability",
    "Write the API documentation",
    "Launch a product with press and partners",
    "Fix the login bug",
    "Learn Rust",
    "Improve test coverage of the billing module",
    "Hire a backend engineer",
    "Organise a conference with catering and speakers",
    "Build a frobnicator with flux and warp drive",
    "Build a todo app with caching and user accounts",
    "Cut p95 latency of our checkout by half without adding hardware",
    "Remove the deprecated proxies argument from the client, we have two developers",
    "Make things better",
    "Choose between Kafka, RabbitMQ and NATS for order events",
    "Release version 2.0",
    "Cut a release with a changelog",
    "Learn this code base",
)
EXISTING = ProjectContext(
    name="shop",
    root="/shop",
    files=("README.md", "shop/__init__.py"),
    languages={"Python": 1},
    packages=("shop",),
    documents=("README.md",),
    has_history=True,
)


async def _no_project() -> ProjectContext:
    return NO_PROJECT


def _plan(
    goal: str, variation: Variation, limits: ArtifactLimits | None = None, context: ProjectContext = NO_PROJECT
) -> Plan:
    request = CandidateRequest(goal=goal, variation=variation, limits=limits or ArtifactLimits(), context=_no_project)
    return SOURCE.plan(request, context)


def _hours(plan: Plan) -> float:
    graph = ArtifactGraph(plan)
    return sum(EffortModel().durations(graph).values())


def assert_sound(plan: Plan, limits: ArtifactLimits | None = None) -> None:
    """The gate has nothing to say, everything is covered, no edge is redundant, no file is written twice."""
    assert [str(finding) for finding in lint(plan, limits=limits, agents=AGENTS)] == []
    graph = ArtifactGraph(plan)
    assert graph.redundant_requirements == ()
    assert set(plan.requirements) <= {covered for artifact in plan.artifacts for covered in artifact.covers}
    files = [artifact.produces_file for artifact in plan.artifacts if artifact.produces_file]
    assert len(files) == len(set(files))
    assert all(edge.because for artifact in plan.artifacts for edge in artifact.requires)
    assert all(artifact.agent in AGENTS for artifact in plan.artifacts)


@pytest.mark.parametrize("context", [NO_PROJECT, EXISTING], ids=["alone", "in a project"])
@pytest.mark.parametrize("goal", GOALS)
def test_each_known_goal_gets_sound_plans_of_different_structure(goal: str, context: ProjectContext) -> None:
    """The five prompting candidates pass the gate without a warning and differ in at least four structures."""
    plans = [
        _plan(goal, Variation(index=index, style=style, temperature=temperature), context=context)
        for index, (style, temperature) in enumerate(PROMPTING)
    ]
    for plan in plans:
        assert_sound(plan)
    structures = {tuple((artifact.id, artifact.required_ids) for artifact in plan.artifacts) for plan in plans}
    assert len(structures) >= 4


_KNOWN = ["REST API", "auth", "database", "search", "payments", "dark mode", "file upload", "GraphQL API", "caching"]
_UNKNOWN = ["flux", "Überprüfung der Größe", "warp drive", "构建", "user model", "12 factor", "a-b/c", "tests", "API"]
_VERBS = [
    "Build",
    "Evaluate",
    "Migrate to",
    "Refactor",
    "Organise",
    "Resolve",
    "Fix",
    "Upgrade",
    "Document",
    "Audit",
    "",
]
goals = st.builds(
    lambda verb, items: f"{verb} {items[0]} with {', '.join(items[1:])}" if len(items) > 1 else f"{verb} {items[0]}",
    st.sampled_from(_VERBS),
    st.lists(st.sampled_from(_KNOWN + _UNKNOWN), min_size=1, max_size=6, unique=True),
)
constraints = st.one_of(
    st.none(),
    st.builds(Constraint, max_depth=st.integers(1, 5)),
    st.builds(Constraint, min_leaves=st.integers(1, 12)),
    st.builds(Constraint, max_artifacts=st.integers(1, 12)),
    st.builds(Constraint, max_dependents=st.integers(1, 4)),
)
variations = st.builds(
    Variation,
    index=st.just(0),
    style=st.sampled_from(Style),
    temperature=st.sampled_from([0.0, 0.2, 0.6, 1.5]),
    seed=st.integers(0, 50),
    constraint=constraints,
    example=st.one_of(st.none(), st.integers(0, 9)),
)
limits = st.builds(ArtifactLimits, max_artifacts=st.integers(1, 50), max_depth=st.integers(1, 10))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(goal=goals, variation=variations, limits=limits)
def test_any_goal_gets_a_plan_that_passes_the_gate(goal: str, variation: Variation, limits: ArtifactLimits) -> None:
    """Whatever is asked for under whatever limits, the plan is valid, within the limits, and covers everything."""
    plan = _plan(goal, variation, limits)
    assert [str(finding) for finding in lint(plan, limits=limits, agents=AGENTS) if finding.is_error] == []
    assert set(plan.requirements) <= {covered for artifact in plan.artifacts for covered in artifact.covers}
    assert ArtifactGraph(plan).redundant_requirements == ()


@settings(max_examples=100, deadline=None)
@given(goal=goals, variation=variations.filter(lambda variation: variation.constraint is None))
def test_any_goal_gets_a_plan_without_a_warning_where_there_is_room(goal: str, variation: Variation) -> None:
    """Known and unknown words, in any style and at any temperature, give plans that the gate is silent about."""
    assert_sound(_plan(goal, variation))


@settings(max_examples=40, deadline=None)
@given(goal=goals, variation=variations)
def test_the_same_request_gives_the_same_plan(goal: str, variation: Variation) -> None:
    """Choices are drawn from the seed alone."""
    assert _plan(goal, variation) == _plan(goal, variation)


@pytest.mark.parametrize("goal", GOALS[:8])
def test_temperatures_give_different_plans(goal: str) -> None:
    """Five temperatures of one style give at least two structures, and the coldest is the style's own."""
    plans = {_plan(goal, Variation(index=0, temperature=t / 10, seed=t)).to_json() for t in range(2, 8)}
    assert len(plans) >= 2


def test_examples_start_from_different_artifacts() -> None:
    """Five examples anchor the decomposition in five different first artifacts."""
    plans = [
        _plan("Build an app with auth", Variation(index=0, temperature=0, example=example)) for example in range(5)
    ]
    assert len({frozenset(ArtifactGraph(plan).leaves) for plan in plans}) >= 4


def test_parallel_first_is_never_deeper_than_the_default() -> None:
    """Contracts first and split pieces shorten the longest chain."""
    for goal in GOALS:
        wide = ArtifactGraph(_plan(goal, Variation(index=0, style=Style.PARALLEL_FIRST, temperature=0)))
        plain = ArtifactGraph(_plan(goal, Variation(index=0, style=Style.DEFAULT, temperature=0)))
        assert wide.depth <= plain.depth


def test_minimal_has_fewest_artifacts_and_thorough_most() -> None:
    """A style's name is what its plans are."""
    for goal in GOALS:
        sizes = {
            style: len(_plan(goal, Variation(index=0, style=style, temperature=0)).artifacts)
            for style in (Style.MINIMAL, Style.DEFAULT, Style.THOROUGH)
        }
        assert sizes[Style.MINIMAL] <= sizes[Style.DEFAULT] <= sizes[Style.THOROUGH]


def test_merging_to_fit_keeps_the_hours() -> None:
    """Three artifacts take as long as the nineteen that they were merged from."""
    variation = Variation(index=0, temperature=0)
    whole = _plan(GOALS[0], variation)
    small = _plan(GOALS[0], variation, ArtifactLimits(max_artifacts=3))
    assert len(small.artifacts) <= 3
    assert _hours(whole) == pytest.approx(_hours(small))


@pytest.mark.parametrize(
    "constraint",
    [Constraint(max_depth=2), Constraint(max_artifacts=8), Constraint(min_leaves=5), Constraint(max_dependents=3)],
    ids=str,
)
def test_constraints_are_met_where_the_work_allows_it(constraint: Constraint) -> None:
    """The plan for an API has the shape that is asked for."""
    graph = ArtifactGraph(_plan(GOALS[0], Variation(index=0, temperature=0, constraint=constraint)))
    assert graph.depth <= (constraint.max_depth or graph.depth)
    assert len(graph) <= (constraint.max_artifacts or len(graph))
    assert len(graph.leaves) >= (constraint.min_leaves or 0)
    most = max(len(graph.dependents_of(name)) for name in graph.artifacts)
    assert most <= (constraint.max_dependents or most)


@pytest.mark.parametrize("goal", GOALS[:8])
def test_a_plan_that_shall_start_wide_has_five_leaves(goal: str) -> None:
    """Where a goal leaves little to start with, pieces are added that are worth having at the start."""
    plan = _plan(goal, Variation(index=0, temperature=0, constraint=Constraint(min_leaves=5)))
    assert_sound(plan)
    assert len(ArtifactGraph(plan).leaves) >= 5


def test_a_migration_goes_from_research_to_enablement() -> None:
    """The four phases of the design, their leaves with the four specialists, records numbered without clashes."""
    plan = _plan("Migrate to microservices", Variation(index=0, temperature=0))
    by_phase: dict[str | None, set[str | None]] = {}
    for artifact in plan.artifacts:
        by_phase.setdefault(artifact.phase, set()).add(artifact.agent)
    assert {"research", "analysis", "planning", "enablement"} == set(by_phase)
    assert {"researcher"} == by_phase["research"]
    assert {"code-analyzer"} == by_phase["analysis"]
    assert {"decision-log"} == by_phase["planning"]
    assert {"builder", "learning-path"} == by_phase["enablement"]
    files = {artifact.produces_file for artifact in plan.artifacts}
    assert "analysis/code.json" in files
    assert sorted(file[10:14] for file in files if file and file.startswith("decisions/")) == ["0001", "0002", "0003"]


def test_an_incident_is_critical_and_investigated_on_parallel_tracks() -> None:
    """Analysis and research start at once; nothing but the review is less than critical."""
    graph = ArtifactGraph(_plan("Resolve production database performance issue", Variation(index=0, temperature=0)))
    agents = {graph.artifacts[leaf].agent for leaf in graph.leaves}
    assert {"code-analyzer", "researcher"} <= agents
    assert {"PostMortem"} == {name for name, artifact in graph.artifacts.items() if artifact.priority != "critical"}


def test_a_programme_has_its_quarters_as_phases_in_order() -> None:
    """Nothing of a later quarter is required by an earlier one."""
    graph = ArtifactGraph(_plan("Platform modernization over four quarters", Variation(index=0, temperature=0)))
    assert {"Q1", "Q2", "Q3", "Q4"} == {artifact.phase for artifact in graph.artifacts.values()}
    for artifact in graph.artifacts.values():
        for required in artifact.required_ids:
            assert str(graph.artifacts[required].phase) <= str(artifact.phase)


def test_an_agent_that_is_not_there_is_replaced() -> None:
    """With two specialists only these two get work."""
    source = MethodSource(agents=("builder", "researcher"))
    request = CandidateRequest(goal=GOALS[4], variation=Variation(index=0), context=_no_project)
    plan = source.plan(request, NO_PROJECT)
    assert {"builder", "researcher"} == {artifact.agent for artifact in plan.artifacts}


def _refined(plan: Plan) -> Plan | None:
    request = RefinementRequest(plan=plan, feedback="the critical path is long", context=_no_project)
    return asyncio.run(SOURCE.refined(request))


def test_refinement_shortens_a_plan_and_loses_nothing() -> None:
    """The default plan gets a smaller makespan; ids and covers stay, and the gate has nothing to say."""
    for goal in GOALS:
        before = _plan(goal, Variation(index=0, temperature=0))
        after = _refined(before)
        if after is None:
            continue
        assert_sound(after)
        assert {each.id for each in before.artifacts} == {each.id for each in after.artifacts}
        assert _makespan(after) <= _makespan(before)
    assert _refined(_plan(GOALS[0], Variation(index=0, temperature=0))) is not None


def _makespan(plan: Plan) -> float:
    graph = ArtifactGraph(plan)
    return expected_schedule(graph, EffortModel().durations(graph), 4).makespan


def test_refinement_leaves_a_dependency_that_nothing_can_stand_in_for() -> None:
    """Without a contract in the plan there is nothing to be held to instead."""
    plan = Plan(
        artifacts=(
            Artifact(id="Store", produces=("data access",)),
            Artifact(
                id="Api",
                consumes=("data access",),
                requires=(Requirement(id="Store", because="reads the data access"),),
            ),
        )
    )
    assert _refined(plan) is None


def test_place_that_something_is_added_to_is_not_asked_for() -> None:
    """Rate limits to the checkout need no payment provider; payments that are asked for do."""
    by_task = MethodLibrary.packaged().by_task
    assert tasks_in("rate limiting to the checkout", by_task, "Add") == tasks_in("rate limiting", by_task, "Add")
    assert "payments" in tasks_in("payments for the customers", by_task, "Add")


@pytest.mark.parametrize(
    ("goal", "files", "is_moved"),
    [
        ("Upgrade to Python 3.13", ("shop/__init__.py",), False),
        ("Upgrade to Python 3.13", ("shop/__init__.py", "shop/db/session.py"), True),
        ("Migrate from MySQL to PostgreSQL", ("shop/__init__.py",), True),
    ],
)
def test_records_are_moved_where_there_are_some(goal: str, files: tuple[str, ...], is_moved: bool) -> None:
    """A library that is brought to a newer Python has nothing stored that could be counted on both sides."""
    plan = _plan(goal, Variation(index=0, temperature=0), context=EXISTING.model_copy(update={"files": files}))
    assert ("RecordMove" in {artifact.id for artifact in plan.artifacts}) == is_moved


def test_the_rest_of_something_asks_for_no_rest_interface() -> None:
    """REST as a requirement of its own, or beside what it is, is one; the rest of the team is not."""
    by_task = MethodLibrary.packaged().by_task
    for asked in ("REST", "REST API", "REST service", "RESTful backend"):
        assert "rest-api" in tasks_in(asked, by_task, f"Build {asked}")
    for asked in ("rest follows later", "rest of the team", "the rest"):
        assert "rest-api" not in tasks_in(asked, by_task, f"Learn this code base, {asked}")


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_options_among_which_is_chosen_are_studied_alike_and_compared(style: Style, temperature: float) -> None:
    """Each option has the same artifacts, what compares them comes after all of these, and a decision covers all."""
    goal = "Decide between a modular monolith, microservices and serverless for the shop"
    plan = _plan(goal, Variation(index=0, style=style, temperature=temperature), context=EXISTING)
    kinds: dict[str, list[str]] = {"modular monolith": [], "microservices": [], "serverless": []}
    for artifact in plan.artifacts:
        if len(artifact.covers) == 1:
            kinds[artifact.covers[0]].append(f"{artifact.domain_type} {artifact.agent}")
    assert len({tuple(sorted(each)) for each in kinds.values()}) == 1
    assert all(kinds.values())
    graph = ArtifactGraph(plan)
    (decision,) = (each for each in plan.artifacts if each.domain_type == "decision")
    assert set(kinds) < set(decision.covers)
    studies = {each.id for each in plan.artifacts if len(each.covers) == 1}
    assert studies <= graph.ancestors_of(decision.id)


@pytest.mark.parametrize(
    ("goal", "is_review"),
    [
        ("Review the security of this service", True),
        ("Check the security of our API", True),
        ("Find vulnerabilities in this application", True),
        ("Build a service with login", False),
    ],
)
def test_goal_that_looks_at_security_builds_nothing(goal: str, is_review: bool) -> None:
    """Whatever it calls the thing that is looked at: a service, an API, an application."""
    plan = _plan(
        goal, Variation(index=0, style=Style.DEFAULT), context=ProjectContext(root="shop", files=("shop/a.py",))
    )
    assert ("AuditReport" in {artifact.id for artifact in plan.artifacts}) is is_review
