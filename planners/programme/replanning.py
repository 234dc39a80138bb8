"""A changed plan for what remains: the best of several, with what it means for the work that is done.

Every proposed plan passes the same gate as at the beginning and keeps to the rules of `remaining`; the valid ones are
compared as at the beginning, with work that is kept at 0 hours, so that only what is still to be made counts.

How large a plan may be is asked of what remains of the one that was accepted: kept artifacts and closing artifacts
count neither as artifacts nor in a chain. Otherwise a plan that just fits could never be mended. Their number is
bounded by `max_closings` and by how often a plan may change.

Source: semantics, "Evaluation and replanning"; second design document, "Evaluate-Replan Pattern".
"""

import asyncio
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.planners.candidate import (
    Candidate,
    CandidateStatus,
    Yardstick,
    failed_candidate,
    judged,
    reason_of,
)
from prefect_harmonic.planners.diversity import unique_structures
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.deciding import Trigger
from prefect_harmonic.planners.programme.difference import PlanDifference, difference
from prefect_harmonic.planners.programme.remaining import (
    broken_rule,
    closings_for,
    kept_work,
    limits_of_change,
    lost_work,
    provided_to,
)
from prefect_harmonic.planners.programme.surprises import NewDependency
from prefect_harmonic.planners.scoring import Scorer
from prefect_harmonic.planners.selection import selected
from prefect_harmonic.planners.sources.remainder import NotingRemainder, RemainderSource, ReplanRequest
from prefect_harmonic.planners.sources.source import DeclaringSource
from prefect_harmonic.planners.variance import Style, VarianceStrategy, Variation, variations

__all__ = ["RemainderCandidate", "RemainderSource", "ReplanRequest", "Replanning", "closings_for", "replanned"]


class RemainderCandidate(BaseModel):
    """One changed plan that was compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    style: Style
    status: CandidateStatus
    reason: str | None = Field(default=None, description="Why it failed or was refused.")
    expected_makespan_hours: float | None = Field(default=None, description="Hours for what is still to be made.")
    note: str = Field(default="", description="What its source has to say about it.")


class Replanning(BaseModel):
    """A change of the plan: what was compared, what was chosen and why, and what it means for the work done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iteration: int = Field(ge=1, description="The evaluation that it follows.")
    trigger: Trigger
    candidates: tuple[RemainderCandidate, ...]
    selected: str = Field(description="Id of the candidate that was chosen.")
    reason: str = Field(description="Why, in one sentence.")
    unique_structures: int = Field(default=1, ge=1, description="How many of the valid candidates really differ.")
    difference: PlanDifference
    closings: tuple[Closing, ...] = Field(default=(), description="What this change adds.")
    dependencies: tuple[NewDependency, ...] = Field(default=(), description="Orders that this change adds.")
    plan: Plan

    @property
    def graph(self) -> ArtifactGraph:
        """The changed plan, to be walked."""
        return ArtifactGraph(self.plan)


async def replanned(
    request: ReplanRequest,
    source: RemainderSource,
    scorer: Scorer = Scorer.EXPECTED_MAKESPAN,
) -> Replanning:
    """The best of several changed plans for what remains.

    Asked again with openings that have their closing artifacts already, it adds nothing.

    Args:
        request: What to make it from.
        source: Who proposes changed plans.
        scorer: How valid candidates are ranked.

    Raises:
        NoValidPlanError: No candidate is valid; the error lists every reason.
    """
    yardstick = _yardstick(request, source)
    kept = kept_work(request)
    drawn = variations(VarianceStrategy.PROMPTING, request.candidates, request.seed)
    proposed = await asyncio.gather(*(_proposed(request, source, variation) for variation in drawn))
    candidates = [
        plan if isinstance(plan, Candidate) else _judged(request, plan, variation, yardstick, kept)
        for plan, variation in zip(proposed, drawn, strict=True)
    ]
    selection = selected(candidates, yardstick, scorer)
    chosen = proposed[candidates.index(selection.winner)]
    after = ArtifactGraph(chosen if isinstance(chosen, Plan) else request.graph.plan)
    return Replanning(
        iteration=request.iteration,
        trigger=request.trigger,
        candidates=tuple(_told(one, _note(source, request, one)) for one in candidates),
        selected=selection.winner.id,
        reason=selection.reason,
        unique_structures=unique_structures(one.structure for one in candidates if one.is_valid),
        difference=difference(
            request.graph, after, finished=request.finished, changed=request.changed, effort=yardstick.effort
        ),
        closings=closings_for(request),
        dependencies=tuple(_added(request, after)),
        plan=after.plan,
    )


async def _proposed(request: ReplanRequest, source: RemainderSource, variation: Variation) -> Plan | Candidate:
    """One changed plan; whatever goes wrong costs this candidate alone."""
    try:
        return (await source.remainder(request, variation)).sorted()
    except NotRecordedError:  # going on without it would be another change than the one that is replayed
        raise
    except Exception as error:  # whatever a source raises is this candidate's failure, and is told
        return failed_candidate(variation, reason_of(error))


def _judged(
    request: ReplanRequest, plan: Plan, variation: Variation, yardstick: Yardstick, kept: frozenset[str]
) -> Candidate:
    """A changed plan with the gate's verdict, the rules of replanning, and its figures for what is still to be made."""
    for_nothing = plan.with_artifacts(
        artifact.model_copy(update={"estimated_hours": 0.0}) if artifact.id in kept else artifact
        for artifact in plan.artifacts
    )
    candidate = judged(for_nothing, variation, yardstick)
    problem = None
    if candidate.is_valid:
        problem = broken_rule(request, candidate.graph) or lost_work(request, plan)
    if problem is None:
        return candidate
    return Candidate(variation=variation, status=CandidateStatus.INVALID, reason=problem, plan=plan)


def _yardstick(request: ReplanRequest, source: RemainderSource) -> Yardstick:
    """What changed plans are measured with. Its limits are widened as the module says."""
    return Yardstick(
        requirements=request.graph.requirements,
        limits=limits_of_change(request),
        agents=request.agents,
        workers=request.workers,
        effort=request.effort,
        provided=provided_to(request.graph),
        is_declared=isinstance(source, DeclaringSource) and source.is_declaring,
    )


def _added(request: ReplanRequest, after: ArtifactGraph) -> Iterable[NewDependency]:
    for one in request.dependencies:
        is_new = one.artifact in request.graph and one.requires not in request.graph.requirements_of(one.artifact)
        if is_new and one.artifact in after and one.requires in after.requirements_of(one.artifact):
            yield one


def _note(source: RemainderSource, request: ReplanRequest, candidate: Candidate) -> str:
    return source.note_on(request, candidate.id) if isinstance(source, NotingRemainder) else ""


def _told(candidate: Candidate, note: str) -> RemainderCandidate:
    return RemainderCandidate(
        id=candidate.id,
        style=candidate.variation.style,
        status=candidate.status,
        reason=candidate.reason,
        expected_makespan_hours=candidate.expected_makespan_hours,
        note=note,
    )
