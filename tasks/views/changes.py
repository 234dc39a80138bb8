"""What becomes of each artifact under a changed plan: rows that the drawing, the tables and Prefect show alike."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.difference import PlanDifference
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.views.escaping import one_line

RANKED = ("run again", "changed", "new", "dropped", "open", "kept")
"""The changes in the order in which they concern a person."""

UNTOUCHED = ("open", "kept")
"""Changes that are none: nothing more is done than was to be done before."""

_EXPLAINED = {
    "run again": "was done, and what it rests on has changed",
    "changed": "was still to be made, and is no longer the same",
    "new": "was not in the plan before",
    "dropped": "is not in the plan any more",
    "open": "was still to be made, and is as before",
    "kept": "was done, and stays",
}
_STRONGEST = ("dropped", "new", "run again", "changed", "kept", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What becomes of one artifact.

    Attributes:
        artifact: Its id.
        change: `kept`, `run again`, `changed`, `open`, `new` or `dropped`.
        reason: Why.
        hours: Working hours that it takes, if anybody knows.
        closes: The gap, contradiction or failure that it is to close, in a line.
    """

    artifact: str
    change: str
    reason: str = ""
    hours: float | None = None
    closes: str = ""


def change_rows(
    found: PlanDifference,
    hours: Mapping[str, float] | None = None,
    closes: Mapping[str, str] | None = None,
) -> tuple[ChangeRow, ...]:
    """The rows of a difference, what concerns a person most first.

    Args:
        found: The difference.
        hours: Working hours by artifact.
        closes: What new artifacts are to close, by artifact.
    """
    known, closing = hours or {}, closes or {}
    rows = (
        ChangeRow(
            artifact=one.artifact,
            change=one.change.value,
            reason=one.reason,
            hours=known.get(one.artifact),
            closes=closing.get(one.artifact, ""),
        )
        for one in found.changes
    )
    return ranked(rows)


def ranked(rows: Iterable[ChangeRow]) -> tuple[ChangeRow, ...]:
    """Rows by change, then by id."""
    return tuple(sorted(rows, key=lambda row: (_rank(row.change), row.artifact)))


def _rank(change: str) -> int:
    return RANKED.index(change) if change in RANKED else len(RANKED)


def changes_words(rows: Sequence[ChangeRow]) -> str:
    """How many artifacts change in which way, with the hours of what is still to be worked for.

    >>> rows = [ChangeRow(artifact="A", change="new", hours=2), ChangeRow(artifact="B", change="kept", hours=4)]
    >>> changes_words(rows)
    '1 new (2 h), 1 kept'
    """
    counts = Counter(row.change for row in rows)
    parts = []
    for change in sorted(counts, key=lambda change: (_rank(change), change)):
        spent = sum(row.hours or 0.0 for row in rows if row.change == change)
        cost = f" ({spoken_hours(spent)})" if spent and change in {"new", "run again"} else ""
        parts.append(f"{counts[change]} {change}{cost}")
    return ", ".join(parts)


def explained(change: str) -> str:
    """What a change means, in a few words; empty for one that is not ours."""
    return _EXPLAINED.get(change, "")


def difference_table(rows: Sequence[ChangeRow]) -> list[dict[str, str]]:
    """The rows as a table of Prefect's; every row has the same columns."""
    return [
        {
            "artifact": one_line(row.artifact),
            "change": row.change,
            "why": one_line(row.reason),
            "expected": spoken_hours(row.hours),
            "closes": one_line(row.closes),
        }
        for row in ranked(rows)
    ]


def combined(differences: Iterable[Sequence[ChangeRow]]) -> dict[str, str]:
    """What became of each artifact over several changes of the plan, by id: the weightiest that ever happened to it.

    >>> combined([[ChangeRow(artifact="A", change="new")], [ChangeRow(artifact="A", change="kept")]])
    {'A': 'new'}
    """
    strongest: dict[str, str] = {}
    for row in (row for rows in differences for row in rows):
        known = strongest.get(row.artifact, row.change)
        strongest[row.artifact] = min(known, row.change, key=_strength)
    return dict(sorted(strongest.items()))


def _strength(change: str) -> int:
    return _STRONGEST.index(change) if change in _STRONGEST else len(_STRONGEST)


def with_dropped(graph: ArtifactGraph, dropped: Iterable[Artifact]) -> ArtifactGraph:
    """A plan with what it does without, for drawing.

    What was dropped keeps what it required, as far as that is drawn; nothing rests on it any more, so that there can
    be no cycle. It covers nothing.
    """
    gone = {artifact.id: artifact for artifact in dropped if artifact.id not in graph}
    if not gone:
        return graph
    drawn = graph.artifacts.keys() | gone.keys()
    ghosts = [
        artifact.model_copy(
            update={"requires": tuple(edge for edge in artifact.requires if edge.id in drawn), "covers": ()}
        )
        for artifact in gone.values()
    ]
    artifacts = [*graph.artifacts.values(), *ghosts]
    return ArtifactGraph(artifacts, goal=graph.goal, requirements=graph.requirements)


def altered(before: Artifact, after: Artifact) -> str:
    """What is no longer the same about an artifact, in words; empty if nothing is.

    >>> altered(Artifact(id="A", contract="one"), Artifact(id="A", contract="two", requires="B"))
    'requires B now; contract in other words'
    """
    gained = sorted(set(after.required_ids) - set(before.required_ids))
    lost = sorted(set(before.required_ids) - set(after.required_ids))
    told = [f"requires {', '.join(map(one_line, gained))} now"] if gained else []
    told += [f"requires {', '.join(map(one_line, lost))} no longer"] if lost else []
    for field in ("description", "contract"):
        told += [f"{field} in other words"] if getattr(before, field) != getattr(after, field) else []
    for field in ("agent", "produces_file"):
        told += _step(field.replace("_", " "), getattr(before, field), getattr(after, field))
    for field in ("consumes", "produces", "covers"):
        one, other = set(getattr(before, field)), set(getattr(after, field))
        told += [f"{field} other things"] if one != other else []
    return "; ".join(told)


def _step(field: str, before: str | None, after: str | None) -> list[str]:
    words = f"{field} {one_line(before or 'none')} → {one_line(after or 'none')}"
    return [] if before == after else [words]


def with_alterations(rows: Iterable[ChangeRow], before: ArtifactGraph, after: ArtifactGraph) -> tuple[ChangeRow, ...]:
    """Rows whose reasons say what has changed about artifacts that both plans have, made or not."""
    told = []
    for row in rows:
        in_both = row.artifact in before and row.artifact in after
        words = altered(before.artifacts[row.artifact], after.artifacts[row.artifact]) if in_both else ""
        if words and row.change == "open":
            told.append(replace(row, change="changed", reason=words))
        else:
            told.append(replace(row, reason=f"{row.reason}: {words}") if words else row)
    return ranked(told)
