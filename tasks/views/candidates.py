"""The candidates side by side, and why one won."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.soundness import NO_SAY, Soundness
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.views.escaping import html_text
from prefect_harmonic.tasks.views.picture import number_words


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """One candidate as the page shows it.

    Attributes:
        id: Such as `candidate-3`.
        style: The emphasis it was made under.
        status: `valid`, `invalid` or `failed`.
        is_selected: Whether it won.
        reason: Why it is not valid; empty if it is.
        coverage: Share of the goal's requirements that it covers, 0 to 1.
        expected_makespan_hours: By the schedule that candidates are compared on.
        score: Of the design's formula.
        artifact_count: Number of artifacts.
        depth: Artifacts on the longest chain.
        soundness: What a judge thinks of it, if one was asked.
    """

    id: str
    style: str = ""
    status: str = "valid"
    is_selected: bool = False
    reason: str = ""
    coverage: float | None = None
    expected_makespan_hours: float | None = None
    score: float | None = None
    artifact_count: int | None = None
    depth: int | None = None
    soundness: Soundness | None = None


def judged(candidates: Iterable[CandidateRow]) -> tuple[tuple[CandidateRow, Soundness], ...]:
    """Those that a judge was asked about, each with what it said."""
    return tuple((row, row.soundness) for row in candidates if row.soundness is not None)


def candidates_html(candidates: Sequence[CandidateRow], reason: str) -> str:
    """The table of candidates under the reason for the choice; empty if there is neither."""
    if not candidates and not reason:
        return ""
    verdict = f'<p class="verdict" dir="auto">{html_text(reason)}</p>' if reason else ""
    if not candidates:
        return verdict
    longest = max((row.expected_makespan_hours or 0.0 for row in candidates), default=0.0)
    heads = (
        ("Candidate", ""),
        ("Style", ""),
        ("Artifacts", "num"),
        ("Depth", "num"),
        ("Coverage", "num"),
        ("Expected makespan", "wide"),
        ("Score", "num"),
        *([("Soundness", "num")] if judged(candidates) else []),
    )
    head = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in heads)
    rows = "\n".join(_row(row, longest, is_judged=bool(judged(candidates))) for row in candidates)
    return (
        f'{verdict}<div class="scroller" tabindex="0" role="region" aria-label="Candidates"><table class="candidates">'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>{_judgements(candidates)}"
    )


def _judgements(candidates: Sequence[CandidateRow]) -> str:
    """What the judge says of each candidate beside its score; empty where nobody judged."""
    told = "".join(f'<li dir="auto">{html_text(row.id)}: {html_text(str(one))}</li>' for row, one in judged(candidates))
    return f'<div class="verdict"><p>{NO_SAY}</p><ul>{told}</ul></div>' if told else ""


def _row(row: CandidateRow, longest: float, *, is_judged: bool) -> str:
    kind = "won" if row.is_selected else "lost" if row.status == "valid" else "out"
    badge = '<span class="badge">chosen</span>' if row.is_selected else ""
    if row.status != "valid":
        badge = f'<span class="badge bad">{html_text(row.status)}</span>'
    name = f'<th scope="row">{html_text(row.id)} {badge}</th><td>{html_text(row.style.replace("_", " "))}</td>'
    if row.status != "valid":
        why = f'<td colspan="{5 + is_judged}" class="why" dir="auto">{html_text(row.reason)}</td>'
        return f'<tr class="{kind}">{name}{why}</tr>'
    coverage = "" if row.coverage is None else f"{row.coverage:.0%}"
    return (
        f'<tr class="{kind}">{name}<td class="num">{_figure(row.artifact_count)}</td>'
        f'<td class="num">{_figure(row.depth)}</td><td class="num">{coverage}</td>'
        f'<td class="wide">{_makespan(row.expected_makespan_hours, longest)}</td>'
        f'<td class="num">{_figure(row.score)}</td>'
        + (f'<td class="num">{row.soundness.share if row.soundness else ""}</td>' if is_judged else "")
        + "</tr>"
    )


def _figure(value: float | None) -> str:
    return "" if value is None else number_words(value)


def _makespan(hours: float | None, longest: float) -> str:
    """The hours with a bar beside them, so that candidates are compared at a glance."""
    if hours is None:
        return ""
    length = 120 * hours / longest if longest > 0 else 0
    return (
        f'<svg class="spark" width="120" height="10" aria-hidden="true"><rect class="rail" width="120" height="10" '
        f'rx="3"/><rect class="fill" width="{length:.1f}" height="10" rx="3"/></svg> {spoken_hours(hours)}'
    )
