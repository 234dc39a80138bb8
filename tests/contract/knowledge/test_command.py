"""`harmonic kb`: the scripts of the second design document run as they stand there, and every refusal is one line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.tasks.knowledge_address import knowledge_address

Kb = Callable[..., Any]


@pytest.fixture
def kb(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kb:
    """Runs a verb that must succeed, and gives what it prints: JSON read, Markdown as it is."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", url)

    def run(verb: str, *arguments: str) -> Any:
        code = exit_code(["kb", verb, *arguments])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return out if verb == "export" else json.loads(out)

    return run


@pytest.fixture
def refused(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a verb that must not succeed, and gives the line that it prints."""
    monkeypatch.setenv("HARMONIC_DATABASE_URL", url)

    def run(code: int, verb: str, *arguments: str) -> str:
        assert exit_code(["kb", verb, *arguments]) == code
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err

    return run


def added(kb: Kb, title: str, content: str, metadata: dict[str, Any]) -> str:
    """Id of an entity that is added."""
    return str(kb("add", title, content, json.dumps(metadata))["id"])


def parts(kb: Kb, plan: str) -> list[str]:
    """Ids of the parts of a plan, as the scripts read them from `links`."""
    return [each["id"] for each in kb("links", plan, "from") if each["link_type"] == "decomposes_to"]


def test_workflow_of_a_complex_feature(kb: Kb) -> None:
    """Plan, decompose, carry out the research, collect it: nothing is wiped, and the order holds."""
    node = {"type": "plan", "strategy": "hierarchical", "status": "planning"}
    plan = added(kb, "Plan: GraphQL API", "Top-level plan", {**node, "depth": 0, "max_depth": 4})
    part = {**node, "depth": 1, "parent_plan": plan}
    research = added(kb, "Research: GraphQL", "Patterns", {**part, "assigned_agent": "researcher"})
    analysis = added(
        kb, "Analysis: API", "REST", {**part, "assigned_agent": "code-analyzer", "dependencies": [research]}
    )
    decision = added(
        kb,
        "Decision: Stack",
        "Server",
        {**part, "assigned_agent": "decision-log", "dependencies": [research, analysis]},
    )
    learning = added(kb, "Learning: Team", "", {**part, "assigned_agent": "learning-path", "dependencies": [decision]})
    for each in (learning, decision, analysis, research):
        kb("link", plan, each, "decomposes_to")
    kb("link", research, analysis, "blocks")
    kb("link", analysis, decision, "informs")
    kb("link", decision, learning, "enables")
    assert parts(kb, plan) == [research, analysis, decision, learning]

    leaf = {"type": "plan", "depth": 2, "assigned_agent": "researcher", "parent_plan": research, "status": "executing"}
    topics = [
        added(kb, f"Research: {topic}", "- a list", leaf) for topic in ("Patterns", "Subscriptions", "Performance")
    ]
    tasks = [
        kb("add-task", "Execute", "@researcher research 'x'", topic, '{"priority":"high","parallel":true}')["id"]
        for topic in topics
    ]
    pending = [each for each in kb("tasks", "pending") if each["metadata"]["plan_id"] == plan]
    assert [each["entity_id"] for each in pending] == topics
    for task, topic in zip(tasks, topics, strict=True):
        kb("update", task, "", "", '{"status":"completed"}')
        kb("update", topic, "", "", '{"status":"completed"}')
    assert kb("tasks", "pending") == []
    summary = "".join(kb("export", topic) for topic in topics)
    kb("update", research, "Research Phase Complete", summary, '{"status":"completed","actual_effort":"medium"}')

    found = kb("get", research)
    assert (found["title"], found["content"]) == ("Research Phase Complete", summary)
    kept = ("assigned_agent", "strategy", "status", "actual_effort", "parent_plan", "depth")
    assert [found["metadata"][key] for key in kept] == ["researcher", "hierarchical", "completed", "medium", plan, 1]
    assert (kb("get", plan)["metadata"]["max_depth"], kb("get", plan)["metadata"]["status"]) == (4, "executing")
    kb("update", analysis, "", "", '{"status":"executing"}')
    assert kb("context", plan)["progress"]["whole"]["completed"] == 4


def test_workflow_of_an_incident(kb: Kb) -> None:
    """Two tracks at once; as soon as one knows the cause, the decision is recorded and the other is dropped."""
    incident = added(
        kb, "Incident: DB", "40 %", {"type": "plan", "status": "executing", "priority": "critical", "max_depth": 3}
    )
    track = {"type": "plan", "depth": 1, "parent_plan": incident, "status": "executing"}
    analyze = added(kb, "Analyze: Queries", "Slow", {**track, "assigned_agent": "code-analyzer"})
    research = added(kb, "Research: Issues", "Bugs", {**track, "assigned_agent": "researcher"})
    kb("add-task", "Analyze slow queries", "@code-analyzer analyze", analyze, '{"priority":"critical"}')
    kb("add-task", "Research incidents", "@researcher search", research, '{"priority":"critical"}')
    assert kb("get", analyze)["metadata"]["status"] == "executing"
    done = next(each["id"] for each in kb("tasks") if each["entity_id"] == analyze)
    kb("update", done, "", "", '{"status":"completed"}')
    kb("update", analyze, "", "Missing index.", '{"status":"completed"}')
    mitigation = {"type": "plan", "depth": 1, "assigned_agent": "decision-log", "parent_plan": incident}
    decided = added(kb, "Decision: Mitigation", kb("export", analyze), {**mitigation, "status": "completed"})
    kb("update", research, "", "", '{"dropped":"the cause is known"}')
    kb("update", incident, "", "", '{"status":"completed"}')
    assert kb("get", incident)["metadata"]["priority"] == "critical"
    assert "Missing index." in kb("get", decided)["content"]


def test_workflow_of_a_programme(kb: Kb) -> None:
    """Four milestones below a programme of depth 6, and a review with its date."""
    programme = kb(
        "add",
        "Program: Platform Modernization",
        "Comprehensive",
        '{"type":"plan","max_depth":6,"duration":"12 months","milestones":["Q1","Q2","Q3","Q4"]}',
    )["id"]
    quarter = json.dumps({"type": "plan", "depth": 1, "parent_plan": programme, "milestone": "Q1"})
    q1 = kb("add", "Q1 Milestone: Assessment", "Current state", quarter)["id"]
    leaf = {"type": "plan", "depth": 2, "parent_plan": q1}
    kb("add", "Research: Patterns", "...", json.dumps({**leaf, "assigned_agent": "researcher"}))
    kb("add", "Analysis: Debt", "...", json.dumps({**leaf, "assigned_agent": "code-analyzer"}))
    review = {"scheduled_date": "2026-04-01", "agent": "hierarchical-planner", "review": True}
    kb("add-task", "Review Q1 Progress", "Coordinator reviews", programme, json.dumps(review))
    assert kb("get", programme)["metadata"]["milestones"] == ["Q1", "Q2", "Q3", "Q4"]
    assert [level["total"] for level in kb("context", programme)["progress"]["levels"]] == [1, 2]
    assert kb("tasks", "pending")[0]["metadata"]["scheduled_date"] == "2026-04-01"
    assert (kb("budget", q1)["max_depth"], kb("budget", q1)["total_in_tree"]) == (6, 4)


def test_evaluate_and_replan_script(kb: Kb) -> None:
    """The loop of the design: not converged, replanned with a phase for the gap, converged."""
    plan = kb("add", "Migrate", "", '{"type":"plan"}')["id"]
    each = kb("add-eval", plan, "5", '{"min_confidence":0.7,"max_gaps":2,"max_contradictions":0}')["eval_id"]
    before = kb("converged", each)
    assert (before["converged"], before["outcome"], before["confidence"]) == (False, "continue", None)
    kb("update-eval", each, '{"confidence":0.4,"gaps":["strategy"],"contradictions":[],"iteration":1}')
    gap = {"type": "plan", "parent_plan": plan, "added_by_eval": 1}
    filler = kb("add", "Gap Fill: strategy", "Added", json.dumps(gap))["id"]
    kb("link", plan, filler, "decomposes_to")
    kb("update-eval", each, '{"decision":"loop","rationale":"Replanned remaining phases"}')
    kb("update-eval", each, '{"confidence":0.75,"gaps":[],"contradictions":[],"iteration":2}')
    after = kb("converged", each)
    assert {key: after[key] for key in ("converged", "outcome", "confidence", "gaps", "contradictions")} == {
        "converged": True,
        "outcome": "converged",
        "confidence": 0.75,
        "gaps": [],
        "contradictions": [],
    }


def test_blocker_pattern(kb: Kb) -> None:
    """A blocked task gets an unblocking one as its prerequisite, and goes on once that is done."""
    plan = kb("add", "Plan", "", '{"type":"plan"}')["id"]
    part = json.dumps({"parent_plan": plan, "status": "executing"})
    task = kb("add", "Task", "", part)["id"]
    kb("update", task, "", "", '{"status":"blocked","blocker":"no access"}')
    unblock = kb("add", "Unblock: no access", "", json.dumps({"parent_plan": plan, "priority": "high"}))["id"]
    kb("link", unblock, task, "unblocks")
    kb("update", unblock, "", "", '{"status":"executing"}')
    kb("update", unblock, "", "", '{"status":"completed"}')
    assert kb("update", task, "", "", '{"status":"executing"}')["metadata"]["blocker"] is None


def test_spawn_budget_context_and_reflection(kb: Kb) -> None:
    """The remaining verbs, and the keys that the contract names."""
    plan = kb("add", "Plan", "", '{"type":"plan"}')["id"]
    child = kb("spawn", plan, "Part", "- with a list", "researcher")["id"]
    budget = kb("budget", child)
    assert {"can_spawn", "current_depth", "total_in_tree", "remaining_budget", "reason"} <= budget.keys()
    assert (budget["can_spawn"], budget["remaining_budget"]) == (True, 48)
    assert [each["id"] for each in kb("context", child)["parents"]] == [plan]
    assert kb("reflect", plan)["verdict"] == "empty"
    assert kb("links", plan)[0]["link_type"] == "spawned"


def test_content_may_look_like_an_option(kb: Kb) -> None:
    """Lists in Markdown begin with a dash."""
    note = kb("add", "--title", "- one\n- two")["id"]
    assert (kb("get", note)["title"], kb("get", note)["content"]) == ("--title", "- one\n- two")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("get", "nobody"), "no entity has the id 'nobody'"),
        (("update", "nobody", "x"), "nobody"),
        (("add", "x", "", '{"type":"plan","status":"done"}'), "give one of planning"),
        (("add", " "), "not empty"),
        (("link", "a", "b", "blocks"), "'a', 'b'"),
        (("link", "a", "b", "hates"), "decomposes_to"),
        (("add-task", "x", "y", "nobody"), "nobody"),
        (("tasks", "waiting"), "pending"),
        (("add-eval", "nobody"), "nobody"),
        (("update-eval", "nobody", '{"confidence":0.5}'), "nobody"),
        (("converged", "nobody"), "nobody"),
        (("spawn", "nobody", "x", "y", "researcher"), "nobody"),
        (("budget", "nobody"), "nobody"),
        (("context", "nobody"), "nobody"),
        (("reflect", "nobody"), "nobody"),
        (("export", "nobody"), "nobody"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_refusal_is_exit_1_with_one_line(refused: Callable[..., str], arguments: tuple[str, ...], told: str) -> None:
    """Nothing on stdout, and the reason on stderr."""
    assert told in refused(1, *arguments)


@pytest.mark.parametrize(
    "arguments",
    [("add",), ("add", "x", "", "{"), ("add", "x", "", "[1]"), ("links", "a", "up"), ("add-eval", "a", "many"), ("x",)],
    ids=" ".join,
)
def test_bad_usage_is_exit_2(refused: Callable[..., str], arguments: tuple[str, ...]) -> None:
    """Before anything is looked up."""
    assert refused(2, *arguments)


def test_evaluation_of_seven_and_a_half_is_refused(kb: Kb, refused: Callable[..., str]) -> None:
    """From 0 to 1."""
    plan = kb("add", "Plan", "", '{"type":"plan"}')["id"]
    each = kb("add-eval", plan)["eval_id"]
    assert "confidence cannot be 7.5" in refused(1, "update-eval", each, '{"confidence":7.5}')


def test_wrong_address_is_bad_usage_and_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does an address that leads nowhere."""
    for address, code in (("mysql://me:geheim@host/x", 2), ("postgresql://me:geheim@127.0.0.1:1/x", 1)):
        monkeypatch.setenv("HARMONIC_DATABASE_URL", address)
        assert exit_code(["kb", "get", "x"]) == code
        err = capsys.readouterr().err
        assert ("geheim" in err, err.count("\n")) == (False, 1)


def test_default_is_a_file_under_prefects_home(tmp_path: Path) -> None:
    """Made where it is not there yet; the variable wins."""
    home = tmp_path / "a home" / "prefect"
    address = knowledge_address({"PREFECT_HOME": str(home)})
    assert address.get_secret_value() == f"sqlite:///{home / 'harmonic.db'}"
    assert home.is_dir()
    assert knowledge_address({"HARMONIC_DATABASE_URL": "sqlite:////x.db"}).get_secret_value() == "sqlite:////x.db"


def test_command_itself_remembers_from_process_to_process(tmp_path: Path) -> None:
    """As a script calls it."""
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path)}
    environment.pop("HARMONIC_DATABASE_URL", None)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        code = "from prefect_harmonic.deployments.cli import main; main()"
        command = [sys.executable, "-c", code, "kb", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    added = run("add", "Title", "Content")
    found = run("get", json.loads(added.stdout)["id"])
    assert (json.loads(found.stdout)["title"], found.stderr) == ("Title", "")
    missing = run("get", "nobody")
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (1, "", 1)
    assert (tmp_path / "harmonic.db").exists()
