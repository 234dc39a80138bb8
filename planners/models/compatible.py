"""Any OpenAI-compatible server's answer, read as far as it says something, and the reason where it says nothing."""

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from openai.types import CompletionUsage
from pydantic import ValidationError
from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.models.openai import OpenAIChatModel

if TYPE_CHECKING:
    from openai.types import chat
    from pydantic_ai.models.openai._chat_completions import LenientChatCompletion

_DEFAULTS = {"id": "", "object": "chat.completion", "created": 0}
_MOST_COUNTED = 10**9
"""Tokens of one answer that are believed."""


class CompatibleModel(OpenAIChatModel):
    """Any OpenAI-compatible server, of which many leave out fields that nothing here needs, or fill them oddly."""

    def _validate_completion(self, response: "chat.ChatCompletion") -> "LenientChatCompletion":
        for name, default in {**_DEFAULTS, "model": self.model_name}.items():
            if not isinstance(getattr(response, name, None), type(default)):
                setattr(response, name, default)
        if not 0 <= response.created < _MOST_COUNTED * 10:
            response.created = 0
        if response.usage is not None and not _is_credible(response.usage):
            response.usage = None
        if not response.choices:
            raise UnexpectedModelBehavior(_without_choices(response))
        if not isinstance(getattr(response.choices[0], "index", None), int):
            response.choices[0].index = 0
        _tell_calls_apart(response.choices[0])
        try:
            return super()._validate_completion(response)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise UnexpectedModelBehavior(f"it is no chat completion ({place}: {first['msg']})") from None


def _tell_calls_apart(choice: "chat.chat_completion.Choice") -> None:
    """Gives each call of a tool an id of its own, and its arguments as text: some servers leave that to the client."""
    used: set[str] = set()
    for place, call in enumerate(getattr(choice.message, "tool_calls", None) or ()):
        given = getattr(call, "id", None)
        call.id = given if isinstance(given, str) and given not in used else f"call-{place}-{len(used)}"
        used.add(call.id)
        function = getattr(call, "function", None)
        if function is None:
            continue
        call.type = "function"
        if not isinstance(function.arguments, str):
            function.arguments = json.dumps(function.arguments or {})


def _without_choices(response: "chat.ChatCompletion") -> str:
    """What is told of an answer that holds none. Some servers say in it, with status 200, what went wrong."""
    said = (response.model_extra or {}).get("error")
    message = said.get("message") if isinstance(said, dict) else said
    return f"it says {message}" if message else "it is no chat completion (it has no choices)"


def _is_credible(usage: CompletionUsage) -> bool:
    """Whether a usage can be counted. One that cannot is no reason to do without the answer."""
    told: dict[str, Any] = usage.model_dump(warnings=False)
    try:
        CompletionUsage.model_validate(told)
    except ValidationError:
        return False
    within = (each.values() for each in told.values() if isinstance(each, dict))
    counts = chain(told.values(), *within)
    return all(0 <= each <= _MOST_COUNTED for each in counts if isinstance(each, int | float))
