"""Carrying out a plan: one task run an artifact, started the moment that what it requires is done.

A plain loop over a `Dispatch`; Prefect runs, retries and shows what is made. The flows that use it are
`prefect_harmonic.flows.plan_execution` and `prefect_harmonic.flows.phase_execution`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from prefect.states import Failed

from prefect_harmonic.errors import BudgetSpentError, NotRecordedError
from prefect_harmonic.events import EventName
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.dispatch import ArtifactState, Blocked, Dispatch, remaining_paths
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.gate.files import normalised
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.agents.closing.closed import answer_of
from prefect_harmonic.tasks.agents.current import current_agents
from prefect_harmonic.tasks.announcing import announce
from prefect_harmonic.tasks.artifacts import KEPT, make_artifact
from prefect_harmonic.tasks.calling import final_state, quoted
from prefect_harmonic.tasks.ledger import Entry
from prefect_harmonic.tasks.logs import bridge_to_runs
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.run_outcome import ArtifactOutcome, RunOutcome, model_failure
from prefect_harmonic.tasks.workspace import Workspace

RETRY_DELAYS_SECONDS = (1.0, 5.0, 25.0)
TIMED_OUT = "TimedOut"
"""Prefect's name for the state of a task run that took too long; whoever was at it could not say so any more."""


@dataclass
class Execution:
    """A production being carried out by Prefect tasks, in one go or phase by phase."""

    production: Production
    max_parallel: int
    retries: int = 1
    timeout_seconds: float | None = None
    outcomes: dict[str, ArtifactOutcome] = field(default_factory=dict)
    effort: EffortModel = field(default_factory=EffortModel)
    refusal: str = ""
    """Why work was refused, once the budget is spent."""

    def __post_init__(self) -> None:
        self._rank()
        # Phases that run at the same time share the workers, and the files that one writer at a time may have.
        self._places = asyncio.Semaphore(self.max_parallel)
        self._writing: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        delays = [*RETRY_DELAYS_SECONDS[: self.retries]]
        delays += [RETRY_DELAYS_SECONDS[-1]] * (self.retries - len(delays))
        self._task = make_artifact.with_options(
            retries=self.retries, retry_delay_seconds=delays, timeout_seconds=self.timeout_seconds
        )

    def _rank(self) -> None:
        graph = self.production.graph
        self._ranking = remaining_paths(graph, self.effort.durations(graph))

    def change(self, graph: ArtifactGraph, kept: Collection[str]) -> None:
        """Goes on under a changed plan. Nothing of it may be running.

        Args:
            graph: The plan as it is now.
            kept: Ids of what is there and stays.
        """
        self.production = self.production.under(graph, kept)
        self.outcomes = {name: one for name, one in self.outcomes.items() if name in kept}
        self._rank()

    def keep(self, artifact: str, entry: Entry) -> None:
        """Takes what an earlier run made as it is, whatever it was made from has become since."""
        self.production.ledger.restore(entry)
        self.production.entries[artifact] = entry
        self._take_note_of_made(artifact, ArtifactState.KEPT)

    @property
    def outcome(self) -> RunOutcome:
        """Where the artifacts of the plan stand; those not reached yet are waiting."""
        waiting = ArtifactOutcome(state=ArtifactState.WAITING)
        artifacts = {name: self.outcomes.get(name, waiting) for name in self.production.graph.artifacts}
        return RunOutcome(artifacts=artifacts, workspace=str(self.production.workspace.root))

    def call_off(self, artifact: str, reason: str) -> None:
        """Ends the work on an artifact, in order, whether it has begun or not; asked for again, it is made again."""
        self.production.call_off(artifact, reason)

    async def carry_out(self, artifacts: Iterable[str]) -> None:
        """Makes some artifacts of the plan. What they require outside of these must have been dealt with before."""
        artifacts = frozenset(artifacts)
        for artifact in artifacts & self.production.called_off.keys():
            del self.production.called_off[artifact]
        part, states = self._part(artifacts)
        dispatch = Dispatch(part, workers=self.max_parallel, ranking=self._ranking, states=states)
        self._take_note(dispatch.initially_blocked)
        running: dict[asyncio.Task[ArtifactState], str] = {}
        try:
            while not dispatch.is_over:
                for artifact in dispatch.startable():
                    running[asyncio.create_task(self._made(artifact), name=artifact)] = artifact
                ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for work in sorted(ended, key=running.__getitem__):
                    self._take_note(dispatch.finish(running.pop(work), work.result()))
        finally:
            for work in running:
                work.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _part(self, artifacts: Iterable[str]) -> tuple[ArtifactGraph, Mapping[str, ArtifactState]]:
        """The part of the plan to be made now, and those of it that wait for something outside in vain."""
        graph, chosen = self.production.graph, frozenset(artifacts)
        blocked = []
        for name in sorted(chosen):
            outside = [required for required in graph.requirements_of(name) if required not in chosen]
            unmade = [one for one in outside if one not in self.outcomes or not self.outcomes[one].is_finished]
            if unmade:
                blocked.append(Blocked(name, unmade[0]))
        self._take_note(blocked)
        if len(chosen) == len(graph):
            return graph, {}
        within = (graph.artifacts[name] for name in sorted(chosen))
        part = graph.with_artifacts(
            artifact.requiring(*(edge for edge in artifact.requires if edge.id in chosen)) for artifact in within
        )
        return part, {one.artifact: ArtifactState.BLOCKED for one in blocked}

    async def _made(self, artifact: str) -> ArtifactState:
        """Has one artifact made by a task run once a worker and its file are free."""
        file = self.production.graph.artifacts[artifact].produces_file
        async with self._writing[normalised(file)] if file else nullcontext(), self._places:
            return await self._made_now(artifact)

    async def _made_now(self, artifact: str) -> ArtifactState:
        """Has one artifact made by a task run, and takes note of what came of it."""
        production = self.production
        agent = production.choices[artifact].agent
        production.log.tell(EventName.ARTIFACT_STARTED, artifact, agent=agent)
        # What was made before stands for the task that made it, and Prefect draws the edge from there. Its state would
        # do as well, but for each Prefect would fetch the result in another thread, a third of the time of a task.
        before = [production.entries[required] for required in production.graph.requirements_of(artifact)]
        try:
            state = await final_state(self._task, artifact, quoted(production), wait_for=before)
        except Exception as error:  # Prefect could not carry out this one; the others go on
            state = Failed(message=_told(error))
        if state.is_completed():
            reached = ArtifactState.KEPT if state.name == KEPT else ArtifactState.DONE
            self._take_note_of_made(artifact, reached)
            return reached
        problem = await state.aresult(raise_on_failure=False)
        if isinstance(problem, NotRecordedError):  # going on without it would be another run than the replayed one
            raise problem
        if isinstance(problem, BudgetSpentError):
            left = ", ".join(f"{left} of {limit} {unit} left" for unit, limit, left, _ in problem.shortages)
            self.refusal = f"The budget is spent: {left}"
            self.outcomes[artifact] = ArtifactOutcome(state=ArtifactState.BLOCKED, agent=agent, reason=self.refusal)
            return ArtifactState.BLOCKED
        if artifact in production.called_off:
            reason = production.called_off[artifact]
            self.outcomes[artifact] = ArtifactOutcome(state=ArtifactState.SKIPPED, agent=agent, reason=reason)
            production.log.tell(EventName.ARTIFACT_DROPPED, artifact, reason=reason)
            return ArtifactState.SKIPPED
        told = (state.message or state.name or "failed").removeprefix("Task run encountered an exception ")
        reason = printable(" ".join(told.split()))
        if state.name == TIMED_OUT:
            await production.meter.fail(artifact, production.key(artifact), reason)
        self.outcomes[artifact] = ArtifactOutcome(state=ArtifactState.FAILED, agent=agent, reason=reason)
        production.log.tell(EventName.ARTIFACT_FAILED, artifact, reason=reason)
        return ArtifactState.FAILED

    def _take_note_of_made(self, artifact: str, state: ArtifactState) -> None:
        entry = self.production.entries[artifact]
        self.outcomes[artifact] = ArtifactOutcome(
            state=state,
            agent=self.production.choices[artifact].agent,
            files=tuple(file.path for file in entry.evidence.files),
            confidence=entry.evidence.confidence,
            summary=entry.evidence.summary,
            started=entry.started,
            finished=entry.finished,
            seconds=round(entry.seconds, 6),
            left_open=entry.evidence.left_open,
            model_failure=model_failure(entry.evidence),
        )
        name = EventName.ARTIFACT_KEPT if state is ArtifactState.KEPT else EventName.ARTIFACT_MADE
        self.production.log.tell(
            name,
            artifact,
            confidence=entry.evidence.confidence,
            files=[file.path for file in entry.evidence.files],
            seconds=round(entry.seconds, 3),
            left_open=entry.evidence.left_open,
            answer=answer_of(entry.evidence),
        )

    def _take_note(self, blocked: Iterable[Blocked]) -> None:
        for one in blocked:
            reason = f"never ran: {one.waited_for}, which it requires, was not made"
            self.outcomes[one.artifact] = ArtifactOutcome(
                state=ArtifactState.BLOCKED, reason=reason, waited_for=one.waited_for
            )
            self.production.log.tell(EventName.ARTIFACT_BLOCKED, one.artifact, waited_for=one.waited_for)


def _told(error: Exception) -> str:
    """What an error says, if it can say anything."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an error of someone else's may fail even at this
        return type(error).__name__


def opened_production(
    graph: ArtifactGraph, workspace: Workspace, context: ProjectContext = NO_PROJECT, *, seed: int = 0
) -> Production:
    """A production in a workspace, with its specialists checked before the first artifact.

    Raises:
        UnknownAgentError: The plan names an agent that is not registered.
    """
    bridge_to_runs()
    production = Production(
        graph=graph,
        agents=current_agents(),
        workspace=workspace,
        log=RunLog(workspace.root / "events.jsonl").heard_by(announce),
        project=context.root or None,
        project_digest=context.fingerprint,
        seed=seed,
    )
    _ = production.choices
    return production
