"""Claims with the sources that carry them, and the decisions that were made from them."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.evidence import Claim, Decision
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.refusal import plain_json, plain_text, read_as
from prefect_harmonic.planners.knowledge.tables import ClaimRow, DecisionRow, SourceRow
from prefect_harmonic.planners.knowledge.tree import checked_ids, chunks


class RecordedDecision(BaseModel):
    """A decision, and what it was made for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    entity_id: str
    decision: Decision
    recorded_at: datetime


async def claims_recorded(transaction: Transaction, entity: str, claims: Sequence[Claim]) -> int:
    """Records claims for an entity, each text once, and gives how many of them are new."""
    if not claims:
        return 0
    known = set(
        (await transaction.session.execute(select(ClaimRow.text).where(ClaimRow.entity_id == entity))).scalars()
    )
    new: dict[str, Claim] = {}
    for claim in claims:
        if claim.text not in known:
            new.setdefault(claim.text, claim)
    rows = []
    for claim in new.values():
        plain_json("claim", claim.model_dump(mode="json"))
        row = ClaimRow(entity_id=entity, text=claim.text, confidence=claim.confidence, recorded_at=transaction.now)
        rows.append(row)
    transaction.session.add_all(rows)
    await transaction.session.flush()
    sources = [
        {
            "claim_number": row.number,
            "path": source.path,
            "line": source.line,
            "quote": source.quote,
            "grade": source.grade.value,
        }
        for row, claim in zip(rows, new.values(), strict=True)
        for source in claim.sources
    ]
    if sources:
        await transaction.session.execute(insert(SourceRow), sources)
    return len(rows)


async def claims_removed(transaction: Transaction, entity: str) -> None:
    """Forgets the claims of an entity."""
    await transaction.session.execute(delete(ClaimRow).where(ClaimRow.entity_id == entity))


async def decision_recorded(transaction: Transaction, entity: str, decision: Decision) -> RecordedDecision:
    """Records a decision that was made for an entity."""
    await checked_ids(transaction.session, [entity])
    row = DecisionRow(
        id=transaction.new_id(),
        entity_id=entity,
        title=plain_text("title", decision.title, is_needed=True),
        record=plain_json("decision", decision.model_dump(mode="json")),
        recorded_at=transaction.now,
    )
    transaction.session.add(row)
    await transaction.session.flush()
    return _decision(row)


async def decisions_of(session: AsyncSession, ids: Sequence[str]) -> tuple[RecordedDecision, ...]:
    """The decisions that were made for these entities, oldest first."""
    rows: list[DecisionRow] = []
    for chunk in chunks(ids):
        rows += (await session.execute(select(DecisionRow).where(DecisionRow.entity_id.in_(chunk)))).scalars()
    return tuple(_decision(row) for row in sorted(rows, key=lambda row: row.number))


def _decision(row: DecisionRow) -> RecordedDecision:
    decision = read_as(Decision, row.record, "decision")
    return RecordedDecision(id=row.id, entity_id=row.entity_id, decision=decision, recorded_at=row.recorded_at)
