"""One harmonic planning from the goal to the refined winner.

Owns the order of things: candidates are generated at once, each is judged as soon as it is there, copies are replaced,
the best is chosen and refined. Runs on any `Stages`, so that a plan comes out the same in plain Python and in a flow.

Source: first design document, "Planning Flow"; semantics, "Planning".
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from pydantic import JsonValue

from prefect_harmonic.errors import NotRecordedError
from prefect_harmonic.events import Event, EventCallback, EventName
from prefect_harmonic.planners.candidate import Candidate, CandidateStatus, Yardstick, failed_candidate, reason_of
from prefect_harmonic.planners.context import ContextProvider, ProjectContext
from prefect_harmonic.planners.diversity import NEARLY_IDENTICAL, unique_structures
from prefect_harmonic.planners.experience.experience import NO_EXPERIENCE, Experience
from prefect_harmonic.planners.likeness import near_copies, nearest
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.outcome import Likeness, PlanningOutcome
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined
from prefect_harmonic.planners.selection import selected
from prefect_harmonic.planners.soundness import PlanJudge, Soundness
from prefect_harmonic.planners.sources.source import CandidateRequest
from prefect_harmonic.planners.stages import Stages
from prefect_harmonic.planners.stopwatch import Stopwatch
from prefect_harmonic.planners.together import together
from prefect_harmonic.planners.variance import Variation, further_variation, variations
from prefect_harmonic.planners.working_memory import WorkingMemory

_log = logging.getLogger(__name__)

_TURNS_TO_ASK = 12
"""Turns of the event loop in which a candidate's question is mostly on its way: a task run set up, a request built.

What that takes is then spent while the questions before it are being answered, instead of before the first is asked.
"""


@dataclass(frozen=True)
class Planning:
    """Everything that one planning needs.

    Attributes:
        goal: What should exist in the end, already checked.
        requirements: What the goal asks for; all candidates are measured by the same.
        stages: How the stages are run.
        options: How many candidates, how varied, ranked and refined.
        yardstick: What candidates are measured with.
        context: Gives the project's context; called once, while generation starts.
        clock: Seconds from any start.
        on_event: Is told what happens.
        notes: What the source has to say about the goal.
        judge: Says what it thinks of each valid candidate, if there is one; it has no say in the choice.
        experience: What earlier runs teach.
    """

    goal: str
    requirements: tuple[str, ...]
    stages: Stages
    options: PlanningOptions
    yardstick: Yardstick
    context: ContextProvider
    clock: Callable[[], float]
    on_event: EventCallback | None = None
    notes: tuple[str, ...] = ()
    experience: Experience = NO_EXPERIENCE
    judge: PlanJudge | None = None

    async def outcome(self) -> PlanningOutcome:
        """Plans.

        Raises:
            NoValidPlanError: No candidate is valid; the error lists every reason.
        """
        watch = Stopwatch(self.clock)
        memory = WorkingMemory(clock=self.clock, time_to_live=inf)  # one planning sees one state of the project

        async def prepared() -> ProjectContext:
            return await memory.recall_or_find("context", lambda: watch.timing("context", self.context()))

        preparation = asyncio.ensure_future(prepared())
        try:
            outcome = await replace(self, context=prepared)._outcome(watch)
            return replace(outcome, memory=memory.report)
        finally:
            preparation.cancel()
            await asyncio.gather(preparation, memory.closed(), return_exceptions=True)

    async def _outcome(self, watch: Stopwatch) -> PlanningOutcome:
        """As `outcome`, with a context that is prepared only once."""
        options = self.options
        drawn = variations(options.variance, options.candidates, options.seed)
        self._tell(EventName.PLANNING_STARTED, self.goal, candidates=len(drawn), variance=options.variance.value)
        generated, offered = await asyncio.gather(
            together((self._candidate(variation, watch) for variation in drawn), head_start=_TURNS_TO_ASK),
            self._offered(len(drawn), watch),
        )
        candidates, likenesses = await self._with_copies_replaced(generated, watch)
        candidates += offered
        unique = unique_structures(candidate.structure for candidate in candidates if candidate.is_valid)
        valid = sum(candidate.is_valid for candidate in candidates)
        self._tell(EventName.CANDIDATES_COMPLETED, self.goal, valid=valid, unique_structures=unique)
        selection = selected(candidates, self.yardstick, options.scorer)
        refinement, soundness = await asyncio.gather(
            self._refined(selection.winner, watch), self._assessed([one for one in candidates if one.is_valid], watch)
        )
        for attempt in refinement.rounds:
            self._tell(EventName.PLAN_REFINED, selection.winner.id, **attempt.to_document())
        graph, workers = refinement.candidate.graph, self.yardstick.workers
        outcome = PlanningOutcome(
            goal=self.goal,
            requirements=self.requirements,
            candidates=tuple(candidates),
            selection=selection,
            refined=refinement.candidate,
            rounds=refinement.rounds,
            unique_structures=unique,
            likenesses=likenesses,
            timings_ms=watch.milliseconds(),
            soundness=soundness,
            notes=self.notes,
            effort=self.yardstick.effort,
            experience=self.experience,
            prediction=await asyncio.to_thread(self.experience.prediction, graph, workers),
        )
        self._tell(EventName.PLAN_SELECTED, selection.winner.id, **outcome.summary())
        return outcome

    async def _refined(self, winner: Candidate, watch: Stopwatch) -> Refined:
        """The winner after as many rounds as were asked for."""
        if not self.options.refinement_rounds:
            return Refined(winner, ())
        yardstick = await self._informed_yardstick()
        return await watch.timing("refine", self.stages.refine(winner, yardstick, self.context))

    async def _assessed(self, valid: Sequence[Candidate], watch: Stopwatch) -> Mapping[str, Soundness]:
        """What the judge thinks of each valid candidate. Where it fails, that is told in its place."""
        judge = self.judge
        if judge is None:
            return {}

        async def assessed(candidate: Candidate) -> Soundness:
            try:
                return await self.stages.assess(candidate, judge, self.context)
            except NotRecordedError:
                raise
            except Exception as error:  # a judge is a guest in the house
                return Soundness(failure=reason_of(error))

        told = await watch.timing("judge", asyncio.gather(*map(assessed, valid)))
        return {candidate.id: one for candidate, one in zip(valid, told, strict=True)}

    async def _candidate(self, variation: Variation, watch: Stopwatch) -> Candidate:
        """One candidate, generated and judged. Whatever goes wrong costs this one alone."""
        request = CandidateRequest(
            goal=self.goal,
            requirements=self.requirements,
            variation=variation,
            limits=self.yardstick.limits,
            workers=self.yardstick.workers,
            context=self.context,
        )
        return await self._judged(variation, watch, watch.timing("generate", self.stages.generate(request)))

    async def _offered(self, place: int, watch: Stopwatch) -> list[Candidate]:
        """The plan that served before, judged like all others; nothing where none is offered."""
        needs_declared = self.yardstick.is_declared
        offer = self.experience.offer(self.goal, self.requirements, needs_declared=needs_declared)
        if offer is None:
            return []

        async def known() -> Plan:
            return offer.plan

        return [await self._judged(Variation(index=place, origin=offer.origin), watch, known())]

    async def _judged(self, variation: Variation, watch: Stopwatch, coming: Awaitable[Plan]) -> Candidate:
        """One candidate, judged once its plan is there."""
        try:
            plan = await coming
            self._tell(EventName.CANDIDATE_GENERATED, variation.candidate, artifacts=len(plan.artifacts))
            yardstick = await self._informed_yardstick()
            candidate = await watch.timing("score", self.stages.judge(plan, variation, yardstick))
        except NotRecordedError:  # going on without it would be another planning than the one that is replayed
            raise
        except Exception as error:  # whatever a source raises is this candidate's failure, and is told
            candidate = failed_candidate(variation, reason_of(error))
            self._tell(EventName.CANDIDATE_FAILED, variation.candidate, reason=candidate.reason)
            return candidate
        verdict: dict[str, JsonValue] = {"status": candidate.status.value, "reason": candidate.reason}
        hours = candidate.expected_makespan_hours
        self._tell(EventName.CANDIDATE_SCORED, variation.candidate, expected_makespan_hours=hours, **verdict)
        return candidate

    async def _informed_yardstick(self) -> Yardstick:
        """The yardstick with what the project provides, which is known once the context is."""
        context = await self.context()
        return self.yardstick.model_copy(update={"provided": context.provides})

    async def _with_copies_replaced(
        self, candidates: Sequence[Candidate], watch: Stopwatch
    ) -> tuple[list[Candidate], tuple[Likeness, ...]]:
        """The candidates with those that are nearly like an earlier one generated once more, differently.

        All copies are replaced at once, in one round: another call's time at most, and no end of it in the worst case.
        A replacement that is invalid or just as much of a copy is not taken.
        """
        current = list(candidates)
        copies = near_copies(current)
        options = self.options
        fresh = await asyncio.gather(
            *(
                self._candidate(
                    further_variation(
                        options.variance, options.candidates, attempt, copy.variation.index, options.seed
                    ),
                    watch,
                )
                for attempt, (copy, _, _) in enumerate(copies)
            )
        )
        likenesses = []
        for (copy, other, alike), replacement in zip(copies, fresh, strict=True):
            place = copy.variation.index
            rivals = current[:place] + current[place + 1 :]
            is_better = (
                replacement.status is CandidateStatus.VALID
                and replacement.coverage >= copy.coverage
                and nearest(replacement, rivals)[0] <= NEARLY_IDENTICAL
            )
            if is_better:
                current[place] = replacement
            likenesses.append(Likeness(copy.id, other, alike, is_better))
        return current, tuple(likenesses)

    def _tell(self, name: EventName, subject: str, **details: JsonValue) -> None:
        """Tells whoever listens; what a listener raises is logged and breaks nothing."""
        if self.on_event is None:
            return
        try:
            self.on_event(Event(name=name, subject=subject, details=details))
        except Exception:  # a listener is a guest in the house
            _log.warning("a listener failed on %s", name, exc_info=True)
