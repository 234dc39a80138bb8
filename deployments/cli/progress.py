"""A run as it happens: a live display on a terminal, a line for each event elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.spinner import Spinner
from rich.text import Text

from prefect_harmonic.deployments.cli.foot import at_the_foot
from prefect_harmonic.deployments.cli.tables import print_candidates
from prefect_harmonic.events import Event, EventName
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.evaluation import verdict_words

_NEW_LINE = "\n"
_WIDE = 110
"""Columns of a terminal from which on ids get more room."""

_INDENT = 11
"""Where names begin in a line."""

_SPINNER = Spinner("dots")

_OUTCOME_STYLES = {"converged": "green", "continue": "yellow", "plateaued": "yellow", "exhausted": "red"}


@dataclass
class RunProgress:
    """Follows the events of a run and shows them.

    On a terminal what is being made is shown in a live region at the foot, and what is done scrolls above it.
    """

    console: Console
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    phases: dict[str, set[str]] = field(default_factory=dict)
    """What the phases that run now have yet to make."""
    heading: str = ""
    """The phase whose heading stands last."""
    finished: int = 0
    total: int = 0
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def showing(self) -> Iterator["RunProgress"]:
        """Shows the live region for as long as the run lasts."""
        if not self.console.is_terminal or self.console.quiet:
            yield self
            return
        with at_the_foot(self.console, self, self._lock):
            yield self

    def __rich__(self) -> Text:
        """The live region: what is being made, in the columns of what is done, and how far the run is."""
        now = monotonic()
        turning = _SPINNER.render(now)
        rows = [
            Text.assemble("  ", str(turning), " making ", self._row(artifact, agent, now - since))
            for artifact, (agent, since) in self.running.items()
        ]
        share = f"{self.finished} of {self.total} artifacts" if self.total else "planning"
        return Text("\n").join([*rows, Text(f"  {share}", style="dim")])

    def __call__(self, event: Event) -> None:
        """Takes note of an event."""
        show = _SHOWN.get(event.name)
        if show is not None:
            with self._lock:
                show(self, event)

    def _line(self, text: str) -> None:
        self.console.print(text)

    def _plan_selected(self, event: Event) -> None:
        print_candidates(self.console, event.details)

    def _run_started(self, event: Event) -> None:
        self.total = int(str(event.details.get("artifacts", 0)))

    def _phase_started(self, event: Event) -> None:
        beside = f"  [dim]beside {escape(', '.join(self.phases))}[/]" if self.phases else ""
        artifacts: Any = event.details.get("artifacts") or ()
        self.phases[event.subject] = set(map(str, artifacts))
        self.heading = event.subject
        self._line(f"{'' if beside else _NEW_LINE}[bold]{escape(event.subject)}[/]{beside}")

    def _phase_of(self, artifact: str) -> str:
        """The phase of an artifact, where several run at once or it is not the one of the last heading."""
        name = next((phase for phase, artifacts in self.phases.items() if artifact in artifacts), self.heading)
        if len(self.phases) < 2 and name == self.heading:
            return ""
        width = max(map(len, self.phases))
        return f"[bold]{escape(f'{name:<{width}}')}[/]  "

    def _name(self, artifact: str) -> str:
        """An id as wide as its column; one that is longer ends in an ellipsis."""
        width = 38 if self.console.width >= _WIDE else 27
        return f"{artifact:<{width}}" if len(artifact) <= width else f"{artifact[: width - 1]}…"

    def _row(self, artifact: str, agent: str, seconds: float) -> str:
        """An artifact, who makes it and how long that has taken, each in its column."""
        return f"{self._name(artifact)} {agent:<14} {seconds:6.1f} s"

    def _artifact_started(self, event: Event) -> None:
        self.running[event.subject] = (str(event.details.get("agent", "")), monotonic())

    def _artifact_ended(self, event: Event, mark: str, told: str, beside: str = "") -> None:
        agent, since = self.running.pop(event.subject, ("", monotonic()))
        row = escape(self._row(event.subject, agent, monotonic() - since))
        head = f"  {mark} {row}  {self._phase_of(event.subject)}"
        self._count(event.subject)
        if _fits(f"{head}{told}  {beside}".rstrip(), self.console.width):
            self._line(f"{head}{told}  {beside}".rstrip())
        elif _fits(f"{head}{told}", self.console.width):
            self._line(f"{head}{told}")
            self._below(beside)
        else:
            self._line(head.rstrip())
            self._below(f"{told}  {beside}".rstrip())

    def _below(self, text: str, indent: int = _INDENT) -> None:
        """Something that belongs to the line before, set in under its names."""
        for line in self._wrapped(text, indent):
            self.console.print(Text(" " * indent) + line)

    def _set_in(self, head: str, text: str) -> None:
        """A line that begins with a head, under whose end it goes on where it has no room."""
        margin = start = Text.from_markup(head)
        for line in self._wrapped(text, start.cell_len):
            self.console.print(margin + line)
            margin = Text(" " * start.cell_len)

    def _wrapped(self, text: str, indent: int) -> list[Text]:
        """The lines of a text, without blanks at their ends."""
        lines = list(Text.from_markup(text).wrap(self.console, max(20, self.console.width - indent)))
        for line in lines:
            line.rstrip()
        return lines

    def _artifact_made(self, event: Event) -> None:
        files: Any = event.details.get("files") or []
        told = f"confidence {event.details.get('confidence'):.2f}"
        mark = "[yellow]skeleton[/]" if event.details.get("left_open") else "[green]made[/]    "
        self._artifact_ended(event, mark, told, f"[dim]{escape(', '.join(files))}[/]" if files else "")
        if answer := str(event.details.get("answer") or ""):
            self._below(f"[dim]{escape(printable(answer))}[/]")

    def _artifact_kept(self, event: Event) -> None:
        if not self.total:  # nothing is carried out: one line says that all is as it was
            return
        self._artifact_ended(event, "[cyan]kept[/]    ", "[dim]unchanged since an earlier run[/]")

    def _artifact_failed(self, event: Event) -> None:
        self._artifact_ended(event, "[red]failed[/]  ", f"[red]{escape(str(event.details.get('reason')))}[/]")

    def _count(self, artifact: str) -> None:
        """Nothing more becomes of an artifact; a phase that has no other is over, whether or not it is evaluated."""
        self.finished += 1
        for phase, left in list(self.phases.items()):
            if artifact in left:
                left.discard(artifact)
                if not left:
                    del self.phases[phase]

    def _artifact_blocked(self, event: Event) -> None:
        self._count(event.subject)
        waited_for = escape(str(event.details.get("waited_for")))
        name = escape(self._name(event.subject))
        self._line(f"  [yellow]blocked[/]  {name} never ran: {waited_for} was not made")

    def _phase_evaluated(self, event: Event) -> None:
        self.phases.pop(event.subject, None)
        details: dict[str, Any] = event.details
        counts = len(details["gaps"]), len(details["contradictions"])
        style = _OUTCOME_STYLES[str(details["outcome"])]
        verdict = verdict_words(details["confidence"], *counts, str(details["rationale"]))
        self._set_in(f"  [{style}]evaluated[/] ", f"{escape(event.subject)}: {escape(verdict)}")

    def _plan_changed(self, event: Event) -> None:
        details: dict[str, Any] = event.details
        self.total = int(details["artifacts"])
        self.finished = int(details["kept"])
        told = ", ".join(f"{details[kind]} {words}" for kind, words in _CHANGES.items() if details.get(kind))
        self._line(f"\n[bold]Replanned[/] after {escape(event.subject)}: {told or 'nothing changes'}")
        self._below(f"[dim]{escape(str(details['reason']))}[/]", indent=2)
        for name, why in details.get("closes", {}).items():
            self._line(f"  [magenta]new[/]      {escape(name)}")
            self._below(f"[dim]{escape(printable(str(why)))}[/]")

    def _question_asked(self, event: Event) -> None:
        self._line("\n[bold yellow]A question for a person[/]")
        self.console.print(Markdown(str(event.details["text"]), hyperlinks=False))  # a link shows where it leads

    def _question_answered(self, event: Event) -> None:
        details: dict[str, Any] = event.details
        guidance = f": {escape(str(details['guidance']))}" if details.get("guidance") else ""
        self._line(f"  [bold]{escape(str(details['action']))}[/]{guidance}  [dim]{escape(str(details['by']))}[/]")

    def _knowledge_missed(self, event: Event) -> None:
        reason = escape(str(event.details["reason"]))
        self._line(f"[yellow]The knowledge base could not be used; the run goes on without it:[/] {reason}")

    def _earlier_kept(self, event: Event) -> None:
        self._line(f"[yellow]The workspace held the result of another goal:[/] {escape(printable(event.subject))}")
        self._line(f"It is kept in {escape(str(event.details['folder']))}")

    def _run_unchanged(self, event: Event) -> None:
        finished = str(event.details["finished"])[:16].replace("T", " ")
        told = f"all {event.details['artifacts']} artifacts were made by {finished}"
        self._line(f"Nothing to do: {told}, and nothing they rest on has changed. The result stays as it is.")

    def _budget_spent(self, event: Event) -> None:
        self._line(f"\n[bold yellow]Budget spent[/] {escape(str(event.details['reason']))}")


def _fits(markup: str, width: int) -> bool:
    """Whether a line has room in so many columns."""
    return Text.from_markup(markup).cell_len <= width


_CHANGES = {"new": "new", "run_again": "made again", "dropped": "dropped", "kept": "kept"}

_SHOWN = {
    EventName.PLAN_SELECTED: RunProgress._plan_selected,
    EventName.RUN_STARTED: RunProgress._run_started,
    EventName.PHASE_STARTED: RunProgress._phase_started,
    EventName.ARTIFACT_STARTED: RunProgress._artifact_started,
    EventName.ARTIFACT_MADE: RunProgress._artifact_made,
    EventName.ARTIFACT_KEPT: RunProgress._artifact_kept,
    EventName.ARTIFACT_FAILED: RunProgress._artifact_failed,
    EventName.ARTIFACT_BLOCKED: RunProgress._artifact_blocked,
    EventName.PHASE_EVALUATED: RunProgress._phase_evaluated,
    EventName.PLAN_CHANGED: RunProgress._plan_changed,
    EventName.QUESTION_ASKED: RunProgress._question_asked,
    EventName.QUESTION_ANSWERED: RunProgress._question_answered,
    EventName.BUDGET_SPENT: RunProgress._budget_spent,
    EventName.KNOWLEDGE_MISSED: RunProgress._knowledge_missed,
    EventName.EARLIER_KEPT: RunProgress._earlier_kept,
    EventName.RUN_UNCHANGED: RunProgress._run_unchanged,
}
