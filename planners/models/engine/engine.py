"""What an engine is asked and answers, and what it must be able to do.

The seam between the host, which keeps an engine alive, and vLLM: tests put something else behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Message = Mapping[str, str]
"""One message of a conversation: `role` and `content`, both text, as every chat template takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatQuestion:
    """What is asked.

    Attributes:
        messages: The conversation so far.
        schema: JSON schema that the answer is held to; free text without one.
        temperature: How freely tokens are chosen; the model's own way if left out.
        seed: What the choice of tokens depends on.
        max_tokens: Tokens of the answer at most; as many as fit if left out.
        top_p: Share of the probability that tokens are chosen from.
        stop: Texts that end the answer.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any] | None = None
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatAnswer:
    """What came back.

    Attributes:
        text: The answer.
        is_cut: Whether it ended at a limit and not by itself.
        prompt_tokens: Tokens of the question, as the chat template wrote it.
        answer_tokens: Tokens of the answer.
        cached_tokens: Tokens of the question that were in the prefix cache.
    """

    text: str
    is_cut: bool = False
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cached_tokens: int = 0


class Engine(Protocol):
    """A running engine. All calls come from the one event loop on which it was started."""

    @property
    def unfinished(self) -> int:
        """Questions that it is at work on, or that wait for it."""
        ...

    async def answer(self, question: ChatQuestion) -> ChatAnswer:
        """The answer. Cancelling the call ends the work on it.

        Raises:
            EngineGoneError: The engine is dead, and will answer nothing any more.
            QuestionRefusedError: The question cannot be answered, however often it is asked.
            AnswerLostError: Something went wrong with this answer; the engine lives.
        """
        ...

    def close(self) -> None:
        """Ends it and what belongs to it."""
        ...


class EngineGoneError(Exception):
    """The engine died."""


class QuestionRefusedError(Exception):
    """The engine does not take the question.

    Args:
        reason: In its own words.
        is_about_schema: Whether it is the schema that it does not take.
    """

    def __init__(self, reason: str, *, is_about_schema: bool = False) -> None:
        super().__init__(reason)
        self.is_about_schema = is_about_schema


class AnswerLostError(Exception):
    """An answer did not come, and may come when the same is asked again."""
