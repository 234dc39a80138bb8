"""The record of a run, which nothing that lies in the workspace may turn against the run."""

import json
import os
from pathlib import Path

import pytest

from prefect_harmonic.events import Event, EventName
from prefect_harmonic.tasks.run_log import RunLog


def test_events_are_lines_of_json_that_read_back(tmp_path: Path) -> None:
    """What was told is there, with its time."""
    log = RunLog(tmp_path / "events.jsonl")
    log.tell(EventName.ARTIFACT_MADE, "Größe", files=["a.py"])
    (line,) = (tmp_path / "events.jsonl").read_text("utf-8").splitlines()
    event = Event.model_validate(json.loads(line))
    assert (event.name, event.subject, event.details) == (EventName.ARTIFACT_MADE, "Größe", {"files": ["a.py"]})
    assert event.at


def test_text_that_is_no_unicode_is_recorded_as_an_escape(tmp_path: Path) -> None:
    """The name of a file need not be text, and an error may quote it."""
    RunLog(tmp_path / "events.jsonl").tell(EventName.ARTIFACT_FAILED, "A", reason="cannot read '\udcff.md'")
    (line,) = (tmp_path / "events.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["details"] == {"reason": "cannot read '\udcff.md'"}


def test_link_in_the_place_of_the_record_is_not_followed(tmp_path: Path) -> None:
    """A workspace that came with a repository cannot have another file written."""
    victim = tmp_path / "victim"
    (tmp_path / "events.jsonl").symlink_to(victim)
    RunLog(tmp_path / "events.jsonl").tell(EventName.RUN_STARTED, "goal")
    assert not victim.exists()


@pytest.mark.parametrize("obstacle", ["folder", "pipe"])
def test_record_that_cannot_be_written_stops_nothing(tmp_path: Path, obstacle: str) -> None:
    """Listeners are told all the same, and nobody waits for the other end of a pipe."""
    path, told = tmp_path / "events.jsonl", list[Event]()
    path.mkdir() if obstacle == "folder" else os.mkfifo(path)
    RunLog(path, listeners=(told.append,)).tell(EventName.RUN_STARTED, "goal")
    assert [event.subject for event in told] == ["goal"]
