"""The part of the knowledge base that keeps accounts: what a run may spend, what it spent, how good estimates were."""

from collections.abc import Mapping

from prefect_harmonic.planners.budget import Amounts, BudgetLimits
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.knowledge.accuracy import (
    LEAST_SAMPLES,
    EstimateAccuracy,
    LearnedKind,
    accuracy_of,
    learned_kinds,
)
from prefect_harmonic.planners.knowledge.budgeting import (
    BudgetAccount,
    Reservation,
    budget_allowed,
    left_settled,
    released,
    reserved,
    settled,
    spending,
    unsettled,
)
from prefect_harmonic.planners.knowledge.cancelling import whole
from prefect_harmonic.planners.knowledge.database import Database
from prefect_harmonic.planners.knowledge.past_runs import finished_work, past_runs, run_kept
from prefect_harmonic.planners.knowledge.refusal import read_as


class Accounting:
    """What a run may spend, what it spent, and how good estimates were; a part of `KnowledgeBase`."""

    _database: Database

    @whole
    async def allow(self, root: str, limits: BudgetLimits | Mapping[str, object]) -> BudgetLimits:
        """Sets what the whole tree of a root may spend; said again, the new limits hold and what was spent stays.

        Raises:
            UnknownRecordError: There is no such root.
            RefusedValueError: A limit is out of range, or the entity is a part of another.
        """
        checked = limits if isinstance(limits, BudgetLimits) else read_as(BudgetLimits, dict(limits), "limits")
        async with self._database.writing() as transaction:
            return await budget_allowed(transaction, root, checked)

    @whole
    async def reserve(
        self, node: str, key: str, amounts: Amounts | Mapping[str, object], *, agent: str | None = None
    ) -> Reservation:
        """Promises amounts to a piece of work on a node before it starts; the same key is the same piece of work.

        Ask with a key that an attempt after a crash makes again, such as artifact and number of the call. Of what is
        `is_found` and settled, the work was done before, and doing it again is not counted again. The agent is the
        node's own unless another is named.

        Raises:
            UnknownRecordError: There is no such node.
            BudgetSpentError: Not enough is left; nothing was reserved.
        """
        checked = amounts if isinstance(amounts, Amounts) else read_as(Amounts, dict(amounts), "amounts")
        async with self._database.writing() as transaction:
            return await reserved(transaction, node, key, checked, agent)

    @whole
    async def settle(self, reservation: str | Reservation, actual: Amounts | Mapping[str, object]) -> Reservation:
        """Says what a piece of work took; saying it again changes nothing.

        What it took counts whole, even where it is more than was reserved.
        """
        checked = actual if isinstance(actual, Amounts) else read_as(Amounts, dict(actual), "actual")
        async with self._database.writing() as transaction:
            return await settled(transaction, _id(reservation), checked)

    @whole
    async def release(self, reservation: str | Reservation) -> Reservation:
        """Gives back what was promised to work that was not done."""
        async with self._database.writing() as transaction:
            return await released(transaction, _id(reservation))

    @whole
    async def settle_left(self, root: str) -> None:
        """Settles what is open in a tree that nobody works on any more, as having taken what it was promised."""
        async with self._database.writing() as transaction:
            await left_settled(transaction, root)

    @whole
    async def unsettled(self, root: str) -> tuple[Reservation, ...]:
        """The open reservations of a tree; at the start of a run, those that the one before was interrupted in."""
        async with self._database.reading() as transaction:
            return await unsettled(transaction.session, root)

    @whole
    async def spent(self, entity: str) -> BudgetAccount:
        """How the budget of an entity's tree stands: for each unit limit, reserved, spent and left."""
        async with self._database.reading() as transaction:
            return await spending(transaction.session, entity, transaction.now)

    @whole
    async def accuracy(self, entity: str) -> EstimateAccuracy:
        """How good the estimates were of what is finished at and below an entity, over all and by agent."""
        async with self._database.reading() as transaction:
            return await accuracy_of(transaction.session, entity)

    @whole
    async def learned_kinds(self, least: int = LEAST_SAMPLES) -> tuple[LearnedKind, ...]:
        """What each kind of finished work took, with its spread, where there are enough samples."""
        async with self._database.reading() as transaction:
            return await learned_kinds(transaction.session, least)

    # What later planning learns from

    @whole
    async def keep_run(self, run: PastRun) -> None:
        """Keeps a run that made all of its plan; said again, it takes the place of what was said."""
        async with self._database.writing() as transaction:
            await run_kept(transaction, run)

    @whole
    async def past_runs(self, *, model: str = "", project: str = "") -> tuple[PastRun, ...]:
        """The latest runs with a model, or without any, the latest last: of a project, and of whatever project."""
        async with self._database.reading() as transaction:
            return await past_runs(transaction.session, model=model, project=project)

    @whole
    async def finished_work(self, *, model: str = "") -> tuple[FinishedWork, ...]:
        """The latest finished artifacts of runs with a model, or without any, the latest last."""
        async with self._database.reading() as transaction:
            return await finished_work(transaction.session, model=model)


def _id(reservation: str | Reservation) -> str:
    return reservation if isinstance(reservation, str) else reservation.id
