"""What is not certain is said once, with its sources."""

from support.reports import section, with_evidence

from prefect_harmonic.planners.evidence import (
    Claim,
    Source,
)
from prefect_harmonic.tasks.views.report import ReportInput, report


def test_contradiction_between_specialists_is_listed_as_it_is_counted(migration: ReportInput) -> None:
    """Claims of two specialists that cannot both hold stand among the contradictions though neither reports it."""
    subject = migration
    for name, people in (("CurrentStructure", 6), ("BillingContract", 8)):
        claim = Claim(text=f"The team has {people} engineers.", sources=(Source(path=f"{people}.md"),))
        subject = with_evidence(subject, subject.evidence[name].model_copy(update={"claims": (claim,)}))
    listed = section(report(subject), "Contradictions")
    assert "(found for `CurrentStructure`, `BillingContract`)" in listed
    assert listed.count("Confidence") == 4


def test_risks_stand_with_the_heaviest_first(migration: ReportInput) -> None:
    """Likelihood times impact decides the order."""
    risks = section(report(migration), "Risk register")
    assert risks.index("Double bookings") < risks.index("Slow search")


def test_contradiction_that_several_artifacts_came_upon_is_said_once(migration: ReportInput) -> None:
    """Four specialists that read the same two documents found one contradiction, not four."""
    other = migration.evidence["ServicePatterns"]
    found = migration.evidence["CurrentStructure"].model_copy(update={"contradictions": other.contradictions})
    text = report(with_evidence(migration, found))
    assert section(text, "Contradictions").count("**deployment time**") == 1


def test_gaps_name_requirements_that_nothing_covers(migration: ReportInput) -> None:
    """A requirement of the goal that no artifact covers is a gap of the plan."""
    assert "“no downtime”" in section(report(migration), "Remaining gaps")
