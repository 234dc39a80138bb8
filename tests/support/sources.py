"""Sources of candidates that follow a script, so that a test says what a model would have answered and when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest

Answer = Plan | Exception


async def no_project() -> ProjectContext:
    """The context where there is no project."""
    return NO_PROJECT


async def nothing_better(_request: RefinementRequest) -> Plan | None:
    """What a source says that knows no better plan."""
    return None


@dataclass
class ScriptedSource:
    """Answers each request as the script says, and keeps what it was asked.

    Attributes:
        answer: Gives the plan for a request, or raises.
        improvement: Gives a better plan, or nothing.
        wanted: The requirements of the goal.
        requests: What it was asked for, in order.
        refinements: What it was asked to make better, in order.
    """

    answer: Callable[[CandidateRequest], Awaitable[Plan]]
    improvement: Callable[[RefinementRequest], Awaitable[Plan | None]] = nothing_better
    wanted: tuple[str, ...] = ()
    requests: list[CandidateRequest] = field(default_factory=list)
    refinements: list[RefinementRequest] = field(default_factory=list)

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the script says, whatever the goal."""
        return self.wanted

    async def candidate(self, request: CandidateRequest) -> Plan:
        """The next answer."""
        self.requests.append(request)
        return await self.answer(request)

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """The improvement."""
        self.refinements.append(request)
        return await self.improvement(request)


def answering(*answers: Answer) -> ScriptedSource:
    """A source that answers the request of each index with the answer of that place; the last one for all further."""

    async def answer(request: CandidateRequest) -> Plan:
        given = answers[min(request.variation.index, len(answers) - 1)]
        if isinstance(given, Exception):
            raise given
        return given

    return ScriptedSource(answer)


def improving(*improvements: Answer | None) -> ScriptedSource:
    """A source that is only asked for better plans, and gives these one after the other, then nothing."""
    left = list(improvements)

    async def improvement(_request: RefinementRequest) -> Plan | None:
        given = left.pop(0) if left else None
        if isinstance(given, Exception):
            raise given
        return given

    async def answer(_request: CandidateRequest) -> Plan:
        raise AssertionError("nobody asks this source for a candidate")

    return ScriptedSource(answer, improvement)
