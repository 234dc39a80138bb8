"""The pydantic-ai model that a choice names: an engine in this process, or one HTTP client for each event loop.

A client belongs to the loop in which it was first used, so that tasks with loops of their own have clients of their
own; it is closed when its loop ends. All calls of one loop share the connections.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from importlib.util import find_spec
from typing import Any

from prefect_harmonic.errors import MissingPackageError, OptionError
from prefect_harmonic.planners.models.choice import VLLM, ModelChoice
from prefect_harmonic.planners.models.engine.settings import EngineSettings

try:
    import httpx2
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import Model, infer_model
    from pydantic_ai.profiles import ModelProfile, merge_profile
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    from prefect_harmonic.planners.models.compatible import CompatibleModel
    from prefect_harmonic.planners.models.engine.grammar import GrammarSchema
    from prefect_harmonic.planners.models.plain_client import PlainOpenAI
    from prefect_harmonic.planners.models.schema_calls import SchemaCallsModel
except ImportError:
    raise MissingPackageError("planning with a language model", "pydantic-ai-slim[openai]") from None

_CONNECT_SECONDS = 10.0
_NO_KEY = "none-needed"
_NO_TAGS = ("<\ufdd0>", "</\ufdd0>")
"""What no text holds. pydantic-ai takes thoughts out of answers wherever their marks stand, within JSON and files too;
`answers` knows where an answer begins."""


class AnswerTooLongError(Exception):
    """The server sends more than it may, or may be doing so. Not a failure that passes when the same is asked again."""


class Connection:
    """Gives the model for the running event loop.

    Args:
        choice: The model, its server and the bounds on every call.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self.choice = choice
        self._models: dict[asyncio.AbstractEventLoop, Model[Any]] = {}
        self._ends: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}

    def check(self) -> None:
        """Raises where nothing can come of it.

        Raises:
            OptionError: pydantic-ai knows no such provider, neither address nor key is set, or the model's folder is
                not there.
            MissingPackageError: The model is to run in this process, and vLLM is not installed.
        """
        choice = self.choice
        if choice.engine is not None:
            choice.engine.check()
            if not _is_installed("vllm"):
                raise MissingPackageError("running a model in this process", "vllm")
        elif not choice.is_compatible_server:
            _inferred(choice)
        elif not (choice.base_url or choice.api_key):
            raise OptionError("model", choice.label, "its server's address with --base-url, or set OPENAI_API_KEY")

    async def model(self) -> "Model[Any]":
        """The model, with the connections of the running loop.

        A model in this process is ready to answer when it is given: its start is not part of an answer's time.

        Raises:
            OptionError: As `check` does.
            CandidateError: The engine in this process does not start.
        """
        if self.choice.engine is not None:
            return await _local(self.choice.engine)
        loop = asyncio.get_running_loop()
        known = self._models.get(loop)
        if known is None:
            if self.choice.is_compatible_server:
                client = _client(self.choice)
                known = _compatible(self.choice, client)
                # Kept, because a generator that nobody refers to is closed at once.
                self._ends[loop] = self._closed_with_loop(client)
                await anext(self._ends[loop])
            else:
                known = _inferred(self.choice)
            self._models[loop] = known
        return known

    async def _closed_with_loop(self, client: "httpx2.AsyncClient") -> AsyncGenerator[None]:
        """Closes the client when the loop ends: a loop closes the asynchronous generators that were begun in it."""
        loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self._models.pop(loop, None)
            self._ends.pop(loop, None)
            await client.aclose()


async def _local(settings: EngineSettings) -> "Model[Any]":
    from prefect_harmonic.planners.models.engine.hosts import host_for
    from prefect_harmonic.planners.models.engine.model import EngineModel

    host = host_for(settings)
    await host.ready()
    return EngineModel(host)


def _is_installed(package: str) -> bool:
    """Whether a package is here, without loading it. A folder of that name beside a script is none."""
    found = find_spec(package)
    return found is not None and found.origin is not None


def _inferred(choice: ModelChoice) -> "Model[Any]":
    try:
        model = infer_model(choice.label)
    except (UserError, ImportError, ValueError) as error:
        problem = " ".join(str(error).split())
        raise OptionError("model", choice.label, f"another one, or set up its provider ({problem})") from None
    client: Any = getattr(model, "client", None)  # each provider's own kind
    if client is not None and hasattr(client, "max_retries"):
        client.max_retries = 0  # as for our own: see `_compatible`
    return model


def _compatible(choice: ModelChoice, client: "httpx2.AsyncClient") -> "Model[Any]":
    openai = PlainOpenAI(
        api_key=choice.api_key.get_secret_value() if choice.api_key else _NO_KEY,
        base_url=choice.base_url,
        http_client=client,
        max_retries=0,  # what is tried again, and when, is decided in one place: `patience`
        timeout=choice.timeout_seconds,
    )
    model = CompatibleModel(choice.name, provider=OpenAIProvider(openai_client=openai), profile=_profile(choice))
    return SchemaCallsModel(model) if choice.provider == VLLM else model


def _profile(choice: ModelChoice) -> "ModelProfile":
    """What the server can do. Our schemas are rewritten for a grammar, and for no server's strict mode."""
    own = OpenAIModelProfile(
        thinking_tags=_NO_TAGS,
        json_schema_transformer=GrammarSchema if choice.is_bounded else None,
        supports_json_schema_output=True,
        supports_json_object_output=False,
        native_output_requires_schema_in_instructions=False,
        openai_chat_supports_multiple_system_messages=False,
        openai_supports_strict_tool_definition=False,
    )
    if choice.base_url is None:
        return merge_profile(OpenAIProvider.model_profile(choice.name), own)
    return merge_profile(own, OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False))


def _client(choice: ModelChoice) -> "httpx2.AsyncClient":
    async def bounded(response: "httpx2.Response") -> None:
        if response.headers.get("content-encoding", "identity").strip().casefold() not in {"", "identity"}:
            raise AnswerTooLongError("the answer is compressed, which was not asked for, and may be of any length")
        response.stream = BoundedStream(response.stream, choice.max_answer_bytes)

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(choice.timeout_seconds, connect=min(_CONNECT_SECONDS, choice.timeout_seconds)),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=32),
        # A compressed answer could be short on the wire and endless afterwards.
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bounded]},
    )


class BoundedStream(httpx2.AsyncByteStream):
    """An answer's bytes, up to a bound.

    Args:
        stream: The bytes as they come.
        most: How many there may be.
    """

    def __init__(self, stream: Any, most: int) -> None:  # httpx2 types the stream of a response as either kind
        self._stream, self._most = stream, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Raises `AnswerTooLongError` as soon as there are too many."""
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > self._most:
                raise AnswerTooLongError(f"the answer is longer than {self._most:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        """Lets go of the connection."""
        await self._stream.aclose()
