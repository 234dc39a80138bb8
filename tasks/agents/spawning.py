"""How a specialist has a part of its work done by another, without knowing who arranges it.

A run sets the spawner for all that is started within it; in a library call there may be none, and every specialist then
does its work itself. Owns the seam and what any spawner needs; knows no engine and no database.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from prefect_harmonic.errors import BudgetSpentError, HarmonicError, NotRecordedError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, summarised
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import clipped

if TYPE_CHECKING:  # the knowledge base brings a database's library with it, which agents do without
    from prefect_harmonic.planners.knowledge.context import SpawnContext
    from prefect_harmonic.planners.knowledge.reflection import Reflection

NO_INPUTS: Mapping[str, Evidence] = MappingProxyType({})

DECISIVE = (BudgetSpentError, NotRecordedError)
"""Errors that are a matter of the whole run and not of one part: it stops in order, or it is no replay any more."""

_WORD = re.compile(r"[^\W_]+")
_LONGEST_ID = 80
_LONGEST_REASON = 300


class Spawner(Protocol):
    """Arranges that parts of an assignment are done by others."""

    @property
    def agents(self) -> Mapping[str, Specialist]:
        """Who can be asked."""
        ...

    async def spawn(
        self, parent: Assignment, title: str, content: str, agent: str, inputs: Mapping[str, Evidence] = NO_INPUTS
    ) -> Evidence | None:
        """Has a part done, and gives what came of it; a part that failed comes back as evidence with blockers.

        The same part of the same parent is done once, however often it is asked for.

        Returns:
            None where the budget is used up or the depth reached: the agent then does the work itself.

        Raises:
            UnknownAgentError: There is no such agent.
        """
        ...

    async def context(self, parent: Assignment) -> "SpawnContext | None":
        """The parents' summaries, the siblings with status and gaps, and what is left; None for work in no tree."""
        ...

    async def reflect(self, parent: Assignment) -> "Reflection | None":
        """What is doubtful in everything at and below an assignment; None for work in no tree."""
        ...


current_spawner: ContextVar[Spawner | None] = ContextVar("harmonic_spawner", default=None)
"""Who arranges parts for the agents that are called here."""


@contextmanager
def using_spawner(spawner: Spawner | None) -> Iterator[None]:
    """Sets who arranges parts for all that is started within; None has everybody do their work themselves."""
    token = current_spawner.set(spawner)
    try:
        yield
    finally:
        current_spawner.reset(token)


def part_assignment(
    parent: Assignment, title: str, content: str, agent: str, inputs: Mapping[str, Evidence] = NO_INPUTS
) -> Assignment:
    """What the agent of a part is told: its question, what it is given, and all that its parent knew as background."""
    artifact = Artifact(
        id=part_id(title), description=title, contract=content, agent=agent, phase=parent.artifact.phase
    )
    known = {**parent.background, **parent.inputs}
    background = {name: known[name] for name in sorted(known) if name not in inputs}
    return parent.model_copy(update={"artifact": artifact, "inputs": dict(inputs), "background": background})


def part_id(title: str) -> str:
    """The id of a part's artifact: its title's words, so that agents read the same in both.

    >>> part_id("Bi-2212: cost trajectory")
    'Bi-2212-cost-trajectory'
    """
    words = "-".join(_WORD.findall(title))
    return words if 0 < len(words) <= _LONGEST_ID else words[:_LONGEST_ID].rpartition("-")[0] or words[:80] or "Part"


def blocked(part: Assignment, agent: str, reason: str) -> Evidence:
    """The evidence of a part that was not done, with why."""
    told = clipped(reason, _LONGEST_REASON)
    title = part.artifact.description or part.artifact.id
    return Evidence(
        artifact=part.artifact.id,
        agent=agent,
        summary=summarised(f"{title} was not done: {told}"),
        confidence=0.0,
        gaps=(f"{title} was not done: {told}",),
        blockers=(told,),
    )


async def carried_out(specialist: Specialist, part: Assignment) -> Evidence:
    """What a specialist gives for a part; an error of its own is a blocker and takes nobody else along.

    Raises what is `DECISIVE`.
    """
    task = asyncio.current_task()
    try:
        evidence = await specialist.call(part)
    except asyncio.CancelledError:
        if task is not None and task.cancelling():  # it was us who called it off
            raise
        return blocked(part, specialist.name, "it cancelled its own work")
    except DECISIVE:
        raise
    except (Exception, SystemExit) as error:  # whatever a specialist raises, its siblings go on
        return blocked(part, specialist.name, told(error))
    if evidence.artifact != part.artifact.id:
        return blocked(part, specialist.name, f"it gave evidence for {evidence.artifact!r} instead")
    return evidence


def told(error: BaseException) -> str:
    """What an error says: our own say enough, others need their type's name."""
    return str(error) if isinstance(error, HarmonicError) else f"{type(error).__name__}: {error}"
