"""The head of the page: the goal, what it asks for, the figures; and the key to the drawing beside it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.constraints import is_constraint
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.views.changes import RANKED, explained
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.heading import heading_of
from prefect_harmonic.tasks.views.picture import CHANGE_CLASSES, KNOWN_STATES, PlanPicture, number_words

_LABELS = {
    "artifact_count": "artifacts",
    "estimated_waves": "waves",
    "expected_makespan_hours": "expected makespan",
    "leaf_count": "start at once",
    "parallelism_factor": "parallelism",
    "balance_factor": "balance",
    "width": "widest wave",
    "depth": "longest chain",
}
_FIGURES: Mapping[str, Callable[[float], str]] = {"coverage": "{:.0%}".format, "expected_makespan_hours": spoken_hours}
_ORDER = (
    "artifact_count",
    "expected_makespan_hours",
    "coverage",
    "depth",
    "width",
    "leaf_count",
    "parallelism_factor",
    "balance_factor",
    "file_conflicts",
    "score",
)

_THERE = frozenset({"done", "kept"})
_LONGEST_GOAL = 400


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of the gate as the page shows it."""

    code: str
    severity: str
    artifact: str
    message: str


def header_html(picture: PlanPicture) -> str:
    """The goal as the heading, whole beneath it if it is long, and what each requirement is covered by."""
    goal = one_line(picture.graph.goal)
    heading = heading_of(picture.graph.goal) or "Plan"
    asked = "".join(_requirement(picture, item) for item in picture.graph.requirements)
    wishes = f'<ul class="asked" aria-label="What the goal asks for">{asked}</ul>' if asked else ""
    return (
        f'<h1 dir="auto">{html_text(heading)}</h1>{_whole_goal(picture.graph.goal) if heading != goal else ""}{wishes}'
    )


def _whole_goal(goal: str) -> str:
    """The goal as a paragraph; folded away if it would push everything else off the screen."""
    text = f'<p class="goal" dir="auto">{html_text(goal)}</p>' if goal.strip() else ""
    return f"<details><summary>The whole goal</summary>{text}</details>" if len(goal) > _LONGEST_GOAL else text


def _requirement(picture: PlanPicture, item: str) -> str:
    """A requirement with what covers it; ticked only once all of that is done.

    What must hold stands in contracts. Whether it holds nobody knows by the work being done, so that it is not ticked.
    """
    covering = [name for name in picture.graph.order if item in picture.graph.artifacts[name].covers]
    if not covering:
        return f'<li class="unmet"><bdi>{html_text(item)}</bdi> <em>not covered</em></li>'
    done = sum(picture.state(name) in _THERE for name in covering)
    told = f"covered by {len(covering)} artifact{'' if len(covering) == 1 else 's'}"
    if any(picture.state(name) for name in covering):
        told += ", all done" if done == len(covering) else f", {done} of them done"
    is_held = is_constraint(item)
    told += "; whether it holds is for a person to say" if is_held else ""
    state = "met" if done == len(covering) and not is_held else "planned"
    return (
        f'<li class="{state}" title="{html_text(told)}"><bdi>{html_text(item)}</bdi>'
        f'<span class="unseen">: {html_text(told)}</span></li>'
    )


def metrics_html(picture: PlanPicture, metrics: Mapping[str, float | int] | None) -> str:
    """The figures, the most telling first; those that the graph itself knows if none are given."""
    known: Mapping[str, float | int] = metrics or {
        "artifact_count": len(picture.graph),
        "depth": picture.graph.depth,
        "width": picture.graph.width,
        "leaf_count": len(picture.graph.leaves),
    }
    names = [name for name in _ORDER if name in known]
    # Depth and estimated waves are one number under two names; one tile is enough.
    names += sorted(known.keys() - set(_ORDER) - ({"estimated_waves"} if "depth" in known else set()))
    tiles = "".join(_tile(name, known[name]) for name in names)
    return f'<dl class="metrics">{tiles}{_progress(picture)}</dl>'


def _tile(name: str, value: float) -> str:
    figure = _FIGURES.get(name, number_words)(value)
    return f"<div><dt>{html_text(_LABELS.get(name, name.replace('_', ' ')))}</dt><dd>{figure}</dd></div>"


def _progress(picture: PlanPicture) -> str:
    """How many artifacts are done, once anything is known of any."""
    if not any(picture.state(name) for name in picture.graph.order):
        return ""
    planned = [name for name in picture.graph.order if picture.change(name) != "dropped"]
    done = sum(picture.state(name) in _THERE for name in planned)
    return f'<div><dt>done</dt><dd>{done}<span class="of"> / {len(planned)}</span></dd></div>'


def key_html(picture: PlanPicture) -> str:
    """What tints and marks mean, and the critical path as a list."""
    parts = []
    if picture.groups:
        sizes = Counter(picture.group(artifact) for artifact in picture.graph.artifacts.values())
        items = "".join(
            f'<li class="{picture.tint(group)}" data-group="{picture.tint(group)}"><span class="dot"></span>'
            f'<bdi>{html_text(group)}</bdi> <span class="count">{sizes[group]}</span></li>'
            for group in picture.groups
        )
        parts.append(f'<h3>{picture.group_label}s</h3><ul class="key">{items}</ul>')
    states = Counter(picture.state(name) for name in picture.graph.order if picture.state(name))
    if states:
        ranked = sorted(states, key=lambda state: (state not in KNOWN_STATES, state))
        items = "".join(
            f'<li><span class="chip s-{state if state in KNOWN_STATES else "other"}">{html_text(state)}</span> '
            f'<span class="count">{states[state]}</span></li>'
            for state in ranked
        )
        parts.append(f'<h3>State</h3><ul class="key">{items}</ul>')
    if picture.changes:
        parts.append(_changes_key(picture))
    chain = [name for name in picture.critical_path if name in picture.graph]
    if chain:
        items = "".join(
            f'<li><a href="#a{picture.number[name]}" data-go="{picture.number[name]}">'
            f"<bdi>{html_text(name)}</bdi></a></li>"
            for name in chain
        )
        parts.append(f'<h3 class="critical">Critical path</h3><ol class="chain">{items}</ol>')
    return "".join(parts)


def _changes_key(picture: PlanPicture) -> str:
    """What the labels and patterns of a changed plan mean, those that occur."""
    counts = Counter(picture.change(name) for name in picture.graph.order)
    items = "".join(
        f'<li><span class="change-word {CHANGE_CLASSES.get(change, "c-none")}">{html_text(change)}</span> '
        f'<span class="count">{counts[change]}</span> <span class="meaning">{html_text(explained(change))}</span></li>'
        for change in sorted(counts, key=lambda change: (RANKED.index(change) if change in RANKED else 9, change))
        if change
    )
    return f'<h3>Change</h3><ul class="key">{items}</ul>'


def findings_html(findings: Sequence[FindingRow]) -> str:
    """The findings of the gate, errors first."""
    if not findings:
        return ""
    rank = {"error": 0, "warning": 1, "info": 2}
    rows = "".join(
        f'<tr class="f-{row.severity if row.severity in rank else "info"}"><td><code>{html_text(row.code)}</code></td>'
        f'<td><span class="severity">{html_text(row.severity)}</span></td><td><bdi>{html_text(row.artifact)}</bdi></td>'
        f'<td dir="auto">{html_text(row.message)}</td></tr>'
        for row in sorted(findings, key=lambda row: (rank.get(row.severity, 3), row.code, row.artifact, row.message))
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Code", "Severity", "Artifact", "Finding"))
    return (
        '<div class="scroller" tabindex="0" role="region" aria-label="Findings"><table class="findings">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
