"""`harmonic status`: how the pursuits stand that the knowledge base knows, what is blocked and why, what is asked."""

import asyncio
from datetime import datetime
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import Shown, shown_options
from prefect_harmonic.deployments.cli.pursuit_place import is_interrupted, root_named
from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.programme.evaluation import verdict_words

if TYPE_CHECKING:
    from prefect_harmonic.planners.knowledge.programme_status import ProgrammeStatus
    from prefect_harmonic.planners.knowledge.progress import LevelProgress, Progress

_MOST_SHOWN = 20
_LAST = "goal, workspace, what holds it up"
_GOAL_LENGTH, _HOLDING_LENGTH = 120, 200


@click.command()
@click.argument("programme", metavar="[ID]", required=False)
@shown_options
def status(programme: str | None, shown: Shown) -> None:
    """Show how runs and programmes stand: all of them, or the one with this ID (or in this workspace folder)."""
    try:
        found = asyncio.run(_found(None if programme is None else root_named(programme)))
    except UnknownRecordError:
        raise click.UsageError(f"{programme!r} is neither the id of a run nor a folder that one has written") from None
    console = speaking(shown)
    if shown.json:
        documents: list[dict[str, Any]] = [
            {**one.model_dump(mode="json"), "is_interrupted": _is_interrupted(one)} for one in found
        ]
        print_json(documents[0] if programme is not None else {"programmes": documents})
    elif programme is not None:
        _print_one(console, found[0])
    elif not found:
        console.print("Nothing has been pursued yet.")
    else:
        _print_all(console, found)


async def _found(programme: str | None) -> "tuple[ProgrammeStatus, ...]":
    """The status of one pursuit, or of all, newest first. Raises `KnowledgeError`."""
    from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
    from prefect_harmonic.tasks.knowledge_address import knowledge_address
    from prefect_harmonic.tasks.programme_status import programme_status, programmes

    async with KnowledgeBase(knowledge_address()) as kb:
        return await programmes(kb, _MOST_SHOWN) if programme is None else (await programme_status(kb, programme),)


def _print_all(console: Console, found: "tuple[ProgrammeStatus, ...]") -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("id", "started", "stands", "made", _LAST):
        table.add_column(name, justify="right" if name == "made" else "left", no_wrap=name != _LAST, overflow="fold")
    for one in found:
        made = f"{_work(one).completed}/{_work(one).total}"
        told = Text(_in_short(printable(one.goal), _GOAL_LENGTH), style="bold")
        for line in (one.workspace, _holding(one)):
            told.append(f"\n{printable(line)}" if line else "", style="dim")
        table.add_row(one.id, _when(one.created_at), _stands(one), made, told)
    console.print(table)


def _work(one: "ProgrammeStatus") -> "Progress":
    """How far the artifacts are; of a hierarchy without a plan of artifacts all that is below its goal."""
    return one.artifacts if one.artifacts.total else one.progress.whole


def _when(moment: datetime) -> str:
    """A moment as the clock on the wall says."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _stands(one: "ProgrammeStatus") -> str:
    if one.question is not None:
        return "waiting"  # wherever it waits: in its process it is still being executed
    if _is_interrupted(one):
        return "interrupted"
    return one.outcome if one.outcome and one.status.value != "executing" else one.status.value


def _is_interrupted(one: "ProgrammeStatus") -> bool:
    """Whether a pursuit is recorded as going on, and nobody carries it out any more."""
    has_ended = one.status.value in ("completed", "blocked")
    return not has_ended and is_interrupted(one.workspace, is_due=one.outcome != "scheduled")


def _holding(one: "ProgrammeStatus") -> str:
    """What holds a pursuit up, most pressing first."""
    if one.question is not None:
        return _in_short(f"waits for an answer: {one.question.get('text', '')}", _HOLDING_LENGTH)
    if _is_interrupted(one):
        return f"its process is gone; harmonic resume {one.id} carries it on"
    if one.blocked:
        more = f" and {len(one.blocked) - 1} more" if len(one.blocked) > 1 else ""
        return _in_short(f"{one.blocked[0].title}: {one.blocked[0].reason}", _HOLDING_LENGTH) + more
    return ""


def _in_short(text: str, most: int) -> str:
    """A text that ends at a word where it is too long."""
    return shorten(text, most, placeholder=" …")


def _print_one(console: Console, one: "ProgrammeStatus") -> None:
    console.print(f"[bold]{escape(printable(one.goal))}[/]  {_stands(one)}")
    console.print(f"id {one.id}   workspace {escape(one.workspace or '-')}", soft_wrap=True)
    console.print(f"started {_when(one.created_at)}   last change {_when(one.updated_at)}")
    work, is_gone = _work(one), _is_interrupted(one)
    begun = f"{work.executing} {'begun' if is_gone else 'being made'}"
    console.print(f"{work.completed} of {work.total} artifacts made, {begun}, {work.blocked} blocked")
    _print_progress(console, one)
    for title in one.executing:
        state = "[yellow]begun[/]" if is_gone else "[cyan]executing[/]"
        console.print(f"  {state} {escape(printable(title))}")
    for part in one.blocked:
        console.print(f"  [red]blocked[/] {escape(printable(f'{part.title}: {part.reason}'))}")
    _print_evaluations(console, one)
    if one.replannings:
        console.print(f"The plan was changed {one.replannings} time{'s' if one.replannings > 1 else ''}.")
    spent = [
        f"{account.spent} of {account.limit} {unit.value.replace('_', ' ')}"
        for unit, account in one.spent.units.items()
        if account.limit is not None
    ]
    if spent:
        console.print(f"Spent: {', '.join(spent)}")
    if is_gone and one.question is None:
        console.print("\n[bold yellow]Its process is gone[/], and what is made is kept.")
        console.print(f"Carry it on with: harmonic resume {one.id}", soft_wrap=True)
    if one.question is not None:
        options: Any = one.question.get("options") or []
        console.print(f"\n[bold yellow]A question for a person[/]\n{escape(printable(str(one.question.get('text'))))}")
        console.print(escape(str(one.question.get("findings") or "")))
        console.print(f"Answer with: harmonic resume {one.id} --answer {'|'.join(map(str, options))}", soft_wrap=True)


def _print_progress(console: Console, one: "ProgrammeStatus") -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("level", "total", "completed", "executing", "blocked", "percent"):
        table.add_column(name, justify="left" if name == "level" else "right")
    for level in one.progress.levels:
        counts = (level.total, level.completed, level.executing, level.blocked)
        table.add_row(_level_name(one, level), *map(str, counts), f"{level.percent:.0f} %")
    console.print(table)


def _level_name(one: "ProgrammeStatus", level: "LevelProgress") -> str:
    """What stands at a level of the tree, where that is plain."""
    artifacts = next((each.depth for each in one.progress.levels if each.total == one.artifacts.total), None)
    if not artifacts:
        return str(level.depth)
    return "artifacts" if level.depth == artifacts else "phases" if level.depth < artifacts else "parts"


def _print_evaluations(console: Console, one: "ProgrammeStatus") -> None:
    if one.evaluations:
        count = len(one.evaluations)
        told = "1 evaluation, of" if count == 1 else f"{count} evaluations, each of"
        console.print(f"{told} all that was known after a phase:")
    for place, entry in enumerate(one.evaluations, 1):
        console.print(
            f"  evaluation {place}: {verdict_words(entry.confidence, len(entry.gaps), len(entry.contradictions), '')}"
        )
