"""How far a run is, level by level of its tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.picture import PlanPicture

_THERE = frozenset({"done", "kept"})
_STUCK = frozenset({"failed", "blocked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """One level of the tree, or one part of a level.

    Attributes:
        name: Such as `Phases`, or the name of one.
        done: How many of it are done.
        total: How many there are.
        running: How many are being done.
        stuck: How many failed or are blocked.
        skeletons: How many are there only in outline.
        depth: How deep it is indented, from 0.
    """

    name: str
    done: int
    total: int
    running: int = 0
    stuck: int = 0
    skeletons: int = 0
    depth: int = 0


def levels_of(picture: PlanPicture) -> tuple[LevelRow, ...]:
    """The levels of a plan that is carried out: phases, artifacts, and the artifacts of each phase.

    Empty before anything is known of any artifact.
    """
    graph = picture.graph
    names = [name for name in graph.order if picture.change(name) != "dropped"]
    if not any(picture.state(name) for name in names):
        return ()
    parts = {
        group: [name for name in names if picture.group(graph.artifacts[name]) == group] for group in picture.groups
    }
    rows = [_row(picture, "Artifacts", names, 0)]
    phases = [_row(picture, group, members, 1) for group, members in parts.items() if members]
    if picture.group_label != "Phase" or not phases:
        return tuple(rows)
    done = sum(row.done == row.total for row in phases)
    stuck = sum(row.stuck > 0 for row in phases)
    running = sum(row.running > 0 for row in phases)
    skeletons = sum(row.skeletons > 0 and row.done + row.skeletons == row.total for row in phases)
    whole = LevelRow(name="Phases", done=done, total=len(phases), stuck=stuck, running=running, skeletons=skeletons)
    return (whole, *rows, *phases)


def _row(picture: PlanPicture, label: str, names: Sequence[str], depth: int) -> LevelRow:
    states = [picture.state(name) for name in names]
    return LevelRow(
        name=label,
        done=sum(state in _THERE for state in states),
        total=len(states),
        running=states.count("running"),
        stuck=sum(state in _STUCK for state in states),
        skeletons=states.count("skeleton"),
        depth=depth,
    )


def progress_html(levels: Sequence[LevelRow]) -> str:
    """The levels as a table, each with a bar; empty without any."""
    if not levels:
        return ""
    rows = "".join(_level(row) for row in levels)
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Level", "Done", "Left"))
    return (
        '<div class="scroller" tabindex="0" role="region" aria-label="Progress"><table class="plain progress">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _level(row: LevelRow) -> str:
    """A level with its bar; what is stuck is hatched and said in words."""
    total = max(row.total, 1)
    done, stuck = 160 * row.done / total, 160 * row.stuck / total
    left = row.total - row.done - row.stuck - row.running - row.skeletons
    parts = [
        (row.running, "running"),
        (row.stuck, "failed or blocked"),
        (row.skeletons, "to be filled in"),
        (left, "waiting"),
    ]
    words = ", ".join(f"{number} {word}" for number, word in parts if number > 0)
    return (
        f'<tr class="d{min(row.depth, 3)}"><th scope="row" dir="auto">{html_text(one_line(row.name))}</th>'
        f'<td class="wide"><svg class="spark" width="160" height="10" aria-hidden="true">'
        f'<rect class="rail" width="160" height="10" rx="3"/><rect class="fill" width="{done:.1f}" height="10" rx="3"/>'
        f'<rect class="stuck" x="{done:.1f}" width="{min(stuck, 160 - done):.1f}" height="10" rx="1"/></svg>'
        f"{row.done} of {row.total}</td><td>{html_text(words) or 'nothing'}</td></tr>"
    )
