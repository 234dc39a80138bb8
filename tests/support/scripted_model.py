"""Language models that answer as a test says, without a server."""

import json
from collections.abc import Callable
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, RetryPromptPart, TextPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from prefect_harmonic.planners.models.language_model import LanguageModel

Answering = Callable[[str], object]
"""Is given the last message, and gives the text of an answer or a JSON value."""


def scripted(answer: Answering | object, label: str = "openai:m", **more: Any) -> LanguageModel:
    """A model that gives the same answer to everything, or what a function makes of the question."""

    def told(messages: list[ModelMessage], _: AgentInfo) -> ModelResponse:
        value = answer(last_of(messages)) if callable(answer) else answer
        return ModelResponse(parts=[TextPart(value if isinstance(value, str) else json.dumps(value))])

    async def give() -> FunctionModel:
        return FunctionModel(told)

    return LanguageModel(label=label, model=give, **more)


def last_of(messages: list[ModelMessage]) -> str:
    """What was said to the model last."""
    parts = [part for message in messages if isinstance(message, ModelRequest) for part in message.parts]
    said = [part.content for part in parts if isinstance(part, UserPromptPart | RetryPromptPart)]
    return str(said[-1]) if said else ""
