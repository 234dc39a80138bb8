"""How a run came to its end, in words that call nothing a success that is none."""

from prefect_harmonic.tasks.views.escaping import markdown_text
from prefect_harmonic.tasks.views.report.prose import sentence
from prefect_harmonic.tasks.views.report.subject import ReportInput

GIVEN_UP = frozenset({"plateaued", "exhausted"})
"""Outcomes of an evaluation after which trying stops without having arrived."""

_ASK = "A person should look at it."
_WORDS = {
    "converged": "Converged: all criteria are met.",
    "mitigated": "The cause is known, and what is done at once is decided.",
    "plateaued": f"Not converged: more of the same gains nothing more, so it was given up. {_ASK}",
    "exhausted": f"Not converged: the evaluations allowed are used up. {_ASK}",
    "inconclusive": "Not converged: everything is made, and nothing is left to try that could make it surer.",
    "scheduled": "Not finished: what is left is not due yet.",
    "stopped": "Stopped on a person's word before it had converged; this is what there was by then.",
    "skipped": "Not converged: it went on with what there was, as it was told to.",
    "waiting": "Not finished: it waits for a person's answer and goes on from here.",
    "blocked": f"Not finished: something is blocked. {_ASK}",
    "budget": "Stopped in order because the budget is used up; this is what there was by then.",
    "cancelled": "Cancelled before it had converged; this is what there was by then.",
    "failed": f"Failed: not everything could be made. {_ASK}",
}


def ending_words(subject: ReportInput) -> str:
    """How the run ended, in Markdown sentences; empty if nobody said.

    An ending that we have no words for is shown as it was named and claims nothing.
    """
    if not subject.ending.strip():
        return ""
    known = _WORDS.get(subject.ending)
    told = known or f"Ended as “{markdown_text(subject.ending)}”."
    return " ".join(part for part in (told, sentence(subject.ending_reason)) if part)
