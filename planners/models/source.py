"""Candidates from a language model, behind the seam that every source keeps to.

What a model says is data: the gate judges it, its agents and paths are those that are allowed, and it chooses neither
the goal nor what is measured. What the gate finds goes back to it once.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError, UnreadablePlanError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.candidate import constraint_problem
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.gate.gate import examined
from prefect_harmonic.planners.goal import checked_goal, requirements_of
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS
from prefect_harmonic.planners.models import purpose as purposes
from prefect_harmonic.planners.models.asking import Asker, Document, Question, RepairableError, answer_settings
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.reading import plan_in, with_unspoken
from prefect_harmonic.planners.models.schema import plan_schema, requirements_schema
from prefect_harmonic.planners.models.slots import named, slotted_schema
from prefect_harmonic.planners.models.usage import Meter, Usage
from prefect_harmonic.planners.models.wording import (
    candidate_prompt,
    instructions,
    prompt,
    refinement_prompt,
    repair_prompt,
)
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest, RefinementRequest
from prefect_harmonic.planners.variance import Constraint

REFINEMENT, REQUIREMENTS = "refinement", "requirements"
_STEADY = 0.2
_MOST_FINDINGS, _MOST_TOLD = 30, 3


class ModelSource:
    """Plans by asking a language model: each candidate one question, and one repair where the gate finds something.

    Args:
        model: Gives the model for the running event loop.
        agents: Specialists that plans may name.
        max_tokens: Tokens of one answer at most; as the server has it if left out.
        is_bounded: Whether plans come in slots and texts are bounded, for servers that decode under the schema.
        is_asked_for_requirements: Whether the model lists what the goal asks for, which is one more call before all
            others. Otherwise the goal's own words are taken, as the embedded planner does.
        is_wrong_given: Whether a plan that is still refused is given as it is, for the gate to say why; otherwise there
            is none, and whoever is to be asked in the model's place is.
    """

    def __init__(
        self,
        model: "Callable[[], Awaitable[Model[Any]]]",
        *,
        agents: Collection[str] = DEFAULT_AGENTS,
        max_tokens: int | None = None,
        is_bounded: bool = False,
        is_asked_for_requirements: bool = False,
        is_wrong_given: bool = True,
    ) -> None:
        self.agents = frozenset(agents)
        self._asker = Asker(model)
        self._max_tokens, self._is_bounded = max_tokens, is_bounded
        self._is_asked_for_requirements, self._is_wrong_given = is_asked_for_requirements, is_wrong_given
        self._meters: dict[str, Meter] = {}

    @property
    def is_declaring(self) -> bool:
        """A model leaves orders out by oversight as well as on purpose."""
        return False

    def usage(self) -> Mapping[str, Usage]:
        """What was spent so far, by candidate id; refinement and requirements under names of their own."""
        return {name: meter.usage for name, meter in sorted(self._meters.items())}

    async def requirements(self, goal: str) -> tuple[str, ...]:
        """What the goal asks for, item by item; in its own words where the model has nothing to say."""
        goal = checked_goal(goal)
        if not self._is_asked_for_requirements:
            return requirements_of(goal)
        listed: list[str] = []

        async def check(document: Document, is_last: bool) -> None:
            named = document.get("requirements")
            found = [" ".join(each.split()) for each in named or () if isinstance(each, str) and each.strip()]
            if not found and not is_last:
                raise RepairableError(repair_prompt(["it lists no requirements"]))
            listed.extend(found)

        asked = Question(
            name="requirements",
            instructions=prompt("requirements"),
            prompt=f"GOAL\n{goal}",
            schema=requirements_schema(),
            settings=self._settings(_STEADY, 0),
            check=check,
            purpose=Purpose(purposes.REQUIREMENTS),
        )
        try:
            await self._asker.ask(asked, self._meter(REQUIREMENTS))
        except CandidateError:
            return requirements_of(goal)
        return tuple(dict.fromkeys(listed)) or requirements_of(goal)

    async def candidate(self, request: CandidateRequest) -> Plan:
        """One plan, in the style, temperature, seed and shape that the request asks for.

        Raises:
            CandidateError: The model gave none that can be read.
        """
        context, variation = await request.context(), request.variation
        return await self._plan(
            candidate_prompt(request, context),
            goal=request.goal,
            requirements=request.requirements,
            limits=request.limits,
            workers=request.workers,
            context=context,
            settings=self._settings(variation.temperature, variation.seed),
            constraint=variation.constraint,
            meter=self._meter(variation.candidate),
            purpose=Purpose(purposes.PLAN, variation.candidate),
        )

    async def refined(self, request: RefinementRequest) -> Plan | None:
        """The whole plan once more, improved as the feedback asks. Raises as `candidate` does."""
        context = await request.context()
        plan = await self._plan(
            refinement_prompt(request, context, is_slotted=self._is_bounded),
            goal=request.plan.goal,
            requirements=request.plan.requirements,
            limits=request.limits,
            workers=request.workers,
            context=context,
            settings=self._settings(_STEADY, request.round),
            constraint=None,
            meter=self._meter(REFINEMENT),
            purpose=Purpose(purposes.REFINE),
        )
        return with_unspoken(plan, request.plan)

    async def _plan(
        self,
        asked: str,
        *,
        goal: str,
        requirements: tuple[str, ...],
        limits: ArtifactLimits,
        workers: int,
        context: ProjectContext,
        settings: ModelSettings,
        constraint: Constraint | None,
        meter: Meter,
        purpose: Purpose,
    ) -> Plan:
        """The plan in the model's answer. One that is refused twice is given as it is, unless others are asked."""
        plans: list[Plan] = []

        async def check(document: Document, is_last: bool) -> None:
            try:
                plan = plan_in(named(document) if self._is_bounded else document, goal, requirements)
            except UnreadablePlanError as error:
                if is_last:
                    raise CandidateError(f"the answer is no plan: {error.problem}") from None
                raise RepairableError(repair_prompt([error.problem])) from None
            is_taken = is_last and self._is_wrong_given
            if not is_taken and (found := self._findings(plan, limits, context, constraint)):
                if is_last:
                    raise CandidateError(f"the plan stays wrong: {'; '.join(found[:_MOST_TOLD])}")
                raise RepairableError(repair_prompt(found))
            plans.append(plan)

        question = Question(
            name="plan",
            instructions=instructions(limits, workers, self.agents, is_slotted=self._is_bounded),
            prompt=asked,
            schema=(slotted_schema if self._is_bounded else plan_schema)(
                agents=self.agents, requirements=requirements, most=limits.max_artifacts
            ),
            settings=settings,
            check=check,
            purpose=purpose,
        )
        await self._asker.ask(question, meter)
        return plans[-1]

    def _findings(
        self, plan: Plan, limits: ArtifactLimits, context: ProjectContext, constraint: Constraint | None
    ) -> list[str]:
        """What the model is to put right: the gate's errors, and the shape that was asked for and missed."""
        findings, graph = examined(
            plan, limits=limits, agents=self.agents, provided=context.provides, requirements=plan.requirements
        )
        errors = [str(finding) for finding in findings if finding.is_error]
        if not errors and constraint and graph is not None and (problem := constraint_problem(graph, constraint)):
            errors.append(problem)
        return errors[:_MOST_FINDINGS]

    def _settings(self, temperature: float, seed: int) -> ModelSettings:
        return answer_settings(self._max_tokens, temperature=temperature, seed=seed)

    def _meter(self, name: str) -> Meter:
        return self._meters.setdefault(name, Meter())
