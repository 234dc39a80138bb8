"""The criteria by which named options are compared, and the words that speak for an option or against it."""

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.words import phrase_of, phrase_position
from prefect_harmonic.tasks.agents.catalogue import catalogue

FIT, CHANGE = "fit", "change"
"""The criterion that the purpose of a choice speaks of, and the one that present use speaks for."""


class Criterion(BaseModel):
    """Something that every option is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    told: str = Field(min_length=1, description="How it is called.")
    asks: str = Field(min_length=1, description="What is asked of an option, as a clause.")
    weight: float = Field(gt=0, description="How much it counts, in proportion to the others.")
    words: tuple[str, ...] = Field(min_length=1, description="Words of which a statement about it has one.")


class CriterionCatalogue(BaseModel):
    """All criteria, and the words that tell for and against."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    criteria: tuple[Criterion, ...] = Field(min_length=2)
    favourable: frozenset[str]
    unfavourable: frozenset[str]


@cache
def criterion_catalogue() -> CriterionCatalogue:
    """The packaged criteria."""
    return catalogue(Path(__file__).with_name("criteria.yaml"), CriterionCatalogue)


def criteria_of(artifact: Artifact) -> tuple[Criterion, ...]:
    """The criteria that an artifact names; all of them where it names none.

    >>> [each.id for each in criteria_of(Artifact(id="A", description="What it takes: costs, experience"))]
    ['costs', 'experience']
    """
    text = phrase_of(artifact.description)
    known = criterion_catalogue().criteria
    return tuple(each for each in known if phrase_position(text, phrase_of(each.told)) >= 0) or known
