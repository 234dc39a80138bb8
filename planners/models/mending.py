"""What a model wrote as the JSON that was asked for, and the reasons why it is none."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_core import PydanticSerializationError, from_json, to_json

from prefect_harmonic.errors import CandidateError, CutOffAnswerError, UnreadableAnswerError
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.answers import document_in, of_whole_characters
from prefect_harmonic.planners.models.usage import Meter, Usage

_SHOWN = 160


class MendingModel(WrapperModel):
    """A model whose answers are the bare JSON object, and which counts what they took.

    An answer without one is passed on as it is, so that the agent asks for it once more; one that was cut off or
    refused would be the same again, and is an error at once.

    Args:
        wrapped: The model.
        meter: Counts what its answers take.
    """

    def __init__(self, wrapped: "Model[Any]", meter: Meter) -> None:
        super().__init__(wrapped)
        self.meter = meter
        self.problem: str | None = None
        """Why the last answer could not be read."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer, with its text mended.

        Raises:
            CandidateError: It was refused, cut off, or empty.
        """
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        used = response.usage
        # Otherwise pydantic-ai looks for a price of each answer in a list of all providers, which nobody asks for here.
        used.cost = used.cost or Decimal(0)
        self.meter.count(Usage(1, used.input_tokens, used.output_tokens, used.cache_read_tokens))
        if response.tool_calls:  # the agent tells it that there is no such tool
            self.problem = f"the model calls a tool that it was not given, {_shown(response.tool_calls[0].tool_name)}"
            return response
        text = response.text or ""
        if response.finish_reason == "length" and not _is_whole(text):
            raise CutOffAnswerError(f"the answer is cut off after {used.output_tokens or len(text):,} tokens")
        if response.finish_reason == "content_filter":
            raise CandidateError(f"the model refused: {_refusal(response)}")
        if not text.strip():
            raise CandidateError("the answer is empty")
        self.problem = None
        try:
            document = document_in(text)
        except CutOffAnswerError:
            raise
        except UnreadableAnswerError as error:
            self.problem = str(error)
            return response
        return replace(response, parts=[TextPart(content=_written(document))])


def _written(document: dict[str, Any]) -> str:
    """The document as JSON."""
    try:
        return to_json(document).decode()
    except PydanticSerializationError:
        return of_whole_characters(json.dumps(document, ensure_ascii=False))


def _is_whole(text: str) -> bool:
    """Whether a text is JSON to its end; a weak model goes on with blanks after it until its limit."""
    try:
        from_json(text)
    except ValueError:
        return False
    return True


def _refusal(response: ModelResponse) -> str:
    details = response.provider_details or {}
    return _shown(str(details.get("refusal") or response.text or "its content filter stopped the answer"))


def _shown(text: str) -> str:
    said = printable(" ".join(text.split()))
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
