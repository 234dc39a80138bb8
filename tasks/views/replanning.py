"""One change of the plan while it was carried out, as the report and the page tell it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import DEFAULT_EFFORT, EffortModel
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.closing import closed_by
from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.replanning import RemainderCandidate, Replanning
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.changes import ChangeRow, change_rows, with_alterations


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRow:
    """What an artifact was put into the plan for.

    Attributes:
        artifact: Its id.
        kind: What sort of opening: `gap`, `contradiction`, `failure`, …
        text: What is to be closed, in a line.
        is_closed: Whether it did; nothing if it has not run.
    """

    artifact: str
    text: str
    kind: str = "gap"
    is_closed: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether it closed what it is there for, in a word or two."""
        return "not run" if self.is_closed is None else "closed" if self.is_closed else "still open"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanningRow:
    """One replanning.

    Attributes:
        iteration: After which evaluation that did not converge, from 1.
        trigger: What set it off, such as `low confidence`.
        reason: Why this plan for the rest was chosen.
        changes: What becomes of every artifact.
        closings: What new artifacts are to close.
        candidates: The plans for the rest that it was chosen from.
        dropped: The artifacts that the plan does without from now on, to be drawn.
        guidance: What a person asked for.
        approval: Who let it pass, or how it passed; empty if nobody was asked.
    """

    iteration: int
    trigger: str
    reason: str = ""
    changes: tuple[ChangeRow, ...] = ()
    closings: tuple[ClosingRow, ...] = ()
    candidates: tuple[CandidateRow, ...] = ()
    dropped: tuple[Artifact, ...] = ()
    guidance: str = ""
    approval: str = ""

    @property
    def heading(self) -> str:
        """Which one it is and what set it off."""
        return f"Iteration {self.iteration}: {self.trigger}" if self.trigger else f"Iteration {self.iteration}"


def replanning_rows(
    replannings: Sequence[Replanning],
    first: ArtifactGraph | None = None,
    evidence: Mapping[str, Evidence] | None = None,
    failed: Collection[str] = (),
    *,
    effort: EffortModel = DEFAULT_EFFORT,
) -> tuple[ReplanningRow, ...]:
    """Replannings as they are shown, each with what came of it.

    Args:
        replannings: In order.
        first: The plan before the first of them; without it what that one dropped cannot be drawn.
        evidence: What was found out in the end, by artifact.
        failed: What failed in the end.
        effort: How many hours artifacts take.
    """
    plans = [first, *(row.graph for row in replannings)]
    known = evidence or {}
    closed = closed_by([closing for row in replannings for closing in row.closings], known, failed)
    return tuple(
        _row(row, before, _closing_rows(row, known, failed, closed), effort)
        for row, before in zip(replannings, plans, strict=False)
    )


def _row(
    row: Replanning, before: ArtifactGraph | None, closings: tuple[ClosingRow, ...], effort: EffortModel
) -> ReplanningRow:
    earlier = before.artifacts if before else {}
    hours = {name: effort.hours(artifact) for name, artifact in {**earlier, **row.graph.artifacts}.items()}
    changes = change_rows(row.difference, hours, {one.artifact: one.text for one in closings})
    return ReplanningRow(
        iteration=row.iteration,
        trigger=row.trigger.value,
        reason=row.reason,
        changes=with_alterations(changes, before, row.graph) if before else changes,
        closings=closings,
        candidates=tuple(_candidate(one, is_selected=one.id == row.selected) for one in row.candidates),
        dropped=tuple(earlier[name] for name in row.difference.of(Change.DROPPED) if name in earlier),
    )


def _closing_rows(
    row: Replanning, evidence: Mapping[str, Evidence], failed: Collection[str], closed: Collection[str]
) -> tuple[ClosingRow, ...]:
    return tuple(
        ClosingRow(
            artifact=one.artifact,
            kind=one.opening.kind.value,
            text=one.opening.text,
            is_closed=one.opening.key in closed if one.artifact in evidence or one.artifact in failed else None,
        )
        for one in row.closings
    )


def _candidate(one: RemainderCandidate, *, is_selected: bool) -> CandidateRow:
    return CandidateRow(
        id=one.id,
        style=one.style.value,
        status=one.status.value,
        is_selected=is_selected,
        reason=one.reason or "",
        expected_makespan_hours=one.expected_makespan_hours,
    )
