"""A model whose every question is announced before it is asked and accounted for after it, whatever came of it.

Owns what a question is expected to take. Who keeps the account, and whether it allows the question, is a matter of the
account: a run keeps it against its budget.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.planners.models.attempts import counting_attempts
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose, current_purpose
from prefect_harmonic.planners.models.recording import digest_of, question_of
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.uninterrupted import uninterrupted

CHARACTERS_A_TOKEN = 3.5
"""Rather few, so that more tokens are reserved for a prompt than it turns out to have."""

Key = Callable[[], str]


class Promise(Protocol):
    """What an account promised to one question."""

    async def again(self) -> None:
        """Makes room for a further attempt.

        Raises:
            BudgetSpentError: There is no room; it must not be made.
        """
        ...

    async def settle(self, used: Usage, *, is_answered: bool) -> None:
        """Says what the question took."""
        ...


class Account(Protocol):
    """Keeps account of questions to a model."""

    async def promise(self, purpose: Purpose, key: Key, expected: Usage) -> Promise:
        """Makes room for a question before it is asked.

        Args:
            purpose: What it is for.
            key: Gives what is the same for the same question in every run.
            expected: What it should take; no output tokens where nothing bounds the answer.

        Raises:
            BudgetSpentError: There is no room; it must not be asked.
        """
        ...


class MeteredModel(WrapperModel):
    """A model that is asked on somebody's account.

    Args:
        wrapped: The model.
        known_as: Provider and name.
        account: Is told of every question.
        clock: Seconds from any start.
    """

    def __init__(
        self, wrapped: "Model[Any]", known_as: str, account: Account, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(wrapped)
        self.known_as, self.account, self.clock = known_as, account, clock

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer.

        Raises:
            BudgetSpentError: The account has no room for the question, or for a further attempt; it was not asked.
            CandidateError: There is no answer, with the reason.
        """

        def key() -> str:
            return digest_of(question_of(self.known_as, messages, model_settings, model_request_parameters))

        expected = expected_usage(messages, model_settings, model_request_parameters)
        promise = await self.account.promise(current_purpose.get(), key, expected)
        start = self.clock()
        with counting_attempts(promise.again) as attempts:
            try:
                response = await self.wrapped.request(messages, model_settings, model_request_parameters)
            except BaseException:  # what was asked counts, also where the run is cancelled meanwhile
                used = Usage(requests=attempts.made, seconds=self.clock() - start)
                await uninterrupted(promise.settle(used, is_answered=False))
                raise
        told = response.usage
        used = Usage(
            requests=max(1, attempts.made),
            input_tokens=told.input_tokens,
            output_tokens=told.output_tokens,
            cached_tokens=told.cache_read_tokens,
            seconds=self.clock() - start,
        )
        await uninterrupted(promise.settle(used, is_answered=True))
        return response


def metered(model: LanguageModel, account: Account) -> LanguageModel:
    """A language model, and the one that is asked where it fails, on an account."""
    first = replace(model, second=None).wrapping(lambda wrapped: MeteredModel(wrapped, model.label, account))
    return first if model.second is None else replace(first, second=metered(model.second, account))


def expected_usage(
    messages: list[ModelMessage], model_settings: ModelSettings | None, parameters: ModelRequestParameters
) -> Usage:
    """What a question should take: its prompt by its length, its answer by the bound that is set, if one is."""
    contents = [getattr(part, "content", "") for message in messages for part in message.parts]
    contents += [part.content for part in parameters.instruction_parts or ()]
    characters = sum(len(each) if isinstance(each, str) else len(str(each)) for each in contents)
    most = (model_settings or {}).get("max_tokens")
    return Usage(
        requests=1,
        input_tokens=math.ceil(characters / CHARACTERS_A_TOKEN),
        output_tokens=most if isinstance(most, int) else 0,
    )
