"""One piece of work of a specialist with a model: look, answer, be judged, be told once what is wrong."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field

from pydantic import ValidationError
from pydantic_ai.settings import ModelSettings

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.models.asking import Asker, Document, Question, RepairableError, answer_settings
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import Purpose, asking_for
from prefect_harmonic.planners.models.specialist_wording import (
    EXAMPLE,
    answering_prompt,
    correction_prompt,
    specialist_instructions,
)
from prefect_harmonic.planners.models.usage import Meter
from prefect_harmonic.planners.models.wording import as_data
from prefect_harmonic.tasks.agents.modelled.adding import Made, told_dropped
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer, answer_schema
from prefect_harmonic.tasks.agents.modelled.called_model import called
from prefect_harmonic.tasks.agents.modelled.calls import answers_on_trial
from prefect_harmonic.tasks.agents.modelled.deciding import criteria_of
from prefect_harmonic.tasks.agents.modelled.gathering import gathered
from prefect_harmonic.tasks.agents.modelled.handed_over import findings_of
from prefect_harmonic.tasks.agents.modelled.judging import Judgement
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.servers import NO_SERVERS, ToolServers
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.modelled.toolbox import Bench, own_tools
from prefect_harmonic.tasks.agents.modelled.trades import Trade

_STEADY = 0.2
_MOST_PROBLEMS = 12


@dataclass
class Worker:
    """Does the work of one trade with one model.

    Attributes:
        trade: What it does.
        model: The model.
        servers: Servers with tools of the user's own.
    """

    trade: Trade
    model: LanguageModel
    servers: ToolServers = NO_SERVERS
    _asker: Asker = field(init=False)

    def __post_init__(self) -> None:
        self._asker = Asker(called(self.model))

    async def bettered(self, assignment: Assignment, given: Evidence) -> Evidence:
        """The embedded specialist's evidence with what the model adds to it.

        Raises:
            CandidateError: The model gave nothing that can be used.
        """
        material = Material(assignment, given)
        told = "\n\n".join(filter(None, [material.told(), material.file() if "content" in self.trade.keys else ""]))
        bench = Bench(Shown(material.findings), hashlib.sha256(f"{self.trade.name}{told}".encode()).hexdigest())
        meter = Meter()
        instructions = specialist_instructions(self.trade.name)
        early = await self._look(material, told, instructions, bench, meter)
        with answers_on_trial():
            judgement = await self._answer(material, told, instructions, bench, meter)
            if judgement.evidence is None:
                raise CandidateError("; ".join(judgement.problems) or "the answer holds nothing that can be used")
        dropped = told_dropped([*([f"while looking: {early}"] if early else []), *judgement.problems])
        return judgement.evidence(Made(label=self.model.label, usage=meter.usage, calls=bench.calls, dropped=dropped))

    async def _look(self, material: Material, told: str, instructions: str, bench: Bench, meter: Meter) -> str:
        """Shows what was handed over, and lets the model look further where there is something to look with."""
        assignment = material.assignment
        for name in sorted(assignment.inputs):
            observation = findings_of(name, assignment.inputs[name]).bounded()
            bench.shown.take(observation)
            bench.told.append(as_data(f"findings of {name}", observation.told()))
        tools = dict(await asyncio.to_thread(own_tools, assignment, self.trade.tools))
        others = self.servers.toolsets(self.trade.name, self.model)
        if not tools and not others:
            return ""
        with asking_for(self.trade.name, assignment.artifact.id):
            return await gathered(
                called(self.model),
                instructions=instructions,
                assignment=told,
                tools=tools,
                others=others,
                bench=bench,
                settings=self._settings(assignment.seed),
                meter=meter,
                subjects=material.subjects,
            )

    async def _answer(self, material: Material, told: str, instructions: str, bench: Bench, meter: Meter) -> Judgement:
        judged: list[Judgement] = []

        async def check(document: Document, is_last: bool) -> None:
            try:
                answer = StatedAnswer.model_validate_json(json.dumps(document))
            except ValidationError as error:
                problems = tuple(_told(each["loc"], each["msg"]) for each in error.errors(include_url=False))
                judgement = Judgement(problems[:_MOST_PROBLEMS], None)
            else:
                judgement = self.trade.judge(answer, material, bench.shown)
            if judgement.problems and not is_last:
                raise RepairableError(correction_prompt(judgement.problems[:_MOST_PROBLEMS]))
            judged.append(judgement)

        keys = tuple(key for key in self.trade.keys if key != "options" or criteria_of(material.given))
        criteria = criteria_of(material.given)
        example = {**EXAMPLE, "options": [{**EXAMPLE["options"][0], "marks": dict.fromkeys(criteria, 50)}]}
        path = material.assignment.artifact.produces_file or ""
        question = Question(
            name="findings",
            instructions=instructions,
            prompt=answering_prompt(
                told,
                "\n".join(bench.told) or "nothing",
                keys,
                {"most": MOST["claims"], "open": MOST["open"], "path": path},
                example,
            ),
            schema=answer_schema(keys, gaps=tuple(material.gaps), criteria=criteria, is_bounded=self.model.is_bounded),
            settings=self._settings(material.assignment.seed),
            check=check,
            purpose=Purpose(self.trade.name, material.assignment.artifact.id),
        )
        await self._asker.ask(question, meter)
        return judged[-1]

    def _settings(self, seed: int) -> ModelSettings:
        return answer_settings(self.model.max_tokens, temperature=_STEADY, seed=seed)


def _told(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place)) or 'the answer'}: {message}"
