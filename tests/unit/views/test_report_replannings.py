"""What was replanned, asked and spent is told, and nothing is called a success that is none."""

import re
from dataclasses import replace

import pytest
from support.reports import headings, section

from prefect_harmonic.tasks.views.budget import BudgetRow
from prefect_harmonic.tasks.views.changes import ChangeRow
from prefect_harmonic.tasks.views.question import QuestionRow
from prefect_harmonic.tasks.views.replanning import ClosingRow, ReplanningRow
from prefect_harmonic.tasks.views.report import PhaseEvaluation, ReportInput, report

REPLANNING = ReplanningRow(
    iteration=1,
    trigger="low confidence",
    reason="The gap-filling plan is the shortest that covers what is open",
    changes=(
        ChangeRow(artifact="CurrentStructure", change="kept", reason="nothing that it rests on has changed", hours=3),
        ChangeRow(artifact="GapFillExport", change="new", reason="the plan needs it now", hours=2),
        ChangeRow(artifact="ServiceBoundaries", change="run again", reason="rests on GapFillExport", hours=3),
        ChangeRow(artifact="OldRollout", change="dropped", reason="the plan does without it"),
        ChangeRow(artifact="Rollout", change="open", reason="is still to be made"),
    ),
    closings=(
        ClosingRow(artifact="GapFillExport", text="Nobody documented the nightly export", is_closed=True),
        ClosingRow(artifact="SettleTime", text="deployment time", kind="contradiction", is_closed=False),
        ClosingRow(artifact="UnblockSplit", text="DataSplit failed", kind="failure"),
    ),
    guidance="leave billing alone",
)
QUESTION = QuestionRow(
    kind="plateaued", subject="analyse", text="What should be done?", action="retry", guidance="look at ops/", by="Ada"
)


def test_replanning_tells_each_change_with_reason_and_hours(migration: ReportInput) -> None:
    """What is run again, new and dropped has a row with its reason; what stays is named."""
    text = section(report(replace(migration, replannings=(REPLANNING,))), "What was replanned and why")
    assert "### Iteration 1: low confidence" in text
    assert "1 run again (3 h), 1 new (2 h), 1 dropped, 1 open, 1 kept." in text
    assert "| `ServiceBoundaries` | run again | rests on GapFillExport. | 3 h |" in text
    assert "| `GapFillExport` | new | the plan needs it now. | 2 h |" in text
    assert "| `OldRollout` | dropped | the plan does without it. |  |" in text
    assert "- Kept as done: `CurrentStructure`." in text
    assert "- Still to be made, as before: `Rollout`." in text
    assert "leave billing alone" in text


def test_replanning_tells_whether_each_gap_was_closed(migration: ReportInput) -> None:
    """Closed, still open and not run are told apart."""
    text = section(report(replace(migration, replannings=(REPLANNING,))), "What was replanned and why")
    assert "| gap | Nobody documented the nightly export. | `GapFillExport` | closed |" in text
    assert "| contradiction | deployment time. | `SettleTime` | still open |" in text
    assert "| failure | DataSplit failed. | `UnblockSplit` | not run |" in text


def test_each_replanning_has_a_block_of_its_own(migration: ReportInput) -> None:
    """Two replannings are two blocks, in their order."""
    rows = (REPLANNING, replace(REPLANNING, iteration=2, trigger="new dependency"))
    text = section(report(replace(migration, replannings=rows)), "What was replanned and why")
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == [
        "Iteration 1: low confidence",
        "Iteration 2: new dependency",
    ]


def test_questions_stand_with_their_answers(migration: ReportInput) -> None:
    """An answer has its guidance and who gave it; a question without one is said to wait."""
    waiting = QuestionRow(kind="budget", subject="model calls", text="Go on?")
    text = section(report(replace(migration, questions=(QUESTION, waiting))), "Questions put to a person")
    assert "`retry` (try on for as many iterations again), by Ada: “look at ops/”" in text
    assert "| 2 | model calls | the budget is used up | Go on? | none yet |" in text
    assert "**1 question waits for an answer.**" in text


def test_budget_is_told_only_against_limits(migration: ReportInput) -> None:
    """Without any limit there is no section; with one, what has none says so."""
    spent = BudgetRow(name="model calls", spent=40)
    assert "Budget" not in headings(report(replace(migration, budget=(spent,))))
    limited = replace(migration, budget=(replace(spent, limit=40), BudgetRow(name="wall time", spent=2.5, unit="s")))
    text = section(report(limited), "Budget")
    assert "| model calls | 40 | 40 | **100%, used up** |" in text
    assert "| wall time | 2.5 s | no limit |  |" in text


@pytest.mark.parametrize(
    "ending", ["plateaued", "exhausted", "stopped", "waiting", "budget", "blocked", "failed", "odd"]
)
def test_no_other_ending_sounds_like_success(migration: ReportInput, ending: str) -> None:
    """Only a run that converged is said to have met its criteria."""
    answer = section(report(replace(migration, ending=ending, ending_reason="it is so")), "The answer")
    (told,) = re.findall(r"\*\*How it ended\.\*\* (.*)", answer)
    assert told.endswith("it is so.")
    assert not re.search(r"criteria are met|success|complete|Converged", told)
    assert re.match(r"Not |Stopped |Failed|Ended as “odd”", told)


def test_convergence_is_told_in_words(migration: ReportInput) -> None:
    """A run that converged says so in its answer."""
    converged = PhaseEvaluation(phase="build", iteration=4, confidence=0.9, outcome="converged", rationale="All met.")
    told = section(report(replace(migration, ending="converged", evaluations=(converged,))), "The answer")
    assert "**How it ended.** Converged: all criteria are met." in told


@pytest.mark.parametrize("text", ["| a <script>x</script>\n# H\n- i [x](javascript:y) \u202e", "x"])
def test_rows_keep_hostile_text_in_their_cells(migration: ReportInput, text: str) -> None:
    """Whatever a plan, a gap, an answer or a budget is called adds no heading, no cell and no tag."""
    row = ReplanningRow(
        iteration=1,
        trigger=text,
        reason=text,
        changes=(ChangeRow(artifact=text, change=text, reason=text), ChangeRow(artifact=text, change="kept")),
        closings=(ClosingRow(artifact=text, text=text, kind=text),),
        guidance=text,
        approval=text,
    )
    asked = QuestionRow(kind=text, subject=text, text=text, options=(text,), action=text, guidance=text, by=text)
    told = report(
        replace(
            migration,
            replannings=(row,),
            questions=(asked,),
            budget=(BudgetRow(name=text, spent=1, limit=2, unit=text),),
            ending=text,
            ending_reason=text,
        )
    )
    wanted = ("What was replanned and why", "Questions put to a person", "Budget")
    assert [heading for heading in headings(told) if heading in wanted] == list(wanted)
    cells = {
        heading: [
            len(re.findall(r"(?<!\\)\|", line)) for line in section(told, heading).splitlines() if line[:1] == "|"
        ]
        for heading in wanted
    }
    assert cells == {wanted[0]: [5, 5, 5, 5, 5, 5], wanted[1]: [6, 6, 6], wanted[2]: [5, 5, 5]}
    assert not re.search(r"<script", re.sub(r"`[^`]*`", "", told))
    assert "\u202e" not in told


def test_what_was_closed_is_neither_missing_nor_to_be_done(migration: ReportInput) -> None:
    """A gap that its artifact closed is no remaining gap and no action; a settled contradiction says by what."""
    gap = ClosingRow(artifact="GapFillExport", text="The nightly export nobody documented.", is_closed=True)
    (contradiction,) = migration.evidence["ServicePatterns"].contradictions
    settled = ClosingRow(artifact="SettleTime", text=str(contradiction), kind="contradiction", is_closed=True)
    row = replace(REPLANNING, closings=(gap, settled))
    text = report(replace(migration, evaluations=(), replannings=(row,)))
    assert "nightly export" not in section(text, "Remaining gaps")
    assert "nightly export" not in section(text, "Action plan")
    assert "deployment time" not in section(text, "Action plan")
    assert "; settled by `SettleTime`)" in section(text, "Contradictions")


def test_what_was_not_closed_stays_open(migration: ReportInput) -> None:
    """A closing artifact that failed, or found nothing, closes nothing."""
    gap = ClosingRow(artifact="GapFillExport", text="Nobody documented the nightly export", is_closed=False)
    text = report(replace(migration, replannings=(replace(REPLANNING, closings=(gap,)),)))
    assert "nightly export" in section(text, "Remaining gaps")
    assert "nightly export" in section(text, "Action plan")
