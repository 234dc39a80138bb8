"""How far the findings carry: confidence, gaps and contradictions after each phase, and what follows from them.

Three ends are told apart, because a run that stops trying has not arrived: converged (all criteria met), plateaued
(nothing more is gained), exhausted (the evaluations allowed are used up).

Source: second design document, "Evaluation Loops"; semantics, "Evaluation and replanning".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Contradiction, Evidence
from prefect_harmonic.planners.programme.opening import Opening, as_counted, contradiction_key, gap_key

PLATEAU_CHANGES = 2
"""So many of the last changes of confidence must be small for a plateau."""

PLATEAU_CHANGE = 0.02
"""A change of confidence smaller than this is small."""


class EvaluationOutcome(StrEnum):
    """What an evaluation comes to."""

    CONTINUE = "continue"
    """The criteria are not met, and there is something left to try."""
    CONVERGED = "converged"
    """All criteria are met."""
    PLATEAUED = "plateaued"
    """The criteria are not met, and more of the same has stopped helping."""
    EXHAUSTED = "exhausted"
    """The criteria are not met, and the evaluations allowed are used up."""


class Criteria(BaseModel):
    """What findings must reach."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_confidence: float = Field(default=0.7, ge=0, le=1, description="Least confidence.")
    max_gaps: int = Field(default=2, ge=0, description="Most gaps.")
    max_contradictions: int = Field(default=0, ge=0, description="Most contradictions.")
    max_iterations: int = Field(default=5, ge=1, description="Evaluations after which to stop trying.")


class Evaluation(BaseModel):
    """The verdict on all that is known after a phase."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: str
    iteration: int = Field(ge=1, description="One more than the evaluations before it that did not converge.")
    confidence: float = Field(ge=0, le=1)
    gaps: tuple[str, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    outcome: EvaluationOutcome
    rationale: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, and why it is that one."""

    outcome: EvaluationOutcome
    rationale: str


def evaluated(
    phase: str,
    evidence: Iterable[Evidence],
    *,
    unmade: Sequence[str] = (),
    before: Sequence[Evaluation] = (),
    criteria: Criteria | None = None,
    closed: Collection[str] = (),
    filling: Mapping[str, Opening] | None = None,
) -> Evaluation:
    """Evaluates all that was found out so far.

    Only evaluations that did not converge are tries: a run of many good phases has not used up its iterations by
    having them, and a confidence that stays high is no plateau.

    Args:
        phase: The phase that has just ended.
        evidence: What was found out in it and before it.
        unmade: Artifacts that should be there by now and are not; each counts as a gap and as evidence of no worth.
        before: Earlier evaluations of the same run, in order.
        criteria: What must be reached.
        closed: Keys of openings that are closed (`closing.closed_by`); they count no more.
        filling: For closing artifacts the opening each is to close (`closing.filling`), which counts once however
            often it is told.
    """
    criteria = criteria or Criteria()
    known = tuple(evidence)
    counted = as_counted(known, filling or {})
    open_gaps = [gap for gap in distinct_gaps(counted) if gap_key(gap) not in closed]
    gaps = (*(f"{artifact} was not made" for artifact in unmade), *open_gaps)
    contradictions = tuple(one for one in distinct_contradictions(counted) if contradiction_key(one) not in closed)
    confidence = overall_confidence(known, len(unmade))
    history = [*_confidences_since_convergence(before), confidence]
    iteration = 1 + sum(earlier.outcome is not EvaluationOutcome.CONVERGED for earlier in before)
    verdict = verdict_on(history, criteria, gaps=len(gaps), contradictions=len(contradictions), iteration=iteration)
    return Evaluation(
        phase=phase,
        iteration=iteration,
        confidence=confidence,
        gaps=gaps,
        contradictions=contradictions,
        outcome=verdict.outcome,
        rationale=verdict.rationale,
    )


def _confidences_since_convergence(before: Sequence[Evaluation]) -> list[float]:
    """The confidences of the evaluations after the last one that converged: what came before it was good enough."""
    since: list[float] = []
    for earlier in before:
        since = [] if earlier.outcome is EvaluationOutcome.CONVERGED else [*since, earlier.confidence]
    return since


def verdict_on(
    history: Sequence[float], criteria: Criteria, *, gaps: int, contradictions: int, iteration: int | None = None
) -> Verdict:
    """What follows from the confidences of all iterations so far and from the gaps and contradictions that are left.

    The one rule for runs and for the knowledge base alike. `iteration` is the number of iterations used, where it is
    not the number of confidences that count for a plateau.

    >>> verdict_on([0.4], Criteria(), gaps=1, contradictions=0).outcome.value
    'continue'
    >>> verdict_on([0.4, 0.75], Criteria(), gaps=0, contradictions=0)
    Verdict(outcome=<EvaluationOutcome.CONVERGED: 'converged'>, rationale='All criteria are met.')
    """
    if not history:
        return Verdict(EvaluationOutcome.CONTINUE, "Nothing has been evaluated yet.")
    missed = _missed(criteria, history[-1], gaps, contradictions)
    outcome = _outcome(missed, history, iteration or len(history), criteria)
    return Verdict(outcome, _rationale(outcome, missed, criteria))


def verdict_words(confidence: float, gaps: int, contradictions: int, rationale: str) -> str:
    """An evaluation in one line: the same words in the terminal, in the log and in the report.

    >>> verdict_words(0.8, 1, 0, "All criteria are met.")
    'Confidence 0.80, 1 gap, 0 contradictions. All criteria are met.'
    """
    told = f"{gaps} gap{'' if gaps == 1 else 's'}, {contradictions} contradiction{'' if contradictions == 1 else 's'}"
    return f"Confidence {confidence:.2f}, {told}. {rationale}".rstrip()


def overall_confidence(evidence: Sequence[Evidence], unmade: int = 0) -> float:
    """The mean confidence, what was not made counting as none; rounded to three digits."""
    count = len(evidence) + unmade
    return round(sum(one.confidence for one in evidence) / count, 3) if count else 0.0


def distinct_gaps(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """All gaps in the order in which they were found, those of the same words once."""
    by_key: dict[str, str] = {}
    for one in evidence:
        for gap in one.gaps:
            by_key.setdefault(gap_key(gap), gap)
    return tuple(by_key.values())


def distinct_contradictions(evidence: Sequence[Evidence]) -> tuple[Contradiction, ...]:
    """All contradictions that were reported, and those between claims of different specialists, each once."""
    reported = [contradiction for one in evidence for contradiction in one.contradictions]
    between = contradictions_among([claim for one in evidence for claim in one.claims])
    by_texts: dict[frozenset[str], Contradiction] = {}
    for contradiction in (*reported, *between):
        by_texts.setdefault(frozenset({contradiction.one.text, contradiction.other.text}), contradiction)
    return tuple(by_texts.values())


def _missed(criteria: Criteria, confidence: float, gaps: int, contradictions: int) -> tuple[str, ...]:
    """The criteria that are not met, in words."""
    missed = []
    if confidence < criteria.min_confidence:
        least = f"{criteria.min_confidence:.2f}"
        told = f"{confidence:.2f}" if f"{confidence:.2f}" != least else f"{confidence:.4f}"
        missed.append(f"confidence {told} is under {least}")
    if gaps > criteria.max_gaps:
        missed.append(f"{_counted(gaps, 'gap')} more than {criteria.max_gaps}")
    if contradictions > criteria.max_contradictions:
        missed.append(f"{_counted(contradictions, 'contradiction')} more than {criteria.max_contradictions}")
    return tuple(missed)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun} is" if number == 1 else f"{number} {noun}s are"


def _outcome(missed: Sequence[str], history: Sequence[float], iteration: int, criteria: Criteria) -> EvaluationOutcome:
    if not missed:
        return EvaluationOutcome.CONVERGED
    if iteration >= criteria.max_iterations:
        return EvaluationOutcome.EXHAUSTED
    # Confidences have three digits; more of the difference is only what binary fractions make of it.
    changes = [round(abs(later - earlier), 3) for earlier, later in pairwise(history)][-PLATEAU_CHANGES:]
    if len(changes) == PLATEAU_CHANGES and all(change < PLATEAU_CHANGE for change in changes):
        return EvaluationOutcome.PLATEAUED
    return EvaluationOutcome.CONTINUE


def _rationale(outcome: EvaluationOutcome, missed: Sequence[str], criteria: Criteria) -> str:
    """Whether the criteria are met, and if not, which are missed.

    An evaluation is one look at all that is known, not a retry, so the words speak of evaluations.
    """
    told = ", ".join(missed)
    if outcome is EvaluationOutcome.CONVERGED:
        return "All criteria are met."
    if outcome is EvaluationOutcome.EXHAUSTED:
        allowed = criteria.max_iterations
        used_up = (
            f"the {allowed} evaluations allowed are used up" if allowed > 1 else "no further evaluation is allowed"
        )
        return f"Not enough, and {used_up}: {told}."
    if outcome is EvaluationOutcome.PLATEAUED:
        small = f"the last {PLATEAU_CHANGES} changes of confidence were each under {PLATEAU_CHANGE}"
        return f"Not enough, and {small}: {told}."
    return f"Not enough yet: {told}."
