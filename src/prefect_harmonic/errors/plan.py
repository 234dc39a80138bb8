"""The plan itself is wrong."""

from collections.abc import Sequence

from prefect_harmonic.errors.harmonic_error import HarmonicError


class PlanError(HarmonicError):
    """A plan cannot be used as it is."""


class EmptyPlanError(PlanError):
    """There is nothing in the plan."""

    def __str__(self) -> str:
        return "the plan is empty; it needs at least one artifact"


class DuplicateArtifactError(PlanError):
    """Several artifacts carry one id."""

    def __init__(self, artifacts: Sequence[str]) -> None:
        super().__init__(tuple(artifacts))
        self.artifacts = tuple(artifacts)

    def __str__(self) -> str:
        return f"the plan has several artifacts with the id {', '.join(self.artifacts)}; give each its own"


class UnknownRequirementError(PlanError):
    """Artifacts require something that is not in the plan."""

    def __init__(self, missing: Sequence[tuple[str, str]]) -> None:
        super().__init__(tuple(missing))
        self.missing = tuple(missing)

    def __str__(self) -> str:
        named = "; ".join(f"{artifact} requires {required}" for artifact, required in self.missing)
        return f"the plan lacks what it requires ({named}); add the artifact or remove the requirement"


class CycleError(PlanError):
    """Artifacts require each other in a ring. `cycle` is in order, the first id repeated at its end."""

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(tuple(cycle))
        self.cycle = tuple(cycle)

    def __str__(self) -> str:
        return f"the plan has a cycle: {' → '.join(self.cycle)}; remove one of these requirements"


class InvalidPlanError(PlanError):
    """The gate refused the plan. `findings` are its errors as lines of `CODE artifact message`."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return f"the plan does not pass the gate: {'; '.join(self.findings)}"
