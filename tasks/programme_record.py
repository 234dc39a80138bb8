"""The record of a pursuit: a tree in the knowledge base that says what is planned, how far it is, what was found out.

The ledger in the workspace is what a run goes on from; this is what people, scripts and later runs ask. Whoever keeps a
record goes on where the knowledge base fails: see `ProgrammeRecord`.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from pydantic import JsonValue

from prefect_harmonic.errors import DatabaseError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.agent_choice import AgentChoice
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.effort import kind_of
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import MAX_DEPTH, PLAN, PlanStatus
from prefect_harmonic.planners.knowledge.identity import ID_LENGTH, new_id, utc_now
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
    WantedLeaf,
    WantedPhase,
    new_node,
    nodes_written,
    plan_put,
    programme_nodes,
)
from prefect_harmonic.planners.knowledge.tables import EntityRow
from prefect_harmonic.planners.knowledge.tree import entity_row, parent_of
from prefect_harmonic.planners.phases import Phase
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.planners.programme.outcome import REACHED
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

PROGRAMME_FILE = f"{LEDGER_FOLDER}/programme.json"

_ID = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{ID_LENGTH}}}")
_TITLES = {OpeningKind.FAILURE: "Unblock", OpeningKind.CONTRADICTION: "Settle"}

Change = Callable[[Transaction], Awaitable[None]]


class _Opening(Protocol):
    @property
    def kind(self) -> OpeningKind: ...
    @property
    def text(self) -> str: ...
    @property
    def origins(self) -> tuple[str, ...]: ...


class _Closing(Protocol):
    @property
    def opening(self) -> _Opening: ...
    @property
    def artifact(self) -> str: ...
    @property
    def iteration(self) -> int: ...


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
        known = stated_root(workspace)
        present = await kb.at_once(lambda transaction: _present(transaction, known, goal)) if known else None
        if known and present == "open":
            root = known
        else:
            root = known if known and present == "gone" else new_id(utc_now())
            stated = {"version": 1, "root": root, "goal": goal}
            workspace.write_own(PROGRAMME_FILE, json.dumps(stated, indent=1, ensure_ascii=False) + "\n")
        metadata: dict[str, JsonValue] = {
            "strategy": "hierarchical",
            "goal": goal,
            "workspace": str(workspace.root),
            "parameters": dict(parameters),
            "max_depth": max_depth,
        }
        if known and known != root:
            metadata["continues"] = known
        await kb.together(lambda transaction: _rooted(transaction, root, goal, metadata))
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
        closings: Iterable[_Closing] = (),
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
        leaves = _leaves(graph, phases, tuple(closings), agents or {})

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


def stated_root(workspace: Workspace) -> str | None:
    """The id that a workspace keeps; nothing if there is none, or what is there is no id."""
    path = workspace.root / PROGRAMME_FILE
    try:
        stated = json.loads(path.read_bytes()) if path.is_file() and not path.is_symlink() else {}
    except (OSError, ValueError):
        return None
    root = stated.get("root") if isinstance(stated, dict) else None
    return root if isinstance(root, str) and _ID.fullmatch(root) else None


async def _present(transaction: Transaction, root: str, goal: str) -> str:
    """Whether a root is `gone`, is `open` for a goal, or is `over` or of another goal."""
    try:
        row = await entity_row(transaction.session, root)
    except UnknownRecordError:
        return "gone"
    is_root = row.type == PLAN and await parent_of(transaction.session, root) is None
    is_open = row.status != PlanStatus.COMPLETED and row.details.get("goal") == goal
    return "open" if is_root and is_open else "over"


async def _rooted(transaction: Transaction, root: str, goal: str, metadata: Mapping[str, JsonValue]) -> None:
    """Sees to it that a root is there, with these parameters."""
    row: EntityRow | None
    try:
        row = await entity_row(transaction.session, root)
    except UnknownRecordError:
        title = " ".join(goal.split())[:200] or "A goal without words"
        await nodes_written(transaction, [(None, new_node(transaction, title, goal, metadata, entity=root))])
        return
    if any(row.details.get(key) != value for key, value in metadata.items()):
        row.details, row.updated_at = {**row.details, **metadata}, transaction.now


def _leaves(
    graph: ArtifactGraph, phases: Sequence[Phase], closings: Sequence[_Closing], agents: Mapping[str, AgentChoice]
) -> tuple[WantedLeaf, ...]:
    membership = {artifact: phase.name for phase in phases for artifact in phase.artifacts}
    filled = {closing.artifact: closing for closing in closings}
    return tuple(
        _leaf(graph.artifacts[name], membership.get(name, ""), filled.get(name), agents.get(name))
        for name in graph.order
    )


def _leaf(artifact: Artifact, phase: str, closing: _Closing | None, choice: AgentChoice | None) -> WantedLeaf:
    agent = choice.agent if choice else artifact.agent
    metadata: dict[str, JsonValue] = {
        "estimated_effort": artifact.effort,
        "priority": artifact.priority,
        "kind": kind_of(artifact.model_copy(update={"agent": agent})),
    }
    stated = {
        "assigned_agent": agent,
        "assigned_because": choice.because if choice else None,
        "estimated_hours": artifact.estimated_hours,
        "domain_type": artifact.domain_type,
        "added_by_eval": closing.iteration if closing else None,
    }
    metadata |= {key: value for key, value in stated.items() if value is not None}
    content = "\n\n".join(text for text in (artifact.description, artifact.contract) if text)
    return WantedLeaf(
        artifact=artifact.id,
        phase=phase,
        title=f"{_TITLES.get(closing.opening.kind, 'Gap Fill')}: {closing.opening.text}" if closing else artifact.id,
        content=content,
        requires=artifact.required_ids,
        metadata=metadata,
        unblocks=closing.opening.origins if closing and closing.opening.kind is OpeningKind.FAILURE else (),
    )


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
