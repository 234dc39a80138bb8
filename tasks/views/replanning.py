"""One change of the plan while it was carried out, as the report and the page tell it."""

from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.tasks.views.candidates import CandidateRow
from prefect_harmonic.tasks.views.changes import ChangeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRow:
    """What an artifact was put into the plan for.

    Attributes:
        artifact: Its id.
        kind: `gap`, `contradiction` or `failure`.
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
