"""How the calls of a model and of its tools are carried out: as they come, unless a run keeps account of them.

A run that does gives a `Caller` (`prefect_harmonic.tasks.model_calls` makes each call a task run and keeps its answer).
Everything that passes through here is plain JSON.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
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

    def forget(self, keys: Collection[str]) -> None:
        """Has calls made again that were answered under these keys."""
        ...


class PlainCaller:
    """Carries out each call at once and keeps nothing."""

    async def call(self, kind: CallKind, name: str, key: str, work: Work) -> JsonValue:
        """What the call answers."""
        return await work()

    def forget(self, keys: Collection[str]) -> None:
        """Has nothing to forget."""


current_caller: ContextVar[Caller | None] = ContextVar("harmonic_caller", default=None)
"""Who carries out calls in this run; each is carried out at once where nobody does."""


def caller() -> Caller:
    """Who carries out calls here."""
    return current_caller.get() or PlainCaller()


@dataclass(frozen=True, slots=True)
class _OnTrial:
    """Carries out calls as another caller does, and knows what was answered since one failed."""

    caller: Caller
    answered: list[str] = field(default_factory=list)

    async def call(self, kind: CallKind, name: str, key: str, work: Work) -> JsonValue:
        try:
            answer = await self.caller.call(kind, name, key, work)
        except BaseException:
            self.answered.clear()  # what fails from here on fails for want of an answer
            raise
        self.answered.append(key)
        return answer

    def forget(self, keys: Collection[str]) -> None:
        self.caller.forget(keys)


@contextmanager
def answers_on_trial() -> Iterator[None]:
    """Has answers forgotten of which nothing could be made, so that the next attempt does not find them again.

    Those stay that were there before a call failed: they were not what was wrong.
    """
    trial = _OnTrial(caller())
    token = current_caller.set(trial)
    try:
        yield
    except Exception:
        trial.forget(trial.answered)
        raise
    finally:
        current_caller.reset(token)
