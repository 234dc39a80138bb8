"""The report says what is there and what is not, and why."""

import re
from dataclasses import replace

from support.reports import section

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.report import ReportInput, report


def test_one_verdict_in_the_whole_report(migration: ReportInput) -> None:
    """Answer, outcome table and evaluation table show the last evaluation, in the words of the terminal."""
    text = report(migration)
    words = "Confidence 0.50, 1 gap, 1 contradiction. Not enough yet: confidence 0.50 is under 0.70, 1 contradiction"
    assert f"**How sure this is.** {words} is more than 0." in section(text, "The answer")
    assert re.search(r"^\| all .* 0\.50 \|$", section(text, "Outcome"), re.MULTILINE)
    last = re.findall(r"^\| .*$", section(text, "Evaluation"), re.MULTILINE)[-1]
    assert last.startswith("| build | 3 | 0.50 | 1 | 1 | not met, and no evaluation is left | Not enough yet:")


def test_run_without_evaluation_says_so(migration: ReportInput) -> None:
    """What agents say of themselves is not sold as an evaluation."""
    answer = section(report(replace(migration, evaluations=())), "The answer")
    assert "Not evaluated; 4 agent results give themselves 0.82 in the mean." in answer


def test_skeletons_are_counted_and_listed_in_one_place(migration: ReportInput) -> None:
    """What is only an outline is not passed off as finished."""
    outcome = section(report(migration), "Outcome")
    assert "| Phase | done | kept | skeleton | failed |" in outcome
    assert "| `BillingContract` | builder | skeleton |" in section(report(migration), "Artifact by artifact")
    assert "- `BillingContract` ([contracts/billing.md](contracts/billing.md)): 1 part to fill in" in outcome


def test_report_says_why_something_failed(migration: ReportInput) -> None:
    """The reason of a failure and what the blocked artifact waited for are given."""
    failures = section(report(migration), "What failed or was blocked")
    assert "`DataSplit` failed: AgentError: the schema names no primary key." in failures
    assert "`Rollout` blocked: waited for DataSplit, which failed." in failures


def test_phases_stand_in_the_order_of_the_run() -> None:
    """The first artifact of a plan may belong to its last phase; one that names none belongs to what it requires."""
    plan = [
        Artifact(id="Advice", phase="closing"),
        Artifact(id="Search", phase="research"),
        Artifact(id="Table", requires=(Requirement(id="Search"),)),
        Artifact(id="Verdict", phase="closing", requires=(Requirement(id="Table"),)),
    ]
    outcome = section(report(ReportInput(graph=ArtifactGraph(plan))), "Outcome")
    rows = re.findall(r"^\| (\w+) \| (\d)", outcome, re.MULTILINE)
    assert rows == [("research", "2"), ("closing", "2"), ("all", "4")]
