"""The tree of a pursuit: its goal, the phases of its plan, their artifacts, and what each waits for.

A plan is put into the tree as a whole, and again whenever it changes: what is there and still wanted stays as it is,
what is new is added, what is no longer wanted is marked. Nothing is ever removed. All of it is a handful of statements
however large the plan is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import LinkCycleError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.effort_log import work_finished
from prefect_harmonic.planners.knowledge.entities import search_words
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus, read_metadata
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.ordering import awaited_by, in_order, waiting_for
from prefect_harmonic.planners.knowledge.refusal import plain_text
from prefect_harmonic.planners.knowledge.tables import EntityRow, LinkRow
from prefect_harmonic.planners.knowledge.tree import IS_TREE_LINK, chunks, depths, limits_of, subtree

PHASE, ARTIFACT = "phase", "artifact"
"""Keys of the metadata under which a node says which phase or artifact it stands for."""

ITERATION = "replanned_at_iteration"
LEFT_OUT = "left_out"
"""Set where a person said that an artifact is not to be made; a changed plan does not bring it back."""

_LINKS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class WantedPhase:
    """A phase of the plan. `after` are the names of the phases before it."""

    name: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedLeaf:
    """An artifact of the plan, as a node.

    Attributes:
        artifact: Its id in the plan.
        phase: The phase that it belongs to.
        title: What people read.
        content: What it is and what it promises.
        requires: Ids of the artifacts that it waits for.
        metadata: Agent, effort and so on.
        unblocks: Ids of the artifacts that are blocked until it is done.
    """

    artifact: str
    phase: str
    title: str
    content: str
    requires: tuple[str, ...]
    metadata: Mapping[str, JsonValue]
    unblocks: tuple[str, ...] = ()


@dataclass
class ProgrammeNodes:
    """The nodes of a pursuit that stand for something of its plan at present."""

    phases: dict[str, EntityRow] = field(default_factory=dict)
    leaves: dict[str, EntityRow] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)


async def programme_nodes(session: AsyncSession, root: str) -> ProgrammeNodes:
    """The nodes below a root: for each phase and artifact the last one, which is the one that counts."""
    found = ProgrammeNodes()
    for row in await rows_below(session, root):
        phase, artifact = row.details.get(PHASE), row.details.get(ARTIFACT)
        if isinstance(artifact, str):
            found.leaves[artifact] = row
        elif isinstance(phase, str):
            found.phases[phase] = row
    ids = [row.id for row in (*found.phases.values(), *found.leaves.values())]
    for chunk in chunks(ids):
        above = select(LinkRow.target_id, LinkRow.source_id).where(LinkRow.target_id.in_(chunk), IS_TREE_LINK)
        found.parents.update((child, parent) for child, parent in await session.execute(above))
    return found


async def rows_below(session: AsyncSession, root: str) -> tuple[EntityRow, ...]:
    """The nodes of plans below a root, in the order in which they were written."""
    below = [place.id for place in await subtree(session, root) if place.below]
    rows: list[EntityRow] = []
    for chunk in chunks(below):
        rows += (
            await session.execute(select(EntityRow).where(EntityRow.id.in_(chunk), EntityRow.type == PLAN))
        ).scalars()
    return tuple(sorted(rows, key=lambda row: row.number))


async def plan_put(
    transaction: Transaction,
    root: str,
    phases: Sequence[WantedPhase],
    leaves: Sequence[WantedLeaf],
    *,
    iteration: int = 0,
) -> None:
    """Has the tree of a root stand for exactly this plan.

    Raises:
        UnknownRecordError: There is no such root.
        RefusedValueError: Something of the plan is outside what can be kept.
        LinkCycleError: Links that others made contradict the order of the plan.
    """
    limits = await limits_of(transaction.session, root)
    nodes = await programme_nodes(transaction.session, root)
    before = set(nodes.leaves)
    planting = _Planting(transaction, root, nodes, iteration)
    await planting.phases(phases, leaves, has_room=limits.max_depth >= 2)
    await planting.leaves(leaves, limits.max_depth)
    await planting.drop({leaf.artifact for leaf in leaves})
    await _set_links(transaction, nodes, leaves, before)


class _Planting:
    """One plan being put into a tree."""

    def __init__(self, transaction: Transaction, root: str, nodes: ProgrammeNodes, iteration: int) -> None:
        self._transaction, self._root, self._nodes, self._iteration = transaction, root, nodes, iteration

    async def phases(self, phases: Sequence[WantedPhase], leaves: Sequence[WantedLeaf], *, has_room: bool) -> None:
        """Adds the phases that get something new and are not there, or are over already."""
        if not has_room:  # a tree of one level: the artifacts hang on the goal itself
            return
        new = {leaf.phase for leaf in leaves if leaf.artifact not in self._nodes.leaves}
        added = []
        for phase in phases:
            known = self._nodes.phases.get(phase.name)
            if phase.name in new and (known is None or known.status == PlanStatus.COMPLETED):
                metadata: dict[str, JsonValue] = {PHASE: phase.name, "after": list[JsonValue](phase.after)}
                added.append((self._root, new_node(self._transaction, phase.name, "", metadata | self._marks())))
        await self._write(added)

    async def leaves(self, leaves: Sequence[WantedLeaf], max_depth: int) -> None:
        """Adds the artifacts that are not there, and changes those that are not done and are planned otherwise."""
        added: list[tuple[str, EntityRow]] = []
        below: list[tuple[str, EntityRow]] = []
        for leaf in leaves:
            known = self._nodes.leaves.get(leaf.artifact)
            if known is None:
                node = new_node(
                    self._transaction,
                    leaf.title,
                    leaf.content,
                    {**leaf.metadata, ARTIFACT: leaf.artifact} | self._marks(),
                )
                blocked = [self._nodes.leaves[one] for one in leaf.unblocks if one in self._nodes.leaves]
                (below if blocked else added).append((self._parent(leaf, blocked), node))
            elif changes := _changes(known, leaf):
                self._mark(known, changes)
        await self._write(added)
        standing = await depths(self._transaction.session, [parent for parent, _ in below])
        # An artifact that unblocks another is a part of it, or stands beside it where the tree may not grow deeper.
        await self._write(
            [(parent if standing[parent] < max_depth else self._nodes.parents[parent], node) for parent, node in below]
        )

    async def drop(self, wanted: Collection[str]) -> None:
        """Marks what the plan does without, and phases in which nothing is left."""
        for artifact, row in sorted(self._nodes.leaves.items()):
            if artifact not in wanted and not row.details.get("dropped"):
                self._mark(row, {"dropped": "the changed plan does without it"})
                await work_finished(self._transaction, row.id, "dropped")
        used = {self._nodes.parents.get(self._nodes.leaves[one].id) for one in wanted if one in self._nodes.leaves}
        used |= {self._nodes.parents.get(parent) for parent in used if parent}
        for row in self._nodes.phases.values():
            is_dropped = bool(row.details.get("dropped"))
            if row.id in used and is_dropped:
                self._mark(row, {"dropped": None})
            elif row.id not in used and row.status == PlanStatus.PLANNING and not is_dropped:
                self._mark(row, {"dropped": "nothing of it is left in the changed plan"})

    def _parent(self, leaf: WantedLeaf, blocked: Sequence[EntityRow]) -> str:
        if blocked:
            return blocked[0].id
        phase = self._nodes.phases.get(leaf.phase)
        return self._root if phase is None else phase.id

    def _marks(self) -> dict[str, JsonValue]:
        return {ITERATION: self._iteration} if self._iteration else {}

    def _mark(self, row: EntityRow, changes: Mapping[str, JsonValue]) -> None:
        row.details = {**row.details, **changes, **self._marks()}
        row.updated_at = self._transaction.now

    async def _write(self, added: Sequence[tuple[str, EntityRow]]) -> None:
        await nodes_written(self._transaction, added)
        for parent, row in added:
            self._nodes.parents[row.id] = parent
            artifact = row.details.get(ARTIFACT)
            if isinstance(artifact, str):
                self._nodes.leaves[artifact] = row
            else:
                self._nodes.phases[str(row.details[PHASE])] = row


def _changes(row: EntityRow, leaf: WantedLeaf) -> dict[str, JsonValue]:
    """What a changed plan says otherwise about a node; what is done stays as it was done."""
    is_back = row.details.get("dropped") and not row.details.get(LEFT_OUT)
    changes: dict[str, JsonValue] = {"dropped": None} if is_back else {}
    if row.status != PlanStatus.COMPLETED:
        changes |= {key: value for key, value in leaf.metadata.items() if row.details.get(key) != value}
    return changes


def new_node(
    transaction: Transaction, title: str, content: str, metadata: Mapping[str, JsonValue], *, entity: str | None = None
) -> EntityRow:
    """A node of a plan that nothing is done for yet, not written yet.

    Raises:
        RefusedValueError: A value is outside what is allowed.
    """
    _, details = read_metadata(metadata)
    return EntityRow(
        id=entity or transaction.new_id(),
        type=PLAN,
        status=PlanStatus.PLANNING.value,
        title=plain_text("title", title, is_needed=True),
        content=plain_text("content", content),
        details=details,
        title_words=search_words(title),
        content_words=search_words(content),
        created_at=transaction.now,
        updated_at=transaction.now,
    )


async def nodes_written(transaction: Transaction, added: Sequence[tuple[str | None, EntityRow]]) -> None:
    """Writes nodes, each as a part of its parent if it has one, in few statements and in the order as given."""
    if not added:
        return
    session = transaction.session
    session.add_all([row for _, row in added])
    await session.flush()
    await _links_written(transaction, [(parent, row.id, LinkType.DECOMPOSES_TO) for parent, row in added if parent])


async def _links_written(transaction: Transaction, links: Sequence[tuple[str, str, LinkType]]) -> None:
    rows = [
        {"source_id": source, "target_id": target, "type": kind.value, "created_at": transaction.now}
        for source, target, kind in links
    ]
    for start in range(0, len(rows), _LINKS_AT_ONCE):
        await transaction.session.execute(insert(LinkRow), rows[start : start + _LINKS_AT_ONCE])


async def _set_links(
    transaction: Transaction, nodes: ProgrammeNodes, leaves: Sequence[WantedLeaf], before: Collection[str]
) -> None:
    """Has every artifact that is not done wait for exactly what the plan says; other links are left alone."""
    session, ids = transaction.session, {artifact: row.id for artifact, row in nodes.leaves.items()}
    own = frozenset(ids.values())
    present: dict[str, set[str]] = defaultdict(set)
    unblocking: set[tuple[str, str]] = set()
    for chunk in chunks(own if before else ()):
        known = select(LinkRow.source_id, LinkRow.target_id, LinkRow.type).where(LinkRow.source_id.in_(chunk))
        for source, target, kind in await session.execute(known):
            if kind == LinkType.REQUIRES and target in own:
                present[source].add(target)
            elif kind == LinkType.UNBLOCKS:
                unblocking.add((source, target))
    added: list[tuple[str, str, LinkType]] = []
    for leaf in leaves:
        node = nodes.leaves[leaf.artifact]
        if node.status == PlanStatus.COMPLETED:
            continue
        wanted = {ids[required] for required in leaf.requires}
        if outdated := present[node.id] - wanted:
            await _remove(session, node.id, outdated)
        added += [(node.id, required, LinkType.REQUIRES) for required in sorted(wanted - present[node.id])]
        freed = [ids[one] for one in leaf.unblocks if one in ids]
        added += [(node.id, one, LinkType.UNBLOCKS) for one in freed if (node.id, one) not in unblocking]
    await _links_written(transaction, added)
    await session.flush()
    if added and before:
        await _check_order(session, ids.values(), added)


async def _remove(session: AsyncSession, source: str, targets: Iterable[str]) -> None:
    outdated = delete(LinkRow).where(
        LinkRow.source_id == source, LinkRow.type == LinkType.REQUIRES.value, LinkRow.target_id.in_(sorted(targets))
    )
    await session.execute(outdated)


async def _check_order(session: AsyncSession, ids: Iterable[str], added: Sequence[tuple[str, str, LinkType]]) -> None:
    """Sees to it that what waits for what has no cycle, over the nodes and all that others have linked with them."""
    reached = set(ids)
    frontier = set(reached)
    while frontier:
        onward = await waiting_for(session, frontier)
        frontier = {then for group in onward.values() for then in group} - reached
        reached |= frontier
    every = sorted(reached)
    ordered = set(in_order(every, await awaited_by(session, every)))
    if stuck := [each for each in every if each not in ordered]:
        source, target, kind = next((one for one in added if {one[0], one[1]} & set(stuck)), added[0])
        raise LinkCycleError(source, target, kind.value, (*stuck, stuck[0]))
