"""How the calls of a model and of its tools are carried out: as they come, unless a run keeps account of them.

A run that does gives a `Caller` (`prefect_harmonic.tasks.model_calls` makes each call a task run and keeps its answer).
Everything that passes through here is plain JSON.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from enum import StrEnum
from typing import Protocol

from pydantic import JsonValue

Work = Callable[[], Awaitable[JsonValue]]
"""What a call does. Its answer is plain JSON."""


class CallKind(StrEnum):
    """What is called."""

    MODEL = "ask-model"
    TOOL = "call-tool"


class Caller(Protocol):
    """Carries out calls."""

    async def call(self, kind: CallKind, name: str, key: str, work: Work) -> JsonValue:
        """What a call answers, or answered before under the same key. Raises what the work does.

        Args:
            kind: What is called.
            name: What a person reads.
            key: The same for the same call of the same work, in every attempt.
            work: The call.
        """
        ...


class PlainCaller:
    """Carries out each call at once and keeps nothing."""

    async def call(self, kind: CallKind, name: str, key: str, work: Work) -> JsonValue:
        """What the call answers."""
        return await work()


current_caller: ContextVar[Caller | None] = ContextVar("harmonic_caller", default=None)
"""Who carries out calls in this run; each is carried out at once where nobody does."""


def caller() -> Caller:
    """Who carries out calls here."""
    return current_caller.get() or PlainCaller()
