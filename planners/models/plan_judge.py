"""A language model as the judge of plans: a score and reasons, each of which names an artifact that is there."""

import json
from collections.abc import Mapping, Sequence
from string import Template

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.candidate import Candidate
from prefect_harmonic.planners.context import ProjectContext
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
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose
from prefect_harmonic.planners.models.schema import PERCENT, Schema, list_of, object_of, text_of
from prefect_harmonic.planners.models.usage import Meter, Usage
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
        self._askers = AskersInTurn(model)
        self._meter = Meter()

    def usage(self) -> Mapping[str, Usage]:
        """What was spent so far."""
        return {purposes.JUDGE: self._meter.usage}

    async def soundness(self, candidate: Candidate, context: ProjectContext) -> Soundness:
        """How far a plan makes sense; else to the model that is asked where this one fails.

        Raises as `PlanJudge.soundness` does.
        """
        plan = candidate.plan or Plan()
        known = [WHOLE, *(artifact.id for artifact in plan.artifacts)]
        read: list[Soundness] = []

        async def check(document: Document, is_last: bool) -> None:
            found = soundness_in(document, known)
            if found is None and is_last:
                raise CandidateError("the answer has no score between 0 and 100")
            if found is None:
                raise RepairableError(_UNREAD)
            read.append(found)

        async def ask(model: LanguageModel, asker: Asker) -> Soundness:
            question = Question(
                name="soundness",
                instructions=prompt("judge"),
                prompt=judging_prompt(plan, context),
                schema=_schema(known, is_bounded=model.is_bounded),
                settings=answer_settings(model.max_tokens),
                check=check,
                purpose=Purpose(purposes.JUDGE, candidate.id),
            )
            await asker.ask(question, self._meter)
            return read[-1]

        return await self._askers.first(ask)


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
    remark = object_of({"artifact": {"type": "string", "enum": list(known)}, "remark": text_of(is_bounded=is_bounded)})
    return object_of({"percent": PERCENT, "remarks": list_of(remark, most=_MOST_REMARKS)})
