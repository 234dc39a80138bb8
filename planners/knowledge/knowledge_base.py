"""The knowledge base: one front for everything that is kept, each call one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from pydantic import SecretStr

from prefect_harmonic.planners.evidence import Claim, Decision
from prefect_harmonic.planners.knowledge.accounting import Accounting
from prefect_harmonic.planners.knowledge.address import database_address
from prefect_harmonic.planners.knowledge.cancelling import whole
from prefect_harmonic.planners.knowledge.claims import (
    RecordedDecision,
    claims_recorded,
    decision_recorded,
    decisions_of,
)
from prefect_harmonic.planners.knowledge.context import SpawnContext, context_of
from prefect_harmonic.planners.knowledge.database import Database, Transaction
from prefect_harmonic.planners.knowledge.effort_log import (
    EffortAccount,
    LearnedEstimate,
    effort_of,
    learned_estimate,
)
from prefect_harmonic.planners.knowledge.entities import entity_added, entity_updated
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.evaluations import (
    Convergence,
    EvaluationRecord,
    convergence_of,
    evaluation_added,
    evaluation_of,
    evaluation_updated,
)
from prefect_harmonic.planners.knowledge.export import exported
from prefect_harmonic.planners.knowledge.identity import Clock, utc_now
from prefect_harmonic.planners.knowledge.link import Direction, Link, LinkedEntity, link_type_of
from prefect_harmonic.planners.knowledge.linking import linked, links_of
from prefect_harmonic.planners.knowledge.progress import PlanProgress, progress_of
from prefect_harmonic.planners.knowledge.reading import claims_of, read_entities, read_entity
from prefect_harmonic.planners.knowledge.reflection import Reflection, reflection_on
from prefect_harmonic.planners.knowledge.search import Found, entities_found
from prefect_harmonic.planners.knowledge.spawning import SpawnBudget, spawn_budget, spawned
from prefect_harmonic.planners.knowledge.steps import unmet
from prefect_harmonic.planners.knowledge.tasks import (
    Task,
    read_task,
    task_added,
    task_status,
    task_updated,
    tasks_with,
)
from prefect_harmonic.planners.knowledge.tree import checked_ids, subtree

Result = TypeVar("Result")

_NOTHING: Mapping[str, object] = {}


class KnowledgeBase(Accounting):
    """What was found out, decided and spent, on SQLite or PostgreSQL.

    Any number of processes may use one database at the same time. A call that is cancelled has done all or nothing. An
    object of this class belongs to the event loop in which it is first used; close it there with `aclose`, or use it
    with `async with`.

    Args:
        url: `sqlite:////absolute/file.db` or `postgresql://user:password@host/database`.
        clock: Gives the present moment.
        patience_seconds: How long to wait while others write.

    >>> import asyncio, tempfile
    >>> async def remembered(folder: str) -> str:
    ...     async with KnowledgeBase(f"sqlite:///{folder}/harmonic.db") as kb:
    ...         plan = await kb.add("Plan: GraphQL API", metadata={"type": "plan", "max_depth": 4})
    ...         part = await kb.add("Research", metadata={"parent_plan": plan.id, "status": "executing"})
    ...         return (await kb.get(plan.id)).status
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     asyncio.run(remembered(folder))
    'executing'

    Raises:
        DatabaseAddressError: The URL names no database that we know.
    """

    def __init__(self, url: str | SecretStr, *, clock: Clock = utc_now, patience_seconds: float = 30.0) -> None:
        self._database = Database(database_address(url), clock, patience_seconds)

    def __repr__(self) -> str:
        return f"KnowledgeBase({self._database.address.shown!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._database.aclose()

    # Several things at once, for what is built on this

    @whole
    async def together(self, change: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Makes several changes in one transaction in which nobody else writes: all of them or none."""
        async with self._database.writing() as transaction:
            return await change(transaction)

    @whole
    async def at_once(self, question: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Reads several things as they are at one moment."""
        async with self._database.reading() as transaction:
            return await question(transaction)

    # Entities and links

    @whole
    async def add(self, title: str, content: str = "", metadata: Mapping[str, object] = _NOTHING) -> Entity:
        """Adds an entity. `parent_plan`, `dependencies` and `claims` in the metadata are stored as what they are.

        Raises:
            UnknownRecordError: The parent or a dependency does not exist.
            RefusedValueError: A value is outside what is allowed.
            TreeLimitError: The parent stands at the depth limit of its tree.
        """
        async with self._database.writing() as transaction:
            return await entity_added(transaction, title, content, metadata)

    @whole
    async def get(self, entity: str) -> Entity:
        """One entity.

        Raises:
            UnknownRecordError: There is none.
        """
        async with self._database.reading() as transaction:
            return await read_entity(transaction.session, entity)

    @whole
    async def update(
        self, entity: str, title: str = "", content: str = "", metadata: Mapping[str, object] = _NOTHING
    ) -> Entity:
        """Changes what is named. An empty text leaves what is there; metadata is merged key by key.

        Raises:
            UnknownRecordError: There is no such entity.
            RefusedValueError: A value is outside what is allowed.
            IllegalStepError: The status cannot follow the present one.
        """
        async with self._database.writing() as transaction:
            return await entity_updated(transaction, entity, title, content, metadata)

    @whole
    async def link(self, source: str, target: str, link_type: str) -> Link:
        """Links two entities; linking them in the same way again changes nothing.

        Raises:
            UnknownRecordError: An end does not exist.
            RefusedValueError: There is no such type of link.
            LinkCycleError: It would close a cycle, which is named.
            LinkRefusedError: The target has another parent, or the tree would become too deep.
        """
        checked = link_type_of(link_type)
        async with self._database.writing() as transaction:
            return await linked(transaction, source, target, checked)

    @whole
    async def links(self, entity: str, direction: Direction | None = None) -> tuple[LinkedEntity, ...]:
        """What an entity is linked with, in the order of the work; only links from it or to it where that is said."""
        async with self._database.reading() as transaction:
            return await links_of(transaction.session, entity, direction)

    @whole
    async def subtree(self, entity: str) -> tuple[Entity, ...]:
        """An entity and everything below it, level by level."""
        async with self._database.reading() as transaction:
            await checked_ids(transaction.session, [entity])
            places = await subtree(transaction.session, entity)
            return await read_entities(transaction.session, [place.id for place in places])

    @whole
    async def awaited(self, entity: str) -> tuple[Entity, ...]:
        """What an entity still waits for; nothing if it may start."""
        async with self._database.reading() as transaction:
            await checked_ids(transaction.session, [entity])
            rows = await unmet(transaction.session, entity)
            return await read_entities(transaction.session, [row.id for row in rows])

    @whole
    async def search(self, text: str, most: int = 20) -> tuple[Found, ...]:
        """The entities that hold all words of a text in one form or another, the best first."""
        async with self._database.reading() as transaction:
            return await entities_found(transaction.session, text, most)

    @whole
    async def export(self, entity: str) -> str:
        """An entity as Markdown, with all that is known about it."""
        async with self._database.reading() as transaction:
            return await exported(transaction.session, entity)

    @whole
    async def progress(self, entity: str) -> PlanProgress:
        """How far everything below an entity is, level by level."""
        async with self._database.reading() as transaction:
            return await progress_of(transaction.session, entity)

    # Tasks

    @whole
    async def add_task(
        self, title: str, instruction: str, entity: str, metadata: Mapping[str, object] = _NOTHING
    ) -> Task:
        """Adds a pending task for an entity."""
        async with self._database.writing() as transaction:
            return await task_added(transaction, title, instruction, entity, metadata)

    @whole
    async def task(self, task: str) -> Task:
        """One task."""
        async with self._database.reading() as transaction:
            return await read_task(transaction.session, task)

    @whole
    async def tasks(self, status: str | None = None, entity: str | None = None) -> tuple[Task, ...]:
        """The tasks of a status, or all; of an entity, or all; oldest first."""
        wanted = None if status is None else task_status(status)
        async with self._database.reading() as transaction:
            return await tasks_with(transaction.session, wanted, entity)

    @whole
    async def update_task(
        self,
        task: str,
        *,
        status: str | None = None,
        title: str = "",
        instruction: str = "",
        metadata: Mapping[str, object] = _NOTHING,
    ) -> Task:
        """Changes what is named of a task.

        Raises:
            IllegalStepError: The status cannot follow the present one.
        """
        async with self._database.writing() as transaction:
            return await task_updated(
                transaction, task, status=status, title=title, instruction=instruction, metadata=metadata
            )

    # Evaluations

    @whole
    async def add_evaluation(
        self, entity: str, max_iterations: int = 5, criteria: Mapping[str, object] = _NOTHING
    ) -> EvaluationRecord:
        """Starts to evaluate an entity."""
        async with self._database.writing() as transaction:
            return await evaluation_added(transaction, entity, max_iterations, criteria)

    @whole
    async def update_evaluation(self, evaluation: str, values: Mapping[str, object]) -> EvaluationRecord:
        """Adds an iteration (where a confidence is named), or more about the last one.

        Raises:
            RefusedValueError: A value is out of range, the iterations are used up, or the stated status does not
                follow.
        """
        async with self._database.writing() as transaction:
            return await evaluation_updated(transaction, evaluation, values)

    @whole
    async def evaluation(self, evaluation: str) -> EvaluationRecord:
        """An evaluation with its history."""
        async with self._database.reading() as transaction:
            return await evaluation_of(transaction.session, evaluation)

    @whole
    async def convergence(self, evaluation: str) -> Convergence:
        """Converged, plateaued, exhausted, or to be continued."""
        async with self._database.reading() as transaction:
            return await convergence_of(transaction.session, evaluation)

    # Claims and decisions

    @whole
    async def add_claims(self, entity: str, claims: Sequence[Claim]) -> int:
        """Records claims for an entity, each text once, and gives how many are new."""
        async with self._database.writing() as transaction:
            await checked_ids(transaction.session, [entity])
            return await claims_recorded(transaction, entity, claims)

    @whole
    async def claims(self, entity: str) -> tuple[Claim, ...]:
        """The claims at and below an entity."""
        async with self._database.reading() as transaction:
            await checked_ids(transaction.session, [entity])
            places = [place.id for place in await subtree(transaction.session, entity)]
            found = await claims_of(transaction.session, places)
            return tuple(claim for place in places for claim in found.get(place, ()))

    @whole
    async def add_decision(self, entity: str, decision: Decision) -> RecordedDecision:
        """Records a decision that was made for an entity."""
        async with self._database.writing() as transaction:
            return await decision_recorded(transaction, entity, decision)

    @whole
    async def decisions(self, entity: str) -> tuple[RecordedDecision, ...]:
        """The decisions at and below an entity, oldest first."""
        async with self._database.reading() as transaction:
            await checked_ids(transaction.session, [entity])
            places = [place.id for place in await subtree(transaction.session, entity)]
            return await decisions_of(transaction.session, places)

    @whole
    async def reflect(self, entity: str) -> Reflection:
        """What is claimed at and below an entity without source, weakly or against itself."""
        async with self._database.reading() as transaction:
            return await reflection_on(transaction.session, entity)

    # Effort

    @whole
    async def effort(self, entity: str) -> EffortAccount:
        """What work on an entity was thought to take and what it took."""
        async with self._database.reading() as transaction:
            return await effort_of(transaction.session, entity)

    @whole
    async def learned_estimate(self, agent: str, kind: str) -> LearnedEstimate:
        """What finished work of this agent and kind took, and how far that spreads."""
        async with self._database.reading() as transaction:
            return await learned_estimate(transaction.session, agent, kind)

    # Spawning

    @whole
    async def budget(self, entity: str, *, max_depth: int | None = None, max_total: int | None = None) -> SpawnBudget:
        """What an entity may still spawn; limits given here only narrow those of the tree."""
        async with self._database.reading() as transaction:
            return await spawn_budget(transaction.session, entity, max_depth=max_depth, max_total=max_total)

    @whole
    async def spawn(
        self,
        parent: str,
        title: str,
        content: str,
        agent: str,
        *,
        max_depth: int | None = None,
        max_total: int | None = None,
    ) -> Entity:
        """Adds a part to an entity on behalf of its agent, if the budget of the tree still allows one.

        Raises:
            UnknownRecordError: There is no such parent.
            TreeLimitError: The budget is used up, or the depth reached: do the work there instead.
        """
        async with self._database.writing() as transaction:
            return await spawned(transaction, parent, title, content, agent, max_depth=max_depth, max_total=max_total)

    @whole
    async def context(self, entity: str) -> SpawnContext:
        """What an agent is told when it starts on an entity."""
        async with self._database.reading() as transaction:
            return await context_of(transaction.session, entity)
