"""What stages of pipelines find, in a line each."""

from prefect_harmonic.planners.evidence import Claim, Evidence

SIX, NINE = Claim(text="The team has 6 engineers."), Claim(text="The team has 9 engineers.")
"""Two claims that contradict each other."""


def found(confidence: float = 0.8, **values: object) -> Evidence:
    """What a stage found."""
    fields = {"artifact": "S", "agent": "researcher", "summary": "Found.", "confidence": confidence, **values}
    return Evidence.model_validate(fields)
