"""`execute_plan` on a Prefect server: order, parallelism, failure, and what the server shows of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, TaskRun
from support.outcomes import states

from prefect_harmonic.errors import AgentError, InvalidPlanError, UnknownAgentError, WorkspaceInUseError
from prefect_harmonic.flows import execute_plan
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.evidence import ProducedFile
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.workspace import Workspace

if TYPE_CHECKING:
    from flows.conftest import Edges, Happenings, Team

    EdgesOf = Callable[[FlowRun], Awaitable[tuple[set[str], Edges]]]

PlanOf = Callable[..., Plan]
CarriedOut = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]


def artifact(name: str, *requires: str, **fields: Any) -> Artifact:
    """An artifact with its requirements as bare ids."""
    return Artifact(id=name, requires=tuple(Requirement(id=one) for one in requires), **fields)


async def task_runs(client: PrefectClient, run: FlowRun, expected: int, until: Until) -> list[TaskRun]:
    """The task runs of a flow run, once the server knows as many as expected."""
    which = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))

    async def all_there() -> list[TaskRun]:
        found = await client.read_task_runs(flow_run_filter=which)
        ended = [one for one in found if one.state is not None and one.state.is_final()]
        return ended if len(ended) >= expected else []

    runs: list[TaskRun] = await until(all_there)
    return runs


async def test_each_artifact_is_a_task_run_named_after_it_and_requirements_are_edges(
    carried_out: CarriedOut,
    plan_of: PlanOf,
    client: PrefectClient,
    latest_run: LatestRun,
    until: Until,
    edges_of: "EdgesOf",
) -> None:
    """The run graph that the UI draws is the plan."""
    diamond = plan_of(
        artifact("Top"),
        artifact("Left", "Top"),
        artifact("Right", "Top"),
        artifact("Bottom", "Left", "Right"),
    )
    outcome = await carried_out(diamond)
    run = await latest_run("execute-plan")
    runs = await task_runs(client, run, 4, until)
    assert sorted(one.name for one in runs) == ["Bottom", "Left", "Right", "Top"]
    nodes, edges = await edges_of(run)
    assert nodes == {"Bottom", "Left", "Right", "Top"}
    assert edges == {("Top", "Left"), ("Top", "Right"), ("Left", "Bottom"), ("Right", "Bottom")}
    assert set(states(outcome).values()) == {"done"}
    assert run.state_name == "Completed"


async def test_artifact_starts_when_its_requirements_are_done_and_not_when_a_wave_is(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", happenings: "Happenings"
) -> None:
    """What requires the quick one is made while the slow one of the first wave still works."""
    release = team.holding("Slow")
    plan = plan_of(artifact("Quick"), artifact("Slow"), artifact("AfterQuick", "Quick"))
    run = asyncio.create_task(carried_out(plan))
    await happenings.reached("artifact.made AfterQuick")
    assert "Slow" not in team.ended
    release.set()
    assert set(states(await run).values()) == {"done"}


async def test_no_more_artifacts_at_once_than_allowed(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", happenings: "Happenings"
) -> None:
    """With two at once, the third starts only when one of the first two is done."""
    releases = {name: team.holding(name) for name in "ABC"}
    run = asyncio.create_task(carried_out(plan_of(*(artifact(name) for name in "ABC")), max_parallel=2))
    await happenings.reached("artifact.started A", "artifact.started B")
    assert "artifact.started C" not in happenings.told
    releases["B"].set()
    await happenings.reached("artifact.started C")
    assert "artifact.made B" in happenings.told
    for release in releases.values():
        release.set()
    assert set(states(await run).values()) == {"done"}


async def test_artifact_with_the_longest_remaining_path_goes_first(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """With one worker the start of a chain goes before an artifact on which nothing waits, whatever their names."""
    plan = plan_of(artifact("Alone"), artifact("Start"), artifact("End", "Start"))
    await carried_out(plan, max_parallel=1)
    assert team.called == ["Start", "Alone", "End"] or team.called == ["Start", "End", "Alone"]


async def test_two_artifacts_of_one_file_are_never_made_at_once(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", happenings: "Happenings", tmp_path: Path
) -> None:
    """The second writer waits for the first, though nothing requires it and workers are free."""
    release = team.holding("First")
    plan = plan_of(
        artifact("First", produces_file="a.txt"),
        artifact("Second", produces_file="./a.txt"),
        artifact("Other", produces_file="b.txt"),
    )
    run = asyncio.create_task(carried_out(plan))
    await happenings.reached("artifact.made Other")
    assert team.called == ["First", "Other"]
    release.set()
    assert set(states(await run).values()) == {"done"}
    assert (tmp_path / "out" / "a.txt").read_text() == "made Second\n"


async def test_dependent_of_failed_artifact_never_runs_and_independents_go_on(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """It costs its cone and nothing else, each blocked one names what it waited for, and the run has failed."""
    team.failing("Bad", AgentError("tester", "Bad", "it has no source"))
    plan = plan_of(
        artifact("Bad"),
        artifact("Near", "Bad"),
        artifact("Far", "Near"),
        artifact("Free"),
        artifact("AfterFree", "Free"),
    )
    outcome = await carried_out(plan)
    expected = {"Bad": "failed", "Near": "blocked", "Far": "blocked", "Free": "done", "AfterFree": "done"}
    assert states(outcome) == expected
    assert outcome["artifacts"]["Near"]["waited_for"] == "Bad"
    assert outcome["artifacts"]["Far"]["waited_for"] == "Near"
    assert "it has no source" in outcome["artifacts"]["Bad"]["reason"]
    assert sorted(team.called) == ["AfterFree", "Bad", "Free"]
    run = await latest_run("execute-plan")
    assert run.state is not None
    assert (run.state.name, run.state.message) == ("Failed", "3 of 5 artifacts were not made: Bad, Far, Near")
    history = [state.name for state in await client.read_flow_run_states(run.id)]
    assert history == ["Pending", "Running", "Failed"], "an automation on completed runs must not see it as one"
    assert sorted(one.name for one in await task_runs(client, run, 3, until)) == ["AfterFree", "Bad", "Free"]


async def test_artifact_that_fails_first_and_succeeds_later_counts_as_done(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", latest_run: LatestRun, quick_retries: None
) -> None:
    """A retry that helps leaves no trace in the outcome, and dependents are made."""
    team.failing("Shaky", ValueError("the line was busy"), ValueError("still busy"))
    outcome = await carried_out(plan_of(artifact("Shaky"), artifact("After", "Shaky")), retries=2)
    assert states(outcome) == {"After": "done", "Shaky": "done"}
    assert team.called == ["Shaky", "Shaky", "Shaky", "After"]
    assert (await latest_run("execute-plan")).state_name == "Completed"


async def test_retries_end(carried_out: CarriedOut, plan_of: PlanOf, team: "Team", quick_retries: None) -> None:
    """What fails more often than it may be tried again has failed, with the last reason."""
    team.failing("Shaky", ValueError("once"), ValueError("twice"), ValueError("thrice"))
    outcome = await carried_out(plan_of(artifact("Shaky")), retries=1)
    assert states(outcome) == {"Shaky": "failed"}
    assert "twice" in outcome["artifacts"]["Shaky"]["reason"]
    assert team.called == ["Shaky", "Shaky"]


async def test_flow_that_is_to_be_tried_again_is(
    plan_of: PlanOf, team: "Team", tmp_path: Path, latest_run: LatestRun
) -> None:
    """With `retries` of the flow itself, only what was not made is made again, and the outcome is the last try's."""
    team.failing("Shaky", ValueError("once"), ValueError("twice"))
    trying = execute_plan.with_options(retries=1)
    plan = plan_of(artifact("Shaky"), artifact("Firm"))
    with using_agents(team.specialist):
        outcome = await trying(plan, workspace=str(tmp_path / "out"), retries=0)
        assert states(outcome) == {"Firm": "kept", "Shaky": "failed"}
        assert (await latest_run("execute-plan")).state_name == "Failed"
        outcome = await trying(plan, workspace=str(tmp_path / "out"), retries=0)
    assert states(outcome) == {"Firm": "kept", "Shaky": "done"}
    assert sorted(team.called) == ["Firm", "Shaky", "Shaky", "Shaky"]


async def test_error_that_will_not_go_away_is_not_tried_again(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", quick_retries: None
) -> None:
    """An error says of itself whether the same call may help."""
    team.failing("Bad", AgentError("tester", "Bad", "never"))
    outcome = await carried_out(plan_of(artifact("Bad")), retries=3)
    assert states(outcome) == {"Bad": "failed"}
    assert team.called == ["Bad"]


async def test_artifact_that_takes_too_long_has_failed(carried_out: CarriedOut, plan_of: PlanOf, team: "Team") -> None:
    """A specialist that never answers is given up at the limit, and the run ends."""
    team.holding("Endless")
    plan = plan_of(artifact("Endless"), artifact("After", "Endless"), artifact("Free"))
    outcome = await carried_out(plan, timeout_seconds=0.3, retries=0)
    assert states(outcome) == {"After": "blocked", "Endless": "failed", "Free": "done"}
    assert "0.3 second" in outcome["artifacts"]["Endless"]["reason"]


class MuteError(Exception):
    """An error that fails even at saying what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (asyncio.CancelledError(), "it cancelled its own work"),
        (SystemExit(3), "it asked to exit with 3"),
        (MuteError(), ""),
        (ValueError("two\nlines, \x1b[31mred, \udcff"), "two lines, \\x1b[31mred, \\udcff"),
    ],
    ids=["cancels", "exits", "mute", "unprintable"],
)
async def test_specialist_takes_nobody_along_however_it_fails(
    carried_out: CarriedOut,
    plan_of: PlanOf,
    team: "Team",
    error: BaseException,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is independent goes on, the reason is one line that can be shown anywhere, and all logs can be sent."""
    logs = list[dict[str, Any]]()
    monkeypatch.setattr("prefect.logging.handlers._api_log_sink", logs.append)

    async def fail() -> None:
        raise error

    team.before["Bad"] = fail
    outcome = await carried_out(plan_of(artifact("Bad"), artifact("After", "Bad"), artifact("Free")), retries=0)
    assert states(outcome) == {"After": "blocked", "Bad": "failed", "Free": "done"}
    assert told in outcome["artifacts"]["Bad"]["reason"]
    lines = "\n".join(log["message"] for log in logs).encode("utf-8").decode("utf-8")  # as Prefect's client sends them
    assert "artifact.failed subject=Bad" in lines
    assert told in lines


@pytest.mark.parametrize(
    ("artifacts", "told"),
    [
        ([artifact("A", "B"), artifact("B", "A")], "P003"),
        ([artifact("A", "Gone")], "P002"),
        ([], "P004"),
        ([artifact("A", agent="nobody")], "nobody"),
        ([artifact("A", produces_file="../outside.txt")], "P007"),
        ([artifact("A", produces_file="/etc/outside.txt")], "P007"),
        ([artifact("A"), artifact("A")], "P001"),
    ],
    ids=["cycle", "missing", "empty", "unknown agent", "climbing", "absolute", "twice"],
)
async def test_wrong_plan_is_an_error_before_the_first_artifact(
    artifacts: list[Artifact],
    told: str,
    carried_out: CarriedOut,
    plan_of: PlanOf,
    team: "Team",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of a plan that the gate refuses is made, no folder is left, and nobody is shown a traceback."""
    logs = list[dict[str, Any]]()
    monkeypatch.setattr("prefect.logging.handlers._api_log_sink", logs.append)
    plan = plan_of(*artifacts, artifact("Fine", produces_file="fine.txt")) if artifacts else plan_of()
    with pytest.raises((InvalidPlanError, UnknownAgentError), match=told):
        await carried_out(plan)
    lines = [log["message"] for log in logs]
    assert any(line.startswith("Finished in state Failed(") and told in line for line in lines)
    assert not any("Traceback" in line for line in lines)
    assert team.called == []
    assert list(tmp_path.iterdir()) == []


async def test_outcome_is_plain_json(carried_out: CarriedOut, plan_of: PlanOf) -> None:
    """What the flow gives can be stored anywhere as it is."""
    outcome = await carried_out(plan_of(artifact("A", produces_file="a.txt")))
    assert json.loads(json.dumps(outcome)) == outcome
    assert outcome["artifacts"]["A"]["files"] == ["a.txt"]


async def test_plan_is_taken_as_plain_json(carried_out: CarriedOut, team: "Team") -> None:
    """A plan file's document will do as a parameter, with a bare id as a requirement."""
    document = {
        "artifacts": [
            {"id": "User", "requires": "UserProtocol", "agent": "tester"},
            {"id": "UserProtocol", "agent": "tester"},
        ]
    }
    outcome = await carried_out(document)
    assert team.called == ["UserProtocol", "User"]
    assert states(outcome) == {"User": "done", "UserProtocol": "done"}


async def test_events_reach_the_logs_of_the_run(
    carried_out: CarriedOut, plan_of: PlanOf, client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """Whoever looks at the run in the UI reads there what was made and how the run ended."""
    await carried_out(plan_of(artifact("Logged")))
    run = await latest_run("execute-plan")

    async def lines() -> list[str]:
        logs = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])), limit=200)
        messages = [log.message for log in logs]
        return messages if any("run.completed" in message for message in messages) else []

    messages = await until(lines)
    assert any(message == "Finished in state Completed('no file; confidence 0.9')" for message in messages)
    assert any(message == "run.completed subject=Try the executor done=1" for message in messages)


async def test_specialist_cannot_write_outside_nor_into_the_file_of_another(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path, quick_retries: None
) -> None:
    """A path that leads out fails the artifact, and a file that belongs to another is left to its owner."""
    team.files["Climber"] = (ProducedFile(path="../stolen.txt", content="x"),)
    team.files["Meddler"] = (
        ProducedFile(path="meddler.txt", content="own\n"),
        ProducedFile(path="owned.txt", content="not mine\n"),
    )
    plan = plan_of(
        artifact("Climber"),
        artifact("Owner", produces_file="owned.txt"),
        artifact("Meddler", "Owner", produces_file="meddler.txt"),
    )
    outcome = await carried_out(plan)
    assert states(outcome) == {"Climber": "failed", "Meddler": "done", "Owner": "done"}
    assert not (tmp_path / "stolen.txt").exists()
    assert (tmp_path / "out" / "owned.txt").read_text() == "made Owner\n"
    assert (tmp_path / "out" / "meddler.txt").read_text() == "own\n"


async def test_specialist_cannot_follow_a_link_out_of_the_workspace(
    carried_out: CarriedOut, plan_of: PlanOf, tmp_path: Path, quick_retries: None
) -> None:
    """A folder of the workspace that is a link elsewhere takes nothing."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "linked").symlink_to(elsewhere)
    outcome = await carried_out(plan_of(artifact("A", produces_file="linked/a.txt")))
    assert states(outcome) == {"A": "failed"}
    assert list(elsewhere.iterdir()) == []


async def test_second_run_in_a_busy_workspace_is_refused(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path
) -> None:
    """Two runs never write into one folder at the same time."""
    with (
        Workspace.opened(tmp_path / "out").leased(),
        pytest.raises(WorkspaceInUseError, match="in use by another run; wait"),
    ):
        await carried_out(plan_of(artifact("A")))
    assert team.called == []
    assert states(await carried_out(plan_of(artifact("A")))) == {"A": "done"}


async def test_what_a_required_artifact_found_reaches_its_dependents(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """Evidence is handed on whole: of what is required as an input, of what lies further back as background."""
    plan = plan_of(artifact("A"), artifact("B", "A"), artifact("C", "B"))
    await carried_out(plan)
    told = team.assignments["C"]
    assert {name: evidence.summary for name, evidence in told.inputs.items()} == {"B": "B is there."}
    assert {name: evidence.summary for name, evidence in told.background.items()} == {"A": "A is there."}
