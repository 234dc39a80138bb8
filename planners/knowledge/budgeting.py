"""The budget of a run: what is promised to a piece of work before it starts, and what it took once it has ended.

What is left is counted and promised in one transaction in which nobody else writes, so a limit holds whoever asks. A
reservation is found again by its key: an attempt that is made again after a crash takes the place of the one before,
and what was spent is counted once. One that a killed process left open keeps what it was promised until it is settled
or released, so the ledger never says that more is left than there is.

Wall time is the time during which anything at all is worked on: work that is done side by side counts once, and the
time between two runs not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import BudgetSpentError, UnknownRecordError
from prefect_harmonic.planners.budget import Amounts, BudgetLimits, Unit, UnitAccount, account, from_parts
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.refusal import plain_json, plain_text, read_as, refused
from prefect_harmonic.planners.knowledge.tables import BudgetRow, EntityRow, ReservationRow
from prefect_harmonic.planners.knowledge.tree import ancestors, entity_row

_LONGEST_KEY = 200
_NOBODY = ""
_SUMMED = tuple(unit for unit in Unit if unit is not Unit.WALL_SECONDS)


class ReservationState(StrEnum):
    """How far a reservation is."""

    OPEN = "open"
    """The work goes on, or its process was killed."""
    SETTLED = "settled"
    """The work has ended, and what it took is known."""
    RELEASED = "released"
    """The work was not done."""


class Reservation(BaseModel):
    """What is promised to one piece of work, or what it took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    root: str
    node: str
    agent: str | None
    key: str
    state: ReservationState
    promised: Amounts
    spent: Amounts | None = Field(description="What the work took, once that is settled.")
    reserved_at: datetime
    ended_at: datetime | None = None
    is_found: bool = Field(default=False, description="Whether it was there before it was asked for.")


class BudgetAccount(BaseModel):
    """How the budget of a run stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: str
    units: dict[Unit, UnitAccount]
    by_agent: dict[str, Amounts] = Field(description="What was spent, by who did the work.")
    by_node: dict[str, Amounts] = Field(description="What was spent, by the node that it was spent on.")
    open: int = Field(description="How many reservations are open.")

    @property
    def used_up(self) -> tuple[Unit, ...]:
        """The units of which nothing is left."""
        return tuple(unit for unit, one in self.units.items() if one.left is not None and one.left <= 0)


async def budget_allowed(transaction: Transaction, root: str, limits: BudgetLimits) -> BudgetLimits:
    """Sets what the tree of a root may spend, in place of what was set before.

    Raises:
        UnknownRecordError: There is no such entity.
        RefusedValueError: It is no root: a budget is that of a whole tree.
    """
    await entity_row(transaction.session, root)
    if above := await ancestors(transaction.session, root):
        raise refused("root", root, f"it is a part of {above[-1]}; set the budget there")
    row = await _budget_row(transaction.session, root)
    if row is None:
        row = BudgetRow(root_id=root, limits={}, created_at=transaction.now, updated_at=transaction.now)
        transaction.session.add(row)
    row.limits, row.updated_at = plain_json("limits", limits.model_dump(mode="json")), transaction.now
    await transaction.session.flush()
    return limits


async def reserved(transaction: Transaction, node: str, key: str, amounts: Amounts, agent: str | None) -> Reservation:
    """Promises amounts to a piece of work on a node, under a key that is its own within the tree.

    A key that is there already is the same piece of work: an open reservation is given back as it is, with its clock
    started anew; a settled one as it is; a released one is promised again if there is enough left.

    Raises:
        UnknownRecordError: There is no such node.
        BudgetSpentError: There is not enough left.
    """
    session = transaction.session
    plain_text("key", key, is_needed=True)
    if len(key) > _LONGEST_KEY:
        raise refused("key", key, f"give at most {_LONGEST_KEY} characters")
    owner = await entity_row(session, node)
    root = ((await ancestors(session, node)) or (node,))[-1]
    row = await _found(session, root, key)
    if row is not None and row.state != ReservationState.RELEASED:
        if row.state == ReservationState.OPEN:
            row.reserved_at = transaction.now
            await session.flush()
        return _reservation(row).model_copy(update={"is_found": True})
    limits = await _limits(session, root)
    parts = amounts.parts(limits.prices)
    await _check_left(transaction, root, limits, parts)
    if row is None:
        row = ReservationRow(id=transaction.new_id(), root_id=root, key=key)
        session.add(row)
    row.node_id, row.agent = node, agent or _agent_of(owner)
    row.state, row.reserved_at, row.ended_at = ReservationState.OPEN.value, transaction.now, None
    row.promised = {unit.value: parts[unit] for unit in Unit}
    _set_parts(row, parts)
    await session.flush()
    return _reservation(row)


async def settled(transaction: Transaction, reservation: str, actual: Amounts) -> Reservation:
    """Says what a piece of work took; it took that once, however often it is said.

    The wall time is the clock's, unless it is stated.

    Raises:
        UnknownRecordError: There is no such reservation.
        RefusedValueError: It was released.
    """
    row = await _reservation_row(transaction.session, reservation)
    if row.state == ReservationState.RELEASED:
        raise refused("reservation", reservation, "it was released; reserve under its key again")
    if row.state == ReservationState.OPEN:
        parts = actual.parts((await _limits(transaction.session, row.root_id)).prices)
        if not parts[Unit.WALL_SECONDS]:
            parts[Unit.WALL_SECONDS] = _microseconds(max(timedelta(), transaction.now - row.reserved_at))
        _set_parts(row, parts)
        row.state, row.ended_at = ReservationState.SETTLED.value, max(row.reserved_at, transaction.now)
        await transaction.session.flush()
    return _reservation(row)


async def released(transaction: Transaction, reservation: str) -> Reservation:
    """Gives back what was promised to work that was not done.

    Raises:
        UnknownRecordError: There is no such reservation.
        RefusedValueError: It is settled: what was spent cannot be given back.
    """
    row = await _reservation_row(transaction.session, reservation)
    if row.state == ReservationState.SETTLED:
        raise refused("reservation", reservation, "it is settled, and what was spent cannot be given back")
    if row.state == ReservationState.OPEN:
        _set_parts(row, {})
        row.state, row.ended_at = ReservationState.RELEASED.value, max(row.reserved_at, transaction.now)
        await transaction.session.flush()
    return _reservation(row)


async def left_settled(transaction: Transaction, root: str) -> None:
    """Settles what is open in a tree that nobody works on any more: it took all that it was promised.

    Of wall time it took what the clock says, up to what it was promised.

    Raises:
        UnknownRecordError: There is no such entity.
    """
    await entity_row(transaction.session, root)
    for row in filter(_is_open, await _rows(transaction.session, root)):
        start, end = _stretch(row, transaction.now)
        row.state, row.ended_at, row.wall_seconds = ReservationState.SETTLED.value, end, _microseconds(end - start)
    await transaction.session.flush()


async def unsettled(session: AsyncSession, root: str) -> tuple[Reservation, ...]:
    """The open reservations of a tree, oldest first; those that nobody works on any more were interrupted."""
    await entity_row(session, root)
    rows = [row for row in await _rows(session, root) if row.state == ReservationState.OPEN]
    return tuple(_reservation(row) for row in rows)


async def spending(session: AsyncSession, entity: str, now: datetime) -> BudgetAccount:
    """How the budget of the tree stands that an entity is in.

    Raises:
        UnknownRecordError: There is no such entity.
    """
    await entity_row(session, entity)
    root = ((await ancestors(session, entity)) or (entity,))[-1]
    rows = await _rows(session, root)
    done = [row for row in rows if row.state == ReservationState.SETTLED]
    limits, sums = (await _limits(session, root)).parts(), _sums(rows, now)
    return BudgetAccount(
        root=root,
        units={unit: account(unit, limits.get(unit), *sums[unit]) for unit in Unit},
        by_agent=_grouped((row.agent or "-", row) for row in done),
        by_node=_grouped((row.node_id, row) for row in done),
        open=sum(map(_is_open, rows)),
    )


def _grouped(rows: Iterable[tuple[str, ReservationRow]]) -> dict[str, Amounts]:
    sums: dict[str, dict[Unit, int]] = {}
    for name, row in rows:
        known = sums.setdefault(name, dict.fromkeys(Unit, 0))
        for unit in Unit:
            known[unit] += _parts(row, unit)
    return {name: Amounts.of_parts(sums[name]) for name in sorted(sums)}


def _sums(rows: Sequence[ReservationRow], now: datetime) -> dict[Unit, tuple[int, int]]:
    """For each unit, in parts, what is promised and what is spent."""
    found: dict[Unit, tuple[int, int]] = {Unit.WALL_SECONDS: (_wall_promised(rows, now), _wall_spent(rows, now))}
    for unit in _SUMMED:
        spent = sum(_parts(row, unit) for row in rows if row.state == ReservationState.SETTLED)
        found[unit] = sum(_parts(row, unit) for row in rows if _is_open(row)), spent
    return found


async def _check_left(transaction: Transaction, root: str, limits: BudgetLimits, asked: Mapping[Unit, int]) -> None:
    limited = limits.parts()
    if not limited:
        return
    sums = _sums(await _rows(transaction.session, root), transaction.now)
    shortages = []
    for unit, limit in limited.items():
        promised, spent = sums[unit]
        # Work that is done side by side shares its wall time, so what others were promised of it is not taken away.
        left = max(0, limit - spent - (0 if unit is Unit.WALL_SECONDS else promised))
        if asked[unit] > left or (unit is Unit.WALL_SECONDS and not left):
            wanted = _shown(unit, asked[unit]) if asked[unit] else "some"
            shortages.append((unit.value, _shown(unit, limit), _shown(unit, left), wanted))
    if shortages:
        raise BudgetSpentError(root, shortages)


def _shown(unit: Unit, parts: int) -> str:
    value = from_parts(unit, parts)
    return f"{value:,}" if isinstance(value, int) else f"{value:,f}".rstrip("0").rstrip(".")


def _wall_spent(rows: Sequence[ReservationRow], now: datetime) -> int:
    """The time during which anything was worked on. What is open counts with no more than it was promised."""
    stretches = sorted(_stretch(row, now) for row in rows if row.state != ReservationState.RELEASED)
    total, reached = timedelta(), datetime.min.replace(tzinfo=now.tzinfo)
    for start, end in stretches:
        total += max(timedelta(), end - max(start, reached))
        reached = max(reached, end)
    return _microseconds(total)


def _stretch(row: ReservationRow, now: datetime) -> tuple[datetime, datetime]:
    wall = timedelta(microseconds=row.wall_seconds)
    if row.ended_at is not None:
        return row.ended_at - wall, row.ended_at
    return row.reserved_at, max(row.reserved_at, min(now, row.reserved_at + wall))


def _wall_promised(rows: Sequence[ReservationRow], now: datetime) -> int:
    """The longest that anything open may still take."""
    ends = [
        _stretch(row, row.reserved_at + timedelta(microseconds=row.wall_seconds))[1] for row in rows if _is_open(row)
    ]
    return max((_microseconds(end - now) for end in ends if end > now), default=0)


def _is_open(row: ReservationRow) -> bool:
    return row.state == ReservationState.OPEN


def _microseconds(time: timedelta) -> int:
    return time // timedelta(microseconds=1)


def _parts(row: ReservationRow, unit: Unit) -> int:
    return int(getattr(row, unit.value))


def _set_parts(row: ReservationRow, parts: Mapping[Unit, int]) -> None:
    for unit in Unit:
        setattr(row, unit.value, parts.get(unit, 0))


def _agent_of(row: EntityRow) -> str:
    agent = row.details.get("assigned_agent")
    return agent if isinstance(agent, str) else _NOBODY


def _reservation(row: ReservationRow) -> Reservation:
    is_settled = row.state == ReservationState.SETTLED
    promised = {unit: value for unit in Unit if isinstance(value := row.promised.get(unit.value), int)}
    return Reservation(
        id=row.id,
        root=row.root_id,
        node=row.node_id,
        agent=row.agent or None,
        key=row.key,
        state=ReservationState(row.state),
        promised=Amounts.of_parts(promised),
        spent=Amounts.of_parts({unit: _parts(row, unit) for unit in Unit}) if is_settled else None,
        reserved_at=row.reserved_at,
        ended_at=row.ended_at,
    )


async def _budget_row(session: AsyncSession, root: str) -> BudgetRow | None:
    return (await session.execute(select(BudgetRow).where(BudgetRow.root_id == root))).scalar_one_or_none()


async def _limits(session: AsyncSession, root: str) -> BudgetLimits:
    row = await _budget_row(session, root)
    return BudgetLimits() if row is None else read_as(BudgetLimits, row.limits, "limits")


async def _rows(session: AsyncSession, root: str) -> Sequence[ReservationRow]:
    rows = select(ReservationRow).where(ReservationRow.root_id == root).order_by(ReservationRow.number)
    return (await session.execute(rows)).scalars().all()


async def _found(session: AsyncSession, root: str, key: str) -> ReservationRow | None:
    known = select(ReservationRow).where(ReservationRow.root_id == root, ReservationRow.key == key)
    return (await session.execute(known)).scalar_one_or_none()


async def _reservation_row(session: AsyncSession, reservation: str) -> ReservationRow:
    found = select(ReservationRow).where(ReservationRow.id == reservation)
    row = (await session.execute(found)).scalar_one_or_none()
    if row is None:
        raise UnknownRecordError("reservation", [reservation])
    return row
