"""What evaluations rest on: how many planted contradictions and gaps are found, and how much of what is found is one.

The cases are in `planted.yaml`, written by us. Half of them, the ones at even places of each list, are held out: the
detectors were not changed because of what they did there, so their figures are what to expect elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.figure import Figure, Remark, Saying
from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.tasks.agents.researcher.answers import open_questions
from prefect_harmonic.tasks.agents.researcher.documents import passages_in
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex


class PlantedPassage(BaseModel):
    """A passage and the heading that it stands under."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    under: str
    text: str


class Planted(BaseModel):
    """All cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contradicting: dict[str, tuple[tuple[str, str], ...]] = Field(description="Pairs that cannot both hold, by kind.")
    agreeing: dict[str, tuple[tuple[str, str], ...]] = Field(description="Pairs that can, by kind.")
    leaving_open: tuple[PlantedPassage, ...]
    settled: tuple[PlantedPassage, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: whether something is there, whether it was found, and what it is."""

    kind: str
    is_there: bool
    is_found: bool
    is_held_out: bool
    told: str


@cache
def planted() -> Planted:
    """The packaged cases."""
    return Planted.model_validate(yaml.safe_load(Path(__file__).with_name("planted.yaml").read_text(encoding="utf-8")))


def measured(*, quick: bool) -> Saying:
    """Precision and recall of contradictions and gaps, on all cases and on those held out; then what went wrong."""
    del quick  # all cases together take well under a second
    for name, cases in (("contradictions", contradiction_cases()), ("gaps", gap_cases())):
        there, absent = sum(case.is_there for case in cases), sum(not case.is_there for case in cases)
        yield Remark(f"{name}: {there} planted, {absent} that only look alike")
        yield from _figures(name, cases)
        yield from _figures(f"{name}, held out", [case for case in cases if case.is_held_out])
        for kind in dict.fromkeys(case.kind for case in cases):
            if kind:
                yield from _figures(f"{name} by {kind}", [case for case in cases if case.kind == kind])
        for case in cases:
            if case.is_there != case.is_found:
                yield Remark(f"{'missed' if case.is_there else 'wrongly found'}: {case.told}")


def contradiction_cases() -> list[Case]:
    """Each pair of statements, and whether it was found to contradict, pointing at its two sentences."""
    cases = []
    for is_there, pairs_by_kind in ((True, planted().contradicting), (False, planted().agreeing)):
        for kind, pairs in pairs_by_kind.items():
            for place, (one, other) in enumerate(pairs):
                found = contradictions_among([Claim(text=one), Claim(text=other)])
                is_found = [(each.one.text, each.other.text) for each in found] == [(one, other)]
                cases.append(Case(kind, is_there, is_found, _is_held_out(place), f"{one} | {other}"))
    return cases


def gap_cases() -> list[Case]:
    """Each passage, and whether it was found to leave something open."""
    cases = []
    for is_there, passages in ((True, planted().leaving_open), (False, planted().settled)):
        for place, passage in enumerate(passages):
            index = PassageIndex(passages_in("notes.md", f"# Notes\n\n## {passage.under}\n\n{passage.text}\n"))
            is_found = bool(open_questions(index))
            cases.append(Case("", is_there, is_found, _is_held_out(place), f"{passage.under}: {passage.text}"))
    return cases


def _is_held_out(place: int) -> bool:
    return place % 2 == 1


def _figures(name: str, cases: Sequence[Case]) -> Iterator[Figure]:
    right = sum(case.is_there and case.is_found for case in cases)
    found, there = sum(case.is_found for case in cases), sum(case.is_there for case in cases)
    yield Figure(f"{name}: precision", right / found if found else 1.0, digits=2)
    yield Figure(f"{name}: recall", right / there if there else 1.0, digits=2)
