"""The search for the cause of an incident: tracks at once, checkpoints, a decision as soon as the cause is known.

What it means to know the cause, and what follows, is decided in `prefect_harmonic.planners.coordinators.race`; here it
is done: task runs are started, called off and looked at, and everything is written down before the next thing begins.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from pydantic import JsonValue

from prefect_harmonic.events import EventName
from prefect_harmonic.flows.asking import OnEscalation, answer_to, answer_told, question_told
from prefect_harmonic.flows.execution import Execution
from prefect_harmonic.planners.artifact import Priority
from prefect_harmonic.planners.coordinators.race import (
    Cause,
    Checkpoint,
    RaceLimits,
    RaceStep,
    TrackStanding,
    TrackState,
    known_cause,
    next_race_step,
    suspicion_of,
)
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.programme.incident import DECISION, TRACKS
from prefect_harmonic.planners.programme.outcome import COMPLETED, IncidentOutcome
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind
from prefect_harmonic.planners.programme.questions import question_about_budget, question_about_cause
from prefect_harmonic.tasks.checkpoint_clock import CheckpointClock
from prefect_harmonic.tasks.incident_state import IncidentState, write_incident
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.publishing import publish_checkpoints
from prefect_harmonic.tasks.recording import Recording, noted
from prefect_harmonic.tasks.run_outcome import ArtifactOutcome
from prefect_harmonic.tasks.spawning import drop_open_parts

_UNKNOWN = "never ran: the cause is not known"


@dataclass
class Investigation:
    """A search for the cause of an incident.

    Attributes:
        execution: Carries out the tracks and the decision.
        state: What has been decided so far.
        symptoms: What users see.
        limits: When a cause counts as known, and how long is searched.
        way: What to do with a question for a person.
        patience_seconds: How long a paused run waits for an answer.
        clock: What checkpoints go by.
        news: Gives a digest of the project's files as they are now.
        recording: Keeps it in the knowledge base, if that can be used.
    """

    execution: Execution
    state: IncidentState
    symptoms: str
    limits: RaceLimits
    way: OnEscalation
    patience_seconds: float
    clock: CheckpointClock
    news: Callable[[], Awaitable[str]]
    recording: Recording | None = None
    _running: "dict[asyncio.Task[None], str]" = field(default_factory=dict)
    _read: dict[str, str] = field(default_factory=dict)

    async def investigate(self) -> IncidentOutcome:
        """Searches until the cause is known or a person says otherwise, and says how it ended."""
        await self._plan_noted()
        outcome = await self._investigated()
        self._save(outcome=outcome.value)
        if outcome is not IncidentOutcome.MITIGATED:
            await self._leave_undecided()
        told = str(self.state.cause) if self.state.cause else "the cause is not known"
        ended = COMPLETED if outcome is IncidentOutcome.MITIGATED else outcome.value
        if self.recording is not None:
            await self.recording.ended(ended, told)
        return outcome

    async def _investigated(self) -> IncidentOutcome:
        while True:
            if (question := self.state.open_question) is not None:
                answer = await self._asked(question)
                if answer is None:
                    return IncidentOutcome.WAITING
                if not await self._heed(question, answer):
                    return IncidentOutcome.UNRESOLVED
            cause = await self._searched()
            if cause is not None and await self._decided(cause):
                return IncidentOutcome.MITIGATED
            if cause is not None and not self.execution.refusal:
                return IncidentOutcome.INCOMPLETE
            self._save(state=self.state.asking(self._question()))

    # The search

    async def _searched(self) -> Cause | None:
        """The cause, once a track knows it; nothing where the checkpoints or the budget are used up."""
        self._begin()
        timer = self._timer()
        try:
            while True:
                await asyncio.wait({*self._running, timer}, return_when=asyncio.FIRST_COMPLETED)
                is_due = timer.done()
                self._take_ended()
                cause = known_cause(self._found(), self.limits.min_confidence)
                if cause is not None:
                    await self._call_off(f"{cause.track} knows the cause: {cause.claim.text}", cause)
                    return cause
                if self.execution.refusal:
                    await self._call_off(self.execution.refusal)
                    return None
                if self.state.dropped and not self._running:
                    self._reopen()
                if is_due:
                    await self._checkpoint()
                    timer = self._timer()
                is_settled = is_due or not self._running
                if is_settled and self._next_step() is RaceStep.ESCALATE:
                    await self._call_off(f"no cause is known after {len(self.state.checkpoints)} checkpoints")
                    return None
                if is_due:
                    await self._look_again()
        finally:
            for work in (timer, *self._running):
                work.cancel()
            await asyncio.gather(timer, *self._running, return_exceptions=True)
            self._running.clear()

    def _next_step(self) -> RaceStep:
        return next_race_step(None, len(self.state.checkpoints), self.state.allowed)

    def _timer(self) -> "asyncio.Task[None]":
        due = self.clock.now() + self.limits.checkpoint_seconds
        return asyncio.create_task(self.clock.reached(due), name="checkpoint")

    def _begin(self) -> None:
        """Starts the tracks that are wanted, are not under way and have nothing to show yet."""
        busy = {*self._running.values(), *self._found(), *self.state.dropped}
        for track in TRACKS:
            if track not in busy:
                self._read[track] = self.execution.production.project_digest
                self.execution.outcomes.pop(track, None)
                self._running[asyncio.create_task(self.execution.carry_out([track]), name=track)] = track

    def _take_ended(self) -> None:
        for work in [one for one in self._running if one.done()]:
            del self._running[work]
            work.result()

    def _found(self) -> dict[str, Evidence]:
        """The evidence of the tracks that have ended."""
        entries, outcomes = self.execution.production.entries, self.execution.outcomes
        return {
            track: entries[track].evidence
            for track in TRACKS
            if track in entries and track in outcomes and outcomes[track].is_finished
        }

    async def _call_off(self, reason: str, cause: Cause | None = None) -> None:
        """Ends the tracks that are under way. Where the cause is known, they are no longer wanted at all."""
        running = sorted({*self._running.values()} - self._found().keys())
        for track in running:
            self.execution.call_off(track, reason)
        await asyncio.gather(*self._running)
        self._running.clear()
        if cause is None:
            return
        ended = {track for track in running if self.execution.outcomes[track].state is ArtifactState.SKIPPED}
        dropped = {**self.state.dropped, **dict.fromkeys(sorted(ended), reason)}
        self._save(cause=cause, dropped=dropped)
        for track in sorted(ended):
            await noted(self.recording, partial(_dropped, track=track, reason=reason, recording=self.recording))

    def _reopen(self) -> None:
        """Takes up again what was called off: the project has changed, and what was known does not hold any more."""
        self._save(cause=None, dropped={})
        self._change_plan()
        self._begin()

    async def _look_again(self) -> None:
        """Has the tracks that have ended search again, where the project's files have changed since they looked."""
        now = await self.news()
        ended = [track for track in TRACKS if track not in self._running.values() and self._read.get(track) != now]
        self.execution.production.forget(ended, now)
        for track in ended:
            self.execution.outcomes.pop(track, None)
        self._begin()

    # Checkpoints

    async def _checkpoint(self) -> None:
        """Says how the tracks stand: in the state, in the record, as an event and in Prefect."""
        number = len(self.state.checkpoints) + 1
        seconds = number * self.limits.checkpoint_seconds
        checkpoint = Checkpoint(number=number, seconds=seconds, tracks=tuple(map(self._standing, TRACKS)))
        self._save(checkpoints=(*self.state.checkpoints, checkpoint))
        tracks: dict[str, JsonValue] = {one.track: one.state.value for one in checkpoint.tracks}
        self.execution.production.log.tell(
            EventName.CHECKPOINT_REACHED,
            checkpoint.title,
            confidence=checkpoint.confidence,
            tracks=tracks,
            text="; ".join(map(str, checkpoint.tracks)),
        )
        await publish_checkpoints(self.state.checkpoints, str(checkpoint))
        await self._kept_at_root(checkpoints=[one.model_dump(mode="json") for one in self.state.checkpoints])

    def _standing(self, track: str) -> TrackStanding:
        agent, outcome = self.execution.production.choices[track].agent, self.execution.outcomes.get(track)
        if (evidence := self._found().get(track)) is not None:
            claim = suspicion_of(evidence)
            told = ("", 0.0) if claim is None else (claim.text, claim.confidence)
            return TrackStanding(
                track=track, agent=agent, state=TrackState.ENDED, suspicion=told[0], confidence=told[1]
            )
        if outcome is None:
            return TrackStanding(track=track, agent=agent, state=TrackState.SEARCHING)
        state = TrackState.FAILED if outcome.state is ArtifactState.FAILED else TrackState.DROPPED
        return TrackStanding(track=track, agent=agent, state=state, reason=outcome.reason or "")

    # The decision

    async def _decided(self, cause: Cause) -> bool:
        """Has the decision written from what the track found that knows the cause, and says whether it is there."""
        log = self.execution.production.log
        log.tell(EventName.CAUSE_FOUND, cause.track, text=cause.claim.text, confidence=cause.claim.confidence)
        self._change_plan()
        await self._plan_noted()
        await self._kept_at_root(cause=cause.model_dump(mode="json"))
        await self.execution.carry_out([DECISION])
        return self.execution.outcomes[DECISION].is_finished

    def _change_plan(self) -> None:
        """Goes on under the plan that fits what is known."""
        graph = ArtifactGraph(self.state.plan(self.execution.production.graph.goal, self.symptoms))
        self.execution.change(graph, frozenset(self._found()) & frozenset(graph.artifacts))

    async def _leave_undecided(self) -> None:
        """Says of a decision that was not made why it was not."""
        if DECISION not in self.execution.outcomes:
            state = ArtifactState.BLOCKED
            self.execution.outcomes[DECISION] = ArtifactOutcome(state=state, reason=_UNKNOWN, waited_for="the cause")
            self.execution.production.log.tell(EventName.ARTIFACT_BLOCKED, DECISION, waited_for="the cause")
            await noted(
                self.recording, lambda record: record.artifact_ended(DECISION, state=state.value, reason=_UNKNOWN)
            )

    # People

    def _question(self) -> Question:
        goal, asked = self.execution.production.graph.goal, len(self.state.questions)
        if self.execution.refusal:
            undone = [name for name in (*TRACKS, DECISION) if name not in self._found()]
            return question_about_budget(goal, self.execution.refusal, undone=undone, asked=asked)
        return question_about_cause(
            goal, tuple(map(self._standing, TRACKS)), self.state.checkpoints, self._found(), asked=asked
        )

    async def _asked(self, question: Question) -> Answer | None:
        """The answer to a question, which was written down before it was asked."""
        log = self.execution.production.log
        await question_told(question, log, self.recording)
        answer = self.state.given or await answer_to(question, self.way, self.patience_seconds)
        if answer is not None:
            self._save(given=answer)  # until it is heeded, and what follows from it is written down with it
            await answer_told(question, answer, log, self.recording)
        return answer

    async def _heed(self, question: Question, answer: Answer) -> bool:
        """Does what a person said, and says whether to go on. To go on without a cause is to stop: nothing follows."""
        answered = self.state.answered(answer)
        if answer.action not in {AnswerAction.RETRY, AnswerAction.REPLAN}:
            self._save(state=answered)
            return False
        if question.kind is QuestionKind.BUDGET:
            self._save(state=answered)
            if answer.action is not AnswerAction.RETRY or self.recording is None:
                return False
            await self.recording.allow_as_much_again()
            self.execution.refusal = ""
            return True
        guidance = (*self.state.guidance, answer.guidance) if answer.guidance else self.state.guidance
        allowed = len(self.state.checkpoints) + self.limits.max_checkpoints
        self._save(state=answered, allowed=allowed, guidance=guidance)
        if answer.guidance:
            self._change_plan()
            self.execution.change(self.execution.production.graph, ())  # all of it searches anew, by the guidance
            await self._plan_noted()
        return True

    # The record

    def _save(self, *, state: IncidentState | None = None, **changed: object) -> None:
        """Writes down where it stands, before anything else happens."""
        self.state = (state or self.state).model_copy(update=changed)
        write_incident(self.execution.production.workspace, self.state)

    async def _kept_at_root(self, **values: JsonValue) -> None:
        if self.recording is not None:
            kb, root = self.recording.kb, self.recording.record.root
            await noted(self.recording, partial(_updated, kb=kb, root=root, values=values))

    async def _plan_noted(self) -> None:
        """Has the record stand for the plan as it is now: the tracks and the decision, right below the incident."""
        graph, agents = self.execution.production.graph, self.execution.production.choices
        await noted(self.recording, lambda record: record.plan_set(graph, (), agents=agents))
        await self._kept_at_root(priority=Priority.CRITICAL.value)


async def _dropped(record: ProgrammeRecord, *, track: str, reason: str, recording: Recording | None) -> None:
    """Drops a track and the parts that it had spawned."""
    await record.artifact_ended(track, state=ArtifactState.SKIPPED.value, reason=reason)
    if recording is not None and track in record.nodes:
        await drop_open_parts(recording.kb, record.nodes[track], reason)


async def _updated(_: ProgrammeRecord, *, kb: KnowledgeBase, root: str, values: Mapping[str, JsonValue]) -> None:
    await kb.update(root, metadata=values)
