"""Plans that served a goal before, offered for a similar one.

An offered plan is one more candidate: it passes the same gate and is compared like all others. It is offered only where
the earlier run was about the same project and came to its end with everything made.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.experience.goal_likeness import ALIKE, goal_likeness, requirement_likeness
from prefect_harmonic.planners.experience.past_run import COMPLETED, CONVERGED, PastRun
from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.plan import Plan

_SAME_REQUIREMENT = 0.5
"""From this likeness on, a requirement of the new goal stands in the place of one of the old."""


@dataclass(frozen=True, slots=True)
class OfferedPlan:
    """A plan that served before, adapted to the goal, with where it comes from."""

    plan: Plan
    run: str
    day: str
    likeness: float
    outcome: str = CONVERGED

    @property
    def origin(self) -> str:
        """Where it comes from, as people are told."""
        ended = "" if self.outcome == CONVERGED else f"; that run ended {self.outcome}"
        return f"reused from run {self.run} of {self.day}, similarity {self.likeness:.2f}{ended}"


def offered_plan(
    goal: str, requirements: Sequence[str], runs: Iterable[PastRun], *, project: str, needs_declared: bool
) -> OfferedPlan | None:
    """The plan of the run whose goal is most like this one; of equals one that converged, then the latest.

    Nothing is offered below a likeness of 0.9.

    Args:
        goal: What should exist in the end.
        requirements: What it asks for.
        runs: What is remembered.
        project: Identity of the project that the goal is about.
        needs_declared: Whether the plan is compared with plans that declare all they consume; one that does not would
            look shorter for the dependencies it leaves out.
    """
    known = [
        (round(_likeness(goal, requirements, run), 6), run)
        for run in runs
        if run.outcome in COMPLETED and run.project == project and (run.is_declared or not needs_declared)
    ]
    alike = [one for one in known if one[0] >= ALIKE]
    if not alike:
        return None
    likeness, run = max(alike, key=lambda one: (one[0], one[1].outcome == CONVERGED, one[1].ended_at, one[1].id))
    plan = adapted(run.proven, goal, requirements)
    return OfferedPlan(plan, run.id, f"{run.ended_at:%Y-%m-%d}", likeness, run.outcome)


def _likeness(goal: str, requirements: Sequence[str], run: PastRun) -> float:
    return goal_likeness(goal, requirements, run.goal, _asked(run.proven))


def _asked(plan: Plan) -> tuple[str, ...]:
    return plan.requirements or requirements_of(plan.goal)


def adapted(plan: Plan, goal: str, requirements: Sequence[str]) -> Plan:
    """A plan with another goal and its requirements in the place of its own, wherever it names them.

    What the new goal does not ask for stays as it is: the gate and the selection say what the plan is worth.

    >>> plan = Plan(goal="Build a shop", requirements="shop", artifacts=(Artifact(id="Shop", covers="shop"),))
    >>> adapted(plan, "Build a web shop", ("web shop",)).artifacts[0].covers
    ('web shop',)
    """
    renamed = _renamed(_asked(plan), requirements)
    texts = {plan.goal: goal, **renamed} if plan.goal else renamed
    artifacts = tuple(_adapted_artifact(artifact, renamed, texts) for artifact in plan.artifacts)
    return plan.model_copy(
        update={"goal": goal, "requirements": tuple(sorted(set(requirements))), "artifacts": artifacts}
    )


def _renamed(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """For each old requirement that is worded otherwise now, the new one; each new one is taken once."""
    pairs = sorted(
        ((-requirement_likeness(old, new), old, new) for old in before for new in after),
    )
    taken: dict[str, str] = {}
    for distance, old, new in pairs:
        if -distance >= _SAME_REQUIREMENT and old not in taken and new not in taken.values():
            taken[old] = new
    return {old: new for old, new in taken.items() if old != new}


def _adapted_artifact(artifact: Artifact, renamed: Mapping[str, str], texts: Mapping[str, str]) -> Artifact:
    return artifact.model_copy(
        update={
            "covers": tuple(sorted({renamed.get(name, name) for name in artifact.covers})),
            "description": _reworded(artifact.description, texts),
            "contract": _reworded(artifact.contract, texts),
        }
    )


def _reworded(text: str, texts: Mapping[str, str]) -> str:
    """A text with some phrases in place of others, the longest first and none within what was just put in."""
    if not texts or not text:
        return text
    longest_first = sorted(texts, key=lambda phrase: (-len(phrase), phrase))
    either = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return either.sub(lambda found: texts[found.group()], text)


def without_closings(plan: Plan, closings: Iterable[str]) -> Plan:
    """A plan without the artifacts that were added to close what one run found open: they speak of its findings.

    What required one of them requires what that one required.
    """
    dropped = frozenset(closings)
    by_id = {artifact.id: artifact for artifact in plan.artifacts}

    def before(artifact: Artifact) -> dict[str, Requirement]:
        """What an artifact requires beyond those that go, with the reasons that it gives itself."""
        found: dict[str, Requirement] = {}
        waiting, seen = list(artifact.requires), set[str]()
        while waiting:
            edge = waiting.pop(0)
            if edge.id not in dropped:
                found.setdefault(edge.id, edge)
            elif edge.id in by_id and edge.id not in seen:
                seen.add(edge.id)
                waiting += [Requirement(id=further) for further in by_id[edge.id].required_ids]
        return found

    return plan.with_artifacts(
        artifact if dropped.isdisjoint(artifact.required_ids) else artifact.requiring(*before(artifact).values())
        for artifact in plan.artifacts
        if artifact.id not in dropped
    )
