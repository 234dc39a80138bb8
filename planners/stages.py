"""The stages of planning that take time, and the seam at which an engine takes them over."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from prefect_harmonic.planners.candidate import Candidate, Yardstick, judged
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.refinement import Refined, refined
from prefect_harmonic.planners.soundness import PlanJudge, Soundness
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.variance import Variation


class Stages(Protocol):
    """Each stage may be run plainly or as a task of an engine; the order in which they come is the planning's."""

    async def generate(self, request: CandidateRequest) -> Plan:
        """One plan, or an error that costs this candidate alone."""
        ...

    async def judge(self, plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
        """The gate's verdict and the figures."""
        ...

    async def refine(self, winner: Candidate, yardstick: Yardstick, context: ContextProvider) -> Refined:
        """The winner after refinement."""
        ...

    async def assess(self, candidate: Candidate, judge: PlanJudge, context: ContextProvider) -> Soundness:
        """What a judge thinks of a valid candidate."""
        ...


@dataclass(frozen=True)
class PlainStages:
    """The stages, run where they are called."""

    source: CandidateSource
    options: PlanningOptions

    async def generate(self, request: CandidateRequest) -> Plan:
        """Asks the source for one plan."""
        return await self.source.candidate(request)

    async def judge(self, plan: Plan, variation: Variation, yardstick: Yardstick) -> Candidate:
        """Judges a plan in a thread, so that other candidates go on being generated meanwhile."""
        return await asyncio.to_thread(judged, plan, variation, yardstick)

    async def refine(self, winner: Candidate, yardstick: Yardstick, context: ContextProvider) -> Refined:
        """Improves the winner for as many rounds as the options say."""
        rounds, scorer = self.options.refinement_rounds, self.options.scorer
        return await refined(winner, self.source, yardstick, context, rounds=rounds, scorer=scorer)

    async def assess(self, candidate: Candidate, judge: PlanJudge, context: ContextProvider) -> Soundness:
        """Asks the judge."""
        return await judge.soundness(candidate, await context())
