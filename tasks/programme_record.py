"""The record of a pursuit: a tree in the knowledge base that says what is planned, how far it is, what was found out.

The ledger in the workspace is what a run goes on from; this is what people, scripts and later runs ask. Whoever keeps a
record goes on where the knowledge base fails: see `ProgrammeRecord`.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from pydantic import JsonValue

from prefect_harmonic.errors import DatabaseError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.agent_choice import AgentChoice
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH, PlanStatus
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.programme_notes import (
    answer_noted,
    evaluation_noted,
    question_noted,
    replanning_noted,
)
from prefect_harmonic.planners.knowledge.programme_reviews import review_noted, reviews_planned
from prefect_harmonic.planners.knowledge.programme_steps import (
    Ended,
    goal_ended,
    leaf_ended,
    leaf_started,
    phase_over,
)
from prefect_harmonic.planners.knowledge.programme_tree import (
    WantedPhase,
    plan_put,
    programme_nodes,
)
from prefect_harmonic.planners.phases import Phase
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation
from prefect_harmonic.planners.programme.outcome import REACHED
from prefect_harmonic.tasks.programme_leaves import wanted_leaves
from prefect_harmonic.tasks.programme_root import root_for
from prefect_harmonic.tasks.workspace import Workspace

Change = Callable[[Transaction], Awaitable[None]]


class ProgrammeRecord:
    """A pursuit as a plan tree: goal, phases, artifacts as leaves with one agent each, and what was noted about it.

    Each call is one writing transaction, and may be made again: what is there already is not written twice.

    A `DatabaseError` (busy, full, gone) says that the call is not in the knowledge base *yet*: the record remembers it,
    and the next call writes it first. So a caller logs the error and goes on with the work, and at the end of the run
    calls `catch_up`. If the process ends before, the next run says what the ledger of the workspace holds with
    `artifact_ended(…, state="kept")`, and the tree is as it should be. Any other `KnowledgeError` says that the call
    was refused for good; nothing of it was written, and what was made is not concerned.
    """

    def __init__(self, kb: KnowledgeBase, root: str) -> None:
        self.root = root
        self._kb = kb
        self._nodes: dict[str, str] = {}
        self._phases: frozenset[str] = frozenset()
        self._running: set[str] = set()
        self._pending: deque[Change] = deque()
        self._turn = asyncio.Lock()

    @classmethod
    async def opened(
        cls,
        kb: KnowledgeBase,
        workspace: Workspace,
        *,
        goal: str,
        parameters: Mapping[str, JsonValue],
        max_depth: int = MAX_DEPTH,
    ) -> "ProgrammeRecord":
        """The record of the pursuit in a workspace: the one that is there, or a new one.

        A new one is begun where the workspace has none, has one of another goal, or has one that reached its goal;
        where the database has lost it, it is begun anew under the same id. Parameters must hold no secrets.

        Raises:
            WorkspaceError: The id cannot be kept in the workspace.
            KnowledgeError: The record cannot be opened; a run may go on without one.
        """
        root = await root_for(kb, workspace, goal=goal, parameters=parameters, max_depth=max_depth)
        record = cls(kb, root)
        record._nodes = await kb.at_once(record._found)
        return record

    @property
    def nodes(self) -> Mapping[str, str]:
        """The node of each artifact; it grows as the plan does."""
        return self._nodes

    @property
    def running(self) -> AbstractSet[str]:
        """Artifacts that were started and have not ended."""
        return self._running

    async def plan_set(
        self,
        graph: ArtifactGraph,
        phases: Sequence[Phase],
        *,
        iteration: int = 0,
        closings: Iterable[Closing] = (),
        agents: Mapping[str, AgentChoice] | None = None,
    ) -> None:
        """Has the tree stand for a plan; called again with a changed one, only what changes is touched.

        Args:
            graph: The plan.
            phases: Its phases, in order.
            iteration: The evaluation that it was changed after; 0 for the first plan.
            closings: Which of its artifacts close what was found open.
            agents: Who makes each artifact, and why.
        """
        wanted = tuple(WantedPhase(phase.name, phase.after) for phase in phases)
        leaves = wanted_leaves(graph, phases, closings, agents or {})

        async def change(transaction: Transaction) -> None:
            await plan_put(transaction, self.root, wanted, leaves, iteration=iteration)
            self._nodes.update(await self._found(transaction))

        self._phases = frozenset(phase.name for phase in phases)
        await self._written(change)

    async def artifact_started(self, artifact: str) -> None:
        """An artifact is being made; its clock starts. Saying it again in the same run changes nothing."""

        async def change(transaction: Transaction) -> None:
            if artifact not in self._running:
                self._nodes[artifact] = await leaf_started(transaction, self.root, self._node(artifact))

        await self._written(change)
        self._running.add(artifact)

    async def artifact_ended(
        self,
        artifact: str,
        *,
        state: str,
        evidence: Evidence | None = None,
        reason: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """An artifact has ended, in one of the states of `ArtifactState`, with what was found out.

        Done and kept ones are completed, failed ones blocked with the reason, those that never ran stay planned with
        the reason, and those that a person left out are dropped.

        Args:
            artifact: Its id in the plan.
            state: `done`, `kept`, `failed`, `blocked` or `skipped`.
            evidence: What was found out.
            reason: Why it failed, never ran or was left out.
            seconds: How long it took, for one that this record has not seen start.
        """
        ended = _ended(state, reason or "", evidence, seconds)

        async def change(transaction: Transaction) -> None:
            await leaf_ended(transaction, self.root, self._node(artifact), ended)

        await self._written(change)
        self._running.discard(artifact)

    async def phase_ended(self, phase: str) -> None:
        """A phase is over: completed, or blocked with what is missing; the summaries of its artifacts go up."""
        if self._phases and phase not in self._phases:
            raise UnknownRecordError("phase of the plan", [phase])
        await self._written(lambda transaction: phase_over(transaction, self.root, phase))

    async def evaluated(self, evaluation: Evaluation, *, criteria: Criteria | None = None) -> None:
        """All that is known was evaluated. The history keeps every evaluation; the same one is not kept twice."""
        await self._written(
            lambda transaction: evaluation_noted(transaction, self.root, evaluation, criteria or Criteria())
        )

    async def replanned(self, record: Mapping[str, JsonValue]) -> None:
        """The plan was changed: the difference, as a document, with its `iteration` and `reason`."""
        await self._written(lambda transaction: replanning_noted(transaction, self.root, record))

    async def asked(self, question: Mapping[str, JsonValue]) -> None:
        """A person was asked something, by `key`, `subject`, `text` and so on; one that is open is not asked twice."""
        await self._written(lambda transaction: question_noted(transaction, self.root, question))

    async def answered(self, answer: Mapping[str, JsonValue]) -> None:
        """A person answered: the question whose `key` the answer names, or else the one that was asked last."""
        await self._written(lambda transaction: answer_noted(transaction, self.root, answer))

    async def reviews_planned(self, milestones: Sequence[Mapping[str, JsonValue]]) -> None:
        """Each of these milestones is to be reviewed, by the day under `review`."""
        await self._written(lambda transaction: reviews_planned(transaction, self.root, milestones))

    async def reviewed(self, milestone: str, review: Mapping[str, JsonValue]) -> None:
        """A milestone was reviewed: the review, as a document. Said again, it takes the place of what was said."""
        await self._written(lambda transaction: review_noted(transaction, self.root, milestone, review))

    async def ended(self, *, outcome: str, reason: str = "") -> None:
        """The pursuit is over: completed if the outcome is one of `REACHED` and nothing is missing, else blocked.

        One whose rest is not due yet (`scheduled`) is neither: it stays as it is.
        """
        is_reached = outcome in REACHED
        await self._written(
            lambda transaction: goal_ended(transaction, self.root, outcome, is_reached=is_reached, reason=reason)
        )

    async def catch_up(self) -> None:
        """Writes what could not be written when it was said.

        Raises:
            DatabaseError: It still cannot be written.
        """

        async def nothing(_transaction: Transaction) -> None:
            return

        if self._pending:
            await self._written(nothing)

    async def _written(self, change: Change) -> None:
        """Writes what is left from before, then a change, in the order in which they were said."""
        self._pending.append(change)
        async with self._turn:
            while change in self._pending:
                first = self._pending[0]
                try:
                    await self._kb.together(first)
                except DatabaseError:
                    raise
                except BaseException:
                    self._pending.popleft()
                    raise
                self._pending.popleft()

    async def _found(self, transaction: Transaction) -> dict[str, str]:
        nodes = await programme_nodes(transaction.session, self.root)
        return {artifact: row.id for artifact, row in nodes.leaves.items()}

    def _node(self, artifact: str) -> str:
        if artifact not in self._nodes:
            raise UnknownRecordError("artifact of the plan", [artifact])
        return self._nodes[artifact]


def _ended(state: str, reason: str, evidence: Evidence | None, seconds: float | None) -> Ended:
    """What a state of a run means for a node.

    Raises:
        RefusedValueError: It is no state in which an artifact ends.
    """
    if state in (ArtifactState.DONE, ArtifactState.KEPT):
        return Ended(PlanStatus.COMPLETED, reason, evidence, seconds)
    if state == ArtifactState.FAILED:
        return Ended(PlanStatus.BLOCKED, reason, evidence, seconds)
    if state in (ArtifactState.BLOCKED, ArtifactState.SKIPPED):
        return Ended(None, reason, evidence, seconds, is_left_out=state == ArtifactState.SKIPPED)
    raise RefusedValueError([("state", repr(state), "give done, kept, failed, blocked or skipped")])
