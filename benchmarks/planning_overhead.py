"""What five candidates cost beyond one, when each is an answer of a model that takes half a second.

The model is an HTTP server in a process of its own. It is asked by a bare HTTP client, which shows what planning itself
costs, and through the model layer, as a user asks it. Planning is timed within one event loop and, for the flow, within
one flow run, so that starting a run is not part of it. "One after the other" is the same planning of five candidates
through a source that has one call out at a time.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from benchmarks.figure import Figure, Saying, above, below
from benchmarks.plan_server import plan_server
from benchmarks.prefect_server import local_server
from benchmarks.served_source import OneAtATime, ServedSource
from benchmarks.stopwatch import Timed, medians
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.options import PlanningOptions
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.variance import Variation

GOAL = "Build a service that answers"
MOST_EXTRA_MS = 50
LEAST_SPEEDUP = 4.5

Planned = Callable[[PlanningOptions, CandidateSource], Awaitable[PlanningOutcome]]
SourceAt = Callable[[str], AbstractAsyncContextManager[CandidateSource]]


def measured(*, quick: bool) -> Saying:
    """Extra milliseconds and speed-up: the library alone, with the model layer, and both in a flow."""
    repetitions = 3 if quick else 9
    with plan_server() as address:
        yield from _figures("library", asyncio.run(_in_library(ServedSource, address, repetitions)))
        yield from _figures("model layer", asyncio.run(_in_library(asked_by_layer, address, repetitions)))
        yield Figure(
            "model layer: processor time a call",
            asyncio.run(_processor_seconds(address, repetitions)) * 1000,
            "ms",
            digits=1,
        )
        with local_server():
            yield from _figures("flow", asyncio.run(_in_flow(ServedSource, address, repetitions)))
            yield from _figures("flow with model layer", asyncio.run(_in_flow(asked_by_layer, address, repetitions)))
            yield Figure(
                "eight empty task runs, which five candidates take more than one",
                asyncio.run(_empty_task_runs(8, repetitions)) * 1000,
                "ms",
                digits=1,
            )


@asynccontextmanager
async def asked_by_layer(address: str) -> AsyncIterator[CandidateSource]:
    """The source that `--model openai:stand-in --base-url …` gives."""
    yield source_for("openai:stand-in", f"{address}/v1", environment={})


def _figures(way: str, seconds: Mapping[str, float]) -> Saying:
    one, five, serial = seconds["one"], seconds["five"], seconds["five, one after the other"]
    yield Figure(f"{way}: planning with one candidate", one * 1000, "ms", digits=0)
    yield Figure(f"{way}: planning with five", five * 1000, "ms", digits=0)
    yield Figure(f"{way}: five cost more than one", (five - one) * 1000, "ms", below(MOST_EXTRA_MS), 1)
    yield Figure(
        f"{way}: five at once, times faster than one after the other", serial / five, "", above(LEAST_SPEEDUP), 2
    )


async def _in_library(source_at: SourceAt, address: str, repetitions: int) -> Mapping[str, float]:
    async def planned(options: PlanningOptions, source: CandidateSource) -> PlanningOutcome:
        return await HarmonicPlanner.with_options(options, source=source).outcome(GOAL)

    async with _rivals(source_at, address, planned) as rivals:
        return await medians(rivals, repetitions)


async def _in_flow(source_at: SourceAt, address: str, repetitions: int) -> Mapping[str, float]:
    from prefect import flow

    from prefect_harmonic.flows.planning import planned

    async def in_run(options: PlanningOptions, source: CandidateSource) -> PlanningOutcome:
        return await planned(GOAL, options, source=source)

    @flow(name="benchmark-planning", persist_result=False)
    async def timed() -> Mapping[str, float]:
        async with _rivals(source_at, address, in_run) as rivals:
            return await medians(rivals, repetitions)

    return await timed()


async def _processor_seconds(address: str, repetitions: int) -> float:
    """What a call takes of this process, from the request for a candidate to the plan; the median of rounds of five."""

    async def context() -> ProjectContext:
        return NO_PROJECT

    async with asked_by_layer(address) as source:
        requests = [CandidateRequest(goal=GOAL, variation=Variation(index=n), context=context) for n in range(5)]
        seconds = []
        for _ in range(repetitions + 1):  # the first one builds what all others use
            start = time.process_time()
            await asyncio.gather(*map(source.candidate, requests))
            seconds.append((time.process_time() - start) / len(requests))
        return statistics.median(seconds[1:])


async def _empty_task_runs(number: int, repetitions: int) -> float:
    """What Prefect takes for so many task runs that do nothing, in one flow run; the median."""
    from prefect import flow, task

    @task(name="empty", persist_result=False)
    async def empty() -> None:
        return None

    @flow(name="benchmark-empty", persist_result=False)
    async def timed() -> float:
        async def run() -> None:
            for _ in range(number):
                await empty()

        await run()
        return (await medians({"empty": run}, repetitions))["empty"]

    return await timed()


@asynccontextmanager
async def _rivals(source_at: SourceAt, address: str, planned: Planned) -> AsyncIterator[Mapping[str, Timed]]:
    """The three plannings, each warmed up once."""
    async with AsyncExitStack() as stack:
        concurrent = await stack.enter_async_context(source_at(address))
        serial = OneAtATime(await stack.enter_async_context(source_at(address)))

        def planning(candidates: int, source: CandidateSource) -> Timed:
            options = PlanningOptions(candidates=candidates, refinement_rounds=0)

            async def run() -> None:
                outcome = await planned(options, source)
                if not all(candidate.is_valid for candidate in outcome.candidates) or outcome.likenesses:
                    raise RuntimeError(f"not what was to be measured: {outcome.selection.reason}")

            return run

        rivals = {
            "one": planning(1, concurrent),
            "five": planning(5, concurrent),
            "five, one after the other": planning(5, serial),
        }
        for rival in rivals.values():
            await rival()
        yield rivals
