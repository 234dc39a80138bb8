"""`harmonic_planning` on a Prefect server: candidates as task runs, the choice as artifacts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun

from prefect_harmonic.errors import CandidateError, GoalError, NoValidPlanError, OptionError, ProjectNotFoundError
from prefect_harmonic.flows import harmonic_planning
from prefect_harmonic.flows.planning import planned
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest

if TYPE_CHECKING:
    from flows.conftest import Edges, Happenings

LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]
GOAL = "Build a REST API with auth and database"


class ScriptedSource:
    """A source whose answers the test holds back or refuses."""

    def __init__(self) -> None:
        self.holding: dict[str, Callable[[], Awaitable[object]]] = {}
        self.refusing: set[str] = set()

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the goal asks for: itself."""
        return (goal,)

    async def candidate(self, request: CandidateRequest) -> Plan:
        """A plan that is as long as the candidate's number."""
        name = request.variation.candidate
        if name in self.holding:
            await self.holding[name]()
        if name in self.refusing:
            raise CandidateError(f"{name} was refused")
        names = [f"Part{number}" for number in range(request.variation.index + 2)]
        return Plan(goal=request.goal, artifacts=tuple(Artifact(id=one, covers=(request.goal,)) for one in names))

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """Nothing better is known."""
        return None


@flow(name="scripted-planning", persist_result=False)
async def scripted_planning(candidates: int) -> dict[str, Any]:
    """Plans with the source of the test that is running."""
    outcome = await planned("Anything", PlanningOptions(candidates=candidates), source=scripted_planning_source[-1])
    return outcome.to_document()


scripted_planning_source: list[ScriptedSource] = []


@pytest.fixture
def source() -> ScriptedSource:
    """The source that `scripted_planning` uses."""
    scripted_planning_source[:] = [ScriptedSource()]
    return scripted_planning_source[0]


async def test_every_candidate_and_every_score_is_a_task_run(
    latest_run: LatestRun, until: Until, edges_of: "Callable[[FlowRun], Awaitable[tuple[set[str], Edges]]]"
) -> None:
    """A score hangs on its candidate, and the refinement on the winner's score."""
    outcome = await harmonic_planning(GOAL, candidates=3)
    run = await latest_run("harmonic-planning")
    styles = {one["id"]: one["style"] for one in outcome["candidates"]}
    expected = {(f"generate {one} {style}", f"score {one} {style}") for one, style in styles.items()}
    winner = outcome["selected"]
    expected |= {(f"score {winner} {styles[winner]}", f"refine {winner} {styles[winner]}")}

    async def drawn() -> "Edges | None":
        _, edges = await edges_of(run)
        return edges if expected <= edges else None

    assert await until(drawn) == expected
    assert run.name == f"plan: {GOAL}"
    assert json.loads(json.dumps(outcome)) == outcome


async def test_scoring_starts_before_the_last_candidate_is_generated(
    source: ScriptedSource, happenings: "Happenings"
) -> None:
    """A slow candidate holds up no other: it comes only after two are scored."""
    source.holding["candidate-2"] = lambda: happenings.reached(
        "candidate.scored candidate-0", "candidate.scored candidate-1"
    )
    async with asyncio.timeout(150):
        outcome = await scripted_planning(3)
    assert [one["status"] for one in outcome["candidates"]] == ["valid"] * 3
    scored = happenings.told.index("candidate.scored candidate-0")
    assert scored < happenings.told.index("candidate.generated candidate-2")


async def test_candidate_that_fails_costs_itself_alone(source: ScriptedSource) -> None:
    """Its reason is reported, and the others are compared."""
    source.refusing = {"candidate-1"}
    outcome = await scripted_planning(3)
    assert [(one["status"], one["reason"]) for one in outcome["candidates"]] == [
        ("valid", None),
        ("failed", "candidate-1 was refused"),
        ("valid", None),
    ]


async def test_all_candidates_failing_is_one_error_with_every_reason(
    source: ScriptedSource, latest_run: LatestRun
) -> None:
    """No candidate is swallowed, and the run has failed."""
    source.refusing = {"candidate-0", "candidate-1"}
    with pytest.raises(NoValidPlanError, match=r"candidate-0 was refused.*candidate-1 was refused"):
        await scripted_planning(2)
    assert (await latest_run("scripted-planning")).state_name == "Failed"


async def test_candidates_and_plan_are_published(client: PrefectClient, latest_run: LatestRun) -> None:
    """The run page has the candidates as a table, with the winner marked, and the plan with its diagram."""
    outcome = await harmonic_planning(GOAL, candidates=3)
    run = await latest_run("harmonic-planning")
    which = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    published = {one.key: one for one in await client.read_artifacts(artifact_filter=which)}
    assert set(published) == {"harmonic-candidates", "harmonic-plan"}
    rows = json.loads(str(published["harmonic-candidates"].data))
    assert [row["candidate"] for row in rows if row["choice"] == "selected"] == [outcome["selected"]]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
    assert published["harmonic-candidates"].description == outcome["reason"]
    plan = str(published["harmonic-plan"].data)
    assert all(f"`{one['id']}`" in plan for one in outcome["plan"]["artifacts"])
    assert "```mermaid" in plan


async def test_project_is_read_by_one_task_run_however_many_candidates_ask(
    tmp_path: Path,
    happenings: "Happenings",
    latest_run: LatestRun,
    until: Until,
    edges_of: "Callable[[FlowRun], Awaitable[tuple[set[str], Edges]]]",
) -> None:
    """The context is prepared once."""
    (tmp_path / "app.py").write_text("one = 1\n")
    await harmonic_planning(GOAL, candidates=4, project=str(tmp_path))
    run = await latest_run("harmonic-planning")

    async def nodes() -> list[str] | None:
        labels, _ = await edges_of(run)
        return sorted(labels) if len(labels) >= 10 else None

    assert [label for label in await until(nodes) if label.startswith("prepare")] == ["prepare context"]


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"goal": "   "}, GoalError),
        ({"goal": "x" * 100_000}, GoalError),
        ({"goal": GOAL, "project": "/nowhere"}, ProjectNotFoundError),
        ({"goal": GOAL, "model": "some-model"}, OptionError),
    ],
    ids=["empty goal", "endless goal", "no project", "a model"],
)
async def test_unusable_parameter_is_one_clear_error(parameters: dict[str, Any], error: type[Exception]) -> None:
    """What cannot be used is named before a candidate is generated."""
    with pytest.raises(error):
        await harmonic_planning(**parameters)
