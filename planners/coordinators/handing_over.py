"""What one stage hands to the next: everything, the essence, or only what is new.

A later stage that is told everything reads what it does not need; one that is told too little asks again. Which of the
three is right depends on the work, so it is said for each pipeline.

Source: semantics, "Spawning" (hand-over full, compressed or delta).
"""

from collections.abc import Sequence
from enum import StrEnum

from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, summarised
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions, distinct_gaps, overall_confidence
from prefect_harmonic.planners.words import stems_of

SO_FAR = "so-far"
"""Under this name the essence of all stages is handed over."""

_PADDING = (
    "This is the essence of the stages so far: the surest statements come first, then what each stage says of itself.",
    "It was shortened to a thousand characters at most; the full text of each stage is kept under its own name.",
    "A statement that is missing here was less sure than those that are here, or came later among equally sure ones.",
    "Sources stand with the claims that are handed over beside this text; a claim without one rests on its stage.",
    "Gaps and contradictions of all stages are handed over whole, so that no later stage takes silence for an answer.",
)


class HandOver(StrEnum):
    """How much of what earlier stages found a stage is given."""

    FULL = "full"
    """The evidence of every earlier stage, whole."""
    COMPRESSED = "compressed"
    """One summary of 500 to 1,000 characters, with the claims that stand in it."""
    DELTA = "delta"
    """What the last stage added to those before it."""


def handed_over(mode: HandOver, stages: Sequence[tuple[str, Evidence]]) -> dict[str, Evidence]:
    """What the next stage is given of the stages so far, by the names under which it finds it.

    Args:
        mode: How much of it.
        stages: Each stage's name with what it found, in order.
    """
    if not stages:
        return {}
    if mode is HandOver.FULL:
        return dict(stages)
    if mode is HandOver.DELTA:
        name, last = stages[-1]
        return {name: added_by(last, [evidence for _, evidence in stages[:-1]])}
    return {SO_FAR: compressed([evidence for _, evidence in stages])}


def added_by(last: Evidence, before: Sequence[Evidence]) -> Evidence:
    """The evidence without what was known before it: claims, gaps and contradictions that others have told already.

    Its text, figures and files stay behind: they hold what is known already along with what is new.
    """
    known = {claim.text for evidence in before for claim in evidence.claims}
    open_before = {stems_of(gap) for evidence in before for gap in evidence.gaps}
    disputed = {_pair(each.one, each.other) for evidence in before for each in evidence.contradictions}
    claims = tuple(claim for claim in last.claims if claim.text not in known)
    told = f"New since the stage before: {len(claims)} of {len(last.claims)} claims."
    return Evidence(
        artifact=last.artifact,
        agent=last.agent,
        summary=summarised(told, *(claim.text for claim in claims)),
        confidence=last.confidence,
        claims=claims,
        gaps=tuple(gap for gap in last.gaps if stems_of(gap) not in open_before),
        contradictions=tuple(each for each in last.contradictions if _pair(each.one, each.other) not in disputed),
        blockers=last.blockers,
    )


def compressed(stages: Sequence[Evidence]) -> Evidence:
    """The essence of several stages: a summary of 500 to 1,000 characters and the claims whose sentences are in it."""
    by_text: dict[str, Claim] = {}
    for claim in (claim for evidence in stages for claim in evidence.claims):
        by_text.setdefault(" ".join(claim.text.split()), claim)
    surest = sorted(by_text, key=lambda text: -by_text[text].confidence)
    summary = _padded(surest, [evidence.summary for evidence in stages])
    return Evidence(
        artifact=stages[-1].artifact,
        agent=stages[-1].agent,
        summary=summary,
        confidence=overall_confidence(stages),
        claims=tuple(by_text[text] for text in surest if text in summary),
        gaps=distinct_gaps(stages),
        contradictions=distinct_contradictions(stages),
        text=summary,
    )


def _padded(claims: Sequence[str], summaries: Sequence[str]) -> str:
    """The claims as far as they fit, then as much of the summaries and of how this was made as is needed."""
    least, most = SUMMARY_LENGTH
    # A sentence that alone would fill the summary would leave no room for any other.
    summary = summarised(*(text for text in claims if len(text) <= most // 2))
    for sentence in (*(part for text in summaries for part in text.split(". ")), *_PADDING):
        if len(summary) >= least:
            break
        ended = sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."
        summary = summarised(summary, ended) if summary else summarised(ended)
    return summary


def _pair(one: Claim, other: Claim) -> frozenset[str]:
    return frozenset({one.text, other.text})
