"""The plan in time: who works on what, and when, as an SVG that is complete without any script."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, isfinite, log10
from statistics import median

from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.lettering import fitted, width_of
from prefect_harmonic.tasks.views.picture import PlanPicture, number_words

BAR_HEIGHT = 26.0
LANE_GAP = 10.0
LABEL_WIDTH = 124.0
AXIS_HEIGHT = 30.0
_WIDTHS = (1020.0, 5200.0)
_MEDIAN_BAR = 74.0
_MANY = 60
"""Bars up to which the whole of a timeline is shown at once, however short some of them are."""
_MARGIN = 28.0
_LETTERS = 11.5
_PADDING = 7.0
_LONGEST_LABEL = 230.0
_TICK = 92.0
_LEAST = 2.0
_UNITS = {
    "h": (("h", 1.0), ("min", 60.0), ("s", 3600.0)),
    "s": (("d", 1 / 86_400), ("h", 1 / 3600), ("min", 1 / 60), ("s", 1.0)),
}
"""What times are drawn in, the largest first, by what they are counted in. Working hours make no days."""


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """One artifact in time, in the unit of the timeline it stands in.

    Attributes:
        artifact: Id of the artifact.
        start: When it starts, from the beginning of the plan or run.
        finish: When it is done.
        worker: Who or what does it.
    """

    artifact: str
    start: float
    finish: float
    worker: str


def timeline_svg(picture: PlanPicture, bars: Sequence[TimelineBar], unit: str, label: str) -> str:
    """The bars by worker on one axis. A worker with several bars at once gets several rows.

    Bars without a finite length of time are left out: there is nowhere to draw them.

    Args:
        picture: The plan.
        bars: Its artifacts in time.
        unit: What their times are counted in: `h` for working hours, `s` for seconds of the clock. They are drawn in
            the unit that fits them.
        label: What the drawing is called.
    """
    bars = [bar for bar in bars if isfinite(bar.start) and isfinite(bar.finish) and 0 <= bar.start <= bar.finish]
    if not bars:
        return ""
    unit, bars = _fitted_to(unit, bars)
    end = max(bar.finish for bar in bars) or 1.0
    scale = _scale(bars, end)
    width = LABEL_WIDTH + end * scale + _MARGIN
    rows = _rows([_placed(bar, scale, width) for bar in bars])
    height = AXIS_HEIGHT + len(rows) * (BAR_HEIGHT + LANE_GAP) + 6
    whole = " whole" if len(bars) <= _MANY else ""
    parts = [
        (
            f'<svg class="timeline{whole}" xmlns="http://www.w3.org/2000/svg" '
            f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'role="group" aria-label="{html_text(label)}">'
        ),
        *_axis(end, scale, height, unit),
    ]
    for place, (worker, lane) in enumerate(rows):
        top = AXIS_HEIGHT + place * (BAR_HEIGHT + LANE_GAP) + LANE_GAP / 2
        if place == 0 or rows[place - 1][0] != worker:
            parts.append(_worker(worker, top, width))
        parts += [_bar(picture, placed, top, unit) for placed in lane]
    return "\n".join([*parts, "</svg>"])


def _fitted_to(unit: str, bars: Sequence[TimelineBar]) -> tuple[str, list[TimelineBar]]:
    """The bars in the largest unit that the whole has at least two of."""
    scales = _UNITS[unit]
    end = max(bar.finish for bar in bars)
    name, scale = next((known for known in scales if end * known[1] >= _LEAST), scales[-1] if end else (unit, 1.0))
    scaled = [replace(bar, start=bar.start * scale, finish=bar.finish * scale) for bar in bars]
    return name, scaled


@dataclass(frozen=True, slots=True)
class _Placed:
    """A bar with its place in the drawing, and its name inside or beside it."""

    bar: TimelineBar
    left: float
    length: float
    name: str
    name_left: float

    @property
    def begins(self) -> float:
        return min(self.left, self.name_left)

    @property
    def ends(self) -> float:
        return max(self.left + self.length, self.name_left + width_of(self.name, _LETTERS))


def _scale(bars: Sequence[TimelineBar], end: float) -> float:
    """Pixels of a unit of time: all at once if there are few bars, otherwise so much that most can be told apart."""
    typical = median(bar.finish - bar.start for bar in bars) or end
    wanted = _MEDIAN_BAR * end / typical if len(bars) > _MANY else 0.0
    return min(max(_WIDTHS[0], wanted), _WIDTHS[1]) / end


def _placed(bar: TimelineBar, scale: float, width: float) -> _Placed:
    """The name stands inside the bar if it fits there, otherwise after it, and at the right end before it."""
    left = LABEL_WIDTH + bar.start * scale
    length = max(3.0, (bar.finish - bar.start) * scale - 2)
    name = fitted(bar.artifact, max(_LONGEST_LABEL, length - 2 * _PADDING), _LETTERS)
    needed = width_of(name, _LETTERS)
    if needed <= length - 2 * _PADDING:
        name_left = left + _PADDING
    elif left + length + _PADDING + needed <= width:
        name_left = left + length + _PADDING
    else:
        name_left = left - _PADDING - needed
    return _Placed(bar, left, length, name, name_left)


def _rows(bars: Sequence[_Placed]) -> list[tuple[str, list[_Placed]]]:
    """Rows in which neither bars nor names overlap, with the worker of each; numbered workers in their order."""
    rows: list[tuple[str, list[_Placed]]] = []
    for worker in sorted({placed.bar.worker for placed in bars}, key=_numbered):
        lanes: list[list[_Placed]] = []
        own = [placed for placed in bars if placed.bar.worker == worker]
        for placed in sorted(own, key=lambda each: (each.bar.start, each.bar.finish, each.bar.artifact)):
            free = next((lane for lane in lanes if max(each.ends for each in lane) <= placed.begins), None)
            if free is None:
                lanes.append([placed])
            else:
                free.append(placed)
        rows += [(worker, lane) for lane in lanes]
    return rows


def _numbered(name: str) -> tuple[str, int, str]:
    """Sorts `worker 10` after `worker 9`."""
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, int(digits) if digits.isascii() and digits else -1, name)


def _axis(end: float, scale: float, height: float, unit: str) -> list[str]:
    """Lines at round times, with the unit at the first."""
    distance = _round_distance(_TICK / scale)
    ticks = []
    for tick in range(floor(end / distance + 1e-9) + 1):
        x = LABEL_WIDTH + tick * distance * scale
        text = number_words(round(tick * distance, 9)) + (f" {unit}" if tick == 0 else "")
        ticks.append(
            f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{AXIS_HEIGHT - 6:g}" y2="{height:.0f}"/>'
            f'<text class="time" x="{x:.1f}" y="16" text-anchor="middle">{html_text(text)}</text>'
        )
    return ticks


def _round_distance(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is no less.

    >>> _round_distance(3), _round_distance(0.21)
    (5.0, 0.25)
    """
    power = 10.0 ** floor(log10(least))
    factor = next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * (1 - 1e-9))
    return factor * power if power >= 1 else factor / round(1 / power)


def _worker(worker: str, top: float, width: float) -> str:
    line = f'<line class="lane" x1="0" x2="{width:.0f}" y1="{top - LANE_GAP / 2:g}" y2="{top - LANE_GAP / 2:g}"/>'
    name = fitted(worker, LABEL_WIDTH - 28, 11.5)
    return line + f'<text class="worker" x="16" y="{top + 17:g}">{html_text(name)}</text>'


def _bar(picture: PlanPicture, placed: _Placed, top: float, unit: str) -> str:
    """One bar, a link to the artifact's row if the plan has it."""
    bar = placed.bar
    artifact = picture.graph.artifacts.get(bar.artifact)
    tint = picture.tint(picture.group(artifact)) if artifact else "tn"
    critical = " critical" if bar.artifact in picture.critical else ""
    span = f"{number_words(round(bar.start, 2))} to {number_words(round(bar.finish, 2))} {unit}, {bar.worker}"
    title = html_text(f"{one_line(bar.artifact)}: {span}")
    is_before = placed.name_left < placed.left
    x = placed.left - _PADDING if is_before else placed.name_left
    anchor = ' text-anchor="end"' if is_before else ""
    name = f'<text class="on" x="{x:.1f}" y="{top + 17:g}"{anchor}>{html_text(placed.name)}</text>'
    inside = (
        f'<title>{title}</title><rect class="span" x="{placed.left:.1f}" y="{top:g}" width="{placed.length:.1f}" '
        f'height="{BAR_HEIGHT:g}" rx="{min(5.0, placed.length / 2):g}"/>{name if placed.name else ""}'
    )
    if artifact is None:
        return f'<g class="bar {tint}">{inside}</g>'
    number = picture.number[bar.artifact]
    classes = f"bar {tint} {picture.state_class(bar.artifact)}{critical}"
    return f'<a class="{classes}" href="#a{number}" data-node="{number}" aria-label="{title}">{inside}</a>'
