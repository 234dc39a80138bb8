"""How much a risk weighs: its likelihood times its impact, each from 1 to 3."""

from prefect_harmonic.planners.evidence import Risk

_DEGREE = {"low": 1, "medium": 2, "high": 3}


def severity(risk: Risk) -> int:
    """From 1 (unlikely and harmless) to 9; a degree in other words than ours counts as medium.

    >>> severity(Risk(title="r", likelihood="high", impact="medium"))
    6
    """
    return _DEGREE.get(risk.likelihood.strip().lower(), 2) * _DEGREE.get(risk.impact.strip().lower(), 2)
