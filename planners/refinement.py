"""Making the winner better, without losing work.

Source: first design document, "Iterative Refinement"; semantics, "Refinement".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.candidate import Candidate, Yardstick, failed_candidate, judged, reason_of
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.gate import Code, Finding, Severity
from prefect_harmonic.planners.metrics import PlanMetrics
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.rewrites import safely_rewritten
from prefect_harmonic.planners.scoring import Scorer, scored_cost, scored_figure
from prefect_harmonic.planners.selection import comparables
from prefect_harmonic.planners.sources.source import CandidateSource, RefinementRequest
from prefect_harmonic.planners.variance import Style, Variation


@dataclass(frozen=True, slots=True)
class RefinementRound:
    """One attempt: what was asked for, what it would have brought, and whether it was taken.

    `before` and `after` are what the scorer makes of the plan: hours for the expected makespan, of which fewer are
    better, and for the others their score, of which more is.
    """

    round: int
    accepted: bool
    before: float
    after: float
    feedback: str
    reason: str
    scorer: Scorer = Scorer.EXPECTED_MAKESPAN

    def to_document(self) -> dict[str, Any]:
        """The round as plain JSON values, in the shape of `harmonic plan --json`."""
        return {
            "round": self.round,
            "accepted": self.accepted,
            "before": self.before,
            "after": self.after,
            "feedback": self.feedback,
            "reason": self.reason,
            "scorer": self.scorer.value,
        }


@dataclass(frozen=True, slots=True)
class Refined:
    """The plan after refinement and the rounds that led there."""

    candidate: Candidate
    rounds: tuple[RefinementRound, ...] = ()


def feedback_on(metrics: PlanMetrics, findings: Sequence[Finding] = ()) -> str:
    """What could be better about a plan, for whoever is to improve it; empty if nothing stands out.

    The four triggers of the first design document (depth over 3, fewer than 0.3 of the artifacts without
    requirements, file conflicts, balance under 0.5), and the gate's warnings.
    """
    remarks = []
    if metrics.depth > 3:
        remarks.append(f"The longest chain has {metrics.depth} artifacts. Which of them need not wait for each other?")
    if metrics.parallelism_factor < 0.3:
        remarks.append(
            f"Only {metrics.leaf_count} of {metrics.artifact_count} artifacts can start at once. Which others could?"
        )
    if metrics.file_conflicts > 0:
        remarks.append(
            f"{metrics.file_conflicts} pairs of artifacts write the same file. Can they write files of their own?"
        )
    if metrics.balance_factor < 0.5:
        remarks.append("The plan is deep and narrow. Which part of it can be split into branches?")
    remarks += [str(finding) for finding in findings if finding.severity is Severity.WARNING]
    return " ".join(remarks)


async def refined(
    winner: Candidate,
    source: CandidateSource,
    yardstick: Yardstick,
    context: ContextProvider,
    *,
    rounds: int,
    scorer: Scorer = Scorer.EXPECTED_MAKESPAN,
) -> Refined:
    """The winner after at most so many rounds of improvement.

    Safe rewrites come first and count as no round of their own: they are taken along whenever they make the plan no
    worse. Then the source is asked, and its answer taken only if it passes the gate, covers what was covered, keeps
    or merges every artifact, and is strictly better. The first round that brings nothing ends it.
    """
    if rounds < 1:
        return Refined(winner)
    current = _tidied(winner, yardstick, scorer)
    done: list[RefinementRound] = []
    for number in range(1, rounds + 1):
        feedback = feedback_on(current.metrics, current.findings) if current.metrics else ""
        if not feedback:
            break
        attempt = await _attempt(current, source, yardstick, context, number, feedback)
        verdict = _verdict(current, attempt, yardstick, scorer, number, feedback)
        done.append(verdict)
        if not verdict.accepted or attempt is None:
            break
        current = attempt
    return Refined(current, tuple(done))


def _tidied(winner: Candidate, yardstick: Yardstick, scorer: Scorer) -> Candidate:
    """The winner after the safe rewrites, if these make it no worse."""
    rewritten = safely_rewritten(winner.graph).plan
    if rewritten == winner.plan:
        return winner
    tidied = judged(rewritten, winner.variation, yardstick)
    before, after = _costs(winner, tidied, yardstick, scorer)
    return tidied if tidied.is_valid and after <= before else winner


async def _attempt(
    current: Candidate,
    source: CandidateSource,
    yardstick: Yardstick,
    context: ContextProvider,
    number: int,
    feedback: str,
) -> Candidate | None:
    """What the source makes of the feedback, judged; nothing if it knows nothing better.

    Whatever a source raises costs this round and not the plan that is there already.
    """
    request = RefinementRequest(
        plan=current.plan or Plan(),
        feedback=feedback,
        findings=tuple(map(str, current.findings)),
        round=number,
        limits=yardstick.limits,
        workers=yardstick.workers,
        context=context,
    )
    try:
        plan = await source.refined(request)
        return None if plan is None else _judged_at_its_best(plan, _free_of_constraint(current.variation), yardstick)
    except NotRecordedError:  # going on without it would be another refinement than the one that is replayed
        raise
    except Exception as error:  # whatever a source raises or gives is this round's failure, and is told as its reason
        return failed_candidate(current.variation, reason_of(error))


def _judged_at_its_best(plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
    """A proposed plan, judged after the safe rewrites if it is valid at all."""
    candidate = judged(plan, variation, yardstick)
    return judged(safely_rewritten(candidate.graph).plan, variation, yardstick) if candidate.is_valid else candidate


def _free_of_constraint(variation: Variation) -> Variation:
    """The variation without the shape it was generated under, which a better plan need not have."""
    return variation.model_copy(update={"constraint": None, "style": variation.style or Style.DEFAULT})


def _costs(one: Candidate, other: Candidate, yardstick: Yardstick, scorer: Scorer) -> tuple[float, float]:
    """What the scorer makes of two plans, compared fairly with each other."""
    if not other.is_valid:
        (alone,) = comparables((one,), yardstick)
        return scored_cost(scorer, alone.measured), float("inf")
    first, second = comparables((one, other), yardstick)
    return scored_cost(scorer, first.measured), scored_cost(scorer, second.measured)


def _verdict(
    current: Candidate, attempt: Candidate | None, yardstick: Yardstick, scorer: Scorer, number: int, feedback: str
) -> RefinementRound:
    before, after = _costs(current, current if attempt is None else attempt, yardstick, scorer)
    problem = "nothing better was proposed" if attempt is None else _loss(current, attempt)
    if problem is None and after >= before:
        problem = "it is not better"
    if attempt is not None and not attempt.is_valid:
        after = before
    figures = scored_figure(scorer, before), scored_figure(scorer, after)
    return RefinementRound(number, problem is None, *figures, feedback, problem or "it is better", scorer)


def _loss(before: Candidate, after: Candidate) -> str | None:
    """What would be lost by taking the refined plan, or nothing."""
    if not after.is_valid:
        return after.reason or "the gate refused it"
    if dropped := sorted(before.covered - after.covered):
        return f"it no longer covers {', '.join(dropped)}"
    if lost := lost_artifacts(before.plan or Plan(), after.plan or Plan()):
        return f"it lost {', '.join(lost)}"
    new = _suspicions(after) - _suspicions(before)
    return f"it leaves out dependencies that its own words name ({len(new)})" if new else None


def _suspicions(candidate: Candidate) -> frozenset[tuple[str | None, str | None]]:
    return frozenset(
        (finding.artifact, finding.other) for finding in candidate.findings if finding.code is Code.NAMED_NOT_REQUIRED
    )


def lost_artifacts(before: Plan, after: Plan) -> tuple[str, ...]:
    """Ids of artifacts that are neither in the later plan nor merged into one of its artifacts.

    An artifact counts as merged where a single one of the later plan takes over all that it produced, or its file, or
    names it among its products. One that did so before the lost one went is no heir: it has not taken over anything.
    """
    earlier = {artifact.id: artifact for artifact in before.artifacts}
    kept = {artifact.id for artifact in after.artifacts}
    lost = []
    for artifact in before.artifacts:
        if artifact.id in kept:
            continue
        if not any(
            _does_work_of(artifact, heir) and not _does_work_of(artifact, earlier.get(heir.id))
            for heir in after.artifacts
        ):
            lost.append(artifact.id)
    return tuple(sorted(lost))


def _does_work_of(artifact: Artifact, other: Artifact | None) -> bool:
    """Whether the other one names the artifact among its products, produces all that it does, or writes its file."""
    if other is None:
        return False
    products, others = set(artifact.produces), set(other.produces)
    return (
        artifact.id in others
        or (bool(products) and products <= others)
        or (artifact.produces_file is not None and artifact.produces_file == other.produces_file)
    )
