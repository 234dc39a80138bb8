"""Findings stand with their sources, once each, the weightiest first."""

import re

from support.reports import section, with_evidence

from prefect_harmonic.planners.evidence import (
    Claim,
    Grade,
    Source,
)
from prefect_harmonic.tasks.views.report import ReportInput, report
from prefect_harmonic.tasks.views.report.findings import findings_of


def test_report_shows_a_source_with_every_finding_or_says_there_is_none(migration: ReportInput) -> None:
    """Each finding is followed by a line that names its sources, or that it has none."""
    items = re.findall(r"^\d+\. .*\n   Source: (.*?) *\n", section(report(migration), "Key findings"), re.MULTILINE)
    assert len(items) == len(findings_of(migration))
    for finding, sources in zip(findings_of(migration), items, strict=True):
        if finding.claim.sources:
            assert all(f"`{source}`" in sources for source in finding.claim.sources)
        else:
            assert sources == "no source: to be confirmed"


def test_findings_are_said_once_with_all_their_sources(migration: ReportInput) -> None:
    """Two agents that found the same (whatever the case and full stop) give one finding with both sources."""
    finding = findings_of(migration)[0]
    assert finding.artifacts == ("CurrentStructure", "ServicePatterns")
    assert [str(source) for source in finding.claim.sources] == [
        "shop/billing/invoice.py:12",
        "docs/architecture.md:40",
    ]


def test_findings_measured_outweigh_assumed_and_contradicted_ones(migration: ReportInput) -> None:
    """Weight is confidence by grade; a contradiction takes some of it; no source leaves little."""
    weights = [finding.weight for finding in findings_of(migration)]
    assert weights == sorted(weights, reverse=True)
    assert [finding.claim.text for finding in findings_of(migration)] == [
        "Billing and orders import each other.",
        "Deployments take 50 minutes",
        "Nobody owns the ledger",
    ]
    assert findings_of(migration)[1].is_contradicted


def test_findings_leave_out_what_builders_say_of_their_own_files(migration: ReportInput) -> None:
    """That a file is a skeleton is no finding about the project."""
    assert "skeleton of 30 lines" not in section(report(migration), "Key findings")


def test_rows_of_tables_weigh_less_than_sentences(migration: ReportInput) -> None:
    """A row told as a sentence is for reckoning with; what a person can read comes first."""
    source = Source(path="docs/teams.md", line=7)
    claims = (
        Claim(text="team: Desk; people: 6; cares for: orders", sources=(source,), confidence=0.9),
        Claim(text="The desk cares for orders.", sources=(source,), confidence=0.8),
    )
    found = migration.evidence["ServicePatterns"].model_copy(update={"claims": claims})
    texts = [finding.claim.text for finding in findings_of(with_evidence(migration, found))]
    assert texts.index("The desk cares for orders.") < texts.index("team: Desk; people: 6; cares for: orders")


def test_answer_hears_every_agent_before_any_twice(migration: ReportInput) -> None:
    """A talkative agent with sure claims does not drown the others in the answer."""
    source = Source(path="a.py", line=1, grade=Grade.MEASURED)
    claims = tuple(Claim(text=f"Sure thing {number}", sources=(source,), confidence=1.0) for number in range(9))
    found = migration.evidence["CurrentStructure"].model_copy(update={"claims": claims})
    answer = section(report(with_evidence(migration, found)), "The answer")
    assert "Deployments take 50 minutes" in answer or "billing and orders import each other" in answer
