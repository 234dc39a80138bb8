"""Changed plans from a language model, behind the seam that replanning keeps to.

The model says what is still to be made, and in which order. What is finished it cannot touch; what closes an opening is
what the rules make of it, and what rests on the opening waits for it. Losing work or coverage is refused. What the
model cannot give, the embedded planner does.
"""

from collections.abc import Mapping
from typing import Any

from prefect_harmonic.errors import BudgetSpentError, CandidateError, UnreadablePlanError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.candidate import reason_of
from prefect_harmonic.planners.gate.gate import examined
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.json_reading import records_in
from prefect_harmonic.planners.models import purpose as purposes
from prefect_harmonic.planners.models.asking import Asker, Document, Question, RepairableError, answer_settings
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.reading import plan_in, with_reasons
from prefect_harmonic.planners.models.replan_wording import remainder_prompt
from prefect_harmonic.planners.models.schema import Schema, plan_schema
from prefect_harmonic.planners.models.slots import MOST_SLOTS, is_numbered, named, slotted_schema
from prefect_harmonic.planners.models.usage import Meter
from prefect_harmonic.planners.models.wording import instructions, repair_prompt
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closing import Closing, closing_artifact
from prefect_harmonic.planners.programme.draft import Draft
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.planners.programme.remaining import (
    broken_rule,
    closings_for,
    kept_work,
    limits_of_change,
    lost_work,
    provided_to,
    resting_on,
)
from prefect_harmonic.planners.sources.remainder import RemainderSource, ReplanRequest
from prefect_harmonic.planners.variance import Variation

_MOST_FINDINGS = 30


class ModelRemainder:
    """Proposes changed plans by asking a model: each one question, and one repair where a rule is broken.

    Args:
        model: Who is asked.
        fallback: Asked where the model gives nothing that can be taken; nobody if left out. The model that was named
            to be asked where this one fails comes before it.
    """

    def __init__(self, model: LanguageModel, fallback: RemainderSource | None = None) -> None:
        self.model, self._name = model, "the embedded planner"
        self.fallback = fallback
        if model.second is not None:
            self.fallback, self._name = ModelRemainder(model.second, fallback), model.second.label
        self._asker = Asker(model.model)
        self._fallen: dict[tuple[int, str], str] = {}

    @property
    def is_declaring(self) -> bool:
        """A model leaves orders out by oversight as well as on purpose."""
        return False

    def note_on(self, request: ReplanRequest, candidate: str) -> str:
        """What a person should know about a candidate: that it is not the model's, and why."""
        told = [self._fallen.get((request.iteration, candidate), "")]
        if told[0] and isinstance(self.fallback, ModelRemainder):
            told.append(self.fallback.note_on(request, candidate))
        return "; ".join(filter(None, told))

    async def remainder(self, request: ReplanRequest, variation: Variation) -> Plan:
        """The whole plan, changed in what is still to be made.

        Raises:
            CandidateError: The model gave none that can be taken, and nobody else is to be asked.
            BudgetSpentError: The run may not ask any more, and nobody else is to be asked.
        """
        try:
            return await self._asked(request, variation)
        except (CandidateError, BudgetSpentError) as error:
            if self.fallback is None:
                raise
            reason = f"from {self._name}, because {self.model.label} gave none: {reason_of(error)}"
            self._fallen[request.iteration, variation.candidate] = reason
            return await self.fallback.remainder(request, variation)

    async def _asked(self, request: ReplanRequest, variation: Variation) -> Plan:
        plans: list[Plan] = []

        is_slotted = self.model.is_bounded and _has_slots(request)

        async def check(document: Document, is_last: bool) -> None:
            plan, found = _Change(request).read(named(document) if is_slotted else document)
            if found:
                if is_last:
                    raise CandidateError("; ".join(found))
                raise RepairableError(repair_prompt(found[:_MOST_FINDINGS]))
            plans.append(plan)

        limits = limits_of_change(request)
        question = Question(
            name="plan",
            instructions=instructions(limits, request.workers, request.agents, is_slotted=is_slotted),
            prompt=remainder_prompt(request, variation, is_slotted=is_slotted),
            schema=_schema(request, limits.max_artifacts, is_slotted=is_slotted),
            settings=answer_settings(self.model.max_tokens, temperature=variation.temperature, seed=variation.seed),
            check=check,
            purpose=Purpose(purposes.REPLAN, variation.candidate),
        )
        await self._asker.ask(question, Meter())
        return plans[-1]


def _has_slots(request: ReplanRequest) -> bool:
    """Whether the rest of a plan fits into slots, and no finished artifact could be taken for one of them."""
    kept = kept_work(request)
    rest = len(request.graph) - len(kept) + len(closings_for(request))
    return rest <= MOST_SLOTS and not any(map(is_numbered, kept))


def _schema(request: ReplanRequest, most: int, *, is_slotted: bool) -> Schema:
    agents, requirements = request.agents or (), request.graph.requirements
    if not is_slotted:
        return plan_schema(agents=agents, requirements=requirements, most=most)
    return slotted_schema(
        agents=agents,
        requirements=requirements,
        most=most,
        fewest=1,
        known=kept_work(request),
        most_required=max(8, *(len(one.requires) for one in request.graph.artifacts.values())),
    )


class _Change:
    """A plan made of what is finished, what a model says about the rest, and what the rules add to that."""

    def __init__(self, request: ReplanRequest) -> None:
        self.request, self.graph = request, request.graph
        self.kept = kept_work(request)
        self.closings = {one.artifact: one for one in closings_for(request)}

    def read(self, document: Document) -> tuple[Plan, list[str]]:
        """The changed plan in an answer, and what is wrong with it."""
        plan = self.graph.plan
        try:
            said = plan_in(document, plan.goal, plan.requirements)
        except UnreadablePlanError as error:
            return plan, [error.problem]
        given = _given_keys(document)
        artifacts = [self.graph.artifacts[name] for name in self.graph.order if name in self.kept]
        artifacts += [self._artifact(one, given.get(one.id, frozenset())) for one in said.artifacts]
        artifacts = [one for place, one in enumerate(artifacts) if place < len(self.kept) or one.id not in self.kept]
        changed = plan.with_artifacts(artifacts)
        if found := self._errors(changed):
            return changed, found
        changed = self._completed(ArtifactGraph(changed)).sorted()
        problem = self._errors(changed) or [
            told
            for told in (broken_rule(self.request, ArtifactGraph(changed)), lost_work(self.request, changed))
            if told
        ]
        return changed, [f"the plan {told}" for told in problem]

    def _artifact(self, said: Artifact, given: frozenset[str]) -> Artifact:
        """An artifact as the model wants it, as far as it may say so."""
        if (closing := self.closings.get(said.id)) is not None:
            made = self._closing(closing)
            return made.requiring(*made.requires, *said.requires).model_copy(update={"effort": said.effort})
        known = self.graph.artifacts.get(said.id)
        if known is None:
            return said
        changes: dict[str, Any] = {name: getattr(said, name) for name in given if name not in {"id", "requires"}}
        if "covers" in changes:
            changes["covers"] = tuple(sorted({*known.covers, *said.covers}))
        changed = known.model_copy(update=changes)
        return changed.requiring(*with_reasons(said.requires, known)) if "requires" in given else changed

    def _closing(self, closing: Closing) -> Artifact:
        before = self._waiting(closing)
        agents = self.request.agents
        return closing_artifact(closing.opening, self.graph, name=closing.artifact, agents=agents, before=before)

    def _waiting(self, closing: Closing) -> list[str]:
        resting = resting_on(closing.opening, self.graph, self.kept)
        return [name for name in self.graph.order if name in resting]

    def _errors(self, plan: Plan) -> list[str]:
        findings, _ = examined(
            plan,
            limits=limits_of_change(self.request),
            agents=self.request.agents,
            provided=provided_to(self.graph),
            requirements=plan.requirements,
        )
        return [str(finding) for finding in findings if finding.is_error]

    def _completed(self, graph: ArtifactGraph) -> Plan:
        """The plan with the orders that the rules ask for, and new artifacts in the phase of what waits for them."""
        draft = Draft(graph)
        for one in self.request.dependencies:
            if one.artifact in draft and one.requires in draft:
                draft.order(one.requires, one.artifact, one.because)
        for closing in self.closings.values():
            if closing.artifact in draft:
                waiting = [name for name in graph.order if name in set(self._waiting(closing))]
                is_failure = closing.opening.kind is OpeningKind.FAILURE
                draft.precede(closing.artifact, waiting, "unblocks it" if is_failure else "rests on what it closes")
        plan = draft.plan()
        changed = ArtifactGraph(plan)
        return plan.with_artifacts(
            one if one.id in self.graph or one.phase else one.model_copy(update={"phase": self._phase(one.id, changed)})
            for one in plan.artifacts
        )

    def _phase(self, artifact: str, changed: ArtifactGraph) -> str | None:
        """The first phase of what waits for a new artifact; that of what it requires where nothing does."""
        after = changed.descendants_of(artifact)
        for phase in phases_of(self.graph):
            own = [self.graph.artifacts[name].phase for name in phase.artifacts if name in after]
            if own:
                return next(filter(None, own), None)
        return None


def _given_keys(document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """For each artifact of an answer what was said about it at all."""
    return {
        str(one.get("id", "")).strip(): frozenset(
            name for name, value in one.items() if value not in (None, "") and name in Artifact.model_fields
        )
        for one in records_in(document.get("artifacts"))
    }
