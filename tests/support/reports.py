"""Reports taken apart, and run again with other evidence."""

import re
from dataclasses import replace

from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.views.report import ReportInput


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {heading}.*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no section {heading}"
    return found[1]


def headings(text: str) -> list[str]:
    """All headings of the second level, in order."""
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def with_evidence(subject: ReportInput, found: Evidence) -> ReportInput:
    """The same run with other evidence for one artifact."""
    return replace(subject, evidence={**subject.evidence, found.artifact: found})
