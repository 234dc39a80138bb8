"""OpenAI's client without its walk through every request, in which it looks for names to be rewritten.

A chat completion has none of these, and pydantic-ai gives the fields as the server wants them. The walk through
messages and schema was a sixth of what a call costs this process.
"""

from functools import cached_property
from typing import Any

from openai import AsyncOpenAI, Omit
from openai._base_client import make_request_options
from openai.resources.chat import AsyncChat
from openai.resources.chat.completions import AsyncCompletions
from openai.types.chat import ChatCompletion


class PlainCompletions(AsyncCompletions):
    """Chat completions whose fields are sent as they are given."""

    async def create(  # type: ignore[override]  # one signature in place of OpenAI's overloads, for those who give names
        self,
        *,
        stream: bool | None = None,
        extra_headers: Any = None,
        extra_body: Any = None,
        timeout: Any = None,  # noqa: ASYNC109 - the client's own parameter
        **fields: Any,
    ) -> Any:
        """As OpenAI's own."""
        if stream:
            given: Any = {"extra_headers": extra_headers, "extra_body": extra_body, "timeout": timeout, **fields}
            return await super().create(stream=True, **given)
        return await self._post(
            "/chat/completions",
            body={name: value for name, value in fields.items() if not isinstance(value, Omit)},
            options=make_request_options(
                extra_headers=extra_headers, extra_body=extra_body, timeout=timeout, security={"bearer_auth": True}
            ),
            cast_to=ChatCompletion,
        )


class PlainChat(AsyncChat):
    """The part of the client that has the completions."""

    @cached_property
    def completions(self) -> PlainCompletions:
        """The completions."""
        return PlainCompletions(self._client)


class PlainOpenAI(AsyncOpenAI):
    """The client."""

    @cached_property
    def chat(self) -> PlainChat:
        """The part that has the completions."""
        return PlainChat(self)
