"""What a question tells is in keeping with the figures in it, and is text to be read anywhere."""

from prefect_harmonic.planners.programme.evaluation import Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.questions import question_about_findings
from prefect_harmonic.tasks.views.question import question_markdown, question_row


def test_what_is_open_is_listed_by_its_kind() -> None:
    """So many gaps are listed as are counted, and what a person asked for stands apart from them."""
    evaluation = Evaluation(
        phase="build", iteration=1, confidence=0.4, gaps=("no load",), outcome=EvaluationOutcome.EXHAUSTED, rationale=""
    )
    guidance = Opening(key="a", kind=OpeningKind.GUIDANCE, text="look at the ledger")
    gap = Opening(key="b", kind=OpeningKind.GAP, text="no load")
    question = question_about_findings(evaluation, (guidance, gap))
    assert "1 gap, " in question.text
    assert question.findings == "What a person said to look at:\n\n- look at the ledger\n\nGaps:\n\n- no load"
    shown = question_markdown(question_row(question), how_to_answer="harmonic resume 1")
    assert "Gaps:\n\n- no load\n\n**The answers there are**\n\n- `retry`: " in shown
    assert "\\*" not in shown
