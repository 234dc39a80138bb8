"""The loop of a pursuit: carry out phases, evaluate, change the plan or ask a person, until nothing is left to do.

Everything that is decided is written down before the next thing is begun, so that a run that is killed goes on where
it was. Source: second design document, "Evaluate-Replan Pattern"; semantics, "Evaluation and replanning".
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.asking import answer_to, answer_told, question_told, was_answered
from prefect_harmonic.flows.deliberation import Deliberation
from prefect_harmonic.flows.phase_execution import current_execution, run_phase
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.phases import Phase, phases_of
from prefect_harmonic.planners.programme.closing import filling
from prefect_harmonic.planners.programme.deciding import Decision, NextStep, Trigger
from prefect_harmonic.planners.programme.difference import Change
from prefect_harmonic.planners.programme.evaluation import Evaluation
from prefect_harmonic.planners.programme.judgement import Judgement
from prefect_harmonic.planners.programme.outcome import PursuitOutcome
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind
from prefect_harmonic.planners.programme.questions import (
    question_about_plan,
)
from prefect_harmonic.planners.programme.replanning import Replanning
from prefect_harmonic.planners.sources.remainder import RemainderSource, ReplanRequest
from prefect_harmonic.tasks.calling import final_state, quoted, taken
from prefect_harmonic.tasks.evaluation import evaluate_phase
from prefect_harmonic.tasks.judging import judge_phase
from prefect_harmonic.tasks.publishing import publish_difference
from prefect_harmonic.tasks.recording import noted
from prefect_harmonic.tasks.replanning import replan
from prefect_harmonic.tasks.views.changes import change_rows


@dataclass(kw_only=True)
class Pursuit(Deliberation):
    """A plan being pursued.

    Attributes:
        source: Who proposes changed plans.
    """

    source: RemainderSource
    _attempts: dict[str, int] = field(default_factory=dict)
    _after: list[Any] = field(default_factory=list)
    _at_evaluation: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def pursue(self) -> PursuitOutcome:
        """Goes on until nothing is left to do or to decide, and says how it ended."""
        token = current_execution.set(self.execution)
        await self._plan_noted()
        try:
            outcome = await self._pursued()
        finally:
            current_execution.reset(token)
        self._save(outcome=outcome.value)
        reason = self.state.evaluations[-1].rationale if self.state.evaluations else ""
        if self.recording is not None:
            await self.recording.ended(outcome.value, reason)
        return outcome

    async def _pursued(self) -> PursuitOutcome:
        if self.state.evaluations:
            await self._look_below()
            await self._advance()  # to where an earlier run had come, before anything is decided
        while True:
            if (question := self.state.open_question) is not None:
                answer = await self._asked(question)
                if answer is None:
                    return PursuitOutcome.WAITING
                if not await self._heed(question, answer):
                    return PursuitOutcome.STOPPED
            await self._advance()
            if self.execution.refusal:
                self._ask_for_budget()
                continue
            if self.state.is_stale:
                await self._evaluated(self.state.evaluations[-1].phase, *self._after)
            decision = self._decision()
            if decision is None or (decision.step is NextStep.PROCEED and not self._is_stuck()):
                return self._end()
            if decision.step is NextStep.REPLAN:
                await self._change_plan(decision)
            else:
                self._ask(self._question())

    # Phases

    async def _advance(self) -> None:
        """Carries out phases, several at once where they do not wait for each other, until something is to decide."""
        running: dict[asyncio.Task[Evaluation | None], Phase] = {}
        try:
            while True:
                for phase in self._startable({one.name for one in running.values()}) if self._may_go_on() else ():
                    running[asyncio.create_task(self._carried_out(phase), name=phase.name)] = phase
                if not running:
                    return
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for work in sorted(ended, key=lambda one: running[one].name):
                    del running[work]
                    work.result()
        finally:
            for work in running:
                work.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _startable(self, running: set[str]) -> list[Phase]:
        """Phases with something to make whose predecessors are over, as many as may run beside those that do."""
        phases = phases_of(self.execution.production.graph)
        over = {phase.name for phase in phases if not self._open(phase) and phase.name not in running}
        ready = [
            phase
            for phase in phases
            if phase.name not in over | running and set(phase.after) <= over and self._is_due(phase)
        ]
        return ready[: max(0, self.rules.phases_at_once - len(running))]

    async def _carried_out(self, phase: Phase) -> Evaluation | None:
        """Carries out what is open of a phase and evaluates what is known after it, unless the budget ran out."""
        attempt = self._attempts[phase.name] = self._attempts.get(phase.name, 0) + 1
        label = phase.name if attempt == 1 else f"{phase.name} (attempt {attempt})"
        artifacts = self._open(phase)
        self.execution.production.log.tell(EventName.PHASE_STARTED, label, artifacts=list(artifacts))
        state = await final_state(run_phase, label, artifacts, wait_for=self._after)
        await state.aresult()
        await self._unmade_noted(artifacts)
        await noted(self.recording, lambda record: record.phase_ended(phase.name))
        if self.execution.refusal:
            return None
        labels = (phase.name, f"{phase.name} (attempt ")
        is_evaluated = any(one.phase == labels[0] or one.phase.startswith(labels[1]) for one in self.state.evaluations)
        if is_evaluated and self._known() <= self.state.evaluated:
            return self.state.evaluations[-1]  # a run that was interrupted knew all this
        return await self._evaluated(label, state)

    async def _judged(self, label: str, *made: object) -> tuple[object, ...]:
        """Has a judge look at what is new, if there is one. What it adds is written down before it is evaluated."""
        judge = self.counsel.judge
        if judge is None or (request := self._to_judge(label)) is None:
            return made
        state = await final_state(judge_phase, label, quoted(request), quoted(judge), wait_for=made)
        judgement: Judgement = taken(state) if state.is_completed() else await state.aresult()
        self._save(judgements=(*self.state.judgements, judgement))
        self.execution.production.log.tell(
            EventName.PHASE_JUDGED, label, judgement=str(judgement), dropped=list(judgement.dropped)
        )
        return (state,)

    async def _evaluated(self, label: str, *made: object) -> Evaluation:
        # One after the other: two phases that end at once would ask a judge twice about the same findings.
        async with self._at_evaluation:
            return await self._evaluated_alone(label, *made)

    async def _evaluated_alone(self, label: str, *made: object) -> Evaluation:
        made = await self._judged(label, *made)
        execution, standing, known = self.execution, self.standing, self._known()
        evidence = tuple(standing.evidence[name] for name in standing.graph.order if name in standing.evidence)
        unmade = tuple(sorted(name for name, one in execution.outcomes.items() if not one.is_finished))
        # Quoted, as Prefect knows results by identity: an empty tuple is every empty tuple, and draws edges from it.
        state = await final_state(
            evaluate_phase,
            label,
            quoted(evidence),
            quoted(unmade),
            quoted(self.state.counted),
            quoted(self.rules.criteria),
            quoted(standing.closed),
            quoted(filling(standing.closings)),
            wait_for=made,
        )
        evaluation: Evaluation = taken(state)
        self._after = [state]
        evaluations = (*self.state.evaluations, evaluation)
        self._save(evaluations=evaluations, evaluated=self.state.evaluated | known, is_stale=False)
        execution.production.log.tell(
            EventName.PHASE_EVALUATED,
            label,
            confidence=evaluation.confidence,
            gaps=list(evaluation.gaps),
            contradictions=[str(one) for one in evaluation.contradictions],
            outcome=evaluation.outcome.value,
            rationale=evaluation.rationale,
        )
        await noted(self.recording, lambda record: record.evaluated(evaluation, criteria=self.rules.criteria))
        await self._look_below()
        return evaluation

    # Changing the plan

    async def _change_plan(self, decision: Decision) -> None:
        """Compares changed plans and goes on under the best, once it is approved where somebody has to."""
        request, phase = self._request(decision), self.state.evaluations[-1].phase
        state = await final_state(
            replan, phase, quoted(request), quoted(self.source), self.rules.options.scorer, wait_for=self._after
        )
        replanning: Replanning = taken(state) if state.is_completed() else await state.aresult()
        self._after = [state]
        if self.rules.approves:
            question = question_about_plan(
                phase,
                replanning.difference,
                replanning.reason,
                closes={closing.artifact: closing.opening.text for closing in replanning.closings},
                asked=len(self.state.questions),
            )
            self._save(state=self.state.asking(question, ()), proposed=replanning)
            return
        await self._take(replanning)

    def _request(self, decision: Decision) -> ReplanRequest:
        options, standing, production = self.rules.options, self.standing, self.execution.production
        return ReplanRequest(
            graph=standing.graph,
            finished=frozenset(standing.evidence),
            evidence=dict(standing.evidence),
            openings=self._pending(),
            dependencies=standing.dependencies,
            closings=standing.closings,
            iteration=self.state.evaluations[-1].iteration,
            trigger=decision.trigger,
            guidance="\n".join(self.state.guidance),
            agents=frozenset(production.agents),
            limits=options.limits,
            workers=options.workers,
            effort=self.state.effort,
            candidates=options.candidates if options.harmonic else 1,
            max_closings=self.rules.replans.max_closings,
            seed=options.seed,
        )

    async def _take(self, replanning: Replanning) -> None:
        """Goes on under a changed plan."""
        graph, difference = ArtifactGraph(replanning.plan), replanning.difference
        kept = frozenset(difference.of(Change.KEPT))
        closes = {closing.artifact: closing.opening.text for closing in replanning.closings}
        told: dict[str, JsonValue] = dict(closes)
        self._save(
            plan=replanning.plan,
            replannings=(*self.state.replannings, replanning),
            tries=(*self.state.tries, len(self.state.evaluations) - 1),
            proposed=None,
        )
        self.execution.change(graph, kept)
        self.execution.production.log.tell(
            EventName.PLAN_CHANGED,
            self.state.evaluations[-1].phase,
            artifacts=len(graph),
            kept=len(kept),
            run_again=len(difference.of(Change.RUN_AGAIN)),
            new=len(difference.of(Change.NEW)),
            dropped=len(difference.of(Change.DROPPED)),
            trigger=replanning.trigger.value,
            reason=replanning.reason,
            closes=told,
        )
        hours = self.execution.effort.durations(graph)
        await publish_difference(change_rows(difference, hours, closes), replanning.reason)
        document = replanning.model_dump(mode="json", exclude={"plan"})
        await noted(self.recording, lambda record: record.replanned(document))
        await self._plan_noted(replanning.iteration)

    async def adjust(self, reason: str) -> None:
        """Changes what is left of the plan by all that is open, if anything is, and counts tries anew from here."""
        self._save(fresh_from=len(self.state.evaluations))
        may_change = self.state.open_question is None and len(self.state.replannings) < self.rules.replans.max_replans
        if may_change and self.state.evaluations and self._pending():
            await self._change_plan(Decision(step=NextStep.REPLAN, reason=reason, trigger=Trigger.PHASE_COMPLETED))

    # People

    async def _asked(self, question: Question) -> Answer | None:
        """The answer to a question, which was written down before it was asked."""
        log = self.execution.production.log
        if not was_answered(question):  # it was told before; again, it would call somebody for nothing
            how, is_news = self._how_to_answer(question), self.state.given is None
            await question_told(question, log, self.recording, how_to_answer=how, is_news=is_news)
        answer = self.state.given or await answer_to(question, self.rules.way, self.rules.patience_seconds)
        if answer is not None:
            self._save(given=answer)  # until it is heeded, and what follows from it is written down with it
            await answer_told(question, answer, log, self.recording)
        return answer

    async def _heed(self, question: Question, answer: Answer) -> bool:
        """Does what a person said, and says whether to go on."""
        self.state = self.state.answered(answer)
        if answer.action is AnswerAction.STOP:
            self._save()
            return False
        if question.kind is QuestionKind.BUDGET:
            self._save()
            return await self._heed_about_budget(answer)
        proposed = self.state.proposed
        if question.kind is QuestionKind.APPROVAL and proposed is not None:
            if answer.action is AnswerAction.APPROVE:
                await self._take(proposed)
                return True
            self._decline(proposed, answer)
            return True
        guidance = (*self.state.guidance, answer.guidance) if answer.guidance else self.state.guidance
        if answer.action is AnswerAction.RETRY:
            self._try_again(guidance)
        elif answer.action is AnswerAction.REPLAN:
            self._save(guidance=guidance, fresh_from=len(self.state.evaluations))
        else:
            self._save(guidance=guidance)
        return True
