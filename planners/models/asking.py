"""One question to a model by an agent of pydantic-ai: structured answer, one repair, what it took.

Owns how a question goes out: server-side JSON schema where the server takes one, the schema in words where it does
not. What the answer means is the caller's: it reads a document, and says what is wrong with it.
"""

import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput, RunContext, StructuredDict
from pydantic_ai.exceptions import AgentRunError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.mending import MendingModel
from prefect_harmonic.planners.models.patience import SchemaRefusedError
from prefect_harmonic.planners.models.purpose import Purpose, asking_for
from prefect_harmonic.planners.models.schema import Schema
from prefect_harmonic.planners.models.usage import Meter, Usage

REPAIRS = 1
"""How often the model is told what is wrong with its answer."""

Given = TypeVar("Given")
Document = dict[str, Any]  # JSON that a model wrote
Check = Callable[[Document, bool], Awaitable[None]]
"""Reads an answer; is told whether it is the last one. Raises `RepairableError` for what the model can put right."""


class RepairableError(Exception):
    """What a model is told about its answer, so that it can put it right."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked.

    Attributes:
        name: What the answer is, in a word.
        instructions: What all questions of this kind are told first.
        prompt: The question itself.
        schema: What the answer is held to.
        settings: Temperature, seed and the like.
        check: Reads the answer.
        purpose: What the answer is for; see `purpose`.
    """

    name: str
    instructions: str
    prompt: str
    schema: Schema
    settings: ModelSettings
    check: Check
    purpose: Purpose


@dataclass
class Asker:
    """Asks a model.

    Attributes:
        model: Gives the model for the running event loop.
        clock: Seconds from any start.
    """

    model: Callable[[], "Awaitable[Model[Any]]"]
    clock: Callable[[], float] = time.perf_counter
    _is_prompted: bool = False
    _agents: "dict[tuple[str, str, bool], Agent[Check, Document]]" = field(default_factory=dict)

    async def ask(self, question: Question, meter: Meter) -> None:
        """Asks until the answer was read.

        Args:
            question: What is asked.
            meter: Counts what it takes, also when there is no answer.

        Raises:
            CandidateError: There was no answer that could be read.
        """
        model = await self.model()  # an engine in this process may have to start first: that is no part of an answer
        start = self.clock()
        try:
            with asking_for(question.purpose.name, question.purpose.subject):
                if not self._is_prompted:
                    try:
                        return await self._asked(question, model, meter, is_prompted=False)
                    except SchemaRefusedError as refused:
                        self._is_prompted = refused.is_lasting
                await self._asked(question, model, meter, is_prompted=True)
        finally:
            meter.count(Usage(seconds=self.clock() - start))

    async def _asked(self, question: Question, model: "Model[Any]", meter: Meter, *, is_prompted: bool) -> None:
        agent = self._agent(question, is_prompted)
        mending = MendingModel(model, meter)
        try:
            await agent.run(
                question.prompt,
                model=mending,
                deps=question.check,
                # Its own explanation of its own marks would be a system message in the middle, which many chat
                # templates refuse; our prompt says what is data.
                model_settings={**question.settings, "framing_announcement": "never"},
                infer_name=False,
            )
        except AgentRunError as error:
            raise CandidateError(mending.problem or " ".join(str(error).split())) from None

    def _agent(self, question: Question, is_prompted: bool) -> "Agent[Check, Document]":
        """The agent for a kind of question. Candidates of one goal share it, as they share all but their prompt."""
        key = (question.instructions, json.dumps(question.schema, sort_keys=True), is_prompted)
        if key not in self._agents:
            if len(self._agents) > 16:
                self._agents.clear()
            self._agents[key] = _built(question, is_prompted)
        return self._agents[key]


class AskersInTurn:
    """A model and the one that was named for where it fails.

    Args:
        model: The first of them.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._askers = [(each, Asker(each.model)) for each in model.in_turn]

    async def first(self, ask: Callable[[LanguageModel, Asker], Awaitable[Given]]) -> Given:
        """What comes of the first model that gives an answer. Raises what asking the last one does."""
        *others, last = self._askers
        for model, asker in others:
            with suppress(CandidateError):
                return await ask(model, asker)
        return await ask(*last)


def answer_settings(max_tokens: int | None, *, temperature: float = 0.0, seed: int = 0) -> ModelSettings:
    """The settings of one answer: the likeliest, unless more variety is asked for."""
    settings = ModelSettings(temperature=temperature, seed=seed)
    if max_tokens is not None:
        settings["max_tokens"] = max_tokens
    return settings


def _built(question: Question, is_prompted: bool) -> "Agent[Check, Document]":
    answer = StructuredDict(question.schema, name=question.name)
    agent: Agent[Check, Document] = Agent(
        output_type=PromptedOutput(answer) if is_prompted else NativeOutput(answer, template=False),
        instructions=question.instructions,
        retries={"output": REPAIRS},
        name=f"harmonic-{question.name}",
    )

    @agent.output_validator
    async def checked(context: RunContext[Check], document: Document) -> Document:
        try:
            await context.deps(document, context.retry >= REPAIRS)
        except RepairableError as repair:
            raise ModelRetry(str(repair)) from None
        return document

    return agent
