"""The review of a milestone: what it comes to, what the work took, and how it is written."""

from datetime import date
from typing import Any

import pytest

from prefect_harmonic.planners.programme.evaluation import Evaluation
from prefect_harmonic.planners.programme.review import Adjustment, MilestoneProgress, Review, ReviewVerdict, efforts
from prefect_harmonic.tasks.views.review import review_markdown

DAY = date(2026, 4, 5)
CHANGE = Adjustment(reason="it is the shortest", new=("GapFill-Costs",), closes={"GapFill-Costs": "what it costs"})


def evaluation(outcome: str) -> Evaluation:
    """An evaluation after Q1."""
    return Evaluation.model_validate(
        {"phase": "Q1", "iteration": 1, "confidence": 0.8, "outcome": outcome, "rationale": "As seen."}
    )


def review(**given: Any) -> Review:
    """A review of Q1, with what the test gives."""
    progress = (
        MilestoneProgress(name="Q1", due=date(2026, 1, 5), done=2, total=2),
        MilestoneProgress(name="Q2", due=DAY, done=0, total=3),
    )
    plain = {"milestone": "Q1", "held": DAY, "planned": DAY, "progress": progress, "next": progress[1]}
    return Review(**{**plain, "evaluations": (evaluation("converged"),), **given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ReviewVerdict.ON_COURSE),
        ({"evaluations": ()}, ReviewVerdict.ON_COURSE),
        ({"adjustment": CHANGE}, ReviewVerdict.ADJUSTED),
        ({"adjustment": CHANGE, "evaluations": (evaluation("continue"),)}, ReviewVerdict.ADJUSTED),
        ({"evaluations": (evaluation("continue"),)}, ReviewVerdict.SHORT),
        ({"evaluations": (evaluation("exhausted"),)}, ReviewVerdict.SHORT),
        ({"missing": ("Roadmap",), "adjustment": CHANGE}, ReviewVerdict.SHORT),
    ],
)
def test_verdict_is_no_better_than_what_is_there(given: dict[str, Any], expected: ReviewVerdict) -> None:
    """What is missing, or does not carry while nothing is to change that, is short of the plan."""
    assert review(**given).verdict is expected


def test_late_review_says_by_how_much() -> None:
    """The day it was planned for counts, and one that is early is not late."""
    assert review(held=date(2026, 4, 8)).days_late == 3
    assert "3 days late" in review(held=date(2026, 4, 8)).rationale
    assert review(held=date(2026, 4, 1)).days_late == 0


def test_efforts_compare_estimates_with_the_clock() -> None:
    """Each agent has a row, and all together the last one; a spread needs two."""
    rows = efforts([("builder", 4.0, 2.0), ("researcher", 2.0, 4.0), ("builder", 4.0, 6.0)])
    assert [(one.agent, one.count, one.accuracy) for one in rows] == [
        ("builder", 2, 1.0),
        ("researcher", 1, 2.0),
        ("all", 3, 1.2),
    ]
    assert [one.spread is None for one in rows] == [False, True, False]
    assert efforts([]) == ()


def test_document_tells_what_follows() -> None:
    """Verdict, progress, findings and the change of the plan, in text from which no markup escapes."""
    text = review_markdown(review(adjustment=CHANGE, next_hours=12.0), "Modernize <b>all</b>")
    assert text.startswith("# Review of Q1: adjusted\n")
    assert "| Q2 | 2026-04-05 | 0 of 3 |" in text
    assert "Q2 is due on 2026-04-05: 3 artifacts, 12 h of work as planned." in text
    assert "- new: GapFill-Costs, which is to close: what it costs" in text
    assert "<b>" not in text
