"""What a changed plan or a changed finding means for work that is done already.

Replanning touches as little as it can: finished work whose inputs still hold is kept, and only what rests on a change
is made again. The difference is worked out on the graph alone, so that it can be shown, stored and put before a person
before anything runs.

Source: semantics, "Evaluation and replanning".
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph

ESTIMATES = frozenset({"effort", "estimated_hours", "phase", "priority"})
"""Fields that say when and how fast an artifact is made, and not what it is."""


class Change(StrEnum):
    """What becomes of an artifact under the changed plan."""

    KEPT = "kept"
    """It is done and stays."""
    RUN_AGAIN = "run again"
    """It is done, and something it rests on is not what it was."""
    OPEN = "open"
    """It is not done yet, in the plan before and after."""
    NEW = "new"
    """It was not in the plan before."""
    DROPPED = "dropped"
    """It is not in the plan any more."""


class ArtifactChange(BaseModel):
    """What becomes of one artifact, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artifact: str
    change: Change
    reason: str


class PlanDifference(BaseModel):
    """What becomes of every artifact of a plan, sorted by id, and what it costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    changes: tuple[ArtifactChange, ...]
    hours_again: float = Field(default=0.0, ge=0, description="Working hours of what is made again.")
    hours_new: float = Field(default=0.0, ge=0, description="Working hours of what is new.")

    def of(self, *kinds: Change) -> tuple[str, ...]:
        """Ids of the artifacts that change in one of these ways."""
        return tuple(one.artifact for one in self.changes if one.change in kinds)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is made again, new or dropped."""
        return not self.of(Change.RUN_AGAIN, Change.NEW, Change.DROPPED)


def difference(
    before: ArtifactGraph,
    after: ArtifactGraph,
    *,
    finished: Collection[str],
    changed: Mapping[str, str] | None = None,
    effort: EffortModel | None = None,
) -> PlanDifference:
    """What a plan means for the work done under another one.

    Args:
        before: The plan under which the work was done.
        after: The plan that is to take its place; the same one where only findings changed.
        finished: Ids of what is done.
        changed: Finished artifacts whose findings no longer hold, each with why.
        effort: How many hours artifacts take.

    >>> plan = ArtifactGraph([Artifact(id="A"), Artifact(id="B", requires="A"), Artifact(id="C")])
    >>> found = difference(plan, plan, finished=["A", "B", "C"], changed={"A": "the file was edited"})
    >>> found.of(Change.RUN_AGAIN), found.of(Change.KEPT)
    (('A', 'B'), ('C',))
    """
    effort, done = effort or EffortModel(), frozenset(finished)
    invalid = _invalidated(before, after, done, dict(changed or {}))
    changes = [_change(name, before, after, done, invalid) for name in sorted({*before.artifacts, *after.artifacts})]
    hours = {name: effort.hours(artifact) for name, artifact in after.artifacts.items()}
    return PlanDifference(
        changes=tuple(changes),
        hours_again=sum(hours[one.artifact] for one in changes if one.change is Change.RUN_AGAIN),
        hours_new=sum(hours[one.artifact] for one in changes if one.change is Change.NEW),
    )


def _invalidated(
    before: ArtifactGraph, after: ArtifactGraph, done: Collection[str], changed: Mapping[str, str]
) -> Mapping[str, str]:
    """Artifacts of the later plan that do not hold, each with why: what changed itself, and all that rests on it."""
    reasons: dict[str, str] = {}
    for name in after.order:
        culprits = [required for required in after.requirements_of(name) if required in reasons]
        if name in changed:
            reasons[name] = changed[name]
        elif name in before and specification(before.artifacts[name]) != specification(after.artifacts[name]):
            reasons[name] = "what it is to be has changed"
        elif culprits:
            fate = "made again" if culprits[0] in done else "not done"
            reasons[name] = f"rests on {culprits[0]}, which is {fate}"
        elif name not in done:
            reasons[name] = "is not done"
    return reasons


def _change(
    name: str, before: ArtifactGraph, after: ArtifactGraph, done: Collection[str], invalid: Mapping[str, str]
) -> ArtifactChange:
    if name not in after:
        return ArtifactChange(artifact=name, change=Change.DROPPED, reason="the plan does without it")
    if name not in before:
        return ArtifactChange(artifact=name, change=Change.NEW, reason="the plan needs it now")
    if name not in done:
        return ArtifactChange(artifact=name, change=Change.OPEN, reason="is still to be made")
    if name in invalid:
        return ArtifactChange(artifact=name, change=Change.RUN_AGAIN, reason=invalid[name])
    return ArtifactChange(artifact=name, change=Change.KEPT, reason="nothing that it rests on has changed")


def specification(artifact: Artifact) -> Mapping[str, object]:
    """What an artifact is, without reasons of its edges and without estimates."""
    plain = artifact.model_dump(exclude=set(ESTIMATES))
    return plain | {"requires": artifact.required_ids}
