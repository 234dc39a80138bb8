"""What is known after a run as a picture: sources, artifacts phase by phase, decisions, and what rests on what.

A picture for people: claims are counted where they are found and not drawn one by one; `knowledge.graphml` has them
all. It stands alone and needs nothing else: no script, no font, no style sheet.
"""

from collections.abc import Mapping, Sequence

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.heading import heading_of
from prefect_harmonic.tasks.views.knowledge_layout import HEIGHT, WIDTH, Box, KnowledgeLayout, laid_out
from prefect_harmonic.tasks.views.knowledge_nodes import (
    CONTRADICTS,
    DECIDES,
    RESTS,
    Node,
    Tie,
    knowledge_nodes,
    knowledge_ties,
)
from prefect_harmonic.tasks.views.lettering import fitted

_STYLE = """
svg { --ground: #f7f6f3; --surface: #fff; --ink: #1d1c1a; --muted: #6a6660; --line: #dfdbd4; --edge: #a39d93;
  --source: #2b7a8a; --artifact: #3b6fb6; --decision: #7a4fb0; --bad: #b42318; --good: #2f7d4f; --box: #efece6;
  font: 12px Inter, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ground: #161614; --surface: #201f1d; --ink: #eceae5; --muted: #a19c93;
  --line: #37352f; --edge: #6f6a61; --source: #67c0cf; --artifact: #7fa9e3; --decision: #b79bea; --bad: #f4857a;
  --good: #6fc391; --box: #1c1b19; } }
.ground { fill: var(--ground); } .phase { fill: var(--box); stroke: var(--line); }
text { fill: var(--ink); } .title { font-size: 17px; font-weight: 620; } .head { font-size: 12px; font-weight: 640; }
.note, .head .count { fill: var(--muted); font-size: 10.5px; font-weight: 400; } .name { font-weight: 600; }
.box { fill: var(--surface); stroke-width: 1.4; } .source .box { stroke: var(--source); }
.artifact .box { stroke: var(--artifact); } .decision .box { stroke: var(--decision); stroke-width: 2; }
.source .box { stroke-dasharray: 3 2; } .failed .box, .blocked .box { stroke: var(--bad); stroke-dasharray: 7 3; }
.fill { fill: var(--good); } .rail { fill: var(--line); }
.tie { fill: none; stroke: var(--edge); stroke-width: 1.2; opacity: .62; } .tip { fill: var(--edge); stroke: none; }
.rests { stroke: var(--source); opacity: .42; } .decides { stroke: var(--decision); opacity: .85; }
.contradicts { stroke: var(--bad); stroke-width: 1.8; stroke-dasharray: 5 3; opacity: 1; }
.tie:hover { opacity: 1; stroke-width: 3; }
"""
_KEY = (
    ("rests", "rests on a source (the wider, the more claims)"),
    ("enables", "is required by"),
    ("decides", "led to a decision"),
    ("contradicts", "contradict each other"),
)


def knowledge_svg(
    graph: ArtifactGraph, evidence: Mapping[str, Evidence], states: Mapping[str, str] | None = None
) -> str:
    """The picture as an SVG document, the same text for the same knowledge."""
    nodes, ties = knowledge_nodes(graph, evidence, states or {}), knowledge_ties(graph, evidence)
    layout = laid_out(nodes, ties)
    shown = [tie for tie in ties if tie.start in layout.places and tie.end in layout.places]
    title = heading_of(graph.goal) or "What is known"
    width = max(layout.width, 760.0)
    height = layout.height + 46
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
                f'viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="t d">'
            ),
            f'<title id="t">{_text(title)}</title><desc id="d">{_text(_described(nodes, shown))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" width="{width:g}" height="{height:g}"/>',
            f'<text class="title" x="24" y="34">{_text(fitted(title, width - 60, 17))}</text>',
            *(_box(box) for box in layout.boxes),
            *(_tie(layout, tie) for tie in sorted(shown, key=lambda tie: (tie.kind == CONTRADICTS, tie))),
            *(_node(node, layout.places[node.id]) for node in nodes),
            *_key({tie.kind for tie in shown}, layout.height + 18),
            "</svg>\n",
        ]
    )


def _text(text: str) -> str:
    return html_text(one_line(text))


def _described(nodes: Sequence[Node], ties: Sequence[Tie]) -> str:
    """The picture in a sentence, and every tie that matters, for those who cannot see it."""
    names = {node.id: node.label for node in nodes}
    kinds = [(kind, sum(node.kind == kind for node in nodes)) for kind in ("source", "artifact", "decision")]
    told = [counted(number, kind) for kind, number in kinds if number]
    fights = [
        f"{names[tie.start]} and {names[tie.end]} contradict each other" for tie in ties if tie.kind == CONTRADICTS
    ]
    choices = [f"{names[tie.start]} led to {names[tie.end]}" for tie in ties if tie.kind == DECIDES]
    return "; ".join([", ".join(told), *choices, *fights])


def _box(box: Box) -> str:
    return (
        f'<rect class="phase" x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}" rx="10"/>'
        f'<text class="head" x="{box.left + 12:g}" y="{box.top + 20:g}">{_text(fitted(box.label, box.width - 60, 12))} '
        f'<tspan class="count">{box.count}</tspan></text>'
    )


def _node(node: Node, place: tuple[float, float]) -> str:
    """One box: name, note, and for what was made a bar of its confidence."""
    x, y = place
    state = node.state if node.state in {"failed", "blocked"} else ""
    radius = {"source": 2, "artifact": 7}.get(node.kind, HEIGHT / 2)
    inset = 15 if node.kind == "decision" else 10
    bar = ""
    if node.confidence is not None:
        length = (WIDTH - 20) * min(1.0, max(0.0, node.confidence))
        bar = (
            f'<rect class="rail" x="10" y="{HEIGHT - 6:g}" width="{WIDTH - 20:g}" height="2.5"/>'
            f'<rect class="fill" x="10" y="{HEIGHT - 6:g}" width="{length:.1f}" height="2.5"/>'
        )
    return (
        f'<g class="{node.kind} {state}" transform="translate({x:g} {y:g})"><title>{_text(node.hint)}</title>'
        f'<rect class="box" width="{WIDTH:g}" height="{HEIGHT:g}" rx="{radius:g}"/>'
        f'<text class="name" x="{inset}" y="17">{_text(fitted(node.label, WIDTH - 2 * inset, 11.4))}</text>'
        f'<text class="note" x="{inset}" y="31">{_text(fitted(node.note, WIDTH - 2 * inset, 10))}</text>{bar}</g>'
    )


def _tie(layout: KnowledgeLayout, tie: Tie) -> str:
    """A tie as a curve: from right to left side, or around the side where both lie in one column."""
    (x, y), (to_x, to_y) = layout.places[tie.start], layout.places[tie.end]
    middle, to_middle = y + HEIGHT / 2, to_y + HEIGHT / 2
    weight = f' style="stroke-width:{min(1 + tie.weight / 3, 5):.2g}"' if tie.kind == RESTS else ""
    hint = f"<title>{_text(tie.hint)}</title>" if tie.hint else ""
    if tie.kind == CONTRADICTS:
        out = 14 + min(46.0, abs(to_middle - middle) / 5)
        curve = f"M{x:g} {middle:g}C{x - out:g} {middle:g} {to_x - out:g} {to_middle:g} {to_x:g} {to_middle:g}"
        return f'<path class="tie contradicts" d="{curve}">{hint}</path>'
    start = x + WIDTH
    if to_x > x:
        bend = max(28.0, (to_x - start) / 2)
        curve = f"C{start + bend:g} {middle:g} {to_x - bend:g} {to_middle:g} {to_x - 6:g} {to_middle:g}"
        tip = f"M{to_x - 7:g} {to_middle - 3.2:g}L{to_x:g} {to_middle:g}L{to_x - 7:g} {to_middle + 3.2:g}Z"
    else:
        out = max(start, to_x + WIDTH) + 24
        curve = f"C{out:g} {middle:g} {out:g} {to_middle:g} {to_x + WIDTH + 6:g} {to_middle:g}"
        end = to_x + WIDTH
        tip = f"M{end + 7:g} {to_middle - 3.2:g}L{end:g} {to_middle:g}L{end + 7:g} {to_middle + 3.2:g}Z"
    arrow = "" if tie.kind == RESTS else f'<path class="tip" d="{tip}"/>'
    return f'<path class="tie {tie.kind}"{weight} d="M{start:g} {middle:g}{curve}">{hint}</path>{arrow}'


def _key(kinds: set[str], y: float) -> list[str]:
    """What the lines mean, those that occur."""
    parts, x = [], 24.0
    for kind, words in _KEY:
        if kind in kinds:
            line = f'<path class="tie {kind}" style="stroke-width:2" d="M{x:g} {y:g}h26"/>'
            parts.append(f'{line}<text class="note" x="{x + 33:g}" y="{y + 4:g}">{words}</text>')
            x += 62 + 5.9 * len(words)
    return parts
