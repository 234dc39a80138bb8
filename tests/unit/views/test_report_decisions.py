"""Decisions stand with their alternatives, and each has a record of its own."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.reports import section, with_evidence

from prefect_harmonic.planners.evidence import (
    Decision,
)
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.report import ReportInput, decision_record, report


def test_decision_shows_alternatives_sensitivity_and_record(migration: ReportInput) -> None:
    """A decision stands with the marks of every option, what would change it, its review and its file."""
    decisions = section(report(migration), "Decisions")
    assert "| Option | Score | coupling (40%) | value (60%) | Because |" in decisions
    assert "| **billing** | 0.780 | 0.60 | 0.90 |" in decisions
    assert "search wins if coupling weighs more than 0.63." in decisions
    assert "2026-12-01" in decisions
    assert "(decisions/0001-first-service.md)" in decisions


def test_decision_without_a_file_leads_to_the_record_that_the_run_wrote(migration: ReportInput) -> None:
    """What the run writes down itself is found from the report as well."""
    found = migration.evidence["ServiceBoundaries"]
    ruling = found.model_copy(update={"decisions": (found.decisions[0].model_copy(update={"file": ""}),)})
    path, text = decision_record(ruling.decisions[0], 4)
    assert text.startswith("# 0004. ")
    subject = replace(with_evidence(migration, ruling), produced_files=(path,))
    assert f"Record: [{path}]({path})." in section(report(subject), "Decisions")


def test_answer_begins_with_the_decision_that_the_goal_asks_for(migration: ReportInput) -> None:
    """A decision whose title shares a word with the goal goes before those that have an earlier record."""
    found = migration.evidence["ServiceBoundaries"]
    chosen = [
        Decision(title=title, chosen="x", file=f"decisions/000{number}-x.md")
        for number, title in enumerate(("Stack", "Way to migrate to services"), 1)
    ]
    subject = with_evidence(migration, found.model_copy(update={"decisions": tuple(chosen)}))
    subject = replace(subject, graph=ArtifactGraph(subject.graph.plan.model_copy(update={"goal": "Migrate it"})))
    answer = section(report(subject), "The answer")
    assert answer.index("Way to migrate") < answer.index("Stack")


def test_decision_record_has_a_safe_name_and_all_parts(migration: ReportInput) -> None:
    """A record is a numbered file of plain letters, with context, options, decision and consequences."""
    decision = migration.evidence["ServiceBoundaries"].decisions[0]
    path, text = decision_record(decision, 12)
    assert path == "decisions/0012-which-part-becomes-a-service-first.md"
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Context", "Options", "Decision", "What would change it", "Consequences"]


@given(st.text(max_size=120))
def test_decision_record_stays_in_its_folder(title: str) -> None:
    """No title makes a path that leaves the folder or has no name."""
    path, _ = decision_record(Decision(title=title), 7)
    assert re.fullmatch(r"decisions/0007-[a-z0-9]+(-[a-z0-9]+)*\.md", path)
    assert len(path) < 90


def test_options_stand_with_the_best_first(migration: ReportInput) -> None:
    """The alternatives are ranked by their score, whatever order they were given in."""
    decisions = section(report(migration), "Decisions")
    assert decisions.index("| **billing** |") < decisions.index("| search |")
    decision = migration.evidence["ServiceBoundaries"].decisions[0]
    backwards = decision.model_copy(update={"options": decision.options[::-1]})
    assert decision_record(decision, 1) == decision_record(backwards, 1)
