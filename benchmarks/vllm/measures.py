"""What is measured of a server that plans: side by side, from its cache, after cancelling, and whether it is right."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from jsonschema import Draft202012Validator

from benchmarks.figure import Figure, Remark, Said, above, below
from prefect_harmonic.deployments.vllm.probe import Probe
from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.gate.gate import examined
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource, MeteredSource
from prefect_harmonic.planners.variance import VarianceStrategy, Variation, variations

GOAL = "Build a REST API with auth and database"
REQUIREMENTS = ("REST API", "auth", "database")
AT_ONCE = (1, 2, 3, 5, 8, 16)
EQUAL_TOKENS = 300
"""Fewer than any plan takes, so that every answer is cut off there and all are as long."""

_BOUNDS = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_RETRIES": "0", "HARMONIC_MODEL_TIMEOUT": "900"}


class Measured:
    """A server, and how it is asked.

    Args:
        probe: Reaches it.
        files: Files of the project that every question describes, by which the shared prefix grows.
        most: Artifacts in a plan at most.
    """

    def __init__(self, probe: Probe, files: int, most: int) -> None:
        self.probe, self.limits = probe, ArtifactLimits(max_artifacts=most)
        self._files = tuple(f"src/shop/part_{number:04}/module.py" for number in range(files))

    def source(self, record: str | None = None, tokens: int | None = None) -> CandidateSource:
        """A source of candidates whose usage begins at nothing, with a bound on each answer."""
        key = {"VLLM_API_KEY": self.probe.key} if self.probe.key else {}
        return source_for(
            f"vllm:{self.probe.model}",
            self.probe.base_url,
            environment={**_BOUNDS, **key, **bounded(tokens)},
            record=record,
        )

    def requests(self, varied: Iterable[Variation], project: str) -> list[CandidateRequest]:
        """Questions about a project of a name, which comes early in them: a new name is a prefix that nobody knows."""
        context = ProjectContext(name=project, files=self._files)

        async def known() -> ProjectContext:
            return context

        return [
            CandidateRequest(goal=GOAL, requirements=REQUIREMENTS, variation=each, limits=self.limits, context=known)
            for each in varied
        ]


def bounded(tokens: int | None) -> dict[str, str]:
    """The variable that bounds an answer."""
    return {} if tokens is None else {"HARMONIC_MODEL_MAX_TOKENS": str(tokens)}


async def _seconds(source: CandidateSource, requests: Sequence[CandidateRequest]) -> float:
    """How long it takes to have all of these answered, asked at once."""
    start = perf_counter()
    await asyncio.gather(*(source.candidate(request) for request in requests), return_exceptions=True)
    return perf_counter() - start


async def side_by_side(server: Measured, repeats: int) -> list[Said]:
    """The same questions one after the other and at once: with the same seeds, so that the answers are as long."""
    walls: dict[int, list[float]] = {number: [] for number in AT_ONCE}
    rates: dict[int, list[float]] = {number: [] for number in AT_ONCE}
    alone: list[float] = []
    middle: list[float] = []
    longest: list[float] = []
    speedups: list[float] = []
    for turn in range(repeats):
        varied = variations(VarianceStrategy.PROMPTING, max(AT_ONCE), seed=1000 * (turn + 1))
        requests = server.requests(varied, "side-by-side")
        await _seconds(server.source(), requests[:1])
        single = [await _seconds(server.source(), [request]) for request in requests[:5]]
        for number in AT_ONCE:
            source = server.source()
            walls[number].append(await _seconds(source, requests[:number]))
            rates[number].append(_tokens(source) / walls[number][-1])
        alone += single
        middle.append(walls[5][-1] / median(single))
        longest.append(walls[5][-1] / max(single))
        speedups.append(sum(single) / walls[5][-1])
    said: list[Said] = [Figure("one candidate, prefix known", median(alone), "s", digits=2)]
    said += [
        Figure(f"{number} at once", median(walls[number]), f"s, {median(rates[number]):,.0f} tokens/s", digits=2)
        for number in AT_ONCE
    ]
    said += await _of_equal_length(server, 2 * repeats + 1)
    said += [
        Figure("5 at once over the middle one alone, of any length", median(middle), target=below(2.0), digits=2),
        Figure("5 at once over the longest one alone, of any length", median(longest), digits=2),
        Figure("5 one after the other over 5 at once, of any length", median(speedups), digits=2),
    ]
    return said


async def _of_equal_length(server: Measured, pairs: int) -> list[Said]:
    """One and five in turn, each answer ended at the same number of tokens.

    Five answers are there when the longest is, so where lengths differ the ratio is that of the lengths as well.
    """
    requests = server.requests(variations(VarianceStrategy.PROMPTING, 5, seed=500), "side-by-side")
    ratios, tokens = [], set()
    await _seconds(server.source(tokens=EQUAL_TOKENS), requests)
    for turn in range(pairs):
        one, five = server.source(tokens=EQUAL_TOKENS), server.source(tokens=EQUAL_TOKENS)
        alone = await _seconds(one, [requests[turn % 5]])
        ratios.append(await _seconds(five, requests) / alone)
        tokens |= {_tokens(one), _tokens(five) / 5}
    said: list[Said] = [
        Figure(f"5 at once over one, {EQUAL_TOKENS} tokens each", median(ratios), target=below(2.0), digits=2)
    ]
    if tokens != {EQUAL_TOKENS}:
        said.append(Remark(f"not all answers had {EQUAL_TOKENS} tokens: {min(tokens):g} to {max(tokens):g}"))
    return said


def _tokens(source: CandidateSource) -> int:
    assert isinstance(source, MeteredSource)
    return sum(usage.output_tokens for usage in source.usage().values())


async def from_the_cache(server: Measured, repeats: int) -> list[Said]:
    """Five at once about a project that the server has never heard of: what it has in its cache by then."""
    shares: list[float] = []
    lengths: list[int] = []
    for turn in range(repeats):
        source = server.source()
        varied = variations(VarianceStrategy.PROMPTING, 5, seed=turn)
        await _seconds(source, server.requests(varied, f"never-heard-of-{turn}-{perf_counter()}"))
        assert isinstance(source, MeteredSource)
        usages = sorted(source.usage().values(), key=lambda usage: usage.cached_tokens)
        shares += [usage.cached_tokens / max(usage.input_tokens, 1) for usage in usages[1:]]
        lengths += [usage.input_tokens for usage in usages]
    return [
        Figure("tokens of a question", median(lengths), digits=0),
        Figure("of the question from the cache, all but the first, smallest", 100 * min(shares), "%", above(90.0), 1),
    ]


async def after_cancelling(server: Measured, repeats: int) -> list[Said]:
    """How long the server goes on with five questions whose asker has gone."""
    taken: list[float] = []
    for turn in range(repeats):
        requests = server.requests(variations(VarianceStrategy.PROMPTING, 5, seed=7000 + turn), "cancelled")
        work = asyncio.create_task(_seconds(server.source(), requests))
        while not work.done() and not await _running(server):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)
        if work.done():
            continue
        work.cancel()
        start = perf_counter()
        await asyncio.wait([work])
        while await _running(server):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        taken.append(perf_counter() - start)
    return [Figure("from cancelling to an idle server", median(taken), "s", digits=2)] if taken else []


async def _running(server: Measured) -> float:
    probe = server.probe
    return await asyncio.to_thread(
        lambda: probe.measured("num_requests_running") + probe.measured("num_requests_waiting")
    )


async def right_plans(server: Measured, number: int) -> list[Said]:
    """How many plans are strict JSON as their schema says, and pass the gate without a repair."""
    passed, failures = 0, []
    with TemporaryDirectory() as folder:
        source = server.source(record=folder)
        varied = [
            each
            for seed in range(0, number, 25)
            for each in variations(VarianceStrategy.TEMPERATURE, min(25, number - seed), seed=5000 + 100 * seed)
        ]
        start = perf_counter()
        answers = await asyncio.gather(
            *(source.candidate(each) for each in server.requests(varied, "many")), return_exceptions=True
        )
        wall = perf_counter() - start
        for answer in answers:
            if isinstance(answer, CandidateError):
                failures.append(str(answer))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                findings, _ = examined(answer, limits=server.limits, agents=DEFAULT_AGENTS)
                passed += not any(finding.is_error for finding in findings)
        valid, asked = _valid_in(Path(folder))
    said: list[Said] = [
        Figure(f"answers that keep to their schema, of {asked}", valid, target=above(asked - 0.5), digits=0),
        Figure(f"plans that pass the gate, of {number}", passed, target=above(number - 0.5), digits=0),
        Figure(f"{number} plans at once", wall, f"s, {_tokens(source) / wall:,.0f} tokens/s", digits=1),
    ]
    return said + [Remark(f"failed: {reason}") for reason in sorted(set(failures))]


def _valid_in(folder: Path) -> tuple[int, int]:
    """Of the answers in a recording, those that are valid, and all."""
    valid = asked = 0
    for file in folder.glob("*.json"):
        exchange = json.loads(file.read_text(encoding="utf-8"))
        validator = Draft202012Validator(exchange["question"]["schema"])
        for answer in exchange["answers"]:
            asked += 1
            try:
                valid += validator.is_valid(json.loads(answer["text"]))
            except (KeyError, TypeError, ValueError):
                continue
    return valid, asked
