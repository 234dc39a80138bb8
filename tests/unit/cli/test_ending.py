"""The end of a run, as the command line tells it."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from prefect_harmonic.deployments.cli.ending import print_end

CONVERGED: dict[str, Any] = {
    "outcome": "converged",
    "complete": True,
    "headline": "all 2 artifacts are there: 2 done",
    "evaluations": [{"confidence": 0.8, "gaps": ["one"], "contradictions": [], "rationale": "All criteria are met."}],
    "decisions": [
        {"artifact": "Way", "subject": "Way [of] moving", "chosen": "Step by step", "settled": True},
        {"artifact": "Stack", "subject": "Stack", "chosen": "The present one", "settled": False},
    ],
    "question": None,
    "questions": [],
    "workspace": "/runs/out",
    "programme": None,
    "report": "/runs/out/report.md",
}


def told(**changed: Any) -> list[str]:
    """What is printed of an outcome."""
    written = StringIO()
    print_end(Console(file=written, width=80, highlight=False), {**CONVERGED, **changed})
    return written.getvalue().strip().splitlines()


def test_end_says_what_is_there_how_sure_it_is_what_was_decided_and_where_it_lies() -> None:
    """Titles are text, whatever brackets stand in them."""
    assert told() == [
        "All 2 artifacts are there: 2 done",
        "Confidence 0.80, 1 gap, 0 contradictions. All criteria are met.",
        "Decided: Way [of] moving: Step by step",
        "Proposed, not settled: Stack: The present one",
        "Report: /runs/out/report.md",
    ]


def test_question_is_told_with_the_command_that_answers_it() -> None:
    """A run that waits says so, and names what it can be told."""
    lines = told(outcome="waiting", question={"options": ["retry", "stop"]}, decisions=[])
    assert lines[-3:] == [
        "Waits for an answer.",
        "Answer with: harmonic resume /runs/out --answer retry|stop",
        "Report: /runs/out/report.md",
    ]


def test_report_is_named_from_where_the_command_was_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A short path can be clicked and typed."""
    monkeypatch.chdir(tmp_path)
    assert told(report=f"{tmp_path}/out/report.md")[-1] == "Report: out/report.md"
