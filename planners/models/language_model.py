"""A language model as those see it who ask it: something that gives a model for the running event loop.

Sources of candidates, specialists, the evaluator and the replanner of one run are handed the same object, so that what
is wrapped around it once (a meter, a recording) holds for all of them. Knows no client, and loads none.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from prefect_harmonic.planners.models.recording import Recording

ModelProvider = Callable[[], "Awaitable[Model[Any]]"]
"""Gives the model for the running event loop: patient, and recorded or replayed where that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel:
    """A model that was chosen, and what those who ask it must know.

    Attributes:
        label: Provider and name, as they are given on the command line; part of the keys of what it makes.
        model: Gives the model. Its errors are `CandidateError`, each with a reason in which no key stands.
        max_tokens: Tokens of one answer at most; as the server has it if left out.
        is_bounded: Whether answers are decoded under the schema, so that texts are to be bounded in it; see `slots`.
        second: The model that is asked where this one fails, if one was named.
        recording: Where its exchanges are kept, if they are.
        replayed: Where its answers come from, if not from a model.
        is_embedded_allowed: Whether what needs no model does the work where no model gives an answer.
    """

    label: str
    model: ModelProvider
    max_tokens: int | None = None
    is_bounded: bool = False
    second: "LanguageModel | None" = None
    recording: "Recording | None" = None
    replayed: "Recording | None" = None
    is_embedded_allowed: bool = True

    @property
    def in_turn(self) -> "tuple[LanguageModel, ...]":
        """The model, and after it the one that is asked where it fails."""
        return (self,) if self.second is None else (self, *self.second.in_turn)

    def wrapping(self, wrap: "Callable[[Model[Any]], Model[Any]]") -> "LanguageModel":
        """The same, with something around every model that it gives, such as a meter; the second model's as well."""
        inner = self.model

        async def wrapped() -> "Model[Any]":
            return wrap(await inner())

        return replace(self, model=wrapped, second=self.second.wrapping(wrap) if self.second else None)
