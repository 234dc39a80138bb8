"""The evaluations of a run over time: a chart, a table for the page, and a table for Prefect."""

from collections.abc import Mapping, Sequence

from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation, outcome_words
from prefect_harmonic.tasks.views.lettering import fitted

_SIGNS = {
    "converged": '<circle class="disc" r="8"/><path class="sign" d="M-4 .5-1.2 3.2 4-3"/>',
    "continue": '<circle class="ring" r="6.5"/>',
    "plateaued": '<rect class="disc" x="-7" y="-7" width="14" height="14"/><path class="sign" d="M-4 0H4"/>',
    "exhausted": '<path class="disc" d="M0-9.5 9.5 0 0 9.5-9.5 0Z"/><path class="sign" d="M-3-3 3 3M3-3-3 3"/>',
}
"""A shape for each outcome, so that none is told by its colour alone."""

_LEFT, _TOP, _HEIGHT, _FOOT = 46.0, 26.0, 190.0, 62.0
_STEPS = (56.0, 150.0)
_WIDEST = 900.0


def evaluation_table(evaluations: Sequence[PhaseEvaluation]) -> list[dict[str, str | int | float]]:
    """The evaluations as a table of Prefect's; every row has the same columns."""
    return [
        {
            "evaluation": place,
            "after": one_line(one.phase),
            "confidence": round(one.confidence, 3),
            "gaps": len(one.gaps),
            "contradictions": len(one.contradictions),
            "outcome": one.outcome,
            "criteria": outcome_words(one.outcome),
            "why": one_line(one.rationale),
        }
        for place, one in enumerate(evaluations, 1)
    ]


def evaluations_html(
    evaluations: Sequence[PhaseEvaluation],
    *,
    threshold: float | None = None,
    replanned: Mapping[int, str] | None = None,
) -> str:
    """The chart with the table beneath it; empty if nothing was evaluated.

    Args:
        evaluations: In the order in which they were made.
        threshold: The least confidence asked for.
        replanned: What set a replanning off, by the place of the evaluation before it, from 1.
    """
    if not evaluations:
        return ""
    chart = _chart(evaluations, threshold, replanned or {})
    heads = ("Evaluation", "After", "Confidence", "Gaps", "Contradictions", "Criteria", "Why")
    numbers = {"Evaluation", "Confidence", "Gaps", "Contradictions"}
    head = "".join(f'<th scope="col"{" class=num" if name in numbers else ""}>{name}</th>' for name in heads)
    rows = "".join(_row(place, one, (replanned or {}).get(place, "")) for place, one in enumerate(evaluations, 1))
    return (
        f'<div class="scroller" tabindex="0" role="region" aria-label="Confidence over time">{chart}</div>'
        '<div class="scroller" tabindex="0" role="region" aria-label="Evaluations"><table class="plain">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(place: int, one: PhaseEvaluation, replanned: str) -> str:
    then = f' <span class="badge">replanned: {html_text(one_line(replanned))}</span>' if replanned else ""
    missing = [*one.gaps, *one.contradictions]
    told = "".join(f'<li dir="auto">{html_text(one_line(text))}</li>' for text in missing)
    open_ones = f"<details><summary>What is open ({len(missing)})</summary><ul>{told}</ul></details>" if missing else ""
    return (
        f'<tr class="o-{_known(one.outcome)}"><th scope="row" class="num">{place}</th>'
        f'<td dir="auto">{html_text(one_line(one.phase))}</td><td class="num">{one.confidence:.2f}</td>'
        f'<td class="num">{len(one.gaps)}</td><td class="num">{len(one.contradictions)}</td>'
        f'<td><span class="verdict-word">{html_text(outcome_words(one.outcome))}</span>{then}</td>'
        f'<td dir="auto" class="why">{html_text(one_line(one.rationale))}{open_ones}</td></tr>'
    )


def _known(outcome: str) -> str:
    return outcome if outcome in _SIGNS else "other"


def _chart(evaluations: Sequence[PhaseEvaluation], threshold: float | None, replanned: Mapping[int, str]) -> str:
    """Confidence by evaluation, with the least that is asked for, and where the plan was changed."""
    step = min(max(_WIDEST / len(evaluations), _STEPS[0]), _STEPS[1])
    width = _LEFT + step * len(evaluations) + 24
    height = _TOP + _HEIGHT + _FOOT
    places = [(_LEFT + step * (place + 0.5), _level(one.confidence)) for place, one in enumerate(evaluations)]
    told = "; ".join(
        f"{place}: {one.confidence:.2f}, {outcome_words(one.outcome)}" for place, one in enumerate(evaluations, 1)
    )
    label = html_text(f"Confidence after {counted(len(evaluations), 'evaluation')}: {one_line(told)}")
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return "\n".join(
        [
            (
                f'<svg class="confidence" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
                f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}">'
            ),
            *_grid(width, threshold),
            *(_replanning(places[place - 1][0] + step / 2) for place in sorted(replanned) if 0 < place <= len(places)),
            f'<path class="curve" d="M{line}"/>' if len(places) > 1 else "",
            *(_point(number, one, step, places[number - 1]) for number, one in enumerate(evaluations, 1)),
            "</svg>",
        ]
    )


def _level(confidence: float) -> float:
    return _TOP + _HEIGHT * (1 - min(1.0, max(0.0, confidence)))


def _grid(width: float, threshold: float | None) -> list[str]:
    lines = [
        f'<line class="tick" x1="{_LEFT:g}" x2="{width:.0f}" y1="{_level(mark):g}" y2="{_level(mark):g}"/>'
        f'<text class="time" x="{_LEFT - 8:g}" y="{_level(mark) + 4:g}" text-anchor="end">{mark:g}</text>'
        for mark in (0, 0.25, 0.5, 0.75, 1)
    ]
    if threshold is not None:
        y = _level(threshold)
        lines.append(
            f'<line class="wanted" x1="{_LEFT:g}" x2="{width:.0f}" y1="{y:g}" y2="{y:g}"/>'
            f'<text class="time wanted-word" x="{_LEFT + 4:g}" y="{y - 5:g}">wanted: {threshold:.2f}</text>'
        )
    return lines


def _replanning(x: float) -> str:
    """A line where the plan was changed; it stands between the evaluation before it and the one after."""
    return (
        f'<line class="turn" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8:g}" y2="{_TOP + _HEIGHT:g}"/>'
        f'<text class="time turn-word" x="{x:.1f}" y="{_TOP - 12:g}" text-anchor="middle">replanned</text>'
    )


def _point(number: int, one: PhaseEvaluation, step: float, place: tuple[float, float]) -> str:
    x, y = place
    sign = _SIGNS.get(one.outcome, '<circle class="ring" r="4"/>')
    phase = html_text(fitted(one_line(one.phase), step - 6, 11))
    below = y + 24 if one.confidence > 0.88 else y - 15
    return (
        f'<g class="o-{_known(one.outcome)}"><title>{html_text(one_line(one.rationale))}</title>'
        f'<g transform="translate({x:.1f} {y:.1f})">{sign}</g>'
        f'<text class="value" x="{x:.1f}" y="{below:.1f}" text-anchor="middle">{one.confidence:.2f}</text>'
        f'<text class="time" x="{x:.1f}" y="{_TOP + _HEIGHT + 20:g}" text-anchor="middle">{number}</text>'
        f'<text class="time" x="{x:.1f}" y="{_TOP + _HEIGHT + 37:g}" text-anchor="middle">{phase}</text></g>'
    )
