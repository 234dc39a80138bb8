"""How pursuits stand, as the knowledge base knows it: what `harmonic status` shows."""

from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.programme_status import (
    MOST_PROGRAMMES,
    ProgrammeStatus,
    programme_roots,
    status_of,
)

__all__ = ["ProgrammeStatus", "programme_status", "programmes"]


async def programme_status(kb: KnowledgeBase, root: str) -> ProgrammeStatus:
    """How one pursuit stands, as of one moment.

    Raises:
        UnknownRecordError: There is none with this id.
        DatabaseError: The knowledge base cannot be read.
    """
    return await kb.at_once(lambda transaction: status_of(transaction, root))


async def programmes(kb: KnowledgeBase, most: int = MOST_PROGRAMMES) -> tuple[ProgrammeStatus, ...]:
    """How the pursuits stand that the knowledge base knows, newest first."""
    roots = await kb.at_once(lambda transaction: programme_roots(transaction.session, most))
    return tuple([await programme_status(kb, root) for root in roots])
