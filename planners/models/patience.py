"""How often a server is asked again, how long it is waited for, and why an answer did not come.

One exchange is bounded as a whole: all attempts, the pauses between them and the reading of the answer. Whatever goes
wrong comes out as one error with a reason that a person understands and in which no key stands.
"""

import asyncio
import re
from collections.abc import Collection
from dataclasses import replace
from json import JSONDecodeError
from typing import Any

from openai import APIStatusError
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelConnectionError,
    ModelHTTPError,
    ModelQuotaExceededError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import ModelMessage, ModelResponse, ModelResponsePart, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError, HarmonicError
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.answers import of_whole_characters
from prefect_harmonic.planners.models.attempts import begin_attempt
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.connection import AnswerTooLongError

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_SCHEMA_WORDS = ("response_format", "json_schema", "structured", "grammar", "schema", "guided", "regex")
_ESCAPED = re.compile(r"\\u00(2[013-9a-f]|5[0-9abd-f]|7[0-9a-e]|[346][0-9a-f])|\\/", re.IGNORECASE)
_SHOWN = 200
_PART = 8
"""Letters of a key that are too many to be shown."""


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
                    except HarmonicError:
                        raise
                    except Exception as error:  # an odd answer may break those who read it in any way
                        pause = self._pause(error, attempt, due - loop.time(), model_request_parameters)
                    else:
                        if not _is_empty(response):
                            return self._cleaned(response)
                        if attempt == self.choice.retries:
                            return _without_answer(response)
                        pause = 0.0
                    await asyncio.sleep(pause)
        except TimeoutError:
            raise CandidateError(f"the model server gave no answer within {limit:g} s") from None
        raise AssertionError("the last attempt returns or raises")

    def _cleaned(self, response: ModelResponse) -> ModelResponse:
        """The response without keys, should the server repeat one, and without halves of characters."""
        details = response.provider_details
        if all(self._clean(text) == text for text in _texts(response)):
            return response
        if details and "refusal" in details:
            details = {**details, "refusal": self._clean(str(details["refusal"]))}
        parts = [self._cleaned_part(part) for part in response.parts]
        return replace(response, parts=parts, provider_details=details)

    def _cleaned_part(self, part: ModelResponsePart) -> ModelResponsePart:
        if isinstance(part, TextPart | ThinkingPart):
            return replace(part, content=self._clean(part.content))
        if isinstance(part, ToolCallPart):
            name, arguments = self._clean(part.tool_name), self._clean(part.args_as_json_str())
            return ToolCallPart(name, arguments, tool_call_id=self._clean(part.tool_call_id))
        return part

    def _clean(self, text: str) -> str:
        text = of_whole_characters(text)
        plain = _spelled_out(text)
        is_hidden = any(secret in plain for secret in self.choice.secrets)
        return without_secrets(plain if is_hidden else text, self.choice.secrets)

    def _pause(
        self, error: Exception, attempt: int, left: float, model_request_parameters: ModelRequestParameters
    ) -> float:
        """Seconds until the next attempt, or the error that there is none."""
        reason = without_key_parts(_reason(error), self.choice.secrets)
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


def _texts(response: ModelResponse) -> list[str]:
    """All that a response says."""
    texts = [str((response.provider_details or {}).get("refusal", ""))]
    for part in response.parts:
        if isinstance(part, TextPart | ThinkingPart):
            texts.append(part.content)
        elif isinstance(part, ToolCallPart):
            texts += [part.tool_name, part.args_as_json_str(), part.tool_call_id]
    return texts


def _spelled_out(text: str) -> str:
    r"""The text with plain letters in place of JSON's escapes of them, in which a key could hide.

    >>> _spelled_out(r'{"a": "\u0073k-1\/2"}')
    '{"a": "sk-1/2"}'
    """
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "/", text) if "\\" in text else text


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every key blotted out, such as one that a server repeats in its refusal."""
    for secret in secrets:
        text = text.replace(secret, "[key]")
    return text


def without_key_parts(text: str, secrets: Collection[str]) -> str:
    """The text without words that hold a good part of a key, such as one that a server repeats with its middle hidden.

    >>> without_key_parts("Incorrect API key: sk-proj-3f9a****77c2.", ["sk-proj-3f9a81e277c2"])
    'Incorrect API key: [key]'
    """
    parts = {secret[at : at + _PART] for secret in secrets for at in range(max(1, len(secret) - _PART + 1))}
    return re.sub(r"\S+", lambda word: "[key]" if any(part in word.group() for part in parts) else word.group(), text)


def _is_empty(response: ModelResponse) -> bool:
    return not (response.text or "").strip() and not response.tool_calls and response.finish_reason in {None, "stop"}


def _without_answer(response: ModelResponse) -> ModelResponse:
    """An empty response, unless the model has thought and a server took all it said for its thoughts."""
    if response.thinking:
        raise CandidateError(
            "the answer is empty: all of it came as the model's thoughts; let it think less, or start its server "
            "without a parser for reasoning"
        )
    return response


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
    return isinstance(error, ModelConnectionError | UnexpectedModelBehavior) or _is_no_json(error)


def _is_no_json(error: Exception) -> bool:
    return any(isinstance(link, JSONDecodeError | UnicodeDecodeError) for link in _chain(error))


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
        if isinstance(link, APIStatusError) and link.status_code in range(300, 400):
            elsewhere = _one_line(link.response.headers.get("location", "another address"))
            return f"the model server answered {link.status_code}: it is found at {elsewhere}"
    if isinstance(error, ModelHTTPError):
        said = _said(error.body)
        return f"the model server answered {error.status_code}" + (f": {said}" if said else "")
    if isinstance(error, ModelConnectionError):
        causes = _chain(error)
        return f"the connection to the model server broke: {_one_line(str(causes[-1]) or type(causes[-1]).__name__)}"
    if _is_no_json(error):
        return "the model server's answer cannot be used: it is no JSON"
    told = str(error) if isinstance(error, AgentRunError) else f"{type(error).__name__}: {error}"
    return f"the model server's answer cannot be used: {_one_line(told)}"


def _said(body: object) -> str:
    """The message in the body of a refusal."""
    while isinstance(body, dict):
        body = next((body[name] for name in ("message", "error", "detail") if body.get(name)), "")
    return _one_line(str(body or ""))


def _one_line(text: str) -> str:
    text = printable(" ".join(text.split()))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
