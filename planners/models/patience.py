"""How often a server is asked again, how long it is waited for, and why an answer did not come.

One exchange is bounded as a whole: all attempts, the pauses between them and the reading of the answer. Whatever goes
wrong comes out as one error with a reason that a person understands and in which no key stands.
"""

import asyncio
from dataclasses import replace
from typing import Any

from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponsePart, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.models.attempts import begin_attempt
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.connection import AnswerTooLongError

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_SCHEMA_WORDS = ("response_format", "json_schema", "structured", "grammar", "schema", "guided", "regex")
_SHOWN = 200


class SchemaRefusedError(CandidateError):
    """The server takes no JSON schema; the same can be asked without.

    Attributes:
        is_lasting: Whether it would refuse other questions as well.
    """

    is_lasting = True


class PatientModel(WrapperModel):
    """A model that is asked again after what may pass, within the bounds of the choice.

    Args:
        wrapped: The model.
        choice: The bounds, and the keys that no reason may show.
    """

    def __init__(self, wrapped: "Model[Any]", choice: ModelChoice) -> None:
        super().__init__(wrapped)
        self.choice = choice

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer.

        Raises:
            CandidateError: There is none, with the reason.
            SchemaRefusedError: The server does not take the schema.
            BudgetSpentError: A further attempt would be needed, and is not allowed.
        """
        limit = self.choice.timeout_seconds
        loop = asyncio.get_running_loop()
        due = loop.time() + limit
        try:
            async with asyncio.timeout_at(due):
                for attempt in range(self.choice.retries + 1):
                    await begin_attempt()
                    try:
                        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
                    except (AgentRunError, AnswerTooLongError) as error:
                        pause = self._pause(error, attempt, due - loop.time(), model_request_parameters)
                    else:
                        if not _is_empty(response) or attempt == self.choice.retries:
                            return self._blotted(response)
                        pause = 0.0
                    await asyncio.sleep(pause)
        except TimeoutError:
            raise CandidateError(f"the model server gave no answer within {limit:g} s") from None
        raise AssertionError("the last attempt returns or raises")

    def _blotted(self, response: ModelResponse) -> ModelResponse:
        """The response without keys, should the server repeat one."""
        if not any(secret in f"{response.text or ''}{response.tool_calls}" for secret in self.choice.secrets):
            return response
        return replace(response, parts=[self._blotted_part(part) for part in response.parts])

    def _blotted_part(self, part: ModelResponsePart) -> ModelResponsePart:
        if isinstance(part, TextPart):
            return replace(part, content=self._without_secrets(part.content))
        if isinstance(part, ToolCallPart):
            return replace(part, args=self._without_secrets(part.args_as_json_str()))
        return part

    def _pause(
        self, error: Exception, attempt: int, left: float, model_request_parameters: ModelRequestParameters
    ) -> float:
        """Seconds until the next attempt, or the error that there is none."""
        reason = self._without_secrets(_reason(error))
        if _is_about_schema(error) and model_request_parameters.output_mode == "native":
            raise SchemaRefusedError(reason) from None
        if not _may_pass(error):
            raise CandidateError(reason) from None
        if attempt == self.choice.retries:
            tries = f" (asked {attempt + 1} times)" if attempt else ""
            raise CandidateError(f"{reason}{tries}") from None
        asked = error.retry_after if isinstance(error, ModelAPIError) else None
        pause = self.choice.pause_seconds * 2**attempt if asked is None else max(0.0, asked)
        if pause >= left:
            raise CandidateError(f"{reason}; it asks to come back in {pause:g} s, and {left:.0f} s are left") from None
        return pause

    def _without_secrets(self, text: str) -> str:
        return without_secrets(text, self.choice.secrets)


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every key blotted out, such as one that a server repeats in its refusal."""
    for secret in secrets:
        text = text.replace(secret, "[key]")
    return text


def _is_empty(response: ModelResponse) -> bool:
    return not (response.text or "").strip() and not response.tool_calls and response.finish_reason in {None, "stop"}


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links


def _may_pass(error: Exception) -> bool:
    if any(isinstance(link, AnswerTooLongError) for link in _chain(error)):
        return False
    if isinstance(error, ModelQuotaExceededError | ModelTimeoutError):
        return False
    if isinstance(error, ModelHTTPError):
        return error.status_code in _PASSING
    # What is no JSON at all is often a proxy's page in place of the server's answer.
    return isinstance(error, ModelConnectionError | UnexpectedModelBehavior)


def _is_about_schema(error: Exception) -> bool:
    if not isinstance(error, ModelHTTPError) or error.status_code not in {400, 404, 415, 422, 501}:
        return False
    text = str(error.body or "").casefold()
    return any(word in text for word in _SCHEMA_WORDS)


def _reason(error: Exception) -> str:
    """Why there is no answer, in words for a person."""
    for link in _chain(error):
        if isinstance(link, AnswerTooLongError):
            return str(link)
    if isinstance(error, ModelHTTPError):
        said = _said(error.body)
        return f"the model server answered {error.status_code}" + (f": {said}" if said else "")
    if isinstance(error, ModelConnectionError):
        causes = _chain(error)
        return f"the connection to the model server broke: {_one_line(str(causes[-1]) or type(causes[-1]).__name__)}"
    return f"the model server's answer cannot be used: {_one_line(str(error))}"


def _said(body: object) -> str:
    """The message in the body of a refusal."""
    while isinstance(body, dict):
        body = next((body[name] for name in ("message", "error", "detail") if body.get(name)), "")
    return _one_line(str(body or ""))


def _one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
