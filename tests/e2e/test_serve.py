"""`harmonic serve` with a real Prefect server: forms, schedules, runs, and what the server knows of them."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from e2e.conftest import Api

SCHEDULED_GOAL = "Build a REST API with auth"
LATER = {
    "parameters": {"goal": SCHEDULED_GOAL},
    "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}},
}
"""A run that is not due while the tests run."""

SERVED = (
    "pursue-goal/tested",
    "advance-program/tested",
    "harmonic-planning/tested",
    "execute-plan/tested",
    "respond-to-incident/tested",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `harmonic serve` is started, with a small project in it."""
    place = tmp_path_factory.mktemp("served")
    shop = place / "project" / "shop"
    shop.mkdir(parents=True)
    (shop / "__init__.py").write_text('"""A small shop."""\n')
    (shop / "orders.py").write_text("from shop import stock\n\n\ndef order(name):\n    return stock.take(name)\n")
    (shop / "stock.py").write_text("def take(name):\n    return name\n")
    (place / "project" / "README.md").write_text("# Shop\n\nOrders take from the stock.\n")
    return place


@pytest.fixture(scope="module")
def serving(
    api: "Api",
    home: Path,
    place: Path,
    running: Callable[..., Any],
    clean_environment: Callable[..., dict[str, str]],
    harmonic_command: tuple[str, ...],
    until: Callable[..., Any],
) -> Callable[[str], Any]:
    """Starts `harmonic serve` with a schedule, and gives its process once its deployments are there."""

    @contextmanager
    def start(name: str) -> Iterator[Any]:
        command = (*harmonic_command, "serve", "--name", name, "--cron", "0 3 1 1 *", "--goal", SCHEDULED_GOAL)
        options = ("--candidates", "2", "--project", "project")
        log = place / f"{name}.log"
        environment = clean_environment(home, PREFECT_API_URL=api.url)
        with running((*command, *options), log, env=environment, cwd=place) as process:

            def is_serving() -> bool:
                assert process.poll() is None, log.read_text()
                return [one["name"] for one in api.found("deployments")].count(name) == len(SERVED)

            until(is_serving, "the deployments")
            yield process

    return start


@pytest.fixture(scope="module")
def served(serving: Callable[[str], Any]) -> Iterator[Any]:
    """`harmonic serve` for the tests of this module."""
    with serving("tested") as process:
        yield process


pytestmark = pytest.mark.usefixtures("served")


def parameters_of(api: "Api", name: str) -> dict[str, Any]:
    """The fields of a deployment's form."""
    fields: dict[str, Any] = api.deployment(name)["parameter_openapi_schema"]["properties"]
    return fields


def asked_for(api: "Api", deployment: str) -> list[str]:
    """The runs of a deployment that no schedule made."""
    found = api.found("flow_runs", deployments={"id": {"any_": [deployment]}})
    return sorted(one["id"] for one in found if not one["auto_scheduled"])


def logs_of(api: "Api", run: str) -> list[str]:
    """The log lines of a run."""
    return [line["message"] for line in api.found("logs", logs={"flow_run_id": {"any_": [run]}}, limit=200)]


def test_what_is_served_is_printed_with_how_to_start_it(place: Path, until: Callable[..., Any]) -> None:
    """A person reads the names of the deployments and the command that starts a run."""

    def printed() -> str:
        text = (place / "tested.log").read_text()
        return text if "Stop with Ctrl-C" in text else ""

    text = until(printed, "what serve prints")
    assert all(name in text for name in SERVED)
    assert "prefect deployment run 'pursue-goal/tested' -p goal=" in text


@pytest.mark.parametrize("name", SERVED)
def test_every_field_of_a_form_has_a_title_and_a_description(api: "Api", name: str) -> None:
    """Titles are words and not the parameters' names, descriptions are sentences."""
    for parameter, field in parameters_of(api, name).items():
        assert field["title"][0].isupper(), parameter
        assert field["title"] != parameter
        assert field["description"].endswith("."), parameter


def test_form_has_the_choices_defaults_and_limits(api: "Api") -> None:
    """What can be chosen is a choice, and what has a default or a range says so."""
    schema = api.deployment("harmonic-planning/tested")["parameter_openapi_schema"]
    fields = schema["properties"]
    assert schema["required"] == ["goal"]
    assert schema["definitions"]["VarianceStrategy"]["enum"] == [
        "prompting", "temperature", "seeding", "constraints", "mixed",
    ]  # fmt: skip
    candidates = fields["candidates"]
    assert (candidates["default"], candidates["minimum"], candidates["maximum"]) == (5, 1, 32)
    assert [name for name, field in sorted(fields.items(), key=lambda pair: pair[1]["position"])][:2] == [
        "goal", "candidates",
    ]  # fmt: skip


def test_options_fill_in_the_form_with_absolute_folders(api: "Api", place: Path) -> None:
    """Where a run is started must not matter to where it writes."""
    expected = {"workspace": str(place / "harmonic-out"), "project": str(place / "project"), "candidates": 2}
    assert api.deployment("pursue-goal/tested")["parameters"] == expected


def test_schedule_has_the_goal_and_the_options(api: "Api", place: Path) -> None:
    """The scheduled runs have parameters of their own, and only `pursue-goal` is scheduled."""
    (schedule,) = api.deployment("pursue-goal/tested")["schedules"]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 3 1 1 *", "UTC")
    assert schedule["parameters"]["goal"] == SCHEDULED_GOAL
    assert schedule["parameters"]["workspace"] == str(place / "harmonic-out")
    assert api.deployment("harmonic-planning/tested")["schedules"] == []


def test_schedule_makes_runs(api: "Api") -> None:
    """The server writes them down ahead of time, each with what the schedule says."""
    identity = api.deployment("pursue-goal/tested")["id"]
    assert api.post(f"deployments/{identity}/schedule", {"min_runs": 1}).status_code == 200
    due = api.found(
        "flow_runs", deployments={"id": {"any_": [identity]}}, flow_runs={"state": {"name": {"any_": ["Scheduled"]}}}
    )
    assert {one["parameters"]["goal"] for one in due} == {SCHEDULED_GOAL}
    assert all(one["expected_start_time"][4:16] == "-01-01T03:00" for one in due)


@pytest.mark.parametrize(
    ("deployment", "parameters"),
    [
        ("harmonic-planning/tested", {"goal": "Build an API", "candidates": 0}),
        ("harmonic-planning/tested", {"goal": "Build an API", "candidates": "7"}),
        ("harmonic-planning/tested", {"goal": "Build an API", "variance": "none"}),
        ("harmonic-planning/tested", {}),
        ("pursue-goal/tested", {"workspace": ""}),
        ("pursue-goal/tested", {"goal": "Build an API", "kandidates": 3}),
        ("pursue-goal/tested", {"timeout_seconds": 0}),
        ("execute-plan/tested", {"plan": {"artifacts": []}}),
        ("execute-plan/tested", {"plan": {"artifacts": [{"id": "A", "colour": "red"}]}}),
        ("execute-plan/tested", {"plan": {"artifacts": [{"id": "A", "requires": [7]}]}}),
        ("execute-plan/tested", {"plan": "plan.json"}),
    ],
)
def test_bad_parameters_are_refused_and_start_nothing(api: "Api", deployment: str, parameters: dict[str, Any]) -> None:
    """The server says what is wrong, and no run is made."""
    identity = api.deployment(deployment)["id"]
    before = asked_for(api, identity)
    response = api.start(deployment, **parameters)
    assert response.status_code == 409, response.text
    assert asked_for(api, identity) == before


def test_planning_is_started_over_the_api(api: "Api", place: Path, until: Callable[..., Any]) -> None:
    """A run for a goal shows its candidates as task runs, and the table and the plan as artifacts."""
    started = api.start("harmonic-planning/tested", goal="Build a REST API with auth", candidates=3)
    assert started.status_code == 201
    run = api.ended(started.json()["id"])
    assert run["state_name"] == "Completed", logs_of(api, run["id"])
    assert run["name"] == "plan: Build a REST API with auth"
    artifacts = {one["key"]: one for one in api.found("artifacts", artifacts={"flow_run_id": {"any_": [run["id"]]}})}
    assert set(artifacts) == {"harmonic-candidates", "harmonic-plan"}
    rows = json.loads(artifacts["harmonic-candidates"]["data"])
    assert [row["candidate"] for row in rows] == ["candidate-0", "candidate-1", "candidate-2"]
    assert [row["choice"] for row in rows].count("selected") == 1

    def names() -> set[str]:
        found = {one["name"] for one in api.found("task_runs", flow_runs={"id": {"any_": [run["id"]]}})}
        generated = [name for name in found if name.startswith("generate candidate-")]
        return found if len(generated) >= 3 and len(found) >= 8 else set()

    assert until(names, "the task runs")
    assert not (place / "harmonic-out").exists()


def test_goal_is_pursued_over_the_api(api: "Api", place: Path, until: Callable[..., Any]) -> None:
    """A run for a goal about a project leaves its files, its artifacts, its phases and its log."""
    workspace = place / "pursued"
    content = {"min_confidence": 0, "max_gaps": 99, "max_contradictions": 99}
    started = api.start(
        "pursue-goal/tested",
        goal="Migrate to microservices",
        workspace=str(workspace),
        candidates=3,
        criteria=content,
        on_escalation="skip",
    )
    assert started.status_code == 201
    run = api.ended(started.json()["id"])
    assert run["state_name"] == "Completed", logs_of(api, run["id"])
    left = {path.name for path in workspace.iterdir()}
    assert left >= {"report.md", "plan.json", "plan.html", "knowledge.graphml", "knowledge.svg", "events.jsonl"}
    plan = json.loads((workspace / "plan.json").read_text())
    for one in plan["artifacts"]:
        assert one["produces_file"] is None or (workspace / one["produces_file"]).is_file()

    artifacts = {one["key"]: one for one in api.found("artifacts", artifacts={"flow_run_id": {"any_": [run["id"]]}})}
    assert {"harmonic-candidates", "harmonic-plan", "harmonic-report", "harmonic-evaluations"} <= set(artifacts)
    first_screen = artifacts["harmonic-report"]["data"].partition("**The whole report** lies at ")[0]
    assert (workspace / "report.md").read_text().startswith(first_screen.rstrip())

    def logged() -> list[str]:
        lines = logs_of(api, run["id"])
        return lines if any(line.startswith("run.completed") for line in lines) else []

    lines = until(logged, "the log")
    assert any(line.startswith("plan.selected subject=candidate-") for line in lines)
    assert any(line.startswith("phase.evaluated") for line in lines)

    phases = api.found("flow_runs", flow_runs={"parent_flow_run_id": {"any_": [run["id"]]}})
    assert phases
    made = [name for phase in phases for name in edges_and_names(api, phase["id"], until)]
    assert sorted(made) == sorted(one["id"] for one in plan["artifacts"])


def edges_and_names(api: "Api", run: str, until: Callable[..., Any]) -> list[str]:
    """The task runs in the graph of one phase, which are as many as the phase has artifacts."""
    artifacts = api.get(f"flow_runs/{run}")["parameters"]["artifacts"]

    def drawn() -> list[str]:
        nodes = dict(api.get(f"flow_runs/{run}/graph-v2")["nodes"])
        return [node["label"] for node in nodes.values()] if len(nodes) >= len(artifacts) else []

    names: list[str] = until(drawn, "the graph of a phase")
    return names


def test_plan_is_carried_out_over_the_api(api: "Api", place: Path, until: Callable[..., Any]) -> None:
    """The JSON of a plan file will do, a bare id as a requirement included, and requirements are edges."""
    plan = {
        "goal": "Keep notes",
        "artifacts": [
            {"id": "NoteModel", "requires": "NoteProtocol", "agent": "builder", "produces_file": "note.py"},
            {"id": "NoteProtocol", "agent": "builder", "produces_file": "protocol.py"},
        ],
    }
    started = api.start("execute-plan/tested", plan=plan, workspace=str(place / "executed"), project=None)
    assert started.status_code == 201, started.text
    run = api.ended(started.json()["id"])
    assert run["state_name"] == "Completed", logs_of(api, run["id"])
    assert (place / "executed" / "note.py").is_file()

    def drawn() -> dict[str, Any]:
        nodes = dict(api.get(f"flow_runs/{run['id']}/graph-v2")["nodes"])
        return nodes if len(nodes) == 2 else {}

    nodes = until(drawn, "the graph")
    labels = {key: node["label"] for key, node in nodes.items()}
    edges = {(labels[parent["id"]], node["label"]) for node in nodes.values() for parent in node["parents"]}
    assert edges == {("NoteProtocol", "NoteModel")}


def test_run_with_an_artifact_that_was_not_made_has_failed(api: "Api", place: Path, until: Callable[..., Any]) -> None:
    """A workspace in which one file cannot be written fails that artifact and its cone, and so the run."""
    workspace = place / "failing"
    (workspace / "taken.py").mkdir(parents=True)
    plan = {
        "artifacts": [
            {"id": "Bad", "agent": "builder", "produces_file": "taken.py"},
            {"id": "After", "requires": "Bad", "agent": "builder", "produces_file": "after.py"},
            {"id": "Free", "agent": "builder", "produces_file": "free.py"},
        ]
    }
    started = api.start("execute-plan/tested", plan=plan, workspace=str(workspace), project=None, retries=0)
    run = started.json()["id"]

    def failed() -> dict[str, Any]:
        found: dict[str, Any] = api.get(f"flow_runs/{run}")
        return found if found["state_type"] == "FAILED" else {}

    state = until(failed, "the run to have failed")["state"]
    assert state["message"] == "2 of 3 artifacts were not made: After, Bad"

    def names() -> set[str]:
        found = {one["name"] for one in api.found("task_runs", flow_runs={"id": {"any_": [run]}})}
        return found if len(found) >= 2 else set()

    assert until(names, "the task runs") == {"Bad", "Free"}
    assert not (workspace / "after.py").exists()
    assert (workspace / "free.py").is_file()


def test_serving_ends_in_order(
    api: "Api", serving: Callable[[str], Any], place: Path, until: Callable[..., Any]
) -> None:
    """SIGTERM pauses the schedule, ends the runs, leaves those that another process took, and ends with 0."""
    plan = {"goal": "Wait", "artifacts": [{"id": "Notes", "agent": "builder", "produces_file": "notes.md"}]}
    strict = {"min_confidence": 1.0, "max_gaps": 0, "max_iterations": 1}
    with serving("stopped") as process:
        asking = {"plan": plan, "criteria": strict, "on_escalation": "pause", "workspace": str(place / "stopped")}
        run = api.start("pursue-goal/stopped", project=None, **asking).json()["id"]
        until(lambda: api.get(f"flow_runs/{run}")["state_type"] == "PAUSED", "the run to ask")
        taken = api.post(f"deployments/{api.deployment('pursue-goal/stopped')['id']}/create_flow_run", LATER).json()[
            "id"
        ]
        api.post(f"flow_runs/{taken}/set_state", {"state": {"type": "PENDING", "name": "Submitting"}, "force": True})
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    assert api.get(f"flow_runs/{run}")["state_type"] == "CRASHED"
    assert api.get(f"flow_runs/{taken}")["state_type"] == "PENDING"
    text = (place / "stopped.log").read_text()
    assert "Stopped serving." in text
    assert "Traceback" not in text
    assert "Warning" not in text
    assert api.deployment("pursue-goal/stopped")["paused"]
