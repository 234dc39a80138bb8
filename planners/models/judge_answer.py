"""What a model said about findings, held against them: what points at something that is there is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prefect_harmonic.planners.evidence import Claim, Contradiction
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.json_reading import records_in
from prefect_harmonic.planners.models.asking import Document
from prefect_harmonic.planners.programme.judgement import JudgedFindings, JudgeRequest, evidence_digest
from prefect_harmonic.planners.programme.opening import is_restated, one_line
from prefect_harmonic.planners.words import stems_of

MOST_REMARKS = 10
"""Gaps, and contradictions, that are taken of one answer."""

_MOST_CLAIMS, _MOST_BACKGROUND = 12, 6
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class NumberedClaim:
    """A claim as a model is shown it."""

    number: str
    artifact: str
    claim: Claim


def numbered_claims(request: JudgeRequest) -> tuple[NumberedClaim, ...]:
    """The claims that a judge is shown, the surest of each artifact, under numbers by which it may point at them."""
    shown: list[tuple[str, Claim]] = []
    for most, found in ((_MOST_BACKGROUND, request.background), (_MOST_CLAIMS, request.evidence)):
        for name, evidence in found.items():
            ranked = sorted(enumerate(evidence.claims), key=lambda pair: (-pair[1].confidence, pair[0]))[:most]
            shown += [(name, claim) for _, claim in sorted(ranked, key=lambda pair: pair[0])]
    return tuple(NumberedClaim(f"c{place}", name, claim) for place, (name, claim) in enumerate(shown, start=1))


@dataclass
class _Said:
    """What was said about one artifact, as far as it holds."""

    confidence: float | None = None
    because: str = ""
    gaps: list[str] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)


class Reading:
    """An answer, checked against the findings that it is about.

    Args:
        request: What was asked.
    """

    def __init__(self, request: JudgeRequest) -> None:
        self.request = request
        self.claims = numbered_claims(request)
        self.dropped: list[str] = []
        self._by_number = {one.number: one for one in self.claims}
        self._said = {name: _Said() for name in request.evidence}

    def is_readable(self, document: Document) -> bool:
        """Whether there is any of the lists that were asked for."""
        return any(isinstance(document.get(name), list) for name in ("verdicts", "gaps", "contradictions"))

    def read(self, document: Document) -> None:
        """Takes of an answer what points at something that is there."""
        for remark in _objects(document, "verdicts"):
            self._take_verdict(remark)
        for remark in _objects(document, "gaps")[:MOST_REMARKS]:
            self._take_gap(remark)
        for remark in _objects(document, "contradictions")[:MOST_REMARKS]:
            self._take_contradiction(remark)

    def findings(self) -> list[JudgedFindings]:
        """What was taken, bound to the findings it is about."""
        return [
            JudgedFindings(
                artifact=name,
                digest=evidence_digest(self.request.evidence[name]),
                confidence=said.confidence,
                because=said.because,
                gaps=tuple(said.gaps),
                contradictions=tuple(said.contradictions),
            )
            for name, said in self._said.items()
        ]

    def _take_verdict(self, remark: Mapping[str, Any]) -> None:
        """Less confidence than the maker's; more is no matter of the judge's."""
        name, percent = _name(remark), remark.get("percent")
        if name not in self._said:
            return self._drop(f"a verdict on {name!r}", "which was not shown")
        if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
            return self._drop(f"a verdict on {name}", f"{percent!r} is no percentage")
        confidence = round(percent / 100, 3)
        if confidence < self.request.evidence[name].confidence:
            self._said[name].confidence = confidence
            self._said[name].because = _text(remark.get("because"))
        return None

    def _take_gap(self, remark: Mapping[str, Any]) -> None:
        name, missing = _name(remark), _text(remark.get("missing"))
        if name not in self._said:
            return self._drop(f"a gap in {name!r}", "which was not shown")
        if len(stems_of(missing)) < 2:
            return self._drop(f"a gap in {name}", "it does not say what is missing")
        known = self.request.evidence[name].gaps
        if any(_is_same(missing, gap) for gap in (*known, *self._said[name].gaps)):
            return self._drop(f"a gap in {name}: {missing}", "it is listed already")
        opening = self.request.filling.get(name)
        if opening is not None and not is_restated(missing, opening):
            return self._drop(f"a gap in {name}: {missing}", "it was made to close another one")
        self._said[name].gaps.append(missing)
        return None

    def _take_contradiction(self, remark: Mapping[str, Any]) -> None:
        one, other = (self._by_number.get(str(remark.get(side))) for side in ("one", "other"))
        if one is None or other is None:
            numbers = f"{remark.get('one')!r} and {remark.get('other')!r}"
            return self._drop(f"a contradiction between {numbers}", "of which one was not shown")
        texts = {one.claim.text, other.claim.text}
        place = one.artifact if one.artifact in self._said else other.artifact
        known = [each for found in self.request.evidence.values() for each in found.contradictions]
        known += [each for said in self._said.values() for each in said.contradictions]
        if len(texts) == 1 or place not in self._said:
            return self._drop(
                f"a contradiction between {one.number} and {other.number}", "it is not about two findings"
            )
        if any({each.one.text, each.other.text} == texts for each in known):
            return self._drop(f"a contradiction between {one.number} and {other.number}", "it is known already")
        subject = _text(remark.get("subject")) or "the same thing"
        self._said[place].contradictions.append(Contradiction(subject=subject, one=one.claim, other=other.claim))
        return None

    def _drop(self, remark: str, why: str) -> None:
        self.dropped.append(printable(one_line(f"{remark}: {why}"))[:_LONGEST])


def _objects(document: Document, name: str) -> tuple[Mapping[str, Any], ...]:
    return records_in(document.get(name))


def _name(remark: Mapping[str, Any]) -> str:
    """What a remark says that it is about, whatever that is."""
    return str(remark.get("artifact"))[:_LONGEST]


def _text(value: object) -> str:
    """A remark as one printable line."""
    return printable(one_line(value))[:_LONGEST] if isinstance(value, str) else ""


def _is_same(one: str, other: str) -> bool:
    """Whether one gap says the other in more words or fewer."""
    first, second = stems_of(one), stems_of(other)
    return bool(first and second) and (first <= second or second <= first)
