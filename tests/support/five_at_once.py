"""Five candidates of a real vLLM at once: in Prefect's own flow, and beside one alone; for a server and in process."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from jsonschema import Draft202012Validator
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote, unmapped
from tokenizers import Tokenizer

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.flows import harmonic_planning
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource

EQUAL = {"HARMONIC_MODEL_MAX_TOKENS": "250"}
"""Fewer tokens than any plan takes: every answer is cut off there, so that all are as long."""

_MOST_PAIRS = 15


def answers_in(folder: Path) -> list[tuple[dict[str, Any], str]]:
    """The answers in a recording, each with the schema that it was held to."""
    exchanges = [json.loads(file.read_text()) for file in folder.glob("*.json") if len(file.stem) == 64]
    return [(one["question"]["schema"], answer["text"]) for one in exchanges for answer in one["answers"]]


def check_schemas(folder: Path, fewest: int) -> None:
    """Every answer in a recording is strict JSON as its schema says."""
    answers = answers_in(folder)
    assert len(answers) >= fewest
    for schema, text in answers:
        Draft202012Validator(schema).validate(json.loads(text))


def shared_tokens(folder: Path, model: Path) -> int:
    """Tokens that all questions of a recording begin with, for the model in a folder."""
    questions = [json.loads(file.read_text())["question"] for file in folder.glob("*.json") if len(file.stem) == 64]
    prompts = ["".join([*each["instructions"], each["messages"][-1]["content"]]) for each in questions]
    first, last = min(prompts), max(prompts)
    same = next((place for place, letter in enumerate(first) if letter != last[place : place + 1]), len(first))
    return len(Tokenizer.from_file(str(model / "tokenizer.json")).encode(first[:same]).ids)


async def check_flow(model: str, base_url: str | None, weights: Path, folder: Path) -> None:
    """Five candidates in mapped tasks: valid, each as its schema says, over 90 % of what they share from the cache.

    Fifty of them are made in plain Python, by tests beside those that call this.
    """
    for number in range(120):
        (folder / "project" / f"part_{number:03}").mkdir(parents=True)
        (folder / "project" / f"part_{number:03}" / "module.py").touch()
    run: Callable[..., Awaitable[dict[str, Any]]] = harmonic_planning
    outcome = await run(
        "Build a REST API with auth and database",
        candidates=5,
        project=str(folder / "project"),
        model=model,
        base_url=base_url,
        max_artifacts=6,
        refine=0,
        record=str(folder / "record"),
    )
    assert [candidate["status"] for candidate in outcome["candidates"]] == ["valid"] * 5
    check_schemas(folder / "record", 5)
    usages = [usage for name, usage in outcome["usage"].items() if name.startswith("candidate-")]
    assert all(usage["requests"] >= 1 and usage["output_tokens"] > 0 for usage in usages)
    shared = shared_tokens(folder / "record", weights)
    assert shared > 2000
    assert sorted(usage["cached_tokens"] for usage in usages)[1] > 0.9 * shared


async def ratio_in_plain_python(source: CandidateSource, requests: Sequence[CandidateRequest]) -> float:
    """Seconds of all requests at once over those of the first one alone."""

    async def seconds(asked: Sequence[CandidateRequest]) -> float:
        start = perf_counter()
        await asyncio.gather(*(source.candidate(request) for request in asked), return_exceptions=True)
        return perf_counter() - start

    return await _best_ratio(seconds, requests)


async def ratio_in_mapped_tasks(source: CandidateSource, requests: Sequence[CandidateRequest]) -> float:
    """The same from the tasks of a flow: from the first question to the last answer."""

    async def seconds(asked: Sequence[CandidateRequest]) -> float:
        spans = await _mapped(quote((source, asked)), len(asked))
        return max(end for _, end in spans) - min(start for start, _ in spans)

    return await _best_ratio(seconds, requests)


async def _best_ratio(
    seconds: Callable[[Sequence[CandidateRequest]], Awaitable[float]], requests: Sequence[CandidateRequest]
) -> float:
    """The least that all took over the least that one took, asked in turn.

    Whoever else is at work makes either longer and never shorter, so it is asked more often on a busy machine.
    """
    await seconds(requests)  # what they share is in the cache then, and the grammar compiled
    alone, together = [], []
    for turn in range(_MOST_PAIRS):
        alone.append(await seconds(requests[:1]))
        together.append(await seconds(requests))
        if turn and min(together) < 2 * min(alone):
            break
    return min(together) / min(alone)


@task(cache_policy=NO_CACHE, persist_result=False)
async def _asked(number: int, given: tuple[CandidateSource, Sequence[CandidateRequest]]) -> tuple[float, float]:
    source, requests = given
    start = perf_counter()
    with suppress(CandidateError):  # it is cut off, and as long as the others
        await source.candidate(requests[number])
    return start, perf_counter()


@flow(persist_result=False)
async def _mapped(given: Any, number: int) -> list[tuple[float, float]]:
    futures: list[Any] = list(_asked.map(range(number), unmapped(quote(given))))
    return [await asyncio.to_thread(future.result) for future in futures]
