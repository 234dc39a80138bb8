"""Figures and statements from earlier evidence, by the names under which the rules of decisions ask for them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence
from prefect_harmonic.planners.quantities import quantities_in
from prefect_harmonic.planners.words import telling_stems, words_of

_NEGATIONS = frozenset({"no", "not", "never", "nobody", "none", "without", "nothing", "cannot"})


class FactKind(BaseModel):
    """A figure that rules may ask for, and where in evidence it is looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    told: str = Field(description="What it is, in words, as the subject of a sentence.")
    keys: tuple[str, ...] = Field(default=(), description="Names in the data of evidence, the best first; dots go in.")
    unit: str | None = Field(default=None, description="Unit of a quantity in claims that gives it too.")
    words: tuple[str, ...] = Field(default=(), description="Words of which a claim with that unit must have one.")
    counted: Literal["", "gaps", "contradictions"] = Field(
        default="", description="What of all evidence is counted, each once; known wherever there is any evidence."
    )
    in_goal: str = Field(default="", description="A pattern whose first group in the words of the goal gives it.")
    source: str = Field(description="Who could find it out, told where it is missing.")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with the artifact, file or line that it comes from."""

    name: str
    value: float
    source: str
    told: str

    def __str__(self) -> str:
        return f"{self.told}: {self.value:g}"


class Facts(Mapping[str, Fact]):
    """What is known when a decision is made: figures by name, and claims that can be searched for words."""

    def __init__(self, assignment: Assignment, kinds: Mapping[str, FactKind]) -> None:
        known = [*_sorted(assignment.inputs), *_sorted(assignment.background)]
        self.claims = tuple((name, claim) for name, evidence in known for claim in evidence.claims)
        self._stems = [(telling_stems(claim.text), name, claim) for name, claim in self.claims]
        found = (
            (
                kind,
                _asked_for(kind, kinds[kind], assignment.goal)
                or _counted(kind, kinds[kind], known)
                or _measured(kind, kinds[kind], known)
                or self._stated(kind, kinds[kind]),
            )
            for kind in kinds
        )
        self._facts = {kind: fact for kind, fact in found if fact is not None}

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def mention(self, phrase: str) -> Claim | None:
        """The first claim that has all words of a phrase; one that denies it only counts if the phrase denies too."""
        wanted = telling_stems(phrase)
        is_denial = bool(_NEGATIONS & set(words_of(phrase)))
        for stems, _, claim in self._stems:
            if wanted and wanted <= stems and bool(_NEGATIONS & set(words_of(claim.text))) == is_denial:
                return claim
        return None

    def _stated(self, name: str, kind: FactKind) -> Fact | None:
        """A figure that a claim states in words, if exactly one value is the largest stated."""
        if kind.unit is None:
            return None
        wanted = telling_stems(" ".join(kind.words))
        stated = [
            (quantity.value, str(claim.sources[0]) if claim.sources else artifact)
            for stems, artifact, claim in self._stems
            if not wanted or wanted & stems
            for quantity in quantities_in(claim.text)
            if quantity.unit == kind.unit
        ]
        if not stated:
            return None
        value, source = max(stated, key=lambda each: each[0])
        return Fact(name, value, source, kind.told)


def _sorted(evidence: Mapping[str, Evidence]) -> list[tuple[str, Evidence]]:
    return [(name, evidence[name]) for name in sorted(evidence)]


def _asked_for(name: str, kind: FactKind, goal: str) -> Fact | None:
    """A number that the goal itself gives."""
    found = re.search(kind.in_goal, goal, re.IGNORECASE) if kind.in_goal else None
    return Fact(name, float(found[1]), "the goal", kind.told) if found else None


def _counted(name: str, kind: FactKind, known: list[tuple[str, Evidence]]) -> Fact | None:
    if not kind.counted or not known:
        return None
    each = [str(one).casefold() for _, evidence in known for one in getattr(evidence, kind.counted)]
    return Fact(name, float(len(set(each))), "all findings before", kind.told)


def _measured(name: str, kind: FactKind, known: list[tuple[str, Evidence]]) -> Fact | None:
    for key in kind.keys:
        for artifact, evidence in known:
            value = _figure(_reached(evidence.data, key))
            if value is not None:
                return Fact(name, value, artifact, kind.told)
    return None


def _reached(data: Mapping[str, JsonValue], key: str) -> JsonValue:
    """What a dotted key leads to; nothing if it leads nowhere."""
    if key in data:
        return data[key]
    here: JsonValue = dict(data)
    for part in key.split("."):
        if not isinstance(here, dict) or part not in here:
            return None
        here = here[part]
    return here


def _figure(value: JsonValue) -> float | None:
    """A number as it is, yes and no as 1 and 0, a list or an object by its length."""
    if isinstance(value, bool | int | float):
        return float(value)
    return float(len(value)) if isinstance(value, list | dict) else None
