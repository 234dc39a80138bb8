"""The gate between two stages: what follows from what a stage found.

Five verdicts, decided from the evidence alone: confidence, gaps, blockers, contradictions. Whatever a stage gives, the
tries that each verdict may take are counted, so that no pipeline goes round for ever.

Source: semantics, "Spawning" (proceed, repeat, insert, roll back, escalate).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Contradiction, Evidence
from prefect_harmonic.planners.words import stems_of


class GateVerdict(StrEnum):
    """What follows a stage."""

    PROCEED = "proceed"
    """The next stage starts."""
    REPEAT = "repeat"
    """The stage is done again, told what was wrong with its first result."""
    INSERT = "insert"
    """A stage of its own first removes what is in the way, or closes what is open."""
    ROLL_BACK = "roll back"
    """An earlier stage is done again, since this one contradicts it."""
    ESCALATE = "escalate"
    """The pipeline stops, and a person is told why."""


class GateLimits(BaseModel):
    """What a stage must reach, and how often each way of helping it may be tried."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_confidence: float = Field(default=0.3, ge=0, le=1, description="Least confidence of a stage.")
    max_gaps: int = Field(default=2, ge=0, description="Most gaps that the next stage can live with.")
    repeats: int = Field(default=1, ge=0, le=5, description="How often one stage is repeated.")
    inserts: int = Field(default=1, ge=0, le=5, description="How many stages are inserted for one stage.")
    rollbacks: int = Field(default=1, ge=0, le=5, description="How often the pipeline goes back at all.")


@dataclass(frozen=True, slots=True)
class Tries:
    """What has been tried already: repeats and inserts for the stage in question, rollbacks of the pipeline."""

    repeats: int = 0
    inserts: int = 0
    rollbacks: int = 0


@dataclass(frozen=True, slots=True)
class GateDecision:
    """A verdict with its reason.

    Attributes:
        verdict: What follows.
        reason: Why, in a sentence.
        about: What an inserted stage is to do; empty for other verdicts.
        back_to: Position, among the earlier stages that were given, of the one to do again.
    """

    verdict: GateVerdict
    reason: str
    about: str = ""
    back_to: int | None = None


def gate_decision(
    evidence: Evidence, before: Sequence[Evidence] = (), limits: GateLimits | None = None, tries: Tries | None = None
) -> GateDecision:
    """What follows a stage.

    A blocker weighs most, since nothing was done; then a contradiction to an earlier stage, since everything after
    would rest on it; then low confidence; then contradictions within the stage and gaps, which the next stage can live
    with once helping has been tried.

    Args:
        evidence: What the stage found.
        before: What the stages before it found, in order.
        limits: What must be reached.
        tries: What was tried already.
    """
    limits, tries = limits or GateLimits(), tries or Tries()
    return (
        _on_blockers(evidence, limits, tries)
        or _on_earlier_stage(evidence, before, limits, tries)
        or _on_confidence(evidence, limits, tries)
        or _on_openings(evidence, before, limits, tries)
        or GateDecision(GateVerdict.PROCEED, f"it is sure to {evidence.confidence:.2f}, and nothing speaks against it")
    )


def _on_blockers(evidence: Evidence, limits: GateLimits, tries: Tries) -> GateDecision | None:
    if not evidence.blockers:
        return None
    told = f"it is blocked: {'; '.join(evidence.blockers)}"
    if tries.inserts < limits.inserts:
        return GateDecision(GateVerdict.INSERT, told, about=f"Unblock: {evidence.blockers[0]}")
    return GateDecision(GateVerdict.ESCALATE, f"{told}; unblocking it did not help")


def _on_earlier_stage(
    evidence: Evidence, before: Sequence[Evidence], limits: GateLimits, tries: Tries
) -> GateDecision | None:
    for position, earlier in enumerate(before):
        found = between(earlier, evidence)
        if not found:
            continue
        told = f"it contradicts an earlier stage on {found[0].subject}"
        if tries.rollbacks < limits.rollbacks:
            return GateDecision(GateVerdict.ROLL_BACK, told, back_to=position)
        return GateDecision(GateVerdict.ESCALATE, f"{told}, and going back did not settle it")
    return None


def _on_confidence(evidence: Evidence, limits: GateLimits, tries: Tries) -> GateDecision | None:
    if evidence.confidence >= limits.min_confidence:
        return None
    told = f"it is sure only to {evidence.confidence:.2f}, and {limits.min_confidence:.2f} is needed"
    if tries.repeats < limits.repeats:
        return GateDecision(GateVerdict.REPEAT, told)
    return GateDecision(GateVerdict.ESCALATE, f"{told}; repeating it did not help" if tries.repeats else told)


def _on_openings(
    evidence: Evidence, before: Sequence[Evidence], limits: GateLimits, tries: Tries
) -> GateDecision | None:
    """What a stage leaves open; what an earlier stage has told already was helped with there, or lived with."""
    disputed = {_pair(each) for one in before for each in one.contradictions}
    open_before = {stems_of(gap) for one in before for gap in one.gaps}
    contradictions = [each for each in evidence.contradictions if _pair(each) not in disputed]
    gaps = [gap for gap in evidence.gaps if stems_of(gap) not in open_before]
    is_too_open = len(gaps) > limits.max_gaps
    if not (contradictions or is_too_open):
        return None
    if tries.inserts >= limits.inserts:
        return GateDecision(GateVerdict.PROCEED, "it is sure enough, and what is open is handed on as open")
    if contradictions:
        subject = contradictions[0].subject
        return GateDecision(GateVerdict.INSERT, f"it contradicts itself on {subject}", about=f"Settle: {subject}")
    told = f"{len(gaps)} gaps are more than {limits.max_gaps}"
    return GateDecision(GateVerdict.INSERT, told, about=f"Gap Fill: {gaps[0]}")


def _pair(contradiction: Contradiction) -> frozenset[str]:
    return frozenset({contradiction.one.text, contradiction.other.text})


def between(earlier: Evidence, later: Evidence) -> tuple[Contradiction, ...]:
    """The contradictions of one stage's claims with another's; not those that one of them has with itself."""
    first = {claim.text for claim in earlier.claims}
    second = {claim.text for claim in later.claims}
    found = contradictions_among([*earlier.claims, *(claim for claim in later.claims if claim.text not in first)])
    return tuple(
        each
        for each in found
        if (each.one.text in first) != (each.other.text in first)
        and (each.one.text in second or each.other.text in second)
    )
