"""Beginning a pursuit, or going on with it: the plan, what is known of it, and the record that is kept.

Owns the order of these steps, so that every flow that pursues something begins alike.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from prefect.context import FlowRunContext
from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from prefect_harmonic.errors import KnowledgeError
from prefect_harmonic.events import EventName
from prefect_harmonic.flows.counsel import Counsel
from prefect_harmonic.flows.execution import Execution, opened_production
from prefect_harmonic.flows.planning import planned
from prefect_harmonic.flows.pursuing import Pursuit
from prefect_harmonic.flows.rules import Rules
from prefect_harmonic.flows.settling import is_settled
from prefect_harmonic.planners.budget import BudgetLimits
from prefect_harmonic.planners.context import ContextProvider
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateSource, DeclaringSource
from prefect_harmonic.tasks.agents.plain_spawning import PlainSpawner
from prefect_harmonic.tasks.agents.spawning import Spawner, using_spawner
from prefect_harmonic.tasks.earlier_result import EarlierResult, kept_aside
from prefect_harmonic.tasks.experience import Looking, read_experience
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.programme_state import read_programme
from prefect_harmonic.tasks.pursuit_state import PursuitState, read_state, write_state
from prefect_harmonic.tasks.recording import Recording, recording_of
from prefect_harmonic.tasks.run_log import RunLog
from prefect_harmonic.tasks.spawning import KnowledgeSpawner
from prefect_harmonic.tasks.workspace import Workspace


@dataclass(kw_only=True)
class Beginning:
    """All that a pursuit begins with. The workspace must be leased meanwhile.

    Attributes:
        goal: What is to be reached.
        plan: A plan that was given; one is made if there is none.
        source: Who proposes plans.
        rules: What the pursuit goes by.
        context: What is known of the project.
        workspace: Where it writes.
        log: Where events go.
        key: What the state in the workspace must belong to.
        max_parallel: How many artifacts are made at once at most.
        retries: How often a failed artifact is tried again.
        timeout_seconds: How long one artifact may take.
        budget: What it may spend.
        tree_depth: How many levels its tree may have below the goal.
        counsel: Whom it asks for judgement beside the rules.
        planning: How the plan was chosen, once it was chosen here.
        earlier: The result of another goal, once it was kept aside here.
    """

    goal: str
    plan: Plan | None
    source: CandidateSource
    rules: Rules
    context: ContextProvider
    workspace: Workspace
    log: RunLog
    key: str
    max_parallel: int | None = None
    retries: int = 1
    timeout_seconds: float | None = None
    budget: BudgetLimits | None = None
    tree_depth: int = MAX_DEPTH
    counsel: Counsel = field(default_factory=Counsel)
    planning: PlanningOutcome | None = field(default=None, init=False)
    earlier: EarlierResult | None = field(default=None, init=False)

    async def state(self) -> PursuitState:
        """Where the pursuit stands: as it was left, or with a plan that nothing was made of yet.

        What the workspace holds of another goal is kept aside first.

        Raises:
            WorkspaceError: It cannot be.
        """
        self._make_room()
        self.counsel.write_into(self.workspace)
        state = read_state(self.workspace, self.key)
        if state is None:
            state = await self._first_state()
        started = started_with(state.plan.goal)
        if state.evaluations and state.parameters.get("criteria") != started["parameters"].get("criteria"):
            started["is_stale"] = True  # what was enough before may not be now, or the other way round
        state = state.model_copy(update=started)
        write_state(self.workspace, state)
        return state

    async def _first_state(self) -> PursuitState:
        """A plan that nothing was made of yet, with what earlier runs say of it."""
        options, plan = self.rules.options, self.plan
        model = started_with(self.goal)["parameters"].get("model")
        looking = Looking.by(options, model=model, project=(await self.context()).root or None)
        experience = await read_experience(looking)
        if plan is None:
            async with self._on_budget():
                self.planning = await planned(
                    self.goal,
                    options,
                    source=self.source,
                    context=self.context,
                    log=self.log,
                    experience=experience,
                    judge=self.counsel.plan_judge,
                )
            plan = self.planning.graph.plan
        parallel = self.max_parallel or options.workers
        foretold = await asyncio.to_thread(experience.prediction, ArtifactGraph(plan), parallel)
        return PursuitState(
            key=self.key,
            plan=plan,
            first_plan=plan,
            planning=self.planning.to_document() if self.planning else None,
            effort=experience.effort,
            is_declared=self.plan is None and isinstance(self.source, DeclaringSource) and self.source.is_declaring,
            prediction=foretold.to_document(),
        )

    @asynccontextmanager
    async def _on_budget(self) -> AsyncIterator[None]:
        """Has what is asked of a model for the plan count against the budget, which the run's record keeps."""
        if self.counsel.account is None or self.budget is None:
            yield
            return
        async with self._recorded(self.goal, started_with(self.goal)["parameters"]) as recording:
            with self.counsel.kept_by(recording):
                yield

    @asynccontextmanager
    async def pursuit(self, state: PursuitState) -> AsyncIterator[Pursuit]:
        """The pursuit, ready to go on from a state.

        Raises:
            InputError: An agent of the plan or the address of the knowledge base cannot be used.
            KnowledgeError: There is a budget, and the knowledge base, which has to keep it, cannot be used.
        """
        options, graph = self.rules.options, ArtifactGraph(state.plan)
        production = opened_production(graph, self.workspace, await self.context(), seed=options.seed)
        production.log = replace(production.log, clock=self.log.clock)
        production.again = dict(state.again)
        parallel = self.max_parallel or options.workers
        execution = Execution(production, parallel, self.retries, self.timeout_seconds, effort=state.effort)
        source, counsel = self.counsel.remainder, self.counsel
        if read_programme(self.workspace) is None and is_settled(production, state):
            yield Pursuit(execution=execution, state=state, rules=self.rules, source=source, is_settled=True)
            return
        async with self._recorded(state.plan.goal, state.parameters) as recording:
            if recording is not None:
                production.meter = recording
                await self._note_earlier(recording)
            with counsel.kept_by(recording), using_spawner(spawner_of(production, recording)):
                yield Pursuit(
                    execution=execution,
                    state=state,
                    rules=self.rules,
                    recording=recording,
                    source=source,
                    counsel=counsel,
                )

    def _recorded(
        self, goal: str, parameters: Mapping[str, JsonValue]
    ) -> AbstractAsyncContextManager[Recording | None]:
        """The run's place in the knowledge base, with what it may spend."""
        return recording_of(
            self.workspace,
            goal=goal,
            parameters=parameters,
            limits=self.budget,
            log=self.log,
            max_depth=self.tree_depth,
        )

    def _make_room(self) -> None:
        """Keeps aside what the workspace holds of another goal."""
        goal = self.goal if self.plan is None else self.plan.goal
        self.earlier = kept_aside(self.workspace, goal)
        if self.earlier is not None:
            self.log.tell(EventName.EARLIER_KEPT, self.earlier.goal, folder=str(self.earlier.folder))

    async def _note_earlier(self, recording: Recording) -> None:
        """Has the knowledge base know where the earlier result lies now, so that it can be carried on by its id."""
        if self.earlier is None or self.earlier.root is None:
            return
        try:
            await recording.kb.update(self.earlier.root, metadata={"workspace": str(self.earlier.folder)})
        except KnowledgeError as error:
            self.log.tell(EventName.KNOWLEDGE_MISSED, reason=str(error))


def started_with(goal: str) -> dict[str, Any]:
    """What this run was started with, as plain JSON, and which it is, so that it can be answered and carried on."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return {"parameters": {"goal": goal}, "flow_run": ""}
    return {"parameters": to_jsonable_python(context.parameters), "flow_run": str(context.flow_run.id)}


def spawner_of(production: Production, recording: Recording | None) -> Spawner:
    """Who arranges parts of the work: a tree in the knowledge base, or one in memory where that cannot be used."""
    if recording is None:
        return PlainSpawner(production.agents)
    return KnowledgeSpawner.of(production, recording.kb, recording.record.nodes)
