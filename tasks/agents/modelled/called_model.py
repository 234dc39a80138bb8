"""A model whose requests are carried out by the run's caller, so that none is made twice."""

from decimal import Decimal
from typing import Any

from pydantic import JsonValue
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.planners.models.language_model import LanguageModel, ModelProvider
from prefect_harmonic.planners.models.recording import Answer, digest_of, question_of
from prefect_harmonic.tasks.agents.modelled.calls import CallKind, caller


class CalledModel(WrapperModel):
    """A model that is asked through the caller, under the digest of the question.

    Args:
        wrapped: The model.
        known_as: Provider and name.
    """

    def __init__(self, wrapped: "Model[Any]", known_as: str) -> None:
        super().__init__(wrapped)
        self.known_as = known_as

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer. Raises what the model does."""

        async def ask() -> JsonValue:
            response = await self.wrapped.request(messages, model_settings, model_request_parameters)
            document: JsonValue = Answer.of(response).model_dump(mode="json", exclude_defaults=True)
            return document

        question = question_of(self.known_as, messages, model_settings, model_request_parameters)
        told = await caller().call(CallKind.MODEL, f"ask {self.known_as}", digest_of(question), ask)
        response = Answer.model_validate(told, strict=False).response(self.known_as)
        response.usage.cost = Decimal(0)  # otherwise pydantic-ai looks for a price of it, which nobody asks for here
        return response


def called(model: LanguageModel) -> ModelProvider:
    """Gives the model for the running event loop, asked through the caller."""

    async def give() -> "Model[Any]":
        return CalledModel(await model.model(), model.label)

    return give
