"""The synthesis of a run in Markdown, one module a section.

>>> from prefect_harmonic.tasks.views.report import ReportInput, report
"""

from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.report.decisions import decision_record
from prefect_harmonic.tasks.views.report.document import report, report_digest
from prefect_harmonic.tasks.views.report.subject import ArtifactState, ReportInput

__all__ = ["ArtifactState", "PhaseEvaluation", "ReportInput", "decision_record", "report", "report_digest"]
