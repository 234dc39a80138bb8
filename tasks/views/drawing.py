"""The plan as a drawing: an SVG that is complete without any script."""

from collections.abc import Sequence
from itertools import pairwise

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.layout import (
    COLUMN_GAP,
    HEADER,
    NODE_HEIGHT,
    NODE_WIDTH,
    Layout,
    Point,
    layered,
)
from prefect_harmonic.tasks.views.lettering import fitted, in_lines, width_of
from prefect_harmonic.tasks.views.picture import PlanPicture, effort_words

NAME_SIZE = 12.5
NOTE_SIZE = 11.0
_CHANGE_SIZE = 10.0

_MARKS = {
    "done": '<path d="M-4 .5 -1.2 3.2 4-3"/>',
    "kept": '<path d="M-4-2H4M-4 2H4"/>',
    "skeleton": '<path d="M-4-3.5H4V3.5H-4Z" stroke-dasharray="2 1.6"/>',
    "running": '<path d="M-2.5-4 4 0-2.5 4Z"/>',
    "failed": '<path d="M-3.2-3.2 3.2 3.2M3.2-3.2-3.2 3.2"/>',
    "blocked": '<path d="M-4 0H4"/>',
    "skipped": '<path d="M-4-3 0 0-4 3M0-3 4 0 0 3"/>',
    "waiting": '<path d="M0-4V0L3 2"/>',
}
"""Shapes for states, so that none is told by its colour alone."""


_HATCH = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="7" height="7"/><line class="hatch-line" x1="0" y1="0" x2="0" y2="7"/>'
    "</pattern></defs>"
)
"""What fills an artifact that the plan does without."""


def dag_svg(picture: PlanPicture) -> str:
    """The drawing of a plan: waves from left to right, edges from a requirement to what requires it."""
    layout = layered(picture.graph)
    edges = sorted(layout.edges, key=lambda edge: (edge in picture.critical_edges, edge))
    parts = [
        (
            f'<svg id="dag" class="dag" xmlns="http://www.w3.org/2000/svg" width="{layout.width:g}" '
            f'height="{layout.height:g}" viewBox="0 0 {layout.width:g} {layout.height:g}" role="group" '
            f'aria-label="{_described(picture)}">'
        ),
        *_columns(picture, layout),
        _HATCH if picture.changes else "",
        '<g class="edges" aria-hidden="true">',
        *(_edge(picture, edge, layout.edges[edge]) for edge in edges),
        '</g><g class="nodes">',
        *(_node(picture, picture.graph.artifacts[name], layout.nodes[name]) for name in picture.graph.order),
        "</g></svg>",
    ]
    return "\n".join(parts)


def _described(picture: PlanPicture) -> str:
    graph = picture.graph
    edges = graph.network.number_of_edges()
    return html_text(
        f"Plan of {counted(len(graph), 'artifact')} in {counted(graph.depth, 'wave')} "
        f"with {counted(edges, 'requirement')}"
    )


def _columns(picture: PlanPicture, layout: Layout) -> list[str]:
    """A band and a heading for each wave."""
    bands = []
    for wave, (left, names) in enumerate(zip(layout.columns, picture.graph.waves, strict=True), 1):
        bands.append(
            f'<rect class="band{wave % 2}" x="{left - COLUMN_GAP / 2:g}" y="0" '
            f'width="{NODE_WIDTH + COLUMN_GAP:g}" height="{layout.height:g}"/>'
            f'<text class="wave" x="{left + NODE_WIDTH / 2:g}" y="{HEADER - 6:g}" text-anchor="middle">'
            f'Wave {wave} <tspan class="count">· {len(names)}</tspan></text>'
        )
    return bands


def _edge(picture: PlanPicture, edge: tuple[str, str], points: Sequence[Point]) -> str:
    """One edge with its arrowhead, and what it is for when pointed at."""
    start, end = edge
    because = next(link.because for link in picture.graph.artifacts[end].requires if link.id == start)
    title = f"{one_line(start)} → {one_line(end)}" + (f": {because}" if because else "")
    kind = "edge critical" if edge in picture.critical_edges else "edge"
    kind += " gone" if picture.change(end) == "dropped" else " fresh" if "new" in map(picture.change, edge) else ""
    x, y = points[-1]
    return (
        f'<g class="{kind}" data-from="{picture.number[start]}" data-to="{picture.number[end]}">'
        f'<title>{html_text(title)}</title><path class="line" d="{_curve(points)}"/>'
        f'<path class="head" d="M{x - 7:g} {y - 3.6:g}L{x:g} {y:g}L{x - 7:g} {y + 3.6:g}Z"/></g>'
    )


def _curve(points: Sequence[Point]) -> str:
    """A smooth way through points, level at each: curves in the gaps, straight lines through the waves."""
    x, y = points[0]
    drawn = [f"M{x:g} {y:g}"]
    ends = [*points[:-1], (points[-1][0] - 5, points[-1][1])]
    for (x, y), (to_x, to_y) in pairwise(ends):
        if y == to_y:
            drawn.append(f"H{to_x:g}")
        else:
            middle = (x + to_x) / 2
            drawn.append(f"C{middle:g} {y:g} {middle:g} {to_y:g} {to_x:g} {to_y:g}")
    return "".join(drawn)


def _node(picture: PlanPicture, artifact: Artifact, corner: Point) -> str:
    """One artifact as a link to its row in the table."""
    name, number = artifact.id, picture.number[artifact.id]
    state = picture.state(name)
    room = NODE_WIDTH - (44 if state else 26)
    lines = in_lines(name, room, NAME_SIZE)
    heights = (25.0,) if len(lines) == 1 else (19.0, 33.0)
    note = " · ".join(word for word in (artifact.agent or "", picture.expected(artifact)) if word)
    change = _change(picture.change(name), picture.change_class(name))
    note_room = NODE_WIDTH - 38 - width_of(picture.change(name), _CHANGE_SIZE) if change else room
    classes = f"node {picture.tint(picture.group(artifact))} {picture.state_class(name)}"
    classes += " critical" if name in picture.critical else ""
    classes += f" {picture.change_class(name)}" if picture.changes else ""
    return (
        f'<a class="{classes}" href="#a{number}" data-node="{number}" '
        f'transform="translate({corner[0]:g} {corner[1]:g})" aria-label="{html_text(_spoken(picture, artifact))}">'
        f"<title>{html_text(_hint(artifact))}</title>"
        f'<rect class="box" width="{NODE_WIDTH:g}" height="{NODE_HEIGHT:g}" rx="7"/>'
        f'<path class="strip" d="M7 0A7 7 0 0 0 0 7V{NODE_HEIGHT - 7:g}A7 7 0 0 0 7 {NODE_HEIGHT:g}Z"/>'
        + "".join(
            f'<text class="name" x="16" y="{height:g}">{html_text(line)}</text>'
            for line, height in zip(lines, heights, strict=True)
        )
        + f'<text class="note" x="16" y="{heights[-1] + 16:g}">{html_text(fitted(note, note_room, NOTE_SIZE))}</text>'
        + change
        + (_mark(state) if state else "")
        + "</a>"
    )


def _mark(state: str) -> str:
    """The sign of a state, in the upper right corner."""
    shape = _MARKS.get(state, '<circle r="2"/>')
    return f'<g class="mark" transform="translate({NODE_WIDTH - 17:g} 17)"><circle class="disc" r="8.5"/>{shape}</g>'


def _change(change: str, kind: str) -> str:
    """The label of what becomes of an artifact, in the lower right corner."""
    if not change or kind == "c-none":
        return ""
    width = width_of(change, _CHANGE_SIZE) + 10
    return (
        f'<g class="change" transform="translate({NODE_WIDTH - width - 6:.1f} {NODE_HEIGHT - 20:g})">'
        f'<rect class="label" width="{width:.1f}" height="15" rx="4"/>'
        f'<text class="word" x="{width / 2:.1f}" y="11" text-anchor="middle">{html_text(change)}</text></g>'
    )


def _hint(artifact: Artifact) -> str:
    return f"{one_line(artifact.id)}\n{one_line(artifact.description)}".strip()


def _spoken(picture: PlanPicture, artifact: Artifact) -> str:
    """What a screen reader says of an artifact."""
    required = picture.graph.requirements_of(artifact.id)
    words = [
        one_line(artifact.id),
        f"wave {picture.wave[artifact.id]}",
        picture.group(artifact),
        artifact.agent or "",
        effort_words(artifact),
        picture.state(artifact.id),
        f"plan changed: {picture.change(artifact.id)}" if picture.change(artifact.id) else "",
        "on the critical path" if artifact.id in picture.critical else "",
        f"requires {', '.join(one_line(name) for name in required)}" if required else "requires nothing",
    ]
    return ", ".join(word for word in words if word)
