"""Spawning: an agent asks for a part of its own work, within the limits that its tree has.

What is left is counted and taken in one transaction in which nobody else writes, so the limit holds whoever asks.
"""

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.errors import TreeLimitError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entities import entity_added
from prefect_harmonic.planners.knowledge.entity import PLAN, Entity, PlanStatus
from prefect_harmonic.planners.knowledge.link import LinkType
from prefect_harmonic.planners.knowledge.linking import depth_of
from prefect_harmonic.planners.knowledge.refusal import plain_text
from prefect_harmonic.planners.knowledge.tables import SpawnRow
from prefect_harmonic.planners.knowledge.tree import entity_row, limits_of, subtree


class SpawnBudget(BaseModel):
    """Whether an entity may have further parts, and how many its whole tree may still get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    can_spawn: bool
    current_depth: int
    total_in_tree: int
    remaining_budget: int = Field(ge=0)
    max_depth: int
    max_total: int
    reason: str


async def spawn_budget(
    session: AsyncSession, entity: str, *, max_depth: int | None = None, max_total: int | None = None
) -> SpawnBudget:
    """What an entity may still spawn. Limits that are given can narrow those of the tree, not widen them."""
    row = await entity_row(session, entity)
    limits = await limits_of(session, entity)
    deepest = min(limits.max_depth, limits.max_depth if max_depth is None else max_depth)
    most = min(limits.max_total, limits.max_total if max_total is None else max_total)
    depth = await depth_of(session, entity)
    total = len(await subtree(session, limits.root))
    remaining = max(0, most - total)
    problem = _problem(row.status, depth, deepest, remaining, most)
    told = f"{remaining} of {most} are left, and depth {depth} is under {deepest}"
    return SpawnBudget(
        can_spawn=problem is None,
        current_depth=depth,
        total_in_tree=total,
        remaining_budget=remaining,
        max_depth=deepest,
        max_total=most,
        reason=problem or told,
    )


def _problem(status: str | None, depth: int, deepest: int, remaining: int, most: int) -> str | None:
    if status == PlanStatus.COMPLETED:
        return "it is completed"
    if depth >= deepest:
        return f"it stands at depth {depth}, and {deepest} is the limit of its tree"
    if not remaining:
        return f"the {most} of its tree are used up"
    return None


async def spawned(
    transaction: Transaction,
    parent: str,
    title: str,
    content: str,
    agent: str,
    *,
    max_depth: int | None = None,
    max_total: int | None = None,
) -> Entity:
    """Adds a part to an entity on behalf of its agent, and enters it in the ledger.

    Raises:
        UnknownRecordError: There is no such parent.
        TreeLimitError: The budget of the tree allows no more, or not so deep.
    """
    plain_text("agent", agent, is_needed=True)
    budget = await spawn_budget(transaction.session, parent, max_depth=max_depth, max_total=max_total)
    if not budget.can_spawn:
        raise TreeLimitError(parent, budget.reason)
    metadata = {"type": PLAN, "parent_plan": parent, "assigned_agent": agent}
    child = await entity_added(transaction, title, content, metadata, as_part=LinkType.SPAWNED)
    transaction.session.add(
        SpawnRow(
            root_id=(await limits_of(transaction.session, parent)).root,
            parent_id=parent,
            child_id=child.id,
            agent=agent,
            depth=child.depth,
            place=budget.total_in_tree + 1,
            spawned_at=transaction.now,
        )
    )
    await transaction.session.flush()
    return child
