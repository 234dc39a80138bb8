"""A language model as the judge of findings. What it says counts as far as it points at something that is there."""

from collections.abc import Iterable, Sequence
from string import Template

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.evidence import Claim
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models import purpose as purposes
from prefect_harmonic.planners.models.asking import (
    Asker,
    AskersInTurn,
    Document,
    Question,
    RepairableError,
    answer_settings,
)
from prefect_harmonic.planners.models.judge_answer import MOST_REMARKS, NumberedClaim, Reading
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.schema import PERCENT, Schema, list_of, object_of, text_of
from prefect_harmonic.planners.models.usage import Meter
from prefect_harmonic.planners.models.wording import as_data, prompt
from prefect_harmonic.planners.programme.judgement import Judgement, JudgeRequest
from prefect_harmonic.planners.together import together

MOST_AT_ONCE = 20
"""Artifacts in one question; more of them are asked about in several."""


class ModelJudge:
    """Judges the findings of a phase by asking a model.

    Args:
        model: Who is asked.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.label = model.label
        self._askers = AskersInTurn(model)

    async def judged(self, request: JudgeRequest) -> Judgement:
        """What it has to say about each of the artifacts; else the model that is asked where this one fails.

        Raises as `PhaseJudge.judged` does.
        """
        names = [artifact.id for artifact in request.artifacts]
        parts = [names[start : start + MOST_AT_ONCE] for start in range(0, len(names), MOST_AT_ONCE)]

        async def ask(model: LanguageModel, asker: Asker) -> Judgement:
            readings = await together(_asked(model, asker, _part_of(request, part)) for part in parts)
            return Judgement(
                phase=request.phase,
                judge=model.label,
                findings=tuple(one for reading in readings for one in reading.findings()),
                dropped=tuple(one for reading in readings for one in reading.dropped),
            )

        return await self._askers.first(ask)


async def _asked(model: LanguageModel, asker: Asker, request: JudgeRequest) -> Reading:
    reading = Reading(request)

    async def check(document: Document, is_last: bool) -> None:
        if not reading.is_readable(document):
            if is_last:
                raise CandidateError("the answer has none of the lists that were asked for")
            raise RepairableError("That is not the shape that was asked for. Answer once more, in that shape.")
        reading.read(document)

    question = Question(
        name="judgement",
        instructions=prompt("evaluate"),
        prompt=evaluation_prompt(request, reading.claims),
        schema=_schema(list(request.evidence), reading.claims, is_bounded=model.is_bounded),
        settings=answer_settings(model.max_tokens),
        check=check,
        purpose=Purpose(purposes.EVALUATE, request.phase),
    )
    await asker.ask(question, Meter())
    return reading


def evaluation_prompt(request: JudgeRequest, claims: Sequence[NumberedClaim]) -> str:
    """What is to be judged: what it rests on first, which later questions share, and the findings themselves last."""
    by_artifact: dict[str, list[NumberedClaim]] = {}
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


def _claim_lines(claims: Iterable[NumberedClaim]) -> list[str]:
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


def _schema(artifacts: Sequence[str], claims: Sequence[NumberedClaim], *, is_bounded: bool) -> Schema:
    text = text_of(is_bounded=is_bounded)
    name: Schema = {"type": "string", "enum": list(artifacts)}
    lists: Schema = {
        "verdicts": list_of(object_of({"artifact": name, "percent": PERCENT, "because": text}), most=len(artifacts)),
        "gaps": list_of(object_of({"artifact": name, "missing": text}), most=MOST_REMARKS),
    }
    if len(claims) > 1:
        number: Schema = {"type": "string", "enum": [one.number for one in claims]}
        remark = object_of({"one": number, "other": number, "subject": text})
        lists["contradictions"] = list_of(remark, most=MOST_REMARKS)
    return object_of(lists)
