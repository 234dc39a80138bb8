"""Where everything lies in the picture of what is known: sources on the left, phases side by side, decisions right.

A small phase is one column, a larger one several, its earlier waves before its later ones. Within a column things lie
in the order of the middle of what they are tied to, so that lines cross little. Deterministic; knows nothing of SVG.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prefect_harmonic.tasks.views.knowledge_nodes import CONTRADICTS, Node, Tie

WIDTH = 176.0
HEIGHT = 42.0
_ROW_GAP = 12.0
_COLUMN_GAP = 46.0
_BOX_GAP = 30.0
_PADDING = 14.0
_HEAD = 34.0
_TOP = 56.0
_LEFT = 66.0
_TALLEST = 14
_TALLEST_OF_PHASE = 10
_WIDEST_ROW_GAP = 38.0
_SWEEPS = 6

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The ground of a phase, or of the sources or decisions, with its heading."""

    label: str
    count: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class KnowledgeLayout:
    """A picture without ink: upper left corners by node, and the grounds they lie on."""

    width: float
    height: float
    places: Mapping[str, Place]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    label: str
    columns: list[list[str]]


def laid_out(nodes: Sequence[Node], ties: Iterable[Tie]) -> KnowledgeLayout:
    """The picture of some nodes and what ties them."""
    groups = _groups(nodes)
    _untangle([column for group in groups for column in group.columns], ties)
    tallest = max((len(column) for group in groups for column in group.columns), default=1)
    inner = tallest * HEIGHT + (tallest - 1) * _ROW_GAP
    places: dict[str, Place] = {}
    boxes: list[Box] = []
    left = _LEFT
    for group in groups:
        width = len(group.columns) * WIDTH + (len(group.columns) - 1) * _COLUMN_GAP + 2 * _PADDING
        count = sum(map(len, group.columns))
        boxes.append(Box(group.label, count, left, _TOP, width, inner + _HEAD + _PADDING))
        for number, column in enumerate(group.columns):
            gap = min(_WIDEST_ROW_GAP, max(_ROW_GAP, (inner - len(column) * HEIGHT) / (len(column) + 1)))
            own = len(column) * HEIGHT + (len(column) - 1) * gap
            top = _TOP + _HEAD + (inner - own) / 2
            for row, name in enumerate(column):
                x = left + _PADDING + number * (WIDTH + _COLUMN_GAP)
                places[name] = (round(x, 1), round(top + row * (HEIGHT + gap), 1))
        left += width + _BOX_GAP
    return KnowledgeLayout(left - _BOX_GAP + 24, _TOP + inner + _HEAD + _PADDING, places, tuple(boxes))


def _groups(nodes: Sequence[Node]) -> list[_Group]:
    """Sources, then phases in the order of their first wave, then decisions; only what has anything in it."""
    phases: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.kind == "artifact":
            phases[node.group].append(node)
    ordered = sorted(phases.items(), key=lambda item: (min(node.wave for node in item[1]), _mean_wave(item[1])))
    sources = [node.id for node in nodes if node.kind == "source"]
    decisions = [node.id for node in nodes if node.kind == "decision"]
    groups = [_Group("Sources", _wrapped(sources, _TALLEST))] if sources else []
    groups += [_Group(phase or "Artifacts", _by_wave(members)) for phase, members in ordered]
    return [*groups, *([_Group("Decisions", _wrapped(decisions, _TALLEST))] if decisions else [])]


def _mean_wave(members: Sequence[Node]) -> float:
    return sum(node.wave for node in members) / len(members)


def _by_wave(members: Sequence[Node]) -> list[list[str]]:
    """The columns of a phase: what is made earlier before what is made later."""
    return _wrapped([node.id for node in sorted(members, key=lambda node: (node.wave, node.id))], _TALLEST_OF_PHASE)


def _wrapped(names: Sequence[str], tallest: int) -> list[list[str]]:
    """Columns of about the same height, none too tall."""
    number = -(-len(names) // tallest) or 1
    size = -(-len(names) // number)
    return [list(names[start : start + size]) for start in range(0, len(names), size)]


def _untangle(columns: list[list[str]], ties: Iterable[Tie]) -> None:
    """Orders every column by the mean relative height of what its nodes are tied to, to and fro."""
    beside: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        if tie.kind != CONTRADICTS:
            beside[tie.start].append(tie.end)
            beside[tie.end].append(tie.start)
    height = {name: _relative(row, column) for column in columns for row, name in enumerate(column)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            ranked = sorted((_wish(name, beside[name], height), name) for name in column)
            column[:] = [name for _, name in ranked]
            height.update({name: _relative(row, column) for row, name in enumerate(column)})


def _relative(row: int, column: Sequence[str]) -> float:
    """Height in a column, from -0.5 to 0.5 of the tallest there may be."""
    return (row - (len(column) - 1) / 2) / _TALLEST


def _wish(name: str, others: Sequence[str], height: Mapping[str, float]) -> float:
    """Where a node would lie for the sake of what it is tied to; without any ties where it is."""
    heights = [height[other] for other in others if other in height]
    return sum(heights) / len(heights) if heights else height[name]
