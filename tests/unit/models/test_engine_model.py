"""The engine in this process as pydantic-ai's model: what it is asked, and how its answers are read."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from support.model_plans import GOAL, request

from prefect_harmonic.errors import CandidateError, OptionError
from prefect_harmonic.planners.models.asking import Asker, Question
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.models.engine.chat import BRIEF, parts_of
from prefect_harmonic.planners.models.engine.engine import (
    AnswerLostError,
    ChatAnswer,
    ChatQuestion,
    QuestionRefusedError,
)
from prefect_harmonic.planners.models.engine.host import EngineHost
from prefect_harmonic.planners.models.engine.model import EngineModel
from prefect_harmonic.planners.models.engine.settings import EngineSettings
from prefect_harmonic.planners.models.patience import PatientModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.source import ModelSource
from prefect_harmonic.planners.models.usage import Meter

PLAN = {"artifacts": [{"id": "Api", "covers": ["REST API", "auth"]}]}


class Scripted:
    """An engine that says what it was given to say, or raises it."""

    def __init__(self, *said: str | Exception) -> None:
        self.said = list(said)
        self.asked: list[ChatQuestion] = []

    @property
    def unfinished(self) -> int:
        """Nobody asks."""
        return 0

    async def answer(self, question: ChatQuestion) -> ChatAnswer:
        """The next thing."""
        self.asked.append(question)
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        return ChatAnswer(text=said, prompt_tokens=1000, answer_tokens=50, cached_tokens=900)

    def close(self) -> None:
        """Nothing is left behind."""


@pytest.fixture
def hosts() -> Iterator[list[EngineHost]]:
    """Hosts to be closed in the end."""
    made: list[EngineHost] = []
    yield made
    for host in made:
        host.close()


def model_of(engine: Scripted, hosts: list[EngineHost]) -> EngineModel:
    """A model on that engine."""
    hosts.append(EngineHost(EngineSettings(model="m"), lambda *_: engine))
    return EngineModel(hosts[-1])


def source_of(engine: Scripted, hosts: list[EngineHost]) -> ModelSource:
    """A source of candidates on that engine."""
    model = PatientModel(model_of(engine, hosts), ModelChoice(provider="vllm-local", name="m", pause_seconds=0))

    async def provide() -> PatientModel:
        return model

    return ModelSource(provide)


async def test_a_candidate_is_asked_for_and_metered_as_from_a_server(hosts: list[EngineHost]) -> None:
    """One system message and one question, schema, temperature and seed; tokens and the share that was cached."""
    engine = Scripted(json.dumps(PLAN))
    source = source_of(engine, hosts)
    plan = await source.candidate(request(temperature=0.7, seed=5))
    (asked,) = engine.asked
    assert [message["role"] for message in asked.messages] == ["system", "user"]
    assert GOAL in asked.messages[1]["content"]
    assert (asked.temperature, asked.seed, asked.max_tokens) == (0.7, 5, None)
    assert asked.schema is not None
    assert "artifacts" in asked.schema["properties"]
    assert [artifact.id for artifact in plan.artifacts] == ["Api"]
    used = source.usage()["candidate-0"]
    assert (used.requests, used.input_tokens, used.output_tokens, used.cache_hit_rate) == (1, 1000, 50, 0.9)


async def test_what_the_gate_finds_goes_back_in_the_same_conversation(hosts: list[EngineHost]) -> None:
    """User and assistant take turns, and the shared part stays at the beginning, where the cache has it."""
    wrong = {"artifacts": [{"id": "Api", "requires": ["Nothing"]}]}
    engine = Scripted(json.dumps(wrong), json.dumps(PLAN))
    await source_of(engine, hosts).candidate(request())
    first, second = engine.asked
    assert [message["role"] for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[:2] == first.messages
    assert json.loads(second.messages[2]["content"]) == wrong
    assert "P002" in second.messages[3]["content"]


async def test_a_schema_that_the_grammar_refuses_goes_in_words(hosts: list[EngineHost]) -> None:
    """As with a server that takes none; the engine lives on."""
    engine = Scripted(QuestionRefusedError("no such grammar", is_about_schema=True), json.dumps(PLAN))
    await source_of(engine, hosts).candidate(request())
    assert engine.asked[1].schema is None
    assert "artifacts" in engine.asked[1].messages[0]["content"]


async def test_a_question_that_is_refused_is_not_asked_again(hosts: list[EngineHost]) -> None:
    """A prompt that is too long stays too long."""
    engine = Scripted(QuestionRefusedError("the prompt has 9000 tokens, and 8192 are the most"))
    with pytest.raises(CandidateError, match="vLLM refused the question: the prompt has 9000 tokens"):
        await source_of(engine, hosts).candidate(request())
    assert len(engine.asked) == 1


async def test_an_answer_that_was_lost_is_asked_for_again(hosts: list[EngineHost]) -> None:
    """As after a server's 500."""
    engine = Scripted(AnswerLostError("something broke"), json.dumps(PLAN))
    await source_of(engine, hosts).candidate(request())
    assert len(engine.asked) == 2


async def test_the_start_of_an_engine_is_no_part_of_an_answers_time(hosts: list[EngineHost]) -> None:
    """A candidate that came first is not told to have taken a minute."""
    model, time = model_of(Scripted('{"name":"found"}'), hosts), [0.0]

    async def provide() -> EngineModel:
        time[0] += 60
        return model

    async def check(document: dict[str, Any], is_last: bool) -> None:
        time[0] += 2

    meter = Meter()
    question = Question(
        name="found",
        instructions="",
        prompt="",
        schema={"type": "object"},
        settings=ModelSettings(),
        check=check,
        purpose=Purpose(),
    )
    await Asker(provide, clock=lambda: time[0]).ask(question, meter)
    assert meter.usage.seconds == 2


class Found(BaseModel):
    """What an agent of the test answers."""

    name: str = Field(min_length=1, max_length=20, pattern="^[a-z]{1,300}$")


async def test_tools_are_called_under_a_schema_that_names_no_others(hosts: list[EngineHost]) -> None:
    """Every chat template can say it, and the model can name nothing that it was not given."""
    engine = Scripted('{"call":"look_up","arguments":{"word":"api"}}', '{"answer":{"name":"found"}}')
    agent: Agent[None, Found] = Agent(model_of(engine, hosts), output_type=NativeOutput(Found, template=False))

    @agent.tool_plain
    def look_up(word: str) -> str:
        """Looks a word up."""
        return f"{word} is a word"

    @agent.tool_plain(metadata=dict(BRIEF))
    def read(path: str, line: int = 1) -> str:
        """Reads a line."""
        return f"{path} {line}"

    result = await agent.run("What is it?")
    assert result.output == Found(name="found")
    call, brief, answer = engine.asked[0].schema["anyOf"]  # type: ignore[index]  # there is one
    assert call["properties"]["call"] == {"const": "look_up"}
    assert call["properties"]["arguments"]["required"] == ["word"]
    assert "pattern" not in call["properties"]["arguments"]["properties"]["word"]
    taken = brief["properties"]["arguments"]["properties"]
    assert [re.fullmatch(taken["path"]["pattern"], "é" * length) is None for length in (0, 240, 241)] == [0, 0, 1]
    assert (taken["line"]["minimum"], taken["line"]["maximum"]) == (0, 1_000_000)
    assert answer["properties"]["answer"]["properties"]["name"]["pattern"] == "^[a-z]{1,128}$"
    assert "maxLength" not in json.dumps(answer)
    assert "- look_up: Looks a word up." in engine.asked[0].messages[0]["content"]
    assert engine.asked[1].messages[-1]["content"] == "RESULT of look_up:\napi is a word"


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('<think>Look first.</think>\n```json\n{"call": "look", "arguments": {"at": 1}}\n```', {"at": 1}),
        ('{"call": "look", "arguments": null}', {}),
        ('{"call": "look", "arguments": ["at"]}', '["at"]'),
        ('{"call": "look", "arguments": 5}', "5"),
        ('{"call": "look", "arguments": {"at"', None),
    ],
)
def test_call_is_found_in_what_surrounds_it_and_its_arguments_may_be_anything(text: str, arguments: object) -> None:
    """Servers that hold no answer to the schema; what is wrong with arguments is told to the model."""
    (part,) = parts_of(text, [ToolDefinition(name="look")])
    assert arguments == (part.args if isinstance(part, ToolCallPart) else None)


async def test_an_agent_that_answers_in_text_gets_text(hosts: list[EngineHost]) -> None:
    """Free of any schema where there are no tools."""
    engine = Scripted("It is done.")
    agent: Agent[None, str] = Agent(model_of(engine, hosts))
    assert (await agent.run("Is it done?")).output == "It is done."
    assert engine.asked[0].schema is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HARMONIC_VLLM_MAX_MODEL_LEN", "10"),
        ("HARMONIC_VLLM_GPU_MEMORY_UTILIZATION", "1.5"),
        ("HARMONIC_VLLM_DTYPE", "float16; rm"),
        ("HARMONIC_VLLM_RESTARTS", "often"),
    ],
)
def test_settings_outside_their_bounds_are_refused_by_name(variable: str, value: str) -> None:
    """Before anything is started."""
    with pytest.raises(OptionError, match=variable):
        ModelChoice.read("vllm-local:org/model", None, {variable: value})


def test_a_model_in_this_process_has_no_address() -> None:
    """The address beside it may be another model's."""
    choice = ModelChoice.read("vllm-local:org/model", "http://gpu-box:8000/v1", {"HARMONIC_VLLM_MAX_NUM_SEQS": "8"})
    assert (choice.base_url, choice.is_bounded) == (None, True)
    assert choice.engine == EngineSettings(model="org/model", max_num_seqs=8)


def test_a_folder_must_be_there_unless_a_recording_answers(tmp_path: Path) -> None:
    """A replay needs neither the model nor vLLM, on any machine."""
    with pytest.raises(OptionError, match="a folder with a model's files"):
        source_for("vllm-local:/no/such/folder", environment={})
    (tmp_path / "exchange.json").touch()
    assert source_for("vllm-local:/no/such/folder", replay=str(tmp_path), environment={})


def test_without_vllm_it_says_what_to_install() -> None:
    """In one line, before planning; and nothing of vLLM is loaded by importing us, installed or not."""
    code = """
import sys
import prefect_harmonic.planners.models.engine.hosts, prefect_harmonic.planners.models.engine.model
loaded = [name for name in sys.modules if name.split(".")[0] in {"vllm", "torch", "transformers"}]
sys.modules["vllm"] = None
from prefect_harmonic.planners.models.choosing import source_for
try:
    source_for("vllm-local:org/model", environment={})
except Exception as error:
    print(loaded, type(error).__name__, error)
"""
    told: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.startswith("[] MissingPackageError running a model in this process needs vllm")
    assert told.count("\n") == 1
