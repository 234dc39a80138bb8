"""vLLM in this process, for real: one engine for the whole file, a small model of random weights, the processor."""

import asyncio
import importlib
import json
import logging
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import quote
from pydantic_ai.messages import ModelRequest
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from support.five_at_once import EQUAL, check_flow, ratio_in_mapped_tasks, ratio_in_plain_python
from support.model_plans import GOAL, request

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.models.engine.engine import ChatAnswer, ChatQuestion
from prefect_harmonic.planners.models.engine.host import EngineHost
from prefect_harmonic.planners.models.engine.hosts import close_all, host_for
from prefect_harmonic.planners.models.engine.model import EngineModel
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.variance import Style, VarianceStrategy, variations

# An engine starts in half a minute, and in five where many others are at work on the machine.
pytestmark = pytest.mark.timeout(900)
SETTINGS = {
    "HARMONIC_VLLM_MAX_MODEL_LEN": "8192",
    "HARMONIC_VLLM_MAX_NUM_SEQS": "16",
    "HARMONIC_VLLM_CPU_KVCACHE_GIB": "1",
    "HARMONIC_MODEL_PAUSE": "0",
}
PROJECT = ProjectContext(name="shop", files=tuple(f"src/shop/module_{number}.py" for number in range(120)))
ENDLESS = ChatQuestion(messages=({"role": "user", "content": "Go on."},), max_tokens=7000, seed=1)
SHORT = ChatQuestion(messages=({"role": "user", "content": "Stop."},), max_tokens=4)


@dataclass
class InProcess:
    """The model of the file.

    Attributes:
        name: What is given as `--model`.
        host: Keeps its engine.
        heard: Every question that was answered, with its answer.
    """

    name: str
    host: EngineHost
    heard: list[tuple[ChatQuestion, ChatAnswer]] = field(default_factory=list)

    def source(self, **environment: str) -> CandidateSource:
        """The source that `--model` gives, on the same engine."""
        return source_for(self.name, environment=SETTINGS | environment)


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> Iterator[InProcess]:
    """The model, listened to, closed in the end with all its processes."""
    name = f"vllm-local:{tiny_model}"
    settings = ModelChoice.read(name, None, SETTINGS).engine
    assert settings is not None
    served = InProcess(name, host_for(settings))
    answer = served.host.answer

    async def heard(question: ChatQuestion) -> ChatAnswer:
        served.heard.append((question, await answer(question)))
        return served.heard[-1][1]

    served.host.answer = heard  # type: ignore[method-assign]  # listened to, not replaced
    yield served
    close_all()
    assert [child.name for child in multiprocessing.active_children()] == []


@pytest.fixture(scope="module")
async def started(engine: InProcess) -> InProcess:
    """The same, with its engine running."""
    await engine.host.ready()
    return engine


def numbered(number: int) -> CandidateRequest:
    """The request for one of many candidates, all different."""
    styles = tuple(Style)
    return request(style=styles[number % len(styles)], seed=number, temperature=0.2 + 0.02 * number, context=PROJECT)


async def until_idle(host: EngineHost) -> None:
    """Comes back when the engine is at work on nothing, which is soon after the last caller went away."""
    async with asyncio.timeout(120):
        while host.unfinished:
            await asyncio.sleep(0.01)


async def test_five_candidates_at_once_are_valid_and_share_one_prefix(started: InProcess, tiny_model: Path) -> None:
    """From the second on, more than nine tenths of what all have in common comes from the cache."""
    start = len(started.heard)
    planner = HarmonicPlanner(
        source=started.source(), candidates=5, variance=VarianceStrategy.MIXED, refinement_rounds=0
    )
    outcome = await planner.outcome(GOAL, PROJECT)
    assert [candidate.id for candidate in outcome.candidates] == [f"candidate-{number}" for number in range(5)]
    assert all(candidate.plan is not None for candidate in outcome.candidates)
    asked = [(question, answer) for question, answer in started.heard[start:] if len(question.messages) == 2]
    tokenizer: Any = importlib.import_module("transformers").AutoTokenizer.from_pretrained(tiny_model)
    prompts = [
        tokenizer.apply_chat_template(list(question.messages), add_generation_prompt=True, return_dict=False)
        for question, _ in asked
    ]
    assert [len(prompt) for prompt in prompts] == [answer.prompt_tokens for _, answer in asked]
    shared = next(place for place, tokens in enumerate(zip(*prompts, strict=False)) if len(set(tokens)) > 1)
    assert shared > 2000
    cached = sorted(answer.cached_tokens for _, answer in asked)
    assert len(cached) >= 5
    assert cached[1] > 0.9 * shared


async def test_fifty_plans_of_random_weights_parse_and_keep_to_the_schema(started: InProcess) -> None:
    """Whatever the model says: nothing is cut off, nothing is repaired in reading, and every plan passes the gate."""
    start = len(started.heard)
    source = started.source()
    plans = await asyncio.gather(*(source.candidate(numbered(number)) for number in range(50)))
    answers = started.heard[start:]
    validator = importlib.import_module("jsonschema").Draft202012Validator
    for question, answer in answers:
        assert not answer.is_cut
        validator(question.schema).validate(json.loads(answer.text))
    assert len(answers) == len(plans) == 50
    assert len({plan.to_json() for plan in plans}) == 50


async def test_the_same_seed_gives_the_same_plan(started: InProcess) -> None:
    """Alone and among others."""
    source = started.source()
    alone = await source.candidate(numbered(7))
    among = await asyncio.gather(*(source.candidate(numbered(number)) for number in (7, 8)))
    assert among[0] == alone


async def test_a_cancelled_caller_ends_the_work_on_his_question(started: InProcess) -> None:
    """The engine drops it at once, and answers the next one."""
    asking = asyncio.create_task(started.host.answer(ENDLESS))
    async with asyncio.timeout(120):
        while not started.host.unfinished:
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until_idle(started.host)
    assert (await started.host.answer(SHORT)).answer_tokens == 4


async def test_an_answer_that_takes_too_long_costs_its_candidate(started: InProcess) -> None:
    """With its reason, and the engine does not go on with it."""
    source = started.source(HARMONIC_MODEL_TIMEOUT="0.05")
    with pytest.raises(CandidateError, match=r"gave no answer within 0\.05 s"):
        await source.candidate(numbered(0))
    await until_idle(started.host)


async def test_a_question_that_is_too_long_is_refused_and_the_engine_lives(started: InProcess) -> None:
    """With what vLLM says about it."""
    long = ProjectContext(name="huge", files=tuple(f"src/{number:04d}/module.py" for number in range(400)))
    goal = "Build it. " * 900
    with pytest.raises(CandidateError, match=r"vLLM refused the question: .*8192"):
        await started.source().candidate(request(context=long, goal=goal))
    assert (await started.host.answer(SHORT)).text


async def test_tools_are_called_with_arguments_that_they_take(started: InProcess) -> None:
    """Random weights choose at random, and can still name no tool and no argument that is not there."""
    kind = {"type": "string", "enum": ["file", "document"]}
    schema = {"type": "object", "properties": {"kind": kind}, "required": ["kind"], "additionalProperties": False}
    parameters = ModelRequestParameters(
        function_tools=[ToolDefinition(name=name, parameters_json_schema=schema) for name in ("read", "search")],
        output_mode="native",
        output_object=OutputObjectDefinition(json_schema=schema, name="found"),
    )
    model = EngineModel(started.host)
    asking = [ModelRequest.user_text_prompt("Which one?")]
    answers = await asyncio.gather(
        *(model.request(list(asking), ModelSettings(seed=seed, max_tokens=200), parameters) for seed in range(12))
    )
    calls = [call for answer in answers for call in answer.tool_calls]
    texts = [answer.text for answer in answers if answer.text]
    assert {call.tool_name for call in calls} == {"read", "search"}
    assert {call.args_as_dict()["kind"] for call in calls} <= {"file", "document"}
    assert {json.loads(text)["kind"] for text in texts} <= {"file", "document"}
    assert len(calls) + len(texts) == 12


def test_loops_of_their_own_and_a_second_run_share_the_engine(engine: InProcess) -> None:
    """Plain Python without a loop: five threads, then one run after the other."""

    def tokens(_: int) -> int:
        return asyncio.run(engine.host.answer(SHORT)).answer_tokens

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(tokens, range(5))) == [4] * 5
    assert [tokens(5), tokens(6)] == [4, 4]
    assert len([child for child in multiprocessing.active_children() if child.name.startswith("EngineCore")]) == 1


@task(cache_policy=NO_CACHE, persist_result=False)
async def asked(number: int, source: CandidateSource) -> int:
    """One candidate in a mapped task, which Prefect gives a loop of its own."""
    return len((await source.candidate(numbered(number))).artifacts)


@task(cache_policy=NO_CACHE, persist_result=False)
def asked_blocking(number: int, source: CandidateSource) -> int:
    """The same in a task that is no coroutine."""
    return len(asyncio.run(source.candidate(numbered(number))).artifacts)


@flow(persist_result=False)
async def mapping(source: Any) -> list[int]:  # a protocol, of which Prefect could make no parameter
    """Asks in every way in which a flow can."""
    futures: list[Any] = [*asked.map(range(2), quote(source)), *asked_blocking.map(range(2), quote(source))]
    awaited = await asyncio.gather(*(source.candidate(numbered(number)) for number in range(2)))
    return [await asyncio.to_thread(future.result) for future in futures] + [len(plan.artifacts) for plan in awaited]


async def test_a_flow_with_mapped_tasks_shares_the_engine(started: InProcess, prefect_server: None) -> None:
    """Mapped coroutines hang for ever on an engine of another loop; here they answer, as sync tasks and the flow do."""
    starts = started.host.starts
    found = await mapping(started.source())
    assert found[:2] == found[2:4] == found[4:]
    assert started.host.starts == starts


async def test_the_planning_flow_plans_with_the_engine_from_its_mapped_tasks(
    started: InProcess,
    prefect_server: None,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The flow that is deployed, on the engine that is there."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    starts = started.host.starts
    await check_flow(started.name, None, tiny_model, tmp_path)
    assert started.host.starts == starts


@pytest.mark.parametrize("ratio", [ratio_in_plain_python, ratio_in_mapped_tasks])
async def test_five_at_once_take_less_than_twice_as_long_as_one(
    started: InProcess, prefect_server: None, ratio: Callable[..., Awaitable[float]]
) -> None:
    """With answers of one length, from plain Python and from a flow."""
    assert await ratio(started.source(**EQUAL), [numbered(number) for number in range(5)]) < 2


async def test_an_engine_that_is_killed_is_replaced_and_its_questions_are_asked_again(
    started: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """Everyone gets the answer that was on its way, and the log says what happened."""
    starts = started.host.starts
    source = started.source(HARMONIC_MODEL_TIMEOUT="800")
    asking = [asyncio.create_task(source.candidate(numbered(number))) for number in range(3)]
    async with asyncio.timeout(120):
        while started.host.unfinished < 3:
            await asyncio.sleep(0.01)
    (core,) = [child for child in multiprocessing.active_children() if child.name.startswith("EngineCore")]
    with caplog.at_level(logging.WARNING):
        core.kill()
        plans = await asyncio.gather(*asking)
    assert all(plan.artifacts for plan in plans)
    assert started.host.starts == starts + 1
    assert [text for text in caplog.messages if "died" in text] == [
        f"the vLLM engine for {started.host.settings.model} died: its process ended"
    ]


async def test_where_no_engine_starts_the_fallback_plans(tmp_path: Path) -> None:
    """A folder without a model costs one failed start, told as the reason beside each plan."""
    source = source_for(f"vllm-local:{tmp_path}", fallback="embedded", environment=SETTINGS)
    outcome = await HarmonicPlanner(source=source, candidates=2, refinement_rounds=0).outcome(GOAL)
    assert all(candidate.is_valid for candidate in outcome.candidates)
    assert len([note for note in outcome.notes if f"vLLM could not start {tmp_path}" in note]) == len(
        variations(VarianceStrategy.PROMPTING, 2, 0)
    )
