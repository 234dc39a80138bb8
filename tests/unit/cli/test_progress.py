"""What a run shows while it goes on, event by event."""

import threading
from io import StringIO
from threading import Lock
from typing import Any

import pytest
from rich.console import Console

from prefect_harmonic.deployments.cli.foot import FOOT, at_the_foot
from prefect_harmonic.deployments.cli.progress import RunProgress
from prefect_harmonic.events import Event, EventName


class Screen:
    """A terminal of so many columns, and what stands on it."""

    def __init__(self, width: int = 120) -> None:
        self._written = StringIO()
        self.progress = RunProgress(Console(file=self._written, width=width, highlight=False))

    def tell(self, name: EventName, subject: str, **details: Any) -> None:
        """Something happens."""
        self.progress(Event(name=name, subject=subject, details=details))

    def made(self, artifact: str, **details: Any) -> None:
        """An artifact is made."""
        self.tell(EventName.ARTIFACT_STARTED, artifact, agent="researcher")
        self.tell(EventName.ARTIFACT_MADE, artifact, **{"confidence": 0.5, "files": [], **details})

    @property
    def written(self) -> str:
        """All that is shown."""
        return self._written.getvalue()

    @property
    def lines(self) -> list[str]:
        """What is shown, line by line, without the times."""
        return [line.rstrip() for line in self._written.getvalue().splitlines() if line.strip()]


@pytest.fixture
def screen() -> Screen:
    """A terminal."""
    return Screen()


def evaluated(screen: Screen, phase: str) -> None:
    """A phase is over."""
    verdict = {"confidence": 0.9, "gaps": [], "contradictions": [], "outcome": "converged", "rationale": ""}
    screen.tell(EventName.PHASE_EVALUATED, phase, **verdict)


def test_lines_of_phases_at_once_say_which_phase_they_belong_to(screen: Screen) -> None:
    """While one phase runs its heading is enough; beside another, or under another's, each line names its own."""
    screen.tell(EventName.PHASE_STARTED, "research", artifacts=["A", "B", "E", "F"])
    screen.made("A")
    screen.tell(EventName.PHASE_STARTED, "analysis", artifacts=["C"])
    screen.made("C")
    screen.made("B")
    evaluated(screen, "analysis")
    screen.tell(EventName.PHASE_STARTED, "build", artifacts=["D"])
    screen.made("E")
    evaluated(screen, "build")
    screen.made("F")
    evaluated(screen, "research")

    told = [line.split(" s  ")[-1] for line in screen.lines if "evaluated" not in line]

    assert told == [
        "research",
        "confidence 0.50",
        "analysis  beside research",
        "analysis  confidence 0.50",
        "research  confidence 0.50",
        "build  beside research",
        "research  confidence 0.50",
        "research  confidence 0.50",
    ]


def test_phase_of_which_all_is_there_runs_beside_no_other(screen: Screen) -> None:
    """One that is carried on with nothing left to make is not evaluated again, and is over all the same."""
    screen.tell(EventName.RUN_STARTED, "Reach it", artifacts=2)
    for phase, artifact in (("research", "A"), ("build", "B")):
        screen.tell(EventName.PHASE_STARTED, phase, artifacts=[artifact])
        screen.tell(EventName.ARTIFACT_KEPT, artifact)
    assert [line.split(" s  ")[-1].strip() for line in screen.lines] == [
        "research",
        "unchanged since an earlier run",
        "build",
        "unchanged since an earlier run",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_long_ids_keep_the_columns(width: int) -> None:
    """An id that is wider than its column is cut short with an ellipsis; every agent stands in one column."""
    screen = Screen(width)
    for name in ("Short", "GapFill-" + "CreditBelongAccountsBilling" * 3):
        screen.made(name)
    columns = {line.index("researcher") for line in screen.lines}
    assert len(columns) == 1
    assert "…" in screen.lines[1]


def test_skeleton_is_not_called_made(screen: Screen) -> None:
    """What is there only in outline says so in the first word."""
    screen.made("Service", left_open=3, files=["service.py"])
    screen.made("Model", files=["model.py"])
    assert [line.split()[0] for line in screen.lines] == ["skeleton", "made"]


def test_answer_that_stands_in_no_file_is_shown(screen: Screen) -> None:
    """What a gap was filled with is the point of filling it."""
    screen.made("GapFill-Scans", answer="Scans may be five seconds late. (docs/scans.md:12)")
    assert screen.lines[1].strip() == "Scans may be five seconds late. (docs/scans.md:12)"


def test_result_of_another_goal_is_said_to_be_kept(screen: Screen) -> None:
    """Where it is now, and whose it is."""
    screen.tell(EventName.EARLIER_KEPT, "Reach it", folder="/out/earlier/01-reach-it")
    assert screen.lines == [
        "The workspace held the result of another goal: Reach it",
        "It is kept in /out/earlier/01-reach-it",
    ]


def test_what_has_no_room_in_a_line_stands_below_the_name() -> None:
    """Nothing wraps into the first column."""
    screen = Screen(80)
    screen.made("Research", files=["research/a-file-with-a-rather-long-name.md"])
    screen.made("GapFill-Scans", answer="Scans may be five seconds late, said the meeting of June. " * 3)
    starts = {line[: len(line) - len(line.lstrip())] for line in screen.lines if not line.startswith("  made")}
    assert starts == {" " * 11}


def test_line_of_a_phase_beside_another_is_not_broken_in_a_narrow_terminal() -> None:
    """What has no room after the phase goes below the name as a whole."""
    screen = Screen(80)
    screen.tell(EventName.PHASE_STARTED, "research", artifacts=["Market"])
    screen.tell(EventName.PHASE_STARTED, "analysis", artifacts=["Code"])
    screen.made("Market", files=["research/market.md"])
    assert screen.lines[-2].endswith("research")
    assert screen.lines[-1] == "           confidence 0.50  research/market.md"


def test_long_verdicts_and_reasons_go_on_under_themselves() -> None:
    """What has no room in its line is set in, and no line ends in blanks."""
    screen = Screen(80)
    verdict = {"confidence": 0.83, "gaps": ["a", "b", "c"], "contradictions": [], "outcome": "continue"}
    screen.tell(EventName.PHASE_EVALUATED, "research", **verdict, rationale="Not enough yet: 3 gaps are more than 2.")
    counts = {"artifacts": 3, "kept": 1, "new": 1, "run_again": 0, "dropped": 0}
    screen.tell(EventName.PLAN_CHANGED, "research", **counts, reason="It is the shortest of all. " * 5, closes={})
    begins = [len(line) - len(line.lstrip()) for line in screen.lines]
    assert begins == [2, 12, 0, 2, 2]
    assert screen.written.splitlines() == [line.rstrip() for line in screen.written.splitlines()]


class Probe:
    """Something to draw that notes whether the lock is held whenever it is drawn."""

    def __init__(self) -> None:
        self.lock, self.drawn = Lock(), threading.Event()
        self.held: list[bool] = []

    def __rich__(self) -> str:
        if threading.current_thread().name == FOOT:
            self.held.append(self.lock.locked())
            self.drawn.set()
        return "at work"


def test_foot_is_drawn_only_while_nobody_prints() -> None:
    """Otherwise a line that is printed meanwhile is wiped out with what stood at the foot before."""
    console = Console(file=StringIO(), width=80, force_terminal=True, _environ={})
    probe = Probe()
    with at_the_foot(console, probe, probe.lock, pause=0.0):
        assert probe.drawn.wait(30)
    assert all(probe.held)


def test_what_is_being_made_stands_in_the_columns_of_what_is_made() -> None:
    """Name, agent and time keep their places when an artifact is done."""
    screen = Screen()
    screen.tell(EventName.ARTIFACT_STARTED, "Research", agent="researcher")
    (running, share) = screen.progress.__rich__().plain.splitlines()
    screen.tell(EventName.ARTIFACT_MADE, "Research", confidence=0.5, files=[])
    assert [running.index(part) for part in ("Research", "researcher", " s")] == [
        screen.lines[0].index(part) for part in ("Research", "researcher", " s")
    ]
    assert share == "  planning"
