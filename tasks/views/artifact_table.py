"""Every artifact in a table, with its card folded in beneath its row.

The cards are plain HTML: the script only moves and folds them, so without it nothing is missing.
"""

from collections.abc import Iterable, Sequence

from prefect_harmonic.planners.artifact import Artifact, Effort
from prefect_harmonic.tasks.views.escaping import html_text
from prefect_harmonic.tasks.views.picture import PlanPicture, effort_words

_COLUMNS = ("Artifact", "State", "Change", "Wave", "Group", "Agent", "Effort", "Requires", "File")
_EFFORT_ORDER = {Effort.LOW.value: 1.0, Effort.MEDIUM.value: 2.0, Effort.HIGH.value: 3.0}


def artifacts_html(picture: PlanPicture) -> str:
    """The table: one body for each artifact, of its row and its card."""
    columns = _shown_columns(picture)
    head = "".join(_heading(picture, column) for column in columns)
    bodies = "\n".join(_body(picture, picture.graph.artifacts[name], columns) for name in picture.graph.order)
    return (
        '<div class="scroller" tabindex="0" role="region" aria-label="Artifacts"><table id="artifacts">'
        f"<thead><tr>{head}</tr></thead>\n{bodies}\n</table></div>"
    )


def _shown_columns(picture: PlanPicture) -> tuple[str, ...]:
    """The columns that have anything in them."""
    artifacts = tuple(picture.graph.artifacts.values())
    is_empty = {
        "Group": not picture.groups,
        "Agent": not any(artifact.agent for artifact in artifacts),
        "File": not any(artifact.produces_file for artifact in artifacts),
        "State": not any(picture.state(artifact.id) for artifact in artifacts),
        "Change": not any(picture.change(artifact.id) for artifact in artifacts),
    }
    return tuple(column for column in _COLUMNS if not is_empty.get(column, False))


def _heading(picture: PlanPicture, column: str) -> str:
    name = picture.group_label if column == "Group" else column
    kind = ' class="num"' if column == "Wave" else ""
    return f'<th scope="col"{kind}><span class="sorter">{name}</span></th>'


def _body(picture: PlanPicture, artifact: Artifact, columns: Sequence[str]) -> str:
    number = picture.number[artifact.id]
    classes = f"entry {picture.tint(picture.group(artifact))} {picture.state_class(artifact.id)}"
    classes += " critical" if artifact.id in picture.critical else ""
    cells = "".join(_cell(picture, artifact, column) for column in columns)
    return (
        f'<tbody id="a{number}" class="{classes}" data-node="{number}"><tr class="row">{cells}</tr>'
        f'<tr class="detail"><td colspan="{len(columns)}">{card_html(picture, artifact)}</td></tr></tbody>'
    )


def _cell(picture: PlanPicture, artifact: Artifact, column: str) -> str:
    """One cell, with the key it sorts by where its text would sort wrongly."""
    if column == "Artifact":
        return (
            f'<th scope="row" data-key="{html_text(artifact.id)}"><bdi class="id">{html_text(artifact.id)}</bdi></th>'
        )
    if column == "Wave":
        return f'<td class="num">{picture.wave[artifact.id]}</td>'
    if column == "Effort":
        key = 10 + artifact.estimated_hours if artifact.estimated_hours is not None else None
        rank = key if key is not None else _EFFORT_ORDER.get(artifact.effort, 0.0)
        return f'<td data-key="{rank:g}">{html_text(effort_words(artifact).removesuffix(" effort"))}</td>'
    if column == "Requires":
        required = picture.graph.requirements_of(artifact.id)
        return f'<td class="why" data-key="{len(required)}">{_links(picture, required)}</td>'
    if column == "File":
        return f'<td class="path">{_code(artifact.produces_file)}</td>'
    if column == "Group":
        group = picture.group(artifact)
        dot = '<span class="dot"></span>' if group else ""
        return f'<td class="short">{dot}{html_text(group)}</td>'
    if column == "Change":
        return f'<td class="short">{change_html(picture.change(artifact.id), picture.change_class(artifact.id))}</td>'
    text = artifact.agent or "" if column == "Agent" else picture.state(artifact.id)
    chip = f'<span class="chip">{html_text(text)}</span>' if column == "State" and text else html_text(text)
    return f'<td class="short">{chip}</td>'


def change_html(change: str, kind: str) -> str:
    """What becomes of an artifact, as a label like that in the drawing."""
    return f'<span class="change-word {kind}">{html_text(change)}</span>' if change else ""


def card_html(picture: PlanPicture, artifact: Artifact) -> str:
    """All that the plan says about one artifact."""
    name = artifact.id
    facts = [
        ("Contract", _prose(artifact.contract)),
        ("Requires", _reasons(picture, artifact)),
        ("Required by", _links(picture, picture.graph.dependents_of(name))),
        ("Consumes", _names(artifact.consumes)),
        ("Produces", _names(artifact.produces)),
        ("File", _code(artifact.produces_file)),
        ("Covers", _names(artifact.covers)),
        ("Agent", html_text(artifact.agent or "")),
        ("Effort", html_text(effort_words(artifact))),
        ("Phase", html_text(artifact.phase or "")),
        ("Kind", html_text(artifact.domain_type or "")),
        ("Priority", html_text(artifact.priority) if artifact.priority != "normal" else ""),
        ("State", html_text(picture.state(name))),
        ("Change", change_html(picture.change(name), picture.change_class(name))),
    ]
    rows = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in facts if value)
    critical = '<span class="badge">critical path</span>' if name in picture.critical else ""
    description = f'<p class="lead" dir="auto">{html_text(artifact.description)}</p>' if artifact.description else ""
    return (
        f'<div class="card"><p class="title"><bdi>{html_text(name)}</bdi> '
        f'<span class="where">wave {picture.wave[name]}</span> {critical}</p>{description}<dl>{rows}</dl></div>'
    )


def _prose(text: str) -> str:
    return f'<span dir="auto">{html_text(text)}</span>' if text else ""


def _code(text: str | None) -> str:
    return f"<code>{html_text(text)}</code>" if text else ""


def _names(names: Iterable[str]) -> str:
    return " ".join(f'<span class="tag"><bdi>{html_text(name)}</bdi></span>' for name in names)


def _link(picture: PlanPicture, name: str) -> str:
    return f'<a href="#a{picture.number[name]}" data-go="{picture.number[name]}"><bdi>{html_text(name)}</bdi></a>'


def _links(picture: PlanPicture, names: Iterable[str]) -> str:
    return ", ".join(_link(picture, name) for name in names)


def _reasons(picture: PlanPicture, artifact: Artifact) -> str:
    """What an artifact requires, each with why."""
    items = []
    for edge in artifact.requires:
        because = f' <span class="because" dir="auto">{html_text(edge.because)}</span>' if edge.because else ""
        items.append(f"<li>{_link(picture, edge.id)}{because}</li>")
    return f"<ul>{''.join(items)}</ul>" if items else ""
