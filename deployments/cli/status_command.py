"""`harmonic status`: how the pursuits stand that the knowledge base knows, what is blocked and why, what is asked."""

import asyncio
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from prefect_harmonic.deployments.cli.console import print_json, speaking
from prefect_harmonic.deployments.cli.options import Shown, shown_options
from prefect_harmonic.planners.gate.finding import printable

if TYPE_CHECKING:
    from prefect_harmonic.planners.knowledge.programme_status import ProgrammeStatus

_MOST_SHOWN = 20


@click.command()
@click.argument("programme", metavar="[ID]", required=False)
@shown_options
def status(programme: str | None, shown: Shown) -> None:
    """Show how runs and programmes stand: all of them, or the one with this ID."""
    found = asyncio.run(_found(programme))
    console = speaking(shown)
    if shown.json:
        documents: list[dict[str, Any]] = [one.model_dump(mode="json") for one in found]
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
    for name in ("id", "goal", "stands", "done", "what holds it up"):
        table.add_column(name, justify="right" if name == "done" else "left", no_wrap=name in {"id", "done"})
    for one in found:
        done = f"{one.progress.whole.completed}/{one.progress.whole.total} {one.progress.whole.percent:.0f} %"
        table.add_row(one.id, escape(printable(one.goal)), _stands(one), done, escape(printable(_holding(one))))
    console.print(table)


def _stands(one: "ProgrammeStatus") -> str:
    return one.outcome if one.outcome and one.status.value != "executing" else one.status.value


def _holding(one: "ProgrammeStatus") -> str:
    """What holds a pursuit up, most pressing first."""
    if one.question is not None:
        return f"waits for an answer: {one.question.get('text', '')}"[:160]
    if one.blocked:
        more = f" and {len(one.blocked) - 1} more" if len(one.blocked) > 1 else ""
        return f"{one.blocked[0].title}: {one.blocked[0].reason}{more}"[:160]
    return ""


def _print_one(console: Console, one: "ProgrammeStatus") -> None:
    console.print(f"[bold]{escape(printable(one.goal))}[/]  {_stands(one)}")
    console.print(f"id {one.id}   workspace {escape(one.workspace or '-')}", soft_wrap=True)
    _print_progress(console, one)
    for title in one.executing:
        console.print(f"  [cyan]executing[/] {escape(printable(title))}")
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
    if one.question is not None:
        options: Any = one.question.get("options") or []
        console.print(f"\n[bold yellow]A question for a person[/]\n{escape(printable(str(one.question.get('text'))))}")
        console.print(escape(str(one.question.get("findings") or "")))
        console.print(f"Answer with: harmonic resume {one.id} --answer {'|'.join(map(str, options))}", soft_wrap=True)


def _print_progress(console: Console, one: "ProgrammeStatus") -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("level", "total", "completed", "executing", "blocked", "percent"):
        table.add_column(name, justify="right")
    for level in one.progress.levels:
        counts = (level.total, level.completed, level.executing, level.blocked)
        table.add_row(str(level.depth), *map(str, counts), f"{level.percent:.0f} %")
    console.print(table)


def _print_evaluations(console: Console, one: "ProgrammeStatus") -> None:
    for entry in one.evaluations:
        console.print(
            f"  evaluation {entry.iteration}: confidence {entry.confidence:.2f}, {len(entry.gaps)} gaps, "
            f"{len(entry.contradictions)} contradictions"
        )
