"""The command as scripts use it: exit codes, one line for each error, nothing but JSON on stdout."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from prefect_harmonic.deployments.cli.main import exit_code
from prefect_harmonic.planners.plan import Plan

Harmonic = Callable[..., subprocess.CompletedProcess[str]]
GOAL = "Build a REST API with auth"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a good plan, a wrong one and some that are none."""
    monkeypatch.chdir(tmp_path)
    cycle = [{"id": "A", "requires": ["B"]}, {"id": "B", "requires": ["A"]}]
    texts = {
        "good.json": json.dumps({"goal": "Try", "artifacts": [{"id": "A"}, {"id": "B", "requires": "A"}]}),
        "cycle.json": json.dumps({"artifacts": cycle}),
        "empty.json": json.dumps({"artifacts": []}),
        "text.json": "no plan at all",
        "list.json": "[]",
        "unknown-key.json": json.dumps({"artifacts": [{"id": "A", "colour": "red"}]}),
        "a-file": "",
        "methods/typo.yaml": "methods:\n  - nmae: x\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with suppress(OSError):  # not every system takes such a name
        (tmp_path / "caf\udce9").mkdir()
    return tmp_path


BAD_USAGE = {
    "no such plan": ("lint", "gone.json"),
    "a folder as plan": ("score", "methods"),
    "no JSON": ("lint", "text.json"),
    "no UTF-8": ("lint", "binary.json"),
    "no object": ("score", "list.json"),
    "unknown key": ("show", "unknown-key.json"),
    "unknown option": ("plan", GOAL, "--colour", "red"),
    "unknown command": ("paint",),
    "no goal": ("plan",),
    "blank goal": ("plan", "  \n"),
    "endless goal": ("plan", "x" * 100_000),
    "too many candidates": ("plan", GOAL, "--candidates", "33"),
    "no such variance": ("plan", GOAL, "--variance", "luck"),
    "no such project": ("plan", GOAL, "--project", "gone"),
    "a file as project": ("lint", "good.json", "--project", "a-file"),
    "methods with a typo": ("plan", GOAL, "--methods", "methods"),
    "no such methods": ("plan", GOAL, "--methods", "gone"),
    "output in no folder": ("plan", GOAL, "--output", "gone/plan.json"),
    "output that is a folder": ("plan", GOAL, "--output", "methods"),
    "no plan to show it against": ("show", "good.json", "--against", "gone.json"),
    "two plans from one stdin": ("show", "-", "--against", "-"),
    "page that cannot be written": ("show", "good.json", "--out", "/proc/page.html"),
    "run of nothing": ("run",),
    "run of two things": ("run", GOAL, "--plan", "good.json"),
    "run of no such plan": ("run", "--plan", "gone.json"),
    "run of a blank goal": ("run", " "),
    "run about no such project": ("run", GOAL, "--project", "gone"),
    "run into its own project": ("run", GOAL, "--project", "methods", "--workspace", "methods"),
    "run about a project in no UTF-8": ("run", GOAL, "--project", "caf\udce9"),
    "run into a file": ("run", "--plan", "good.json", "--workspace", "a-file"),
    "run into what cannot be written": ("run", "--plan", "good.json", "--workspace", "/proc/harmonic-out"),
    "run without retries": ("run", GOAL, "--retries", "-1"),
    "run into a folder without a name": ("run", GOAL, "--workspace", ""),
    "run with a budget beyond all reason": ("run", GOAL, "--budget-calls", "9" * 30),
    "run that gives nobody time to answer": ("run", GOAL, "--answer-within", "nan"),
    "run that is never sure enough": ("run", GOAL, "--fail-under", "nan"),
    "serve without a server": ("serve",),
    "serve with a bad cron": ("serve", "--cron", "now", "--goal", GOAL),
    "serve with a bad interval": ("serve", "--interval", "soon", "--goal", GOAL),
    "serve with no time": ("serve", "--interval", "0", "--goal", GOAL),
    "serve with a schedule for nothing": ("serve", "--interval", "6h"),
}

NOT_DONE = {
    "lint of a cycle": ("lint", "cycle.json", "--quiet"),
    "score of a cycle": ("score", "cycle.json"),
    "score of nothing": ("score", "empty.json"),
    "show of a cycle": ("show", "cycle.json"),
    "run of a cycle": ("run", "--plan", "cycle.json"),
}


@pytest.fixture
def no_server() -> Iterator[None]:
    """Prefect as if nobody had set it up."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        yield


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on stderr, after nothing was said on stdout."""
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_server_that_does_not_answer_is_one_line_and_exit_2(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The address that was set is named, and nothing is written before it is known to answer."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    before = sorted(place.rglob("*"))
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert exit_code(("run", "--plan", "good.json")) == 2
    line = told(capsys)
    assert line.startswith("harmonic: ")
    assert "http://127.0.0.1:9/api" in line
    assert line.count("\n") == 1
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("arguments", BAD_USAGE.values(), ids=BAD_USAGE.keys())
@pytest.mark.usefixtures("no_server")
def test_bad_usage_is_one_line_and_exit_2(
    arguments: tuple[str, ...], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the culprit, and nothing is left on the disk."""
    before = sorted(place.rglob("*"))
    assert exit_code(arguments) == 2
    line = told(capsys)
    assert line.startswith("harmonic: ")
    assert line.count("\n") == 1
    assert len(line) < 500
    assert "Traceback" not in line
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("arguments", NOT_DONE.values(), ids=NOT_DONE.keys())
def test_wrong_plan_is_exit_1_and_leaves_nothing(
    arguments: tuple[str, ...], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan that can be read and is wrong is no bad usage."""
    before = sorted(place.rglob("*"))
    assert exit_code(arguments) == 1
    assert told(capsys).count("\n") <= 1
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("plan", GOAL, "--candidates", "2"), {"goal", "selected", "reason", "candidates", "plan", "timings_ms"}),
        (("lint", "good.json"), {"findings"}),
        (("score", "good.json"), {"metrics", "coverage", "expected_makespan_hours", "critical_path"}),
        (("show", "good.json", "--out", "page.html"), {"page"}),
        (("show", "good.json", "--against", "good.json", "--out", "page.html"), {"page", "changes"}),
    ],
    ids=["plan", "lint", "score", "show", "show against"],
)
def test_json_is_one_document_on_stdout(
    arguments: tuple[str, ...], keys: set[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever else is said goes to stderr."""
    assert exit_code((*arguments, "--json")) == 0
    assert keys <= set(json.loads(capsys.readouterr().out))


def test_plan_can_be_piped_into_lint(place: Path, harmonic: Harmonic) -> None:
    """Every option has an environment variable, and a process of its own ends with the right code."""
    planned = harmonic("plan", GOAL, "--json", HARMONIC_CANDIDATES="2")
    assert planned.returncode == 0, planned.stderr
    document = json.loads(planned.stdout)
    assert len(document["candidates"]) == 2
    (place / "planned.json").write_text(json.dumps(document["plan"]))
    assert exit_code(("lint", "planned.json", "--quiet")) == 0


def test_plan_alone_is_on_stdout_where_it_is_asked_for(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--output -` is for pipes, as `harmonic lint -` reads from one; nothing is called `-`."""
    assert exit_code(("plan", GOAL, "--output", "-", "--candidates", "2")) == 0
    told = capsys.readouterr()
    assert Plan.model_validate_json(told.out).to_json() == told.out
    assert "Why:" in told.err
    assert not (place / "-").exists()
    assert exit_code(("plan", GOAL, "--output", "-", "--json")) == 2
