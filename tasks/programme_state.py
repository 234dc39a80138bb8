"""Where a programme stands between its runs: its milestones, its reviews, and what they settled.

One JSON document in the workspace, written whole after every step. What is decided about the plan stands in the state
of the pursuit (`prefect_harmonic.tasks.pursuit_state`); what was made stands in the ledger.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_harmonic.planners.programme.milestones import Milestone
from prefect_harmonic.planners.programme.review import Review
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

STATE_VERSION = 1
MILESTONES = f"{LEDGER_FOLDER}/milestones.json"


class ProgrammeState(BaseModel):
    """All that the runs of a programme have in common, beside its plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = STATE_VERSION
    key: str = Field(description="Digest of what was asked for.")
    goal: str
    milestones: tuple[Milestone, ...]
    reviews: tuple[Review, ...] = ()
    settled: dict[str, str] = Field(
        default_factory=dict, description="Artifacts of reviewed milestones, each with the key of its entry."
    )
    settled_at: int = Field(default=0, ge=0, description="Changes of the plan by then.")

    @property
    def next(self) -> int | None:
        """Place of the first milestone that was not reviewed; nothing once all were."""
        return next((place for place, one in enumerate(self.milestones) if not self.is_reviewed(one.name)), None)

    def is_reviewed(self, milestone: str) -> bool:
        """Whether a milestone was reviewed, and what follows from it done."""
        return any(one.milestone == milestone and one.is_final for one in self.reviews)

    @property
    def draft(self) -> Review | None:
        """A review that was begun, of which what follows is not done."""
        return self.reviews[-1] if self.reviews and not self.reviews[-1].is_final else None

    def with_review(self, review: Review) -> "ProgrammeState":
        """The state with a review, in the place of an earlier one of the same milestone."""
        others = tuple(one for one in self.reviews if one.milestone != review.milestone)
        return self.model_copy(update={"reviews": (*others, review)})

    def rescheduled(self, stated: tuple[Milestone, ...]) -> "ProgrammeState":
        """The state with other days for milestones that were not reviewed yet; their phases stay."""
        by_name = {one.name: one for one in stated}
        changed = tuple(
            one
            if self.is_reviewed(one.name) or one.name not in by_name
            else one.model_copy(update={"due": by_name[one.name].due, "review": by_name[one.name].review})
            for one in self.milestones
        )
        return self.model_copy(update={"milestones": changed})

    @property
    def due(self) -> date | None:
        """When the next milestone is due; nothing once all were reviewed."""
        return None if self.next is None else self.milestones[self.next].due


def read_programme(workspace: Workspace) -> ProgrammeState | None:
    """The programme that a workspace holds; nothing if there is none, or it cannot be read."""
    try:
        state = ProgrammeState.model_validate_json((workspace.root / MILESTONES).read_bytes())
    except (OSError, ValidationError):
        return None
    return state if state.version == STATE_VERSION else None


def write_programme(workspace: Workspace, state: ProgrammeState) -> None:
    """Puts a state in the place of the one before, in one step. Raises `WorkspaceError`."""
    workspace.write_own(MILESTONES, state.model_dump_json(indent=1) + "\n")
