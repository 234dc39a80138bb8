"""One evaluation of all that is known after a phase, as it is shown."""

from dataclasses import dataclass

from prefect_harmonic.planners.programme.evaluation import Evaluation

OUTCOME_WORDS = {
    "converged": "met",
    "continue": "not met yet",
    "plateaued": "not met, and nothing more is gained",
    "exhausted": "not met, and no evaluation is left",
}
"""What an outcome says of the criteria."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEvaluation:
    """One evaluation of all that is known after a phase.

    Attributes:
        phase: The phase that had just ended.
        iteration: One more than the evaluations before it that did not converge.
        confidence: 0 to 1.
        gaps: What was missing.
        contradictions: What did not agree.
        outcome: `converged`, `plateaued`, `exhausted` or `continue`.
        rationale: Why, in a sentence.
    """

    phase: str
    iteration: int
    confidence: float
    gaps: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    outcome: str = ""
    rationale: str = ""


def outcome_words(outcome: str) -> str:
    """What an outcome says of the criteria; one that is not ours by its own name.

    >>> outcome_words("plateaued"), outcome_words("odd")
    ('not met, and nothing more is gained', 'odd')
    """
    return OUTCOME_WORDS.get(outcome, outcome)


def evaluation_row(one: Evaluation) -> PhaseEvaluation:
    """An evaluation as it is shown."""
    return PhaseEvaluation(
        phase=one.phase,
        iteration=one.iteration,
        confidence=one.confidence,
        gaps=one.gaps,
        contradictions=tuple(map(str, one.contradictions)),
        outcome=one.outcome.value,
        rationale=one.rationale,
    )
