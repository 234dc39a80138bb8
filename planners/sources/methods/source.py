"""Candidates from the method library: the embedded planner behind the seam that every source keeps to."""

from collections.abc import Collection
from functools import lru_cache

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.choice import choice_in
from prefect_harmonic.planners.constraints import constraints_of, features_of, without_constraints
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.goal import checked_goal, has_subject, requirements_of
from prefect_harmonic.planners.goal_sections import asked_in
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.methods.binding import bound
from prefect_harmonic.planners.sources.methods.decomposition import decomposed
from prefect_harmonic.planners.sources.methods.finishing import artifacts_of
from prefect_harmonic.planners.sources.methods.improving import improved
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.matching import conditions_of, is_known
from prefect_harmonic.planners.sources.methods.model import AGENTS, Condition
from prefect_harmonic.planners.sources.methods.records import speaks_of_records
from prefect_harmonic.planners.sources.methods.shaping import shaped
from prefect_harmonic.planners.sources.methods.styles import leaning_of
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest

UNKNOWN_GOAL = (
    "No method of the library knows this kind of goal; the plan is the general one. For a better one add a method of "
    "your own (--methods FOLDER, see docs/methods.md) or plan with a language model (--model)."
)
UNCLEAR_GOAL = "The goal names no subject; say what shall become better, for whom and by how much."


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
        features, constraints = features_of(requirements), constraints_of(requirements)
        subject = without_constraints(asked_in(goal), constraints)
        leaning = leaning_of(request.variation)
        conditions = conditions_of(context) | _conditions_of_goal(subject, features)
        whole = decomposed(self.library, subject, features, leaning, conditions)
        if not whole.parts:
            raise CandidateError(
                f"the method {whole.frame!r} makes nothing of the goal under this project's conditions"
            )
        wiring = shaped(whole.parts, leaning, request.limits, request.variation.constraint)
        artifacts = bound(artifacts_of(wiring, whole.phases, self.agents), constraints)
        return Plan(goal=goal, requirements=tuple(sorted(set(requirements))), artifacts=artifacts).sorted()

    def notes(self, goal: str) -> tuple[str, ...]:
        """What the reader of a plan for this goal must know of how it came about; nothing where a method knows it.

        >>> MethodSource().notes("Build a REST API with auth")
        ()

        Raises:
            GoalError: See `checked_goal`.
        """
        goal = checked_goal(goal)
        requirements = _requirements(goal)
        features = features_of(requirements)
        subject = without_constraints(asked_in(goal), constraints_of(requirements))
        said = _conditions_of_goal(subject, features)
        told = [] if is_known(subject, features, self.library.by_task, said) else [UNKNOWN_GOAL]
        return tuple(told if has_subject(features) else [*told, UNCLEAR_GOAL])

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """The plan with shorter chains, every artifact kept; nothing if no contract in it helps."""
        return improved(request.plan, self.library.contracts, self.library.finals, request.limits, request.workers)


def _conditions_of_goal(goal: str, features: tuple[str, ...]) -> frozenset[str]:
    """What the goal itself says to methods: that it names no subject, options to choose among, or stored records."""
    choice = choice_in(goal)
    is_choice = choice is not None and set(choice.options) <= set(features)
    found = [Condition.NAMED_OPTIONS] if is_choice else []
    found += [Condition.STORES_RECORDS] if speaks_of_records(goal) else []
    return frozenset(found if has_subject(features) else [*found, Condition.UNCLEAR_GOAL])


@lru_cache(maxsize=256)
def _requirements(goal: str) -> tuple[str, ...]:
    return requirements_of(goal)
