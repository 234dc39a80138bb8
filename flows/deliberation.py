"""What a pursuit knows and decides: what is open, what follows the last evaluation, what people said to it.

Owns the state of the pursuit, which is written down before anything is done about it, and its record in the knowledge
base. Starts nothing itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.counsel import Counsel
from prefect_harmonic.flows.execution import Execution
from prefect_harmonic.flows.rules import Rules
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.phases import Phase, phases_of
from prefect_harmonic.planners.programme.closing import filling, to_close
from prefect_harmonic.planners.programme.deciding import Decision, NextStep, Trigger, next_step
from prefect_harmonic.planners.programme.evaluation import EvaluationOutcome
from prefect_harmonic.planners.programme.gaps import guidance_opening
from prefect_harmonic.planners.programme.judgement import JudgeRequest, as_judged, unjudged
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.planners.programme.outcome import PursuitOutcome
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question
from prefect_harmonic.planners.programme.questions import (
    question_about_blocker,
    question_about_budget,
    question_about_findings,
)
from prefect_harmonic.planners.programme.replanning import Replanning
from prefect_harmonic.planners.programme.standing import Standing
from prefect_harmonic.tasks.ledger import digest
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.pursuit_state import PursuitState, write_state
from prefect_harmonic.tasks.recording import Recording, noted
from prefect_harmonic.tasks.run_outcome import ArtifactOutcome


@dataclass(kw_only=True)
class Deliberation:
    """A pursuit as far as it is a matter of deciding.

    Attributes:
        execution: Carries out its artifacts.
        state: What has been decided so far.
        rules: What it goes by.
        recording: Keeps it in the knowledge base, if that can be used.
        counsel: Whom it asks for judgement beside the rules.
        is_settled: Whether an earlier run came to its result, and nothing has changed since.
        below: What was open in the parts of artifacts when it was last evaluated.
    """

    execution: Execution
    state: PursuitState
    rules: Rules
    recording: Recording | None = None
    counsel: Counsel = field(default_factory=Counsel)
    is_settled: bool = False
    below: tuple[Opening, ...] = ()

    @property
    def found(self) -> dict[str, Evidence]:
        """What the specialists found out, by artifact, before anybody judged it."""
        return {name: entry.evidence for name, entry in self.execution.production.entries.items()}

    @property
    def standing(self) -> Standing:
        """Where the pursuit stands now."""
        production, outcomes = self.execution.production, self.execution.outcomes
        return Standing(
            graph=production.graph,
            evidence=as_judged(self.found, self.state.judgements),
            failed={
                name: one.reason or "failed" for name, one in outcomes.items() if one.state is ArtifactState.FAILED
            },
            closings=self.state.closings,
            criteria=self.rules.criteria,
            has_project=production.project is not None,
            below=self.below,
        )

    def _pending(self) -> tuple[Opening, ...]:
        """What the next change of the plan is to close."""
        guided = to_close(map(guidance_opening, self.state.guidance), self.state.closings)
        found = self.standing.pending(self.state.evaluations[-1]) if self.state.evaluations else ()
        return tuple(one for one in (*guided, *found) if one.key not in self.state.declined)

    def _decision(self) -> Decision | None:
        """What follows the last evaluation; nothing if nothing was evaluated."""
        if not self.state.evaluations:
            return None
        pending = self._pending()
        if any(opening.kind is OpeningKind.GUIDANCE for opening in pending):
            reason = f"A person said what to look at: {self.state.guidance[-1]}"
            return Decision(step=NextStep.REPLAN, reason=reason, trigger=Trigger.GUIDANCE)
        if pending and self._is_given_another_try():
            reason = "A person said to try on."
            return Decision(step=NextStep.REPLAN, reason=reason, trigger=Trigger.LOW_CONFIDENCE)
        left = any(self._open(phase) for phase in phases_of(self.execution.production.graph))
        decision = next_step(
            self.state.evaluations[-1],
            to_close=pending,
            replans=len(self.state.replannings),
            phases_left=left,
            limits=self.rules.replans,
            criteria=self.rules.criteria,
            dependencies=self.standing.dependencies,
        )
        if decision.step is NextStep.ESCALATE and (self._is_settled() or self._is_untried()):
            return decision.model_copy(update={"step": NextStep.PROCEED})
        return decision

    def _may_go_on(self) -> bool:
        """Whether more phases may be begun before something is decided."""
        if self.execution.refusal:
            return False
        if self._is_replaying():
            return True
        if self.state.open_question is not None:
            return False
        is_acted_on = self.state.tries[-1:] == (len(self.state.evaluations) - 1,)
        decision = self._decision()
        return is_acted_on or decision is None or decision.step is NextStep.PROCEED

    def _is_replaying(self) -> bool:
        """Whether this run has not yet come to where an earlier one was when it was interrupted."""
        return self._known() < self.state.evaluated

    def _is_given_another_try(self) -> bool:
        """Whether a person allowed more tries, of which none was made yet."""
        is_short = self.state.evaluations[-1].outcome is not EvaluationOutcome.CONVERGED
        answers = [asked.answer.action for asked in self.state.questions if asked.answer is not None]
        is_last_word = answers[-1:] == [AnswerAction.RETRY] and self.state.open_question is None
        return is_short and is_last_word and not self.state.counted and self.state.fresh_from > 0

    def _is_untried(self) -> bool:
        """Whether the findings fall short, nothing was tried against it and nothing can be: that is for the report."""
        is_given_up = self.state.evaluations[-1].outcome is not EvaluationOutcome.CONTINUE
        return not (is_given_up or self.state.replannings or self._pending() or self._is_contradicted())

    def _is_contradicted(self) -> bool:
        return len(self.state.evaluations[-1].contradictions) > self.rules.criteria.max_contradictions

    def _ask_for_budget(self) -> None:
        undone = [name for name, one in self.execution.outcomes.items() if not one.is_finished]
        question = question_about_budget(
            self.state.plan.goal, self.execution.refusal, undone=sorted(undone), asked=len(self.state.questions)
        )
        self.execution.production.log.tell(EventName.BUDGET_SPENT, self.state.plan.goal, reason=self.execution.refusal)
        self._save(state=self.state.asking(question, ()))

    def _is_stuck(self) -> bool:
        """Whether something failed that was to be unblocked and was not, and nobody said to do without it."""
        stuck = any(opening.kind is OpeningKind.FAILURE for opening in self.standing.beyond)
        return stuck and not self._is_settled()

    def _question(self) -> Question:
        """What to ask where the run cannot get on by itself."""
        standing, asked = self.standing, len(self.state.questions)
        for opening in standing.beyond:
            stuck = [one for one in opening.origins if one in standing.failed]
            if opening.kind is OpeningKind.FAILURE and stuck:
                tried = next(one.artifact for one in standing.closings if one.opening.key == opening.key)
                waiting = sorted(standing.graph.descendants_of(stuck[0]))
                return question_about_blocker(stuck[0], standing.failed[stuck[0]], tried, waiting=waiting, asked=asked)
        return question_about_findings(self.state.evaluations[-1], standing.open, asked=asked)

    def _ask(self, question: Question) -> None:
        """Writes a question down; it is put to a person next."""
        self._save(state=self.state.asking(question, (opening.key for opening in self.standing.open)))

    def _is_settled(self) -> bool:
        """Whether a person or a standing order said to go on without all that is open now."""
        accepted = {key for asked in self.state.questions if asked.is_accepted for key in asked.openings}
        is_accepted = any(asked.is_accepted for asked in self.state.questions)
        return is_accepted and {opening.key for opening in self.standing.open} <= accepted

    def _end(self) -> PursuitOutcome:
        """How a pursuit ended in which nothing is left to decide."""
        outcomes, graph = self.execution.outcomes, self.execution.production.graph
        if any(self._open(phase) for phase in phases_of(graph)):
            return PursuitOutcome.SCHEDULED
        if not all(one.is_finished for one in outcomes.values()):
            return PursuitOutcome.INCOMPLETE
        if self.state.evaluations[-1].outcome is EvaluationOutcome.CONVERGED:
            return PursuitOutcome.CONVERGED
        is_accepted = bool(self.state.declined) or any(asked.is_accepted for asked in self.state.questions)
        return PursuitOutcome.ACCEPTED if is_accepted else PursuitOutcome.INCONCLUSIVE

    def _open(self, phase: Phase) -> list[str]:
        """Artifacts of a phase that were not dealt with yet."""
        return [name for name in phase.artifacts if name not in self.execution.outcomes]

    def _is_due(self, phase: Phase) -> bool:
        return self.rules.due.get(phase.name, date.min) <= self.rules.today

    def _known(self) -> frozenset[str]:
        """Digests of all that there is to evaluate now."""
        entries, failed = self.execution.production.entries, self.standing.failed
        made = (digest([name, entry.key, entry.output]) for name, entry in entries.items())
        return frozenset({*made, *(digest([name, reason]) for name, reason in failed.items())})

    async def _heed_about_budget(self, answer: Answer) -> bool:
        """As much again where a person allows it; without it there is nothing to go on with."""
        self.execution.refusal = ""
        if answer.action is not AnswerAction.RETRY or self.recording is None:
            return False
        await self.recording.allow_as_much_again()
        self.execution.change(self.standing.graph, frozenset(self.standing.evidence))
        return True

    def _decline(self, proposed: Replanning, answer: Answer) -> None:
        """Leaves the plan as it was. What the change was to close is not to be closed any more, unless differently."""
        declined = {closing.opening.key for closing in proposed.closings}
        guidance = (*self.state.guidance, answer.guidance) if answer.guidance else self.state.guidance
        self._save(proposed=None, declined=self.state.declined | declined, guidance=guidance)

    def _try_again(self, guidance: tuple[str, ...]) -> None:
        """Has what failed, and what was to close something and did not, made once more; earlier tries do not count."""
        standing, execution = self.standing, self.execution
        open_keys = {opening.key for opening in standing.open}
        vain = {closing.artifact for closing in standing.closings if closing.opening.key in open_keys}
        again = {name for one in vain for name in (one, *standing.graph.descendants_of(one))}
        entries = execution.production.entries
        execution.production.again |= {name: entries[name].finished for name in again & entries.keys()}
        execution.change(standing.graph, frozenset(standing.evidence) - again)
        fresh_from = len(self.state.evaluations)
        wanted = dict(execution.production.again)
        self._save(guidance=guidance, fresh_from=fresh_from, is_stale=True, evaluated=frozenset(), again=wanted)

    def _save(self, *, state: PursuitState | None = None, **changed: object) -> None:
        """Writes down where the pursuit stands, before anything else happens."""
        self.state = (state or self.state).model_copy(update=changed)
        write_state(self.execution.production.workspace, self.state)

    async def _look_below(self) -> None:
        """Looks at the parts of artifacts where the findings fall short; replanning then sees the gap where it is."""
        is_short = self.state.evaluations[-1].outcome is not EvaluationOutcome.CONVERGED
        self.below = await self.recording.open_below() if is_short and self.recording is not None else ()

    async def _plan_noted(self, iteration: int = 0) -> None:
        """Has the record stand for the plan as it is now."""
        production = self.execution.production
        graph, closings, agents = production.graph, self.state.closings, production.choices
        await noted(
            self.recording,
            lambda record: record.plan_set(
                graph, phases_of(graph), iteration=iteration, closings=closings, agents=agents
            ),
        )

    async def _unmade_noted(self, artifacts: Iterable[str]) -> None:
        """Notes what of a phase never ran, and why."""
        for name in artifacts:
            one = self.execution.outcomes[name]
            if one.state in {ArtifactState.BLOCKED, ArtifactState.SKIPPED}:
                await noted(self.recording, partial(_unmade, artifact=name, outcome=one))

    def _to_judge(self, phase: str) -> JudgeRequest | None:
        """What a judge is asked about after a phase: all that nobody has judged yet, with what it rests on."""
        graph, found = self.execution.production.graph, self.found
        open_names = set(unjudged(found, self.state.judgements))
        names = [name for name in graph.order if name in open_names]
        if not names:
            return None
        behind = {before for name in names for before in graph.ancestors_of(name)} - set(names)
        return JudgeRequest(
            phase=phase,
            goal=graph.goal,
            requirements=graph.requirements,
            artifacts=tuple(graph.artifacts[name] for name in names),
            evidence={name: found[name] for name in names},
            background={name: found[name] for name in graph.order if name in behind and name in found},
            filling={name: one for name, one in filling(self.state.closings).items() if name in names},
        )

    def _how_to_answer(self, question: Question) -> str:
        root = "" if self.recording is None else self.recording.record.root
        where = root or str(self.execution.production.workspace.root)
        return f"harmonic resume {where} --answer {'|'.join(question.options)}"


async def _unmade(record: ProgrammeRecord, *, artifact: str, outcome: ArtifactOutcome) -> None:
    await record.artifact_ended(artifact, state=outcome.state.value, reason=outcome.reason)
