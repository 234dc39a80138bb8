"""`pursue_goal` on a Prefect server: from a goal or a plan to everything that a run leaves."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun

from prefect_harmonic.errors import AgentError, GoalError, InvalidPlanError, WorkspaceError
from prefect_harmonic.flows import pursue_goal
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.evidence import Decision, Evidence
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.plan import Plan, plan_from_json
from prefect_harmonic.planners.programme.evaluation import Criteria
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.workspace import Workspace

if TYPE_CHECKING:
    from flows.conftest import Edges, Happenings, Team

    from prefect_harmonic.planners.assignment import Assignment

PlanOf = Callable[..., Plan]
LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]
LEFT_BY_A_RUN = {"report.md", "plan.json", "plan.html", "knowledge.graphml", "knowledge.svg", "events.jsonl"}


def artifact(name: str, *requires: str, **fields: Any) -> Artifact:
    """An artifact with its requirements as bare ids."""
    return Artifact(id=name, requires=tuple(Requirement(id=one) for one in requires), **fields)


def phased() -> tuple[Artifact, ...]:
    """Two phases of two artifacts."""
    return (
        artifact("AskOne", phase="ask"),
        artifact("AskTwo", phase="ask"),
        artifact("BuildOne", "AskOne", phase="build", produces_file="one.txt"),
        artifact("BuildTwo", "AskTwo", phase="build", produces_file="two.txt"),
    )


async def test_goal_is_planned_carried_out_and_reported(
    tmp_path: Path, client: PrefectClient, latest_run: LatestRun, events_in: Callable[[Path], list[dict[str, Any]]]
) -> None:
    """From a goal alone come a plan, its artifacts, a report, and everything else that the contract lists."""
    workspace = tmp_path / "out"
    outcome = await pursue_goal("Build a REST API with auth and database", workspace=str(workspace), candidates=2)
    assert outcome["complete"]
    assert {path.name for path in workspace.iterdir()} >= LEFT_BY_A_RUN
    assert outcome["report"] == str(workspace / "report.md")
    assert json.loads(json.dumps(outcome)) == outcome
    plan = plan_from_json((workspace / "plan.json").read_bytes())
    assert plan.to_document() == outcome["plan"]
    for one in plan.artifacts:
        assert one.produces_file is None or (workspace / one.produces_file).is_file(), one.id
    happened = [event["name"] for event in events_in(workspace)]
    assert happened[0] == "planning.started"
    assert happened[-1] == "run.completed"
    assert happened.count("artifact.made") == len(plan.artifacts)
    assert happened.count("phase.evaluated") == happened.count("phase.started") == len(outcome["evaluations"])
    run = await latest_run("pursue-goal")
    which = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    published = {one.key: one for one in await client.read_artifacts(artifact_filter=which)}
    always = {"harmonic-candidates", "harmonic-plan", "harmonic-report", "harmonic-evaluations"}
    assert always <= set(published) <= always | {"harmonic-question", "harmonic-difference"}
    first_screen, _, place = str(published["harmonic-report"].data).partition("**The whole report** lies at ")
    assert (workspace / "report.md").read_text().startswith(first_screen.rstrip())
    assert str(workspace / "report.md") in place
    assert run.state_name == "Completed"


async def test_each_phase_is_evaluated_before_the_next_begins(
    tmp_path: Path,
    plan_of: PlanOf,
    team: "Team",
    latest_run: LatestRun,
    until: Until,
    edges_of: "Callable[[FlowRun], Awaitable[tuple[set[str], Edges]]]",
) -> None:
    """The run graph is a chain of phases and evaluations, and no edge in it comes from nowhere."""
    with using_agents(team.specialist):
        outcome = await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
    assert [one["phase"] for one in outcome["evaluations"]] == ["ask", "build"]
    assert outcome["planning"] is None
    run = await latest_run("pursue-goal")

    chain = {("ask", "evaluate ask"), ("evaluate ask", "build"), ("build", "evaluate build")}

    async def drawn() -> "tuple[set[str], Edges] | None":
        nodes, edges = await edges_of(run)
        names = {one.rpartition(" / ")[2] for one in nodes}
        plain = {(start.rpartition(" / ")[2], end.rpartition(" / ")[2]) for start, end in edges}
        return (names, plain) if "synthesise" in names and chain <= plain else None

    names, edges = await until(drawn)
    assert names == {"ask", "evaluate ask", "build", "evaluate build", "synthesise"}
    assert edges == chain


async def test_phase_whose_requirement_failed_is_blocked_and_reported(
    tmp_path: Path, plan_of: PlanOf, team: "Team", latest_run: LatestRun
) -> None:
    """A failure in one phase blocks its dependents in the next; the report is written, and the run has failed."""
    team.failing("AskOne", *[AgentError("tester", "AskOne", "nobody answers")] * 3)
    with using_agents(team.specialist):
        outcome = await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
    found = {name: one["state"] for name, one in outcome["artifacts"].items() if not name.startswith("Unblock")}
    assert found == {"AskOne": "failed", "AskTwo": "done", "BuildOne": "blocked", "BuildTwo": "done"}
    assert outcome["artifacts"]["BuildOne"]["waited_for"] == "AskOne"
    assert not outcome["complete"]
    assert "nobody answers" in (tmp_path / "out" / "report.md").read_text()
    run = await latest_run("pursue-goal")
    assert run.state is not None
    assert (run.state.name, run.state.message) == ("Failed", "2 of 5 artifacts were not made: AskOne, BuildOne")


def kept_files(workspace: Path) -> dict[str, bytes]:
    """Every file of a workspace but those that say which run it was."""
    runs = {"lease", "pursuit.json"}
    paths = (path for path in workspace.rglob("*") if path.is_file() and path.name not in runs)
    return {path.relative_to(workspace).as_posix(): path.read_bytes() for path in paths}


async def test_finished_run_started_again_leaves_its_result_as_it_is(
    tmp_path: Path, plan_of: PlanOf, team: "Team", happenings: "Happenings"
) -> None:
    """No work, no second tree in the knowledge base, not one file written anew; a change is taken up as ever."""
    workspace, plan = tmp_path / "out", plan_of(*phased())
    with using_agents(team.specialist):
        first = await pursue_goal(plan=plan, workspace=str(workspace))
        before = kept_files(workspace)
        (workspace / "one.txt").unlink()
        happenings.told.clear()
        team.called.clear()
        again = await pursue_goal(plan=plan, workspace=str(workspace))
        assert (team.called, again["counts"], again["complete"]) == ([], {"kept": 4}, True)
        assert kept_files(workspace) == before
        assert (again["programme"], again["outcome"]) == (first["programme"], first["outcome"])
        assert [told.split()[0] for told in happenings.told] == ["artifact.kept"] * 4 + ["run.unchanged"]
        stricter = await pursue_goal(plan=plan, workspace=str(workspace), criteria=Criteria(min_confidence=0.99))
        assert (team.called, stricter["evaluations"][-1]["outcome"]) == ([], "continue")
    team.version = "2"
    with using_agents(team.specialist):
        changed = await pursue_goal(plan=plan, workspace=str(workspace))
    assert (changed["counts"], changed["evaluations"][-1]["outcome"]) == ({"done": 4}, "converged")
    assert kept_files(workspace)["report.md"] != before["report.md"]


async def test_result_of_another_goal_is_kept_aside(
    tmp_path: Path, plan_of: PlanOf, team: "Team", knowledge: str
) -> None:
    """A second goal in one workspace destroys nothing: the first result lies whole in a folder of its own."""
    workspace = tmp_path / "out"
    with using_agents(team.specialist):
        first = await pursue_goal(plan=plan_of(*phased(), goal="Reach it"), workspace=str(workspace))
        before = kept_files(workspace)
        (workspace / "two.txt").write_text("a person's own")
        second = await pursue_goal(plan=plan_of(artifact("BuildOne"), goal="Reach more"), workspace=str(workspace))
        earlier = workspace / "earlier" / "01-reach-it"
        assert kept_files(earlier) == {**before, "two.txt": b"a person's own"}
        assert (workspace / "two.txt").read_text() == "a person's own"
        assert not (workspace / "one.txt").exists()
        assert second["goal"] in (workspace / "report.md").read_text()
        async with KnowledgeBase(knowledge) as kb:
            assert (await kb.get(first["programme"])).metadata["workspace"] == str(earlier)
        team.called.clear()
        again = await pursue_goal(plan=plan_of(*phased(), goal="Reach it"), workspace=str(earlier))
    assert (team.called, again["programme"]) == ([], first["programme"])


async def test_decision_without_a_record_of_its_own_gets_one(tmp_path: Path, plan_of: PlanOf) -> None:
    """What a specialist decided stands under `decisions/`, numbered; the run started again writes it no second time."""

    async def decide(assignment: "Assignment") -> Evidence:
        decision = Decision(title="Use one database", chosen="PostgreSQL", rationale="It is there.")
        return Evidence(
            artifact=assignment.artifact.id, agent="decider", summary="Done.", confidence=0.9, decisions=(decision,)
        )

    for _ in range(2):
        with using_agents(Specialist(name="decider", call=decide)):
            choice = plan_of(artifact("Choice", agent="decider"))
            outcome = await pursue_goal(plan=choice, workspace=str(tmp_path / "out"))
        assert outcome["decisions"] == [
            {"artifact": "Choice", "subject": "Use one database", "chosen": "PostgreSQL", "settled": True}
        ]
        records = sorted(path.name for path in (tmp_path / "out" / "decisions").iterdir())
        assert len(records) == 1
        assert records[0].startswith("0001-")
        assert "PostgreSQL" in (tmp_path / "out" / "decisions" / records[0]).read_text()


async def test_second_run_in_a_busy_workspace_is_refused(tmp_path: Path, plan_of: PlanOf, team: "Team") -> None:
    """Two runs never write into one folder at the same time."""
    with (
        using_agents(team.specialist),
        Workspace.opened(tmp_path / "out").leased(),
        pytest.raises(WorkspaceError, match="in use by another run"),
    ):
        await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
    assert team.called == []


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({}, GoalError),
        ({"goal": " \n"}, GoalError),
        ({"plan": {"artifacts": [{"id": "A", "requires": "A"}]}}, InvalidPlanError),
        ({"plan": {"artifacts": [{"id": "A", "produces_file": ".git/hooks/post-commit"}]}}, InvalidPlanError),
    ],
    ids=["nothing", "blank goal", "cycle", "reserved place"],
)
async def test_unusable_parameter_leaves_no_file(
    parameters: dict[str, Any], error: type[Exception], tmp_path: Path
) -> None:
    """What cannot be used is named, and nothing is made of it."""
    with pytest.raises(error):
        await pursue_goal(**parameters, workspace=str(tmp_path / "out"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.name not in {"lease", "events.jsonl"}]


async def test_state_that_cannot_be_read_is_set_aside(tmp_path: Path, plan_of: PlanOf, team: "Team") -> None:
    """What is made is kept all the same, and the file stays to be looked at."""
    with using_agents(team.specialist):
        await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
        (tmp_path / "out" / ".harmonic" / "pursuit.json").write_text("{garbage")
        team.called.clear()
        outcome = await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
    assert outcome["complete"]
    assert team.called == []
    assert (tmp_path / "out" / ".harmonic" / "pursuit.unreadable.json").read_text() == "{garbage"


async def test_database_that_cannot_be_used_is_told_and_stops_nothing(
    tmp_path: Path,
    plan_of: PlanOf,
    team: "Team",
    monkeypatch: pytest.MonkeyPatch,
    events_in: Callable[[Path], list[dict[str, Any]]],
) -> None:
    """The run goes on without its record, and says so where people follow it."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/at/all.db")
    with using_agents(team.specialist):
        outcome = await pursue_goal(plan=plan_of(*phased()), workspace=str(tmp_path / "out"))
    assert outcome["complete"]
    assert outcome["programme"] is None
    assert "knowledge.missed" in [event["name"] for event in events_in(tmp_path / "out")]
