"""Plans, candidates and metrics as a person reads them in a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from prefect_harmonic.planners.constraints import constraints_of, features_of
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.planned_task import ordered_tasks
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.soundness import NO_SAY, Soundness
from prefect_harmonic.planners.spoken_time import spoken_hours

STATUS_COLOURS = {"valid": "green", "invalid": "yellow", "failed": "red"}


def print_candidates(console: Console, planning: Mapping[str, Any]) -> None:
    """The candidates side by side, the winner marked, and why it won.

    Args:
        console: Where to print.
        planning: What planning came to, in the shape of `harmonic plan --json`.
    """
    asked = tuple(planning["requirements"])
    console.print(f"[bold]Asks for:[/] {escape(', '.join(features_of(asked))) or 'nothing in particular'}")
    if held := constraints_of(asked):
        console.print(f"[bold]Holds:[/] {escape('; '.join(held))}")
    console.print(_candidate_table(planning["candidates"], planning["selected"], console.width))
    for candidate in planning["candidates"]:
        if candidate["reason"]:
            console.print(f"  {candidate['id']} {candidate['status']}: {escape(candidate['reason'])}", style="yellow")
        if candidate["origin"]:
            console.print(f"  {candidate['id']} {escape(candidate['origin'])}", style="dim")
    _print_judgements(console, planning["candidates"])
    for one in planning["similar"]:
        then = "generated again, differently" if one["replaced"] else "kept, as nothing different was found"
        console.print(
            f"  {one['candidate']} came out like {one['like']} ({one['similarity']:.0%}): {then}", style="dim"
        )
    for note in planning["notes"]:
        console.print(f"  {escape(note)}", style="yellow")
    console.print(f"[bold]Why:[/] {escape(planning['reason'])}")
    told, experience = [planning["prediction"]["said"]], planning["experience"]
    is_learned = experience.get("hours") != "default"
    if is_learned or experience.get("problem"):  # hours by effort alone are what anybody expects
        told.append(experience["said"])
    console.print(f"[bold]Run:[/] {escape('; '.join(told))}")
    for attempt in planning["refinement"]:
        change = _bettered(attempt) if attempt["accepted"] else attempt["reason"]
        number = f", round {attempt['round']}" if attempt["round"] > 1 else ""
        console.print(f"[bold]Refinement{number}:[/] {escape(change)}")


def _bettered(attempt: Mapping[str, Any]) -> str:
    """What a round of refinement brought, in the terms of the scorer."""
    before, after, scorer = attempt["before"], attempt["after"], attempt.get("scorer", Scorer.EXPECTED_MAKESPAN)
    if scorer == Scorer.EXPECTED_MAKESPAN:
        return f"from {spoken_hours(before)} to {spoken_hours(after)}"
    return f"from {before:.3g} to {after:.3g} by the {scorer} score"


def _print_judgements(console: Console, candidates: Sequence[Mapping[str, Any]]) -> None:
    """What a judge says of each candidate beside its score; nothing where nobody judged."""
    judged = [(one["id"], Soundness.model_validate(one["soundness"])) for one in candidates if "soundness" in one]
    if judged:
        console.print(f"  {NO_SAY}", style="dim")
    for candidate, soundness in judged:
        if soundness.remarks or soundness.failure:
            console.print(f"  {candidate} {escape(str(soundness))}", style="dim")


_ALWAYS = ("candidate", "style", "status", "covers", "makespan", "soundness")
_WHERE_ROOM = ("artifacts", "work", "depth", "score", "width", "conflicts")
"""Columns that are left out of a narrow terminal, the last first."""


def _candidate_table(candidates: Sequence[Mapping[str, Any]], selected: str, width: int) -> Table:
    rows = [_candidate_cells(candidate) for candidate in candidates]
    columns = _columns_that_fit(rows, width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in columns:
        table.add_column(name, no_wrap=True, justify="left" if name in _ALWAYS[:3] else "right")
    for candidate, cells in zip(candidates, rows, strict=True):
        mark, style = (">", "bold") if candidate["id"] == selected else ("", "")
        colours = {"status": STATUS_COLOURS[cells["status"]]}
        table.add_row(mark, *(Text(cells[name], style=colours.get(name, "")) for name in columns), style=style)
    return table


def _columns_that_fit(rows: Sequence[Mapping[str, str]], width: int) -> tuple[str, ...]:
    """As many columns as the terminal has room for; each takes its widest cell and three characters between."""

    def needed(name: str) -> int:
        return max(len(name), *(len(row[name]) for row in rows)) + 3

    chosen = [name for name in _ALWAYS if any(row[name] for row in rows)]
    room = width - 5 - sum(map(needed, chosen))
    for name in _WHERE_ROOM:
        room -= needed(name)
        if room < 0:
            break
        chosen.append(name)
    return tuple(chosen)


def _candidate_cells(candidate: Mapping[str, Any]) -> dict[str, str]:
    metrics, judged = candidate["metrics"] or {}, candidate.get("soundness")
    score = metrics.get("score")
    return {
        "candidate": candidate["id"],
        "style": candidate["style"].replace("_", " "),
        "status": candidate["status"],
        "covers": f"{candidate['coverage']:.0%}",
        "makespan": spoken_hours(candidate["expected_makespan_hours"]),
        "soundness": "" if judged is None else Soundness.model_validate(judged).share,
        "artifacts": str(metrics.get("artifact_count", "")),
        "work": spoken_hours(candidate["cost_hours"]),
        "depth": str(metrics.get("depth", "")),
        "score": "" if score is None else f"{score:.1f}",
        "width": str(metrics.get("width", "")),
        "conflicts": str(metrics.get("file_conflicts", "")),
    }


def print_plan(console: Console, graph: ArtifactGraph, workers: int, effort: EffortModel) -> None:
    """The artifacts by phase, in the order in which they are expected to start."""
    starts = {task.id: task.start for task in ordered_tasks(graph, effort, workers)}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("artifact", no_wrap=True)
    table.add_column("agent", no_wrap=True)
    table.add_column("start", justify="right")
    table.add_column("takes", justify="right")
    table.add_column("requires", overflow="fold")
    for phase in phases_of(graph):
        table.add_section()
        table.add_row(Text(phase.name, style="bold"))
        for name in sorted(phase.artifacts, key=lambda artifact: (starts[artifact], artifact)):
            artifact = graph.artifacts[name]
            required = ", ".join(artifact.required_ids) or "-"
            times = spoken_hours(starts[name]), spoken_hours(effort.hours(artifact))
            table.add_row(f"  {name}", artifact.agent or "-", *times, Text(required, style="dim"))
    console.print(table)


def print_metrics(console: Console, document: Mapping[str, Any]) -> None:
    """Metrics and expected makespan of one plan, a figure a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    for name, value in document["metrics"].items():
        table.add_row(name.replace("_", " "), f"{value:.4g}" if isinstance(value, float) else str(value))
    table.add_row("coverage", f"{document['coverage']:.0%}")
    table.add_row("expected makespan", spoken_hours(document["expected_makespan_hours"]))
    console.print(table)
    console.print(f"critical path: {escape(' → '.join(document['critical_path']))}")
