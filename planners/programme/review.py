"""The review of a milestone: what was made of what was planned, how sure it is, what it took, and what follows.

Source: second design document, "Workflow 3"; semantics, "Plan tree" (effort) and "Evaluation and replanning".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from statistics import stdev

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.milestones import Milestone
from prefect_harmonic.planners.programme.opening import Opening
from prefect_harmonic.planners.programme.replanning import Replanning


class ReviewVerdict(StrEnum):
    """What a review comes to."""

    ON_COURSE = "on course"
    """Everything planned is there, it carries, and nothing is handed on."""
    ADJUSTED = "adjusted"
    """Everything planned is there, and what is left was changed by what this milestone left open."""
    SHORT = "short of the plan"
    """Something planned is missing, or what was found does not carry and nothing that is left is to change that."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MilestoneProgress(_Value):
    """How far a milestone is."""

    name: str
    due: date
    done: int = Field(ge=0)
    total: int = Field(ge=0)


class AgentEffort(_Value):
    """What an agent's work took, against what was thought."""

    agent: str
    count: int = Field(ge=0)
    estimated_hours: float = Field(ge=0)
    actual_hours: float = Field(ge=0, description="By the clock.")
    accuracy: float | None = Field(description="Actual by estimated; none where nothing was estimated.")
    spread: float | None = Field(description="Standard deviation of the single accuracies; none for fewer than two.")


class Spending(_Value):
    """What was spent of one thing, since the programme began."""

    name: str
    spent: float
    limit: float
    unit: str = ""


class Adjustment(_Value):
    """How what is left of the programme was changed."""

    reason: str
    new: tuple[str, ...] = ()
    run_again: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    closes: Mapping[str, str] = Field(default_factory=dict, description="What each new artifact is to close.")
    hours_new: float = 0.0
    is_proposed: bool = Field(default=False, description="Whether it waits for a person's approval.")


class Review(_Value):
    """The review of one milestone."""

    milestone: str
    held: date
    planned: date = Field(description="The day by which it was to be held.")
    progress: tuple[MilestoneProgress, ...] = Field(description="All milestones, as they stand.")
    missing: tuple[str, ...] = Field(default=(), description="Artifacts of the milestone that are not there.")
    evaluations: tuple[Evaluation, ...] = Field(default=(), description="Those made in this milestone.")
    confidence_before: float | None = Field(default=None, description="Where the milestone before ended.")
    replannings: int = Field(default=0, ge=0, description="How often the plan was changed in this milestone.")
    open: tuple[Opening, ...] = Field(default=(), description="What was open when its work was over.")
    effort: tuple[AgentEffort, ...] = ()
    budget: tuple[Spending, ...] = ()
    adjustment: Adjustment | None = None
    next: MilestoneProgress | None = Field(default=None, description="The milestone that follows, after the change.")
    next_hours: float = Field(default=0.0, ge=0, description="Hours of work in it, as it is planned.")
    is_final: bool = Field(default=False, description="Whether what follows from it has been done.")

    @property
    def days_late(self) -> int:
        """Days after the one it was planned for; none if it was held in time."""
        return max(0, (self.held - self.planned).days)

    @property
    def own(self) -> MilestoneProgress:
        """How far the milestone itself is."""
        return next(one for one in self.progress if one.name == self.milestone)

    @property
    def is_carried(self) -> bool:
        """Whether what was found by the end of the milestone meets the criteria, if anything was evaluated in it."""
        return not self.evaluations or self.evaluations[-1].outcome is EvaluationOutcome.CONVERGED

    @property
    def verdict(self) -> ReviewVerdict:
        """What it comes to."""
        if self.missing:
            return ReviewVerdict.SHORT
        if self.adjustment is not None:
            return ReviewVerdict.ADJUSTED
        return ReviewVerdict.ON_COURSE if self.is_carried else ReviewVerdict.SHORT

    @property
    def rationale(self) -> str:
        """Why it comes to that, in a sentence or two."""
        own = self.own
        told = [f"{own.done} of {own.total} artifacts are there" if own.total else "nothing was planned"]
        if self.evaluations:
            last = self.evaluations[-1]
            told.append(f"confidence {last.confidence:.2f} ({last.outcome.value})")
        if self.open:
            told.append(f"{len(self.open)} left open")
        if self.days_late:
            told.append(f"{self.days_late} day{'' if self.days_late == 1 else 's'} late")
        return f"{', '.join(told)}."


def efforts(work: Sequence[tuple[str, float, float]]) -> tuple[AgentEffort, ...]:
    """What the work of each agent took, and of all together in the last row, named `all`.

    Args:
        work: For each artifact its agent, the hours that were estimated and those it took.

    >>> [(one.agent, one.accuracy) for one in efforts([("builder", 4.0, 2.0)])]
    [('builder', 0.5), ('all', 0.5)]
    """
    by_agent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for agent, estimated, actual in work:
        by_agent[agent].append((estimated, actual))
    rows = [_effort(agent, by_agent[agent]) for agent in sorted(by_agent)]
    return (*rows, _effort("all", [pair for pairs in by_agent.values() for pair in pairs])) if rows else ()


def _effort(agent: str, pairs: Sequence[tuple[float, float]]) -> AgentEffort:
    estimated, actual = sum(one for one, _ in pairs), sum(other for _, other in pairs)
    single = [took / thought for thought, took in pairs if thought]
    return AgentEffort(
        agent=agent,
        count=len(pairs),
        estimated_hours=round(estimated, 6),
        actual_hours=round(actual, 6),
        accuracy=round(actual / estimated, 6) if estimated else None,
        spread=round(stdev(single), 6) if len(single) > 1 else None,
    )


def adjustment_of(replannings: Sequence[Replanning], proposed: Replanning | None = None) -> Adjustment | None:
    """What changes of the plan after a review come to; nothing if there were none.

    Args:
        replannings: The changes that were made.
        proposed: One that waits for approval.
    """
    changes = [*replannings, *([proposed] if proposed is not None else [])]
    if not changes:
        return None
    last = changes[-1]
    return Adjustment(
        reason=last.reason,
        new=tuple(name for one in changes for name in one.difference.of(Change.NEW)),
        run_again=tuple(name for one in changes for name in one.difference.of(Change.RUN_AGAIN)),
        dropped=tuple(name for one in changes for name in one.difference.of(Change.DROPPED)),
        closes={closing.artifact: closing.opening.text for one in changes for closing in one.closings},
        hours_new=sum(one.difference.hours_new for one in changes),
        is_proposed=proposed is not None,
    )


def progress_of_milestones(
    milestones: Sequence[Milestone], artifacts: Mapping[int, Sequence[str]], finished: frozenset[str]
) -> tuple[MilestoneProgress, ...]:
    """How far each milestone is.

    Args:
        milestones: The milestones, in order.
        artifacts: For each place the artifacts that belong to the milestone there.
        finished: Artifacts that are there.
    """
    return tuple(
        MilestoneProgress(
            name=one.name,
            due=one.due,
            done=sum(name in finished for name in artifacts.get(place, ())),
            total=len(artifacts.get(place, ())),
        )
        for place, one in enumerate(milestones)
    )
