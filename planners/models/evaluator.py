"""A language model as the judge of findings. What it says counts as far as it points at something that is there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template
from typing import Any

from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.evidence import Claim, Contradiction
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models import purpose as purposes
from prefect_harmonic.planners.models.asking import Asker, Document, Question, RepairableError
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.schema import Schema
from prefect_harmonic.planners.models.usage import Meter
from prefect_harmonic.planners.models.wording import as_data, prompt
from prefect_harmonic.planners.programme.judgement import (
    JudgedFindings,
    Judgement,
    JudgeRequest,
    evidence_digest,
)
from prefect_harmonic.planners.programme.opening import is_restated, one_line
from prefect_harmonic.planners.together import together
from prefect_harmonic.planners.words import stems_of

MOST_AT_ONCE = 20
"""Artifacts in one question; more of them are asked about in several."""

_MOST_CLAIMS, _MOST_BACKGROUND = 12, 6
_MOST_REMARKS = 10
_LONGEST = 400
_TEXT = {"type": "string", "pattern": r"^[ !#-\[\]-~]{0,120}[ !#-\[\]-~]{0,120}$"}
"""For servers that decode under the schema; see `slots`."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A claim as a model is shown it."""

    number: str
    artifact: str
    claim: Claim


class ModelJudge:
    """Judges the findings of a phase by asking a model.

    Args:
        model: Who is asked.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._asker = Asker(model.model)

    @property
    def label(self) -> str:
        """Provider and name of the model."""
        return self.model.label

    async def judged(self, request: JudgeRequest) -> Judgement:
        """What it has to say about each of the artifacts; else the model that is asked where this one fails.

        Raises as `PhaseJudge.judged` does.
        """
        try:
            return await self._judged(request)
        except CandidateError:
            if self.model.second is None:
                raise
            return await ModelJudge(self.model.second).judged(request)

    async def _judged(self, request: JudgeRequest) -> Judgement:
        names = [artifact.id for artifact in request.artifacts]
        parts = [names[start : start + MOST_AT_ONCE] for start in range(0, len(names), MOST_AT_ONCE)]
        readings = await together(self._asked(_part_of(request, part)) for part in parts)
        return Judgement(
            phase=request.phase,
            judge=self.label,
            findings=tuple(one for reading in readings for one in reading.findings()),
            dropped=tuple(one for reading in readings for one in reading.dropped),
        )

    async def _asked(self, request: JudgeRequest) -> "_Reading":
        reading = _Reading(request)

        async def check(document: Document, is_last: bool) -> None:
            if not reading.is_readable(document):
                if is_last:
                    raise CandidateError("the answer has none of the lists that were asked for")
                raise RepairableError("That is not the shape that was asked for. Answer once more, in that shape.")
            reading.read(document)

        settings = ModelSettings(temperature=0.0, seed=0)
        if self.model.max_tokens is not None:
            settings["max_tokens"] = self.model.max_tokens
        question = Question(
            name="judgement",
            instructions=prompt("evaluate"),
            prompt=evaluation_prompt(request, reading.claims),
            schema=_schema(list(request.evidence), reading.claims, is_bounded=self.model.is_bounded),
            settings=settings,
            check=check,
            purpose=Purpose(purposes.EVALUATE, request.phase),
        )
        await self._asker.ask(question, Meter())
        return reading


def evaluation_prompt(request: JudgeRequest, claims: Sequence[_Numbered]) -> str:
    """What is to be judged: what it rests on first, which later questions share, and the findings themselves last."""
    by_artifact: dict[str, list[_Numbered]] = {}
    for one in claims:
        by_artifact.setdefault(one.artifact, []).append(one)
    contracts = {artifact.id: artifact for artifact in request.artifacts}
    background = [
        line
        for name, found in request.background.items()
        for line in (f"{name}: {found.summary}", *_claim_lines(by_artifact.get(name, ())))
    ]
    findings: list[str] = []
    for name, found in request.evidence.items():
        artifact = contracts[name]
        findings += [
            f"ARTIFACT {name}",
            f"asked for: {artifact.description}",
            f"contract: {artifact.contract or '-'}",
            f"found: {found.summary}",
            *_claim_lines(by_artifact.get(name, ())),
            *(f"missing, as its maker says: {gap}" for gap in found.gaps),
        ]
        if name in request.filling:
            findings.append(f"it was made to close this: {request.filling[name].text}")
    return Template(prompt("evaluated")).substitute(
        goal=request.goal,
        requirements="\n".join(f"- {one}" for one in request.requirements) or "- none listed",
        background=as_data("the background", "\n".join(map(_line, background))) if background else "nothing else",
        phase=printable(request.phase),
        findings=as_data("the findings", "\n".join(map(_line, findings))),
    )


def _claim_lines(claims: Iterable[_Numbered]) -> list[str]:
    return [f"claim {one.number}: {one.claim.text} [{_sources(one.claim)}]" for one in claims]


def _sources(claim: Claim) -> str:
    """Where a claim comes from, and how far the sources carry it."""
    told = [f"{source}, {source.grade.value}" for source in claim.sources[:3]]
    return "; ".join(told) or "no source"


def _line(text: str) -> str:
    return printable(" ".join(text.split()))


def _part_of(request: JudgeRequest, names: Sequence[str]) -> JudgeRequest:
    """The request for some of the artifacts; the others are what they stand beside."""
    beside = {name: found for name, found in request.evidence.items() if name not in names}
    return request.model_copy(
        update={
            "artifacts": tuple(one for one in request.artifacts if one.id in names),
            "evidence": {name: request.evidence[name] for name in names},
            "background": {**request.background, **beside},
        }
    )


def numbered_claims(request: JudgeRequest) -> tuple[_Numbered, ...]:
    """The claims that a judge is shown, the surest of each artifact, under numbers by which it may point at them."""
    shown: list[tuple[str, Claim]] = []
    for most, found in ((_MOST_BACKGROUND, request.background), (_MOST_CLAIMS, request.evidence)):
        for name, evidence in found.items():
            ranked = sorted(enumerate(evidence.claims), key=lambda pair: (-pair[1].confidence, pair[0]))[:most]
            shown += [(name, claim) for _, claim in sorted(ranked, key=lambda pair: pair[0])]
    return tuple(_Numbered(f"c{place}", name, claim) for place, (name, claim) in enumerate(shown, start=1))


def _schema(artifacts: Sequence[str], claims: Sequence[_Numbered], *, is_bounded: bool) -> Schema:
    text: Schema = _TEXT if is_bounded else {"type": "string"}
    name: Schema = {"type": "string", "enum": list(artifacts)}
    percent: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
    lists: Schema = {
        "verdicts": _list_of({"artifact": name, "percent": percent, "because": text}, len(artifacts)),
        "gaps": _list_of({"artifact": name, "missing": text}, _MOST_REMARKS),
    }
    if len(claims) > 1:
        number: Schema = {"type": "string", "enum": [one.number for one in claims]}
        lists["contradictions"] = _list_of({"one": number, "other": number, "subject": text}, _MOST_REMARKS)
    return {"type": "object", "properties": lists, "required": list(lists), "additionalProperties": False}


def _list_of(properties: Schema, most: int) -> Schema:
    item = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "array", "items": item, "maxItems": most}


@dataclass
class _Said:
    """What was said about one artifact, as far as it holds."""

    confidence: float | None = None
    because: str = ""
    gaps: list[str] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)


class _Reading:
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
        for remark in _objects(document, "gaps")[:_MOST_REMARKS]:
            self._take_gap(remark)
        for remark in _objects(document, "contradictions")[:_MOST_REMARKS]:
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
        name, percent = remark.get("artifact"), remark.get("percent")
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
        name, missing = remark.get("artifact"), _text(remark.get("missing"))
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


def _objects(document: Document, name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _text(value: object) -> str:
    """A remark as one printable line."""
    return printable(one_line(value))[:_LONGEST] if isinstance(value, str) else ""


def _is_same(one: str, other: str) -> bool:
    """Whether one gap says the other in more words or fewer."""
    first, second = stems_of(one), stems_of(other)
    return bool(first and second) and (first <= second or second <= first)
