"""The plan in time: who works on what, and when, as an SVG that is complete without any script."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from statistics import median

from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.lettering import fitted
from prefect_harmonic.tasks.views.picture import PlanPicture, number_words

BAR_HEIGHT = 26.0
LANE_GAP = 10.0
LABEL_WIDTH = 124.0
AXIS_HEIGHT = 30.0
_WIDTHS = (1190.0, 5200.0)
_MEDIAN_BAR = 74.0
_SHORTEST_LABEL = 6
"""Letters below which a shortened name says nothing; a name that fits whole is always shown."""
_TICK = 92.0


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
    """
    bars = [bar for bar in bars if isfinite(bar.start) and isfinite(bar.finish) and 0 <= bar.start <= bar.finish]
    if not bars:
        return ""
    end = max(bar.finish for bar in bars) or 1.0
    rows = _rows(bars)
    typical = median(bar.finish - bar.start for bar in bars) or end
    scale = min(max(_WIDTHS[0], _MEDIAN_BAR * end / typical), _WIDTHS[1]) / end
    width, height = LABEL_WIDTH + end * scale + 28, AXIS_HEIGHT + len(rows) * (BAR_HEIGHT + LANE_GAP) + 6
    parts = [
        (
            f'<svg class="timeline" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" role="group" aria-label="{html_text(label)}">'
        ),
        *_axis(end, scale, height, unit),
    ]
    for place, (worker, lane) in enumerate(rows):
        top = AXIS_HEIGHT + place * (BAR_HEIGHT + LANE_GAP) + LANE_GAP / 2
        if place == 0 or rows[place - 1][0] != worker:
            parts.append(_worker(worker, top, width, place))
        parts += [_bar(picture, bar, top, scale, unit) for bar in lane]
    return "\n".join([*parts, "</svg>"])


def _rows(bars: Sequence[TimelineBar]) -> list[tuple[str, list[TimelineBar]]]:
    """Rows of bars that do not overlap, with the worker of each; workers whose names end in numbers in their order."""
    rows: list[tuple[str, list[TimelineBar]]] = []
    for worker in sorted({bar.worker for bar in bars}, key=_numbered):
        lanes: list[list[TimelineBar]] = []
        own = [bar for bar in bars if bar.worker == worker]
        for bar in sorted(own, key=lambda bar: (bar.start, bar.finish, bar.artifact)):
            free = next((lane for lane in lanes if lane[-1].finish <= bar.start + 1e-9), None)
            if free is None:
                lanes.append([bar])
            else:
                free.append(bar)
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


def _worker(worker: str, top: float, width: float, place: int) -> str:
    line = f'<line class="lane" x1="0" x2="{width:.0f}" y1="{top - LANE_GAP / 2:g}" y2="{top - LANE_GAP / 2:g}"/>'
    name = fitted(worker, LABEL_WIDTH - 28, 11.5)
    return line + f'<text class="worker" x="16" y="{top + 17:g}">{html_text(name)}</text>'


def _bar(picture: PlanPicture, bar: TimelineBar, top: float, scale: float, unit: str) -> str:
    """One bar, a link to the artifact's row if the plan has it."""
    left = LABEL_WIDTH + bar.start * scale
    length = max(3.0, (bar.finish - bar.start) * scale - 2)
    text = fitted(bar.artifact, length - 14, 11.5) if length >= 24 else ""
    if len(text) < _SHORTEST_LABEL and text != one_line(bar.artifact):
        text = ""
    artifact = picture.graph.artifacts.get(bar.artifact)
    tint = picture.tint(picture.group(artifact)) if artifact else "tn"
    critical = " critical" if bar.artifact in picture.critical else ""
    span = f"{number_words(round(bar.start, 2))} to {number_words(round(bar.finish, 2))} {unit}, {bar.worker}"
    title = html_text(f"{one_line(bar.artifact)}: {span}")
    inside = (
        f'<title>{title}</title><rect class="span" x="{left:.1f}" y="{top:g}" width="{length:.1f}" '
        f'height="{BAR_HEIGHT:g}" rx="5"/>'
        + (f'<text class="on" x="{left + 8:.1f}" y="{top + 17:g}">{html_text(text)}</text>' if text else "")
    )
    if artifact is None:
        return f'<g class="bar {tint}">{inside}</g>'
    number = picture.number[bar.artifact]
    classes = f"bar {tint} {picture.state_class(bar.artifact)}{critical}"
    return f'<a class="{classes}" href="#a{number}" data-node="{number}" aria-label="{title}">{inside}</a>'
