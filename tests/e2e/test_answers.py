"""A run that asks a person: answered through Prefect's REST API or the command line, in another process."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from prefect_harmonic.deployments.cli.main import exit_code

if TYPE_CHECKING:
    from e2e.conftest import Api

PLAN = {
    "goal": "Find out what the shop needs",
    "artifacts": [
        {
            "id": "BrokerResearch",
            "description": "Which message broker the shop uses, who runs it at night, what it costs, and since when.",
            "agent": "researcher",
            "phase": "research",
        },
        {
            "id": "Summary",
            "description": "A summary of what was found.",
            "agent": "builder",
            "produces_file": "docs/summary.md",
            "requires": [{"id": "BrokerResearch", "because": "sums it up"}],
            "phase": "writing",
        },
    ],
}
CONTENT_WITH_NOTHING_LESS = {"min_confidence": 1.0, "max_gaps": 0, "max_iterations": 1}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which runs are started, with a small project in it."""
    place = tmp_path_factory.mktemp("asked")
    docs = place / "project" / "docs"
    docs.mkdir(parents=True)
    (docs / "operations.md").write_text("# Operations\n\nThe shop runs on two machines in Linz.\n")
    return place


@pytest.fixture(scope="module")
def served(
    api: "Api",
    home: Path,
    place: Path,
    running: Callable[..., Any],
    clean_environment: Callable[..., dict[str, str]],
    harmonic_command: tuple[str, ...],
    until: Callable[..., Any],
) -> Iterator[dict[str, str]]:
    """`harmonic serve`, and the environment that it has."""
    environment = clean_environment(home, PREFECT_API_URL=api.url)
    log = place / "served.log"
    with running((*harmonic_command, "serve", "--name", "asked"), log, env=environment, cwd=place) as process:

        def is_serving() -> bool:
            assert process.poll() is None, log.read_text()
            return any(one["name"] == "asked" for one in api.found("deployments"))

        until(is_serving, "the deployments")
        yield environment


@pytest.fixture
def asked(api: "Api", served: dict[str, str], place: Path, until: Callable[..., Any]) -> Callable[..., str]:
    """Starts a run through the API and gives its id once it waits for a person."""

    def start(way: str, workspace: str) -> str:
        response = api.start(
            "pursue-goal/asked",
            plan=PLAN,
            project=str(place / "project"),
            workspace=str(place / workspace),
            criteria=CONTENT_WITH_NOTHING_LESS,
            on_escalation=way,
        )
        assert response.status_code == 201, response.text
        run = str(response.json()["id"])

        def is_waiting() -> bool:
            found = api.get(f"flow_runs/{run}")
            assert found["state_type"] not in {"FAILED", "CRASHED", "COMPLETED"}, found["state"]
            return bool(found["state_type"] == "PAUSED")

        until(is_waiting, "the question")
        return run

    return start


def made(events: list[dict[str, Any]]) -> list[str]:
    """What was made, in order."""
    return [event["subject"] for event in events if event["name"] == "artifact.made"]


@pytest.fixture
def told(api: "Api", capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Gives what the command prints, called in this process, which is another one than that of the run."""

    def tell(*arguments: str, expected: int = 0) -> Any:
        with temporary_settings({PREFECT_API_URL: api.url}):
            code = exit_code(arguments)
        shown = capsys.readouterr()
        assert code == expected, shown.err
        return shown

    return tell


@pytest.mark.parametrize("way", ["pause", "suspend"])
def test_answer_through_the_api_carries_the_run_on(
    way: str,
    api: "Api",
    place: Path,
    asked: Callable[..., str],
    events_in: Callable[[Path], list[dict[str, Any]]],
) -> None:
    """What is no answer to this is refused and leaves it waiting; one carries it on, and nothing is made twice."""
    run = asked(way, way)
    assert made(events_in(place / way)) == ["BrokerResearch"]
    for nonsense in ({}, {"action": "approve"}):  # nothing is proposed that could be approved
        refused = api.post(f"flow_runs/{run}/resume", {"run_input": nonsense})
        assert (refused.status_code, refused.json()["status"]) == (200, "REJECT")
    answer = {"action": "skip", "by": "Ada"}
    taken = api.post(f"flow_runs/{run}/resume", {"run_input": answer})
    assert taken.json().get("status") == "ACCEPT", taken.text
    ended = api.ended(run)
    assert ended["state_name"] == "Completed", ended["state"]
    events = events_in(place / way)
    assert made(events) == ["BrokerResearch", "Summary"]
    assert [event["name"] for event in events if event["name"] == "question.asked"] == ["question.asked"]
    (answered,) = [event["details"] for event in events if event["name"] == "question.answered"]
    assert (answered["action"], answered["by"]) == ("skip", "Ada")
    report = (place / way / "report.md").read_text()
    assert "Ada" in report
    assert "Not converged" in report


def test_answer_on_the_command_line_reaches_a_paused_run(
    api: "Api",
    place: Path,
    served: dict[str, str],
    asked: Callable[..., str],
    told: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`harmonic status` shows the question, `harmonic resume ID --answer` answers it where the run waits."""
    run = asked("pause", "by-command")
    monkeypatch.setenv("PREFECT_HOME", served["PREFECT_HOME"])
    monkeypatch.chdir(place)
    programmes = json.loads(told("status", "--json").out)["programmes"]
    (waiting,) = [one for one in programmes if one["workspace"] == str(place / "by-command")]
    assert waiting["question"]["kind"] == "exhausted"
    assert "--answer" in told("resume", waiting["id"], expected=3).out
    nonsense = told("resume", waiting["id"], "--answer", "approve", expected=2)
    assert len(nonsense.err.splitlines()) == 1
    told("resume", waiting["id"], "--answer", "stop", "--by", "Ben")
    ended = api.ended(run)
    assert ended["state_type"] == "FAILED"
    assert "Ben" in (place / "by-command" / "report.md").read_text()


def test_run_without_a_server_waits_with_exit_3_and_goes_on_after_the_answer(
    place: Path,
    tmp_path: Path,
    harmonic: Callable[..., Any],
    told: Callable[..., Any],
    events_in: Callable[[Path], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is lost between the question and the answer; with `--json` stdout is one document, first and last.

    Each run is a process of its own that starts Prefect for itself.
    """
    file, workspace = tmp_path / "plan.json", tmp_path / "out"
    file.write_text(json.dumps(PLAN))
    options = ["--min-confidence", "1", "--max-gaps", "0", "--max-iterations", "1", "--project", str(place / "project")]
    waiting = harmonic("run", "--plan", str(file), "--workspace", str(workspace), *options, "--json")
    assert waiting.returncode == 3, waiting.stderr
    assert json.loads(waiting.stdout)["counts"] == {"done": 1, "waiting": 1}
    assert "harmonic resume" in waiting.stderr
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    (programme,) = json.loads(told("status", "--json").out)["programmes"]
    told("resume", programme["id"], expected=3)
    resumed = harmonic("resume", programme["id"], "--answer", "skip", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["outcome"] == "accepted"
    assert made(events_in(workspace)) == ["BrokerResearch", "Summary"]
    assert (workspace / "report.md").is_file()
    assert "Traceback" not in waiting.stderr + resumed.stderr
