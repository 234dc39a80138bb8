"""A run in the knowledge base: what it may spend is reserved before, what it did and found is noted after.

The knowledge base remembers; the workspace decides. Where the database cannot be written, the run goes on, says so once
and catches up later. Only a spent budget keeps work from being done.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue

from prefect_harmonic.errors import BudgetSpentError, DatabaseError, KnowledgeError
from prefect_harmonic.events import EventName
from prefect_harmonic.planners.budget import Amounts, BudgetLimits
from prefect_harmonic.planners.knowledge.budgeting import BudgetAccount, Reservation, ReservationState
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.subtree_openings import openings_below
from prefect_harmonic.planners.programme.opening import Opening
from prefect_harmonic.planners.programme.outcome import REACHED
from prefect_harmonic.tasks.knowledge_address import knowledge_address
from prefect_harmonic.tasks.ledger import Entry
from prefect_harmonic.tasks.part_making import NOT_WAITED_FOR
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.spawning import drop_open_parts
from prefect_harmonic.tasks.workspace import Workspace


def check_knowledge_address() -> None:
    """Finds out, before anything is written, whether the address of the knowledge base names a database.

    Raises:
        DatabaseAddressError: It does not.
    """
    KnowledgeBase(knowledge_address())


@asynccontextmanager
async def recording_of(
    workspace: Workspace,
    *,
    goal: str,
    parameters: Mapping[str, JsonValue],
    limits: BudgetLimits | None = None,
    log: RunLog | None = None,
    max_depth: int = MAX_DEPTH,
) -> AsyncIterator["Recording | None"]:
    """The recording of the run in a workspace; nothing where the knowledge base cannot be used and need not be.

    Args:
        workspace: Where the run writes.
        goal: What it is to reach.
        parameters: What it was started with, for whoever carries it on.
        limits: What it may spend.
        log: Is told where the knowledge base cannot be used.
        max_depth: How many levels its tree may have below the goal.

    Raises:
        DatabaseAddressError: The address names no database.
        KnowledgeError: There are limits, and the knowledge base, which has to keep them, cannot be used.
    """
    async with KnowledgeBase(knowledge_address()) as kb:
        try:
            record = await ProgrammeRecord.opened(kb, workspace, goal=goal, parameters=parameters, max_depth=max_depth)
            if limits is not None:
                await _allow(kb, record.root, limits)
        except KnowledgeError as error:
            if limits is not None:
                raise
            (log or RunLog()).tell(EventName.KNOWLEDGE_MISSED, goal, reason=str(error))
            yield None
        else:
            # The workspace is leased, so whoever made promises that are still open is gone.
            left = () if limits is None else await kb.unsettled(record.root)
            yield Recording(kb, record, limits, log or RunLog(), left)


async def _allow(kb: KnowledgeBase, root: str, limits: BudgetLimits) -> None:
    """Sets the limits, unless a person has allowed more in the meantime."""
    account = await kb.spent(root)
    if any(one.limit is not None for one in account.units.values()):
        known = {unit.value: one.limit for unit, one in account.units.items()}
        greater = {
            name: known[name]
            for name, value in limits.model_dump(exclude={"prices"}).items()
            if value is not None and known[name] is not None and known[name] > value
        }
        limits = limits.model_copy(update=greater)
    await kb.allow(root, limits)


_ONE_CALL = Amounts(calls=1)


@dataclass
class Recording:
    """Keeps a run in the knowledge base. Each call of a specialist counts as one call against the budget.

    Attributes:
        kb: Where it is kept.
        record: The run's tree in it.
        limits: What the run may spend; nothing is reserved without limits.
        log: Is told what could not be written.
        left: Promises that killed runs have left open.
    """

    kb: KnowledgeBase
    record: ProgrammeRecord
    limits: BudgetLimits | None = None
    log: RunLog = field(default_factory=RunLog)
    left: tuple[Reservation, ...] = ()
    _reservations: dict[str, Reservation] = field(default_factory=dict)
    _failures: list[str] = field(default_factory=list)
    _calls: set[str] = field(default_factory=set)

    async def begin(self, artifact: str, key: str, agent: str) -> None:
        """See `Meter.begin`."""
        await self._settled(artifact)  # an attempt that ended without a word, by a time limit for instance
        if self.limits is not None:
            self._reservations[artifact] = await self._reserved(artifact, key, agent)
        await self.note(lambda record: record.artifact_started(artifact))

    async def _reserved(self, artifact: str, key: str, agent: str) -> Reservation:
        """A promise for this attempt. What is settled under a key was an earlier attempt, of this run or of another."""
        node = self.record.nodes.get(artifact, self.record.root)
        attempt = 1
        while True:
            told = f"{_work(artifact, key)}{attempt}"
            reservation = await self.kb.reserve(node, told, _ONE_CALL, agent=agent)
            if reservation.state is ReservationState.OPEN:
                return reservation
            attempt += 1

    async def promise_call(self, subject: str, key: str, amounts: Amounts, *, agent: str) -> Reservation:
        """Promises amounts to one call of a model, on the node of the artifact it is for, or else on the goal's.

        A call that a killed run was at takes up its promise again; one that was made is made anew and counts anew.

        Raises:
            BudgetSpentError: Not enough is left.
        """
        node = self.record.nodes.get(subject, self.record.root)
        attempt = 1
        while True:
            told = f"{subject[:80]}:{key}:{attempt}"
            if told not in self._calls:
                self._calls.add(told)
                reservation = await self.kb.reserve(node, told, amounts, agent=agent)
                if reservation.state is ReservationState.OPEN:
                    return reservation
            attempt += 1

    async def settle_call(self, reservation: Reservation, actual: Amounts) -> None:
        """Says what a call took."""
        try:
            await self.kb.settle(reservation, actual)
        except DatabaseError as error:
            self._missed(error)

    async def end(self, artifact: str, entry: Entry) -> None:
        """See `Meter.end`."""
        is_made_now = await self._settled(artifact)
        if not is_made_now:
            await self._settle_left(artifact, entry)
        if artifact in self.record.nodes:
            node = self.record.nodes[artifact]
            await self.note(lambda _: drop_open_parts(self.kb, node, NOT_WAITED_FOR))
        state = "done" if is_made_now or artifact in self.record.running else "kept"
        await self.note(
            lambda record: record.artifact_ended(artifact, state=state, evidence=entry.evidence, seconds=entry.seconds)
        )

    async def fail(self, artifact: str, key: str, reason: str) -> None:
        """See `Meter.fail`."""
        await self._settled(artifact)
        await self.note(lambda record: record.artifact_ended(artifact, state="failed", reason=reason))

    async def _settled(self, artifact: str) -> bool:
        reservation = self._reservations.pop(artifact, None)
        if reservation is None:
            return False
        await self.settle_call(reservation, _ONE_CALL)
        return True

    async def _settle_left(self, artifact: str, entry: Entry) -> None:
        """What a killed run had made and entered into the books was paid for, though it could not say so any more."""
        took = Amounts(calls=1, wall_seconds=entry.seconds)
        for one in self.left:
            if one.key.startswith(_work(artifact, entry.key)):
                await self.settle_call(one, took)

    async def note(self, telling: Callable[[ProgrammeRecord], Awaitable[None]]) -> None:
        """Notes something about the run. What cannot be written now is written with the next note."""
        try:
            await telling(self.record)
        except KnowledgeError as error:
            self._missed(error)

    async def ended(self, outcome: str, reason: str) -> None:
        """Notes how the run ended. Where the goal is reached, nothing takes up again what killed runs left open."""
        await self.note(lambda record: record.ended(outcome=outcome, reason=reason))
        await self.note(lambda record: record.catch_up())
        if outcome in REACHED:
            await self.note(lambda record: self.kb.settle_left(record.root))

    async def open_below(self) -> tuple[Opening, ...]:
        """What is open in the parts that artifacts fell into; nothing if it cannot be read."""
        try:
            return await openings_below(self.kb, self.record.root, self.record.nodes)
        except KnowledgeError as error:
            self._missed(error)
            return ()

    async def account(self) -> BudgetAccount | None:
        """How the budget stands, if it can be read."""
        try:
            return await self.kb.spent(self.record.root)
        except KnowledgeError as error:
            self._missed(error)
            return None

    async def allow_as_much_again(self) -> None:
        """Raises every limit by what it was at first."""
        if self.limits is None:
            return
        account = await self.kb.spent(self.record.root)
        raised = {
            unit.value: (one.limit or 0) + getattr(self.limits, unit.value)
            for unit, one in account.units.items()
            if getattr(self.limits, unit.value) is not None
        }
        await self.kb.allow(self.record.root, self.limits.model_copy(update=raised))

    def _missed(self, error: KnowledgeError) -> None:
        if isinstance(error, BudgetSpentError):
            raise error
        told = str(error)
        if told not in self._failures:
            self._failures.append(told)
            self.log.tell(EventName.KNOWLEDGE_MISSED, reason=told)


async def noted(recording: Recording | None, telling: Callable[[ProgrammeRecord], Awaitable[None]]) -> None:
    """Notes something about a run that may have no recording; see `Recording.note`."""
    if recording is not None:
        await recording.note(telling)


def _work(artifact: str, key: str) -> str:
    """What the keys of all promises for one piece of work begin with."""
    return f"{artifact[:100]}:{key[:32]}:"
