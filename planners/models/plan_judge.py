"""A language model as the judge of plans: a score and reasons, each of which names an artifact that is there."""

import json
from collections.abc import Mapping, Sequence
from string import Template

from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models import purpose as purposes
from prefect_harmonic.planners.models.asking import Asker, Document, Question, RepairableError
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.schema import Schema
from prefect_harmonic.planners.models.usage import Meter
from prefect_harmonic.planners.models.wording import as_data, project_part, prompt
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.opening import one_line
from prefect_harmonic.planners.soundness import Soundness

WHOLE = "plan"
"""What a remark names that is about no single artifact."""

_MOST_REMARKS, _LONGEST = 5, 300
_UNREAD = 'That has no "percent" between 0 and 100. Answer once more, in the shape that was asked for.'


class ModelPlanJudge:
    """Judges candidates by asking a model.

    Args:
        model: Who is asked.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._asker = Asker(model.model)

    async def soundness(self, candidate: Candidate, context: ProjectContext) -> Soundness:
        """How far a plan makes sense; else to the model that is asked where this one fails.

        Raises as `PlanJudge.soundness` does.
        """
        try:
            return await self._soundness(candidate, context)
        except CandidateError:
            if self.model.second is None:
                raise
            return await ModelPlanJudge(self.model.second).soundness(candidate, context)

    async def _soundness(self, candidate: Candidate, context: ProjectContext) -> Soundness:
        plan = candidate.plan or Plan()
        known = [WHOLE, *(artifact.id for artifact in plan.artifacts)]
        read: list[Soundness] = []

        async def check(document: Document, is_last: bool) -> None:
            found = soundness_in(document, known)
            if found is None:
                raise RepairableError(_UNREAD)
            read.append(found)

        settings = ModelSettings(temperature=0.0, seed=0)
        if self.model.max_tokens is not None:
            settings["max_tokens"] = self.model.max_tokens
        question = Question(
            name="soundness",
            instructions=prompt("judge"),
            prompt=judging_prompt(plan, context),
            schema=_schema(known, is_bounded=self.model.is_bounded),
            settings=settings,
            check=check,
            purpose=Purpose(purposes.JUDGE, candidate.id),
        )
        await self._asker.ask(question, Meter())
        return read[-1]


def soundness_in(document: Mapping[str, object], known: Sequence[str]) -> Soundness | None:
    """The judgement in an answer; nothing if it has no score. Remarks on artifacts that are not there are left out.

    >>> remarks = [{"artifact": "Ghost", "remark": "?"}, {"artifact": "Api", "remark": "Late."}]
    >>> str(soundness_in({"percent": 70, "remarks": remarks}, ["plan", "Api"]))
    '70% sound: Api: Late.'
    """
    percent, remarks = document.get("percent"), document.get("remarks")
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
        return None
    told = []
    for one in remarks if isinstance(remarks, list) else ():
        if isinstance(one, Mapping) and one.get("artifact") in known and str(one.get("remark") or "").strip():
            remark = printable(one_line(str(one["remark"])))[:_LONGEST]
            told.append(remark if one["artifact"] == WHOLE else f"{one['artifact']}: {remark}")
    return Soundness(score=round(percent / 100, 3), remarks=tuple(dict.fromkeys(told))[:_MOST_REMARKS])


def judging_prompt(plan: Plan, context: ProjectContext) -> str:
    """What is to be judged: the project and the goal first, which all candidates share, and the plan last."""
    artifacts = json.dumps(plan.to_document()["artifacts"], ensure_ascii=False, separators=(",", ":"))
    return Template(prompt("judged")).substitute(
        project=project_part(context),
        goal=plan.goal,
        requirements="\n".join(f"- {one}" for one in plan.requirements) or "- none listed",
        plan=as_data("the plan", artifacts),
    )


def _schema(known: Sequence[str], *, is_bounded: bool) -> Schema:
    text: Schema = {"type": "string"}
    if is_bounded:
        text["pattern"] = r"^[ !#-\[\]-~]{0,120}[ !#-\[\]-~]{0,120}$"
    remark = {
        "type": "object",
        "properties": {"artifact": {"type": "string", "enum": list(known)}, "remark": text},
        "required": ["artifact", "remark"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "percent": {"type": "integer", "minimum": 0, "maximum": 100},
            "remarks": {"type": "array", "items": remark, "maxItems": _MOST_REMARKS},
        },
        "required": ["percent", "remarks"],
        "additionalProperties": False,
    }
