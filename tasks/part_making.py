"""Making one part of an artifact: a task run within that of the artifact, which can be called off, done once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled

from prefect_harmonic.errors import AgentError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.spawning import Spawner, carried_out, using_spawner
from prefect_harmonic.tasks.artifacts import DROPPED, KEPT, is_worth_retrying
from prefect_harmonic.tasks.calling import completed
from prefect_harmonic.tasks.ledger import Entry, Ledger

NOT_WAITED_FOR = "its parent went on without it"
"""Why a part that was called off is dropped in the tree; started again, it is taken up again."""


@dataclass(kw_only=True)
class PartMaking:
    """One part being made: by whom, from what, under which key, and what came of it.

    Attributes:
        ledger: The books that it is entered into.
        clock: Gives the present moment.
        specialist: Who makes it.
        part: What that one is told.
        key: Under which what it finds is entered into the books.
        spawner: What it may spawn with.
        evidence: What it found, once it has.
    """

    ledger: Ledger
    clock: Callable[[], datetime]
    specialist: Specialist
    part: Assignment
    key: str
    spawner: Spawner | None = None
    evidence: Evidence | None = None
    is_called_off: bool = False
    _work: "asyncio.Task[Evidence] | None" = None

    def call_off(self) -> None:
        """Ends the work, whether it has begun or not."""
        self.is_called_off = True
        if self._work is not None:
            self._work.cancel()

    def kept(self) -> Entry | None:
        """What an earlier run found, if that still holds."""
        entry = self.ledger.entry(self.key)
        if entry is not None:
            self.evidence = entry.evidence
        return entry

    async def made(self) -> Evidence | None:
        """Has the part made and enters it into the books; nothing if it was called off.

        Raises:
            AgentError: It is blocked.
            HarmonicError: What is `DECISIVE`.
        """
        if self.is_called_off:
            return None
        started, watch = self.clock(), monotonic()
        with using_spawner(self.spawner):
            self._work = asyncio.create_task(carried_out(self.specialist, self.part))
        try:
            evidence = await self._work
        except asyncio.CancelledError:
            if not self.is_called_off:
                self._work.cancel()
                raise
            return None
        self.evidence = evidence
        if evidence.blockers:
            raise AgentError(self.specialist.name, self.part.artifact.description, "; ".join(evidence.blockers))
        finished, seconds = self.clock().isoformat(), max(0.0, monotonic() - watch)
        entry = Entry(key=self.key, evidence=evidence, started=started.isoformat(), finished=finished, seconds=seconds)
        self.ledger.record(entry)
        return evidence


@task(
    name="make-part",
    task_run_name="{part}",
    persist_result=False,
    cache_policy=NO_CACHE,
    retry_condition_fn=is_worth_retrying,
)
async def make_part(part: str, making: PartMaking) -> State[Evidence]:
    """Makes a part of an artifact, within the task run of that artifact, unless an earlier run made it."""
    kept = making.kept()
    if kept is not None:
        return completed(kept.evidence, name=KEPT, message=f"made {kept.finished} and unchanged since")
    evidence = await making.made()
    if evidence is None:
        return Cancelled(name=DROPPED, message=NOT_WAITED_FOR)
    return completed(evidence, message=f"{making.specialist.name}; confidence {evidence.confidence:g}")
