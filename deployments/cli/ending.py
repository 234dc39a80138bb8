"""What the command line says when a run has ended: what is there, how sure it is, what was decided, where it lies."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from prefect_harmonic.planners.programme.evaluation import verdict_words
from prefect_harmonic.planners.programme.outcome import REACHED, PursuitOutcome

_MOST_DECISIONS = 5
_ENDS = {
    PursuitOutcome.INCOMPLETE: "Something could not be made.",
    PursuitOutcome.STOPPED: "Stopped with a question open: nothing more was started.",
    PursuitOutcome.WAITING: "Waits for an answer.",
    PursuitOutcome.SCHEDULED: "What is left is not due yet.",
}


def print_end(console: Console, outcome: dict[str, Any]) -> None:
    """Prints the end of a run, from its outcome as `pursue_goal` gives it."""
    if outcome["outcome"] == PursuitOutcome.INCONCLUSIVE:
        console.print("\n[yellow]Not converged, and nothing is left to try that could make it surer.[/]")
    style = "bold green" if outcome["complete"] and outcome["outcome"] in REACHED else "bold red"
    headline = escape(outcome["headline"])
    console.print(f"\n[{style}]{headline[:1].upper()}{headline[1:]}[/]")
    last = outcome["evaluations"][-1] if outcome["evaluations"] else None
    if last is not None and outcome["complete"]:
        counts = len(last["gaps"]), len(last["contradictions"])
        console.print(escape(verdict_words(last["confidence"], *counts, last["rationale"])))
    for decision in outcome["decisions"][:_MOST_DECISIONS]:
        how = "Decided" if decision["settled"] else "Proposed, not settled"
        console.print(f"{how}: {escape(decision['subject'])}: [bold]{escape(decision['chosen'])}[/]")
    if outcome["outcome"] not in REACHED:
        console.print(f"[bold]{_ENDS[outcome['outcome']]}[/]")
    question = outcome["question"] or _stopped_by(outcome)
    if question is not None:
        where = outcome["programme"] or outcome["workspace"]
        options = "|".join(question["options"])
        console.print(f"Answer with: harmonic resume {escape(where)} --answer {options}", soft_wrap=True)
    console.print(f"Report: {escape(_from_here(outcome['report']))}", soft_wrap=True)


def _stopped_by(outcome: dict[str, Any]) -> dict[str, Any] | None:
    """The question that a run was stopped with; an answer carries it on all the same."""
    asked = outcome.get("questions") or []
    if outcome["outcome"] != PursuitOutcome.STOPPED or not asked:
        return None
    question: dict[str, Any] = asked[-1]["question"]
    return question


def _from_here(path: str) -> str:
    """A path as short as it can be written in the folder that the command was started in."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # it lies elsewhere, or the folder is gone
        return path
