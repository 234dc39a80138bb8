"""The report says what the run took of its language model, by purpose."""

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.tasks.views.model_use import model_use_rows
from prefect_harmonic.tasks.views.report.document import report
from prefect_harmonic.tasks.views.report.subject import ReportInput

GRAPH = ArtifactGraph([Artifact(id="A")])
USED = {
    "plan": Usage(requests=5, input_tokens=5000, output_tokens=700, cached_tokens=4000, seconds=6.25),
    "evaluate": Usage(requests=1, input_tokens=900, output_tokens=40, seconds=1),
}


def test_what_was_taken_stands_in_the_report_with_the_sum() -> None:
    """And whether the server's cache helped, where it tells."""
    lines = report(ReportInput(graph=GRAPH, model_use=model_use_rows(USED))).splitlines()
    rows = [" ".join(line.split()) for line in lines[lines.index("## Language model") :] if line.startswith("|")]
    assert rows[2:5] == [
        "| evaluate | 1 | 900 | - | 40 | 1.0 |",
        "| plan | 5 | 5,000 | 80% | 700 | 6.2 |",
        "| all | 6 | 5,900 | 68% | 740 | 7.2 |",
    ]


def test_nothing_is_said_where_no_model_was_asked() -> None:
    """Most runs have none."""
    assert "Language model" not in report(ReportInput(graph=GRAPH))
