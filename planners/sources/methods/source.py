"""Candidates from the method library: the embedded planner behind the seam that every source keeps to."""

from collections.abc import Collection
from functools import lru_cache

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.goal import checked_goal, requirements_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.methods.decomposition import decomposed
from prefect_harmonic.planners.sources.methods.finishing import artifacts_of
from prefect_harmonic.planners.sources.methods.improving import improved
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.matching import conditions_of
from prefect_harmonic.planners.sources.methods.model import AGENTS
from prefect_harmonic.planners.sources.methods.shaping import shaped
from prefect_harmonic.planners.sources.methods.styles import leaning_of
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest


class MethodSource:
    """Plans by decomposing goals with methods; needs no model, and gives the same plan for the same request.

    Args:
        library: The methods; the packaged ones if left out.
        agents: Names of the specialists that may be given work.
    """

    def __init__(self, library: MethodLibrary | None = None, agents: Collection[str] = AGENTS) -> None:
        self.library = library or MethodLibrary.packaged()
        self.agents = frozenset(agents)

    @property
    def is_declaring(self) -> bool:
        """Methods say of every piece what it consumes, and edges are made of that."""
        return True

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the goal asks for, item by item, in its own words."""
        return _requirements(goal)

    async def candidate(self, request: CandidateRequest) -> Plan:
        """One plan, in the style and shape that the request asks for.

        Raises:
            CandidateError: No method of the library makes anything of the goal under the request's conditions.
        """
        return self.plan(request, await request.context())

    def plan(self, request: CandidateRequest, context: ProjectContext) -> Plan:
        """As `candidate`, with the context at hand."""
        goal = checked_goal(request.goal)
        requirements = tuple(dict.fromkeys(request.requirements)) or _requirements(goal)
        leaning = leaning_of(request.variation)
        whole = decomposed(self.library, goal, requirements, leaning, conditions_of(context))
        if not whole.parts:
            raise CandidateError(
                f"the method {whole.frame!r} makes nothing of the goal under this project's conditions"
            )
        wiring = shaped(whole.parts, leaning, request.limits, request.variation.constraint)
        artifacts = artifacts_of(wiring, whole.phases, self.agents)
        return Plan(goal=goal, requirements=tuple(sorted(set(requirements))), artifacts=artifacts).sorted()

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """The plan with shorter chains, every artifact kept; nothing if no contract in it helps."""
        return improved(request.plan, self.library.contracts, self.library.finals, request.limits, request.workers)


@lru_cache(maxsize=256)
def _requirements(goal: str) -> tuple[str, ...]:
    return requirements_of(goal)
