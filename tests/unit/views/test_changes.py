"""What becomes of each artifact under a changed plan, in rows, words and on the page."""

from hypothesis import given
from hypothesis import strategies as st
from support.pages import Outline

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.difference import difference
from prefect_harmonic.tasks.synthesis import difference_rows, page_of_difference
from prefect_harmonic.tasks.views.changes import (
    ChangeRow,
    altered,
    change_rows,
    changes_words,
    combined,
    difference_table,
    with_dropped,
)
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.evaluations import evaluation_table
from prefect_harmonic.tasks.views.page import plan_page
from prefect_harmonic.tasks.views.replanning import ClosingRow, ReplanningRow


def artifact(name: str, *requires: str, **fields: str) -> Artifact:
    """An artifact with its requirements as bare ids."""
    return Artifact.model_validate({"id": name, "requires": [Requirement(id=one) for one in requires], **fields})


BEFORE = ArtifactGraph([artifact("A"), artifact("B", "A"), artifact("C", "B"), artifact("Gone", "A"), artifact("D")])
AFTER = ArtifactGraph([artifact("A"), artifact("Gap"), artifact("B", "A", "Gap"), artifact("C", "B"), artifact("D")])


def test_rows_say_what_concerns_a_person_first() -> None:
    """Run again, new, dropped, open, kept; each with its reason, and what changed about it."""
    rows = difference_rows(AFTER, BEFORE, made=BEFORE.order)
    assert [(row.artifact, row.change) for row in rows] == [
        ("B", "run again"),
        ("C", "run again"),
        ("Gap", "new"),
        ("Gone", "dropped"),
        ("A", "kept"),
        ("D", "kept"),
    ]
    assert rows[0].reason == "what it is to be has changed: requires Gap now"
    assert changes_words(rows).startswith("2 run again (")


def test_plans_of_which_nothing_is_made_differ_in_what_is_to_be_made() -> None:
    """What both have is not called kept or run again, as nothing is there; what is altered about it is told."""
    rows = difference_rows(AFTER, BEFORE)
    assert [(row.artifact, row.change) for row in rows] == [
        ("B", "changed"),
        ("Gap", "new"),
        ("Gone", "dropped"),
        ("A", "open"),
        ("C", "open"),
        ("D", "open"),
    ]
    assert rows[0].reason == "requires Gap now"


def test_table_of_prefect_has_the_same_columns_in_every_row() -> None:
    """A row without hours or closing has empty cells, not missing ones."""
    table = difference_table(change_rows(difference(BEFORE, AFTER, finished=["A"]), {"A": 2.0}, {"Gap": "no limits"}))
    assert {tuple(row) for row in table} == {("artifact", "change", "why", "expected", "closes")}
    assert [row["closes"] for row in table if row["artifact"] == "Gap"] == ["no limits"]


def test_evaluations_become_a_table_of_prefect() -> None:
    """Outcomes are told in words that call nothing a success that is none."""
    rows = evaluation_table(
        [PhaseEvaluation(phase="p", iteration=1, confidence=0.41239, gaps=("x",), outcome="plateaued", rationale="y")]
    )
    assert rows == [
        {
            "evaluation": 1,
            "after": "p",
            "confidence": 0.412,
            "gaps": 1,
            "contradictions": 0,
            "outcome": "plateaued",
            "criteria": "not met, and nothing more is gained",
            "why": "y",
        }
    ]


def test_artifact_that_stayed_the_same_is_altered_in_nothing() -> None:
    """Only real differences are told."""
    one = artifact("A", contract="x", agent="builder")
    assert altered(one, one) == ""
    assert altered(one, one.model_copy(update={"agent": "researcher"})) == "agent builder → researcher"


@given(
    st.lists(
        st.lists(
            st.builds(
                ChangeRow,
                artifact=st.sampled_from("AB"),
                change=st.sampled_from(["kept", "run again", "open", "new", "dropped"]),
            )
        )
    )
)
def test_weightiest_change_is_drawn(differences: list[list[ChangeRow]]) -> None:
    """Over several replannings an artifact that was ever new stays new, and one that was dropped stays dropped."""
    for name, change in combined(differences).items():
        had = {row.change for rows in differences for row in rows if row.artifact == name}
        strongest = next(each for each in ("dropped", "new", "run again", "kept", "open") if each in had)
        assert change == strongest


def test_dropped_artifact_is_drawn_without_closing_a_cycle() -> None:
    """What was dropped keeps what it required, even where the order of the others has been turned round."""
    before = ArtifactGraph([artifact("X"), artifact("Gone", "X"), artifact("Y", "Gone")])
    after = ArtifactGraph([artifact("Y"), artifact("X", "Y")])
    drawn = with_dropped(after, [before.artifacts["Gone"]])
    assert drawn.requirements_of("Gone") == ("X",)
    assert drawn.dependents_of("Gone") == ()
    assert len(with_dropped(after, [])) == 2


def test_page_of_a_difference_marks_every_change_by_word_and_class() -> None:
    """Each change has a label in the drawing, a class for its pattern, and a word for screen readers."""
    outline = Outline(page_of_difference(AFTER, BEFORE, workers=2, made=BEFORE.order))
    classes = [attrs.get("class") or "" for tag, attrs in outline.elements if tag == "a"]
    for name, kind in (("A", "c-kept"), ("B", "c-again"), ("Gap", "c-new"), ("Gone", "c-dropped")):
        assert any(f"{kind}" in each and each.startswith("node") for each in classes), name
    labels = outline.attributes("a", "aria-label")
    assert any("Gone" in label and "plan changed: dropped" in label for label in labels)
    assert any("Gap" in label and "plan changed: new" in label for label in labels)
    assert "hatch" in outline.attributes("pattern", "id")
    assert {"run again", "new", "dropped", "kept"} <= {text.strip() for text in outline.text}


def test_page_of_a_run_tells_replannings_evaluations_and_progress() -> None:
    """Each replanning has its table, evaluations have chart and table, every level its bar."""
    row = ReplanningRow(
        iteration=1,
        trigger="low confidence",
        changes=(ChangeRow(artifact="Gap", change="new", hours=2.0),),
        closings=(ClosingRow(artifact="Gap", text="no limits", is_closed=True),),
        dropped=(BEFORE.artifacts["Gone"],),
    )
    evaluations = (
        PhaseEvaluation(phase="one", iteration=1, confidence=0.4, gaps=("no limits",), outcome="continue"),
        PhaseEvaluation(phase="two", iteration=2, confidence=0.75, outcome="converged"),
    )
    page = plan_page(
        AFTER,
        states={"A": "done", "D": "failed"},
        replannings=(row,),
        evaluations=evaluations,
        threshold=0.7,
        links=("report.md", "javascript:alert(1)"),
    )
    outline = Outline(page)
    assert outline.open == []
    text = " ".join(outline.text)
    for part in ("Iteration 1: low confidence", "no limits", "(closed)", "wanted: 0.70", "1 of 5", "replanned"):
        assert part in text
    (chart,) = [label for label in outline.attributes("svg", "aria-label") if label.startswith("Confidence after")]
    assert "1: 0.40, not met yet; 2: 0.75, met" in chart
    assert "report.md" in outline.attributes("a", "href")
    assert not [href for href in outline.attributes("a", "href") if href.startswith("javascript:")]


def test_hostile_rows_add_nothing_to_the_page() -> None:
    """Whatever changes, gaps, triggers and phases are called, the page keeps its elements and attributes."""

    def page(text: str) -> Outline:
        row = ReplanningRow(
            iteration=1,
            trigger=text,
            reason=text,
            guidance=text,
            changes=(ChangeRow(artifact=text, change="new", reason=text), ChangeRow(artifact="A", change=text)),
            closings=(ClosingRow(artifact=text, text=text),),
            dropped=(artifact(f"g{text}", phase=text),),
        )
        evaluation = PhaseEvaluation(
            phase=text, iteration=1, confidence=0.5, gaps=(text,), contradictions=(text,), outcome=text, rationale=text
        )
        return Outline(
            plan_page(AFTER, states={"A": "done"}, replannings=(row,), evaluations=(evaluation,), links=(text,))
        )

    hostile = page("</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e<!--")
    shape = [(tag, sorted(attrs)) for tag, attrs in hostile.elements if tag not in {"text", "tspan"}]
    assert shape == [(tag, sorted(attrs)) for tag, attrs in page("x").elements if tag not in {"text", "tspan"}]
    assert "\u202e" not in "".join(hostile.text)
