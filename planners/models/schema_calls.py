"""Calls of tools as JSON under a schema, for a server that decodes under one and has no parser for its model's own.

Which parser that would be differs from model to model, and is chosen when the server starts. Under a schema every model
can call tools, and name none that it was not given.
"""

from dataclasses import replace
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.planners.models.engine.chat import messages_of, parts_of, schema_of, tools_of
from prefect_harmonic.planners.models.engine.engine import Message
from prefect_harmonic.planners.models.engine.grammar import GrammarSchema


class SchemaCallsModel(WrapperModel):
    """A model that calls tools by answering with JSON, as a model in this process does.

    Args:
        wrapped: The model.
    """

    def __init__(self, wrapped: "Model[Any]") -> None:
        super().__init__(wrapped)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer. Raises what the model does."""
        tools = tools_of(model_request_parameters)
        schema = schema_of(model_request_parameters)
        if not tools or schema is None:
            return await self.wrapped.request(messages, model_settings, model_request_parameters)
        told = [part.content for part in model_request_parameters.instruction_parts or ()]
        conversation = [_message(each) for each in messages_of(told, messages, tools)]
        asked = ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(json_schema=GrammarSchema(dict(schema)).walk(), name="call"),
        )
        response = await self.wrapped.request(conversation, model_settings, asked)
        return replace(response, parts=parts_of(response.text or "", tools))


def _message(plain: Message) -> ModelMessage:
    if plain["role"] == "assistant":
        return ModelResponse(parts=[TextPart(plain["content"])])
    kind = SystemPromptPart if plain["role"] == "system" else UserPromptPart
    return ModelRequest(parts=[kind(plain["content"])])
