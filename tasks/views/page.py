"""The plan as one page that needs nothing else: no network, no script to be complete, no text that could act.

The page is drawn here; its script only folds, sorts, filters, zooms and highlights. Its security policy allows this
one style sheet and this one script by their digests, and nothing else at all.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from urllib.parse import quote

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.artifact_table import artifacts_html
from prefect_harmonic.tasks.views.candidates import CandidateRow, candidates_html
from prefect_harmonic.tasks.views.changed_plan import changes_html, replannings_html
from prefect_harmonic.tasks.views.changes import ChangeRow, combined, with_dropped
from prefect_harmonic.tasks.views.drawing import dag_svg
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.evaluations import evaluations_html
from prefect_harmonic.tasks.views.heading import heading_of
from prefect_harmonic.tasks.views.overview import FindingRow, findings_html, header_html, key_html, metrics_html
from prefect_harmonic.tasks.views.picture import PlanPicture
from prefect_harmonic.tasks.views.progress import levels_of, progress_html
from prefect_harmonic.tasks.views.replanning import ReplanningRow
from prefect_harmonic.tasks.views.timeline import TimelineBar, timeline_svg

_STYLES = ("page.css", "drawing.css", "tables.css", "changes.css", "print.css")
_SCRIPTS = ("drawing.js", "tables.js", "page.js")


def plan_page(
    graph: ArtifactGraph,
    *,
    timeline: Sequence[TimelineBar] = (),
    run: Sequence[TimelineBar] = (),
    hours: Mapping[str, float] | None = None,
    metrics: Mapping[str, float | int] | None = None,
    critical_path: Sequence[str] = (),
    states: Mapping[str, str] | None = None,
    candidates: Sequence[CandidateRow] = (),
    reason: str = "",
    findings: Sequence[FindingRow] = (),
    changes: Sequence[ChangeRow] = (),
    dropped: Iterable[Artifact] = (),
    replannings: Sequence[ReplanningRow] = (),
    evaluations: Sequence[PhaseEvaluation] = (),
    threshold: float | None = None,
    links: Sequence[str] = (),
) -> str:
    """The page: the drawing, the timeline, the table, the candidates, the findings. The same plan has the same page.

    Args:
        graph: The plan.
        timeline: The expected schedule, in working hours.
        run: The real run, as far as it is, in seconds.
        hours: Expected working hours of artifacts; by effort alone where nobody says.
        metrics: Figures by name; those of the contract have labels of their own.
        critical_path: Ids on the longest chain, in order.
        states: What became of each artifact, by id.
        candidates: All candidates.
        reason: Why the winner won, in a sentence.
        findings: What the gate found.
        changes: What becomes of each artifact under this plan, where it is compared with another one.
        dropped: Artifacts of the other plan that this one does without; they are drawn as such.
        replannings: Each change of the plan while it was carried out, in order.
        evaluations: Evaluations, in order.
        threshold: The least confidence that was asked for.
        links: Files beside the page to link to.
    """
    drawn = with_dropped(graph, [*dropped, *(artifact for row in replannings for artifact in row.dropped)])
    # What was still open when the plan changed says nothing about where it is now.
    turned = [[one for one in row.changes if one.change != "open"] for row in replannings]
    compared = combined([changes, *turned]) | {name: "dropped" for name in drawn.order if name not in graph}
    picture = PlanPicture(drawn, dict(states or {}), tuple(critical_path), compared, hours or {})
    times = _times(
        (timeline_svg(picture, timeline, "h", "Expected schedule by worker"), "Expected"),
        (timeline_svg(picture, run, "s", "Real run by worker"), "As it ran"),
    )
    sections = (
        ("graph", "Graph", _graph(picture)),
        ("timeline", "Timeline", times),
        ("changes", "Changes", changes_html(picture, changes) + replannings_html(picture, replannings)),
        (
            "evaluations",
            "Evaluations",
            evaluations_html(evaluations, threshold=threshold, replanned=_turns(evaluations, replannings)),
        ),
        ("progress", "Progress", progress_html(levels_of(picture))),
        ("table", "Artifacts", artifacts_html(picture)),
        ("candidates", "Candidates", candidates_html(candidates, reason)),
        ("findings", "Findings", findings_html(findings)),
    )
    shown = [section for section in sections if section[2]]
    style, script = _packaged(_STYLES), _packaged(_SCRIPTS)
    return Template(_packaged(("page.html",))).substitute(
        policy=f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'",
        title=html_text(one_line(heading_of(graph.goal) or "Plan")),
        style=style,
        script=script,
        header=header_html(picture) + _links(links),
        metrics=metrics_html(picture, metrics),
        navigation="".join(f'<a href="#{anchor}">{name}</a>' for anchor, name, _ in shown),
        sections="\n".join(_section(anchor, name, content) for anchor, name, content in shown),
    )


def _turns(evaluations: Sequence[PhaseEvaluation], replannings: Sequence[ReplanningRow]) -> dict[int, str]:
    """What set each replanning off, by the place of the evaluation that it follows."""
    last = {one.iteration: place for place, one in enumerate(evaluations, 1)}
    return {last[row.iteration]: row.trigger or "new plan" for row in replannings if row.iteration in last}


def _links(paths: Sequence[str]) -> str:
    """Links to files beside the page; a path cannot lead to another scheme or host."""
    told = ", ".join(f'<a href="{quote(path.lstrip("/"), safe="/")}">{html_text(path)}</a>' for path in paths)
    return f'<p class="goal">See also {told}.</p>' if told else ""


def _section(anchor: str, name: str, content: str) -> str:
    return f'<section id="{anchor}" aria-labelledby="{anchor}-h"><h2 id="{anchor}-h">{name}</h2>\n{content}\n</section>'


def _graph(picture: PlanPicture) -> str:
    """The drawing in its window, with the key beside it."""
    return (
        '<div class="stage"><div class="viewport" id="viewport" tabindex="0" role="region" aria-label="Drawing">'
        f'{dag_svg(picture)}</div><aside class="inspector" id="inspector" aria-live="polite">'
        f'<div id="key">{key_html(picture)}</div></aside></div>'
    )


def _times(*drawings: tuple[str, str]) -> str:
    """One or two timelines, each in a window of its own."""
    shown = [drawing for drawing in drawings if drawing[0]]
    return "\n".join(
        (f"<h3>{label}</h3>" if len(shown) > 1 else "")
        + f'<div class="scroller" tabindex="0" role="region" aria-label="{label}">{svg}</div>'
        for svg, label in shown
    )


@cache
def _packaged(names: tuple[str, ...]) -> str:
    """Packaged texts one after the other, with the line ends that a browser computes digests over."""
    folder = files("prefect_harmonic.tasks.views")
    return "\n".join((folder / name).read_text(encoding="utf-8").replace("\r\n", "\n") for name in names)


def _digest(text: str) -> str:
    """What the security policy calls a text by."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
