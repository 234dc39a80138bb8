"""Candidates from a second source where the first one has none."""

from collections.abc import Mapping

from prefect_harmonic.errors import BudgetSpentError, CandidateError
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import (
    CandidateRequest,
    CandidateSource,
    MeteredSource,
    NotingSource,
    RefinementRequest,
)


class FallbackSource:
    """Asks one source, and another one for what the first could not give; says which candidates came from there.

    Args:
        first: Asked first.
        second: Asked where the first one fails.
        name: What the second is called in notes.
    """

    def __init__(self, first: CandidateSource, second: CandidateSource, name: str) -> None:
        self.first, self.second, self.name = first, second, name
        self._fallen: dict[str, str] = {}

    @property
    def is_declaring(self) -> bool:
        """Plans of two kinds are compared, so none is taken at its word."""
        return False

    def usage(self) -> Mapping[str, Usage]:
        """What both spent."""
        both: dict[str, Usage] = {}
        for source in (self.first, self.second):
            if isinstance(source, MeteredSource):
                for name, usage in source.usage().items():
                    both[name] = both.get(name, Usage()) + usage
        return both

    def notes(self, goal: str) -> tuple[str, ...]:
        """Which candidates are not the first source's, and why; and what the second has to say, where it was asked."""
        told = [f"{name} is from {self.name}, because: {reason}" for name, reason in sorted(self._fallen.items())]
        if self._fallen and isinstance(self.second, NotingSource):
            told += self.second.notes(goal)
        return tuple(told)

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the first source says that the goal asks for, or else the second."""
        try:
            return await self.first.requirements(goal)
        except CandidateError:
            return await self.second.requirements(goal)

    async def candidate(self, request: CandidateRequest) -> Plan:
        """One plan of the first source, or else of the second. Raises as the second does."""
        try:
            return await self.first.candidate(request)
        except (CandidateError, BudgetSpentError) as error:  # what needs no model costs nothing of the budget
            self._fallen[request.variation.candidate] = str(error)
            return await self.second.candidate(request)

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """What the first source makes of the plan, or else the second."""
        try:
            return await self.first.refined(request)
        except (CandidateError, BudgetSpentError):
            return await self.second.refined(request)
