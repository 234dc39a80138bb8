"""The gate: codes P001 to P016, from structure to coverage."""

from prefect_harmonic.planners.gate.coverage import coverage
from prefect_harmonic.planners.gate.finding import Code, Finding, Severity
from prefect_harmonic.planners.gate.gate import lint, passed

__all__ = ["Code", "Finding", "Severity", "coverage", "lint", "passed"]
