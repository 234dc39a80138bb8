"""The specialists by name, and the door through which users add their own."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from prefect_harmonic.errors import UnknownAgentError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence

AgentCall = Callable[[Assignment], Awaitable[Evidence]]
"""A specialist is a plain async callable: an assignment in, evidence out. It raises `AgentError` when it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """An agent with what the planner and the executor must know about it.

    Attributes:
        name: What artifacts call it, such as `code-analyzer`.
        call: The agent itself.
        version: Changes when its results would; part of the key under which finished work is found again.
        expertise: Kinds of artifact it is right for, matched against `domain_type` and the words of an artifact.
        is_reading_project: Whether its results depend on the project's files, so that a change there runs it again.
    """

    name: str
    call: AgentCall
    version: str = "1"
    expertise: frozenset[str] = frozenset()
    is_reading_project: bool = False


class AgentRegistry(Mapping[str, Specialist]):
    """Specialists by name. Registering gives a new registry, so that two runs never share changes."""

    def __init__(self, *specialists: Specialist) -> None:
        self._specialists = {specialist.name: specialist for specialist in specialists}

    def registering(self, *specialists: Specialist) -> "AgentRegistry":
        """The same registry with more specialists; one of a known name replaces it."""
        return AgentRegistry(*self._specialists.values(), *specialists)

    def __getitem__(self, name: str) -> Specialist:
        try:
            return self._specialists[name]
        except KeyError:
            raise UnknownAgentError(name, sorted(self._specialists)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._specialists

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._specialists))

    def __len__(self) -> int:
        return len(self._specialists)
