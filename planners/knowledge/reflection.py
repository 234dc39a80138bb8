"""Looking back on everything below an entity: what is said without a source, weakly, or against itself."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Contradiction, Grade
from prefect_harmonic.planners.knowledge.reading import claims_of
from prefect_harmonic.planners.knowledge.tree import checked_ids, subtree

WEAK_CONFIDENCE = 0.5
"""A claim that is less sure than this is weak whatever it rests on."""

_STRONG = frozenset({Grade.MEASURED, Grade.DOCUMENTED})


class ReflectionVerdict(StrEnum):
    """What looking back comes to."""

    EMPTY = "empty"
    """Nothing is claimed anywhere, so there is nothing that could be clean."""
    CLEAN = "clean"
    """Something is claimed, and nothing speaks against it."""
    DOUBTFUL = "doubtful"
    """Some of it needs a second look."""


class DoubtfulClaim(BaseModel):
    """A claim that needs a second look, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity_id: str
    claim: Claim
    because: str


class Reflection(BaseModel):
    """What is doubtful in everything at and below an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity_id: str
    verdict: ReflectionVerdict
    entities: int = Field(description="How many entities were looked at.")
    claims: int = Field(description="How many claims they make.")
    unsourced: tuple[DoubtfulClaim, ...] = ()
    weak: tuple[DoubtfulClaim, ...] = Field(default=(), description="Claims with sources that do not carry far.")
    contradictions: tuple[Contradiction, ...] = ()


async def reflection_on(session: AsyncSession, entity: str) -> Reflection:
    """What is doubtful in everything at and below an entity."""
    await checked_ids(session, [entity])
    places = [place.id for place in await subtree(session, entity)]
    by_entity = await claims_of(session, places)
    claims = [(place, claim) for place in places for claim in by_entity.get(place, ())]
    return reflected(entity, claims, entities=len(places))


def reflected(entity: str, claims: Sequence[tuple[str, Claim]], *, entities: int) -> Reflection:
    """What is doubtful in claims, each with the entity that makes it."""
    unsourced = tuple(
        DoubtfulClaim(entity_id=place, claim=claim, because="it has no source")
        for place, claim in claims
        if not claim.sources
    )
    weak = tuple(
        DoubtfulClaim(entity_id=place, claim=claim, because=because)
        for place, claim in claims
        if claim.sources and (because := _weakness(claim))
    )
    contradictions = contradictions_among([claim for _, claim in claims])
    doubts = unsourced or weak or contradictions
    verdict = ReflectionVerdict.DOUBTFUL if doubts else ReflectionVerdict.CLEAN
    return Reflection(
        entity_id=entity,
        verdict=verdict if claims else ReflectionVerdict.EMPTY,
        entities=entities,
        claims=len(claims),
        unsourced=unsourced,
        weak=weak,
        contradictions=contradictions,
    )


def _weakness(claim: Claim) -> str:
    grades = sorted({source.grade.value for source in claim.sources})
    if not _STRONG & {source.grade for source in claim.sources}:
        return f"its sources are only {' and '.join(grades)}"
    return f"its confidence is {claim.confidence:.2f}" if claim.confidence < WEAK_CONFIDENCE else ""
