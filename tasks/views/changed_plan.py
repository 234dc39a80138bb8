"""The changes of a plan on its page: one table for each time it was changed."""

from collections.abc import Sequence

from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.artifact_table import change_html
from prefect_harmonic.tasks.views.changes import UNTOUCHED, ChangeRow, changes_words, ranked
from prefect_harmonic.tasks.views.escaping import html_text, one_line
from prefect_harmonic.tasks.views.picture import CHANGE_CLASSES, PlanPicture
from prefect_harmonic.tasks.views.replanning import ClosingRow, ReplanningRow


def replannings_html(picture: PlanPicture, replannings: Sequence[ReplanningRow]) -> str:
    """Every replanning with its changes and what it was to close; empty without any."""
    return "\n".join(_replanning(picture, row) for row in replannings)


def _replanning(picture: PlanPicture, row: ReplanningRow) -> str:
    guidance = f'<p class="verdict" dir="auto">Guidance: “{html_text(one_line(row.guidance))}”</p>'
    return (
        f'<h3 dir="auto">{html_text(one_line(row.heading))}</h3>'
        + (f'<p class="verdict" dir="auto">{html_text(one_line(row.reason))}</p>' if row.reason.strip() else "")
        + (guidance if row.guidance.strip() else "")
        + changes_html(picture, row.changes, row.closings)
    )


def changes_html(picture: PlanPicture, changes: Sequence[ChangeRow], closings: Sequence[ClosingRow] = ()) -> str:
    """One table of changes under the sum of them, and folded below it what stays as it is; empty without any."""
    if not changes:
        return ""
    touched = [row for row in ranked(changes) if row.change not in UNTOUCHED]
    return (
        f'<p class="verdict">{html_text(changes_words(changes))}.</p>'
        + (_table(picture, touched, closings) if touched else "")
        + _untouched(picture, changes)
    )


def _untouched(picture: PlanPicture, changes: Sequence[ChangeRow]) -> str:
    """What stays as it is, by name."""
    told = []
    for change in UNTOUCHED:
        names = sorted(row.artifact for row in changes if row.change == change)
        if names:
            label = change_html(change, CHANGE_CLASSES[change])
            told.append(f"<p>{label} {', '.join(_name(picture, name) for name in names)}</p>")
    number = sum(row.change in UNTOUCHED for row in changes)
    summary = f"<summary>{counted(number, 'artifact')} as before</summary>"
    return f'<details class="untouched">{summary}{"".join(told)}</details>' if told else ""


def _table(picture: PlanPicture, changes: Sequence[ChangeRow], closings: Sequence[ClosingRow]) -> str:
    """What is run again, new or dropped, with its reason and what it closes."""
    closing = {one.artifact: one for one in closings}
    has_hours = any(row.hours is not None for row in changes)
    heads = ["Artifact", "Change", "Why", *(["Expected"] if has_hours else []), *(["Closes"] if closing else [])]
    head = "".join(f'<th scope="col"{" class=num" if name == "Expected" else ""}>{name}</th>' for name in heads)
    rows = "".join(
        _row(picture, row, closing.get(row.artifact), has_hours=has_hours, has_closings=bool(closing))
        for row in changes
    )
    return (
        '<div class="scroller" tabindex="0" role="region" aria-label="Changes of the plan"><table class="plain">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(
    picture: PlanPicture, row: ChangeRow, closing: ClosingRow | None, *, has_hours: bool, has_closings: bool
) -> str:
    kind = CHANGE_CLASSES.get(row.change, "c-none")
    cells = [
        f'<th scope="row">{_name(picture, row.artifact)}</th>',
        f'<td class="short">{change_html(row.change, kind)}</td>',
        f'<td dir="auto" class="why">{html_text(one_line(row.reason))}</td>',
    ]
    if has_hours:
        cells.append(f'<td class="num">{spoken_hours(row.hours)}</td>')
    if has_closings:
        told = f"{html_text(one_line(closing.text))} <em>({closing.verdict})</em>" if closing else ""
        cells.append(f'<td dir="auto" class="why">{told}</td>')
    return f'<tr class="{kind}">{"".join(cells)}</tr>'


def _name(picture: PlanPicture, artifact: str) -> str:
    """The id, as a link if it is drawn."""
    name = f"<bdi>{html_text(artifact)}</bdi>"
    if artifact not in picture.graph:
        return name
    number = picture.number[artifact]
    return f'<a href="#a{number}" data-go="{number}">{name}</a>'
