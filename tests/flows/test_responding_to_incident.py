"""`respond_to_incident`: two tracks at once, checkpoints on a moved clock, a decision as soon as the cause is known."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, StateType, TaskRun
from prefect.settings import get_current_settings
from support.clocks import MovableCheckpoints

from prefect_harmonic.errors import AgentError
from prefect_harmonic.flows import respond_to_incident
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.race import CAUSES
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.planners.knowledge.entity import Entity
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.programme.incident import ANALYSIS, DECISION, RESEARCH
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.checkpoint_clock import using_checkpoint_clock

if TYPE_CHECKING:
    from flows.conftest import Happenings

LatestRun = Callable[[str], Awaitable[FlowRun]]
Until = Callable[..., Awaitable[Any]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "incident"
LOG = "logs/postgresql-2026-11-18.log"
ROLES = ("code-analyzer", "researcher", "decision-log")
FIVE_MINUTES = 300
TRUE_CAUSE = "The cause is a missing index on tickets(barcode)."


class Responders:
    """The specialists, each doing what it really does unless a test says otherwise; who was asked is counted."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.cancelled: list[str] = []
        self.inputs: dict[str, frozenset[str]] = {}
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}
        self.instead: dict[str, Evidence | AgentError] = {}

    def role(self, name: str) -> Specialist:
        """One of them."""
        real = DEFAULT_AGENTS[name]

        async def call(assignment: Assignment) -> Evidence:
            artifact = assignment.artifact.id
            self.called.append(artifact)
            self.inputs[artifact] = frozenset(assignment.inputs)
            try:
                if artifact in self.before:
                    await self.before[artifact]()
            except asyncio.CancelledError:
                self.cancelled.append(artifact)
                raise
            found = self.instead.get(artifact)
            if isinstance(found, AgentError):
                raise found
            return found or await real.call(assignment)

        return Specialist(name=name, call=call, is_reading_project=real.is_reading_project)

    @property
    def all(self) -> Sequence[Specialist]:
        """All of them."""
        return [self.role(name) for name in ROLES]


class Incident:
    """Responses to an incident in one workspace, on a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovableCheckpoints()
        self.responders = Responders()
        self.project = folder / "project"
        self.workspace = folder / "out"
        self.database = os.environ["HARMONIC_DATABASE_URL"]
        shutil.copytree(EXAMPLE, self.project)

    def without_traces(self) -> None:
        """Takes away what tells the cause."""
        shutil.rmtree(self.project / "logs")

    async def respond(self, **options: Any) -> dict[str, Any]:
        """Responds, without moving the clock."""
        with using_agents(*self.responders.all), using_checkpoint_clock(self.clock):
            outcome: dict[str, Any] = await respond_to_incident(
                project=str(self.project), workspace=str(self.workspace), **{"retries": 0, **options}
            )
        return outcome

    @asynccontextmanager
    async def responding(self, **options: Any) -> AsyncIterator["asyncio.Task[dict[str, Any]]"]:
        """A response that goes on while the test acts; called off if the test has not seen its end."""
        run = asyncio.create_task(self.respond(**options))
        try:
            yield run
        finally:
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)

    async def tree(self) -> dict[str, Entity]:
        """The nodes of the incident last recorded, by title."""
        async with KnowledgeBase(self.database) as kb:
            roots = await kb.search("Resolve Production Database Performance Issue")
            (root,) = [found.id for found in roots if found.title.startswith("Resolve")]
            return {node.title: node for node in await kb.subtree(root)}


@pytest.fixture
def incident(tmp_path: Path) -> Incident:
    """The example's incident, in a copy of its folder."""
    return Incident(tmp_path)


async def forever() -> None:
    """What never ends unless it is called off."""
    await asyncio.Event().wait()


def measured_cause(artifact: str, text: str) -> Evidence:
    """Evidence that names a cause which was measured."""
    source = Source(path="logs/db.log", line=3, quote="process 4 still waiting", grade=Grade.MEASURED)
    claim = Claim(text=text, sources=(source,), confidence=0.9)
    return Evidence(
        artifact=artifact,
        agent="tester",
        summary=text,
        confidence=0.9,
        claims=(claim,),
        data={CAUSES: [text]},
        files=(),
    )


async def test_first_track_that_knows_the_cause_ends_the_search_of_the_other(
    incident: Incident, client: PrefectClient, latest_run: LatestRun, until: Until
) -> None:
    """The true cause is found, the decision rests on it, and the other track is really cancelled, in every view.

    In the knowledge base the tracks and the decision stand right below the incident, each with its agent.
    """
    incident.responders.before[RESEARCH] = forever
    run = await incident.respond()
    assert (run["outcome"], run["cause"]["claim"]["text"]) == ("mitigated", TRUE_CAUSE)
    assert run["cause"]["track"] == ANALYSIS
    assert run["complete"]
    assert incident.responders.cancelled == [RESEARCH]
    assert incident.responders.inputs[DECISION] == {ANALYSIS}
    assert run["dropped"] == {RESEARCH: f"{ANALYSIS} knows the cause: {TRUE_CAUSE}"}
    record = (incident.workspace / "decisions/0001-immediate-mitigation.md").read_text()
    assert "Immediate mitigation: Add or mend an index" in record
    assert TRUE_CAUSE in record
    assert run["checkpoints"] == []

    flow_run = await latest_run("respond-to-incident")

    async def ended() -> dict[str, TaskRun]:
        which = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id]))
        runs = {one.name: one for one in await client.read_task_runs(flow_run_filter=which)}
        states = [runs[name].state for name in (ANALYSIS, RESEARCH, DECISION) if name in runs]
        return runs if len(states) == 3 and all(state and state.is_final() for state in states) else {}

    state = (await until(ended))[RESEARCH].state
    assert state is not None
    assert (state.type, state.name) == (StateType.CANCELLED, "Dropped")
    assert flow_run.name == "incident: Resolve Production Database Performance Issue"

    tree = await incident.tree()
    root = tree["Resolve Production Database Performance Issue"]
    assert (root.status, root.metadata["priority"], root.metadata["max_depth"]) == ("completed", "critical", 3)
    assert {name: (tree[name].agent, tree[name].depth) for name in (ANALYSIS, RESEARCH, DECISION)} == {
        ANALYSIS: ("code-analyzer", 1),
        RESEARCH: ("researcher", 1),
        DECISION: ("decision-log", 1),
    }
    assert (tree[ANALYSIS].status, tree[DECISION].status) == ("completed", "completed")
    assert "knows the cause" in str(tree[RESEARCH].metadata["dropped"])


async def test_earlier_incident_that_looks_the_same_is_not_taken_for_the_cause(
    incident: Incident, happenings: "Happenings"
) -> None:
    """The research is done first and has read of the lock that the export held; the cause is another one."""
    release = asyncio.Event()
    incident.responders.before[ANALYSIS] = release.wait
    async with incident.responding() as run:
        await happenings.reached(f"artifact.made {RESEARCH}")
        await incident.clock.move(FIVE_MINUTES)
        await happenings.reached("checkpoint.reached checkpoint 1 (minute 5)")
        assert not run.done()
        release.set()
        outcome = await run
    assert outcome["cause"]["claim"]["text"] == TRUE_CAUSE
    told = (incident.workspace / "research/known-issues.md").read_text()
    assert "held its row locks" in told
    (checkpoint,) = outcome["checkpoints"]
    assert {one["track"]: one["state"] for one in checkpoint["tracks"]} == {ANALYSIS: "searching", RESEARCH: "ended"}
    assert outcome["dropped"] == {}
    assert incident.responders.inputs[DECISION] == {ANALYSIS}


async def test_research_may_be_the_one_that_knows(incident: Incident) -> None:
    """Whichever track knows the cause ends the search; the decision rests on that one."""
    incident.responders.before[ANALYSIS] = forever
    told = "The cause is a lock held too long by the export."
    evidence = measured_cause(RESEARCH, told)
    file = {"path": "research/known-issues.md", "content": "The export again."}
    incident.responders.instead[RESEARCH] = Evidence.model_validate({**evidence.model_dump(), "files": [file]})
    run = await incident.respond()
    assert (run["outcome"], run["cause"]["track"]) == ("mitigated", RESEARCH)
    assert incident.responders.cancelled == [ANALYSIS]
    assert incident.responders.inputs[DECISION] == {RESEARCH}
    assert "Stop the offending queries" in (incident.workspace / "decisions/0001-immediate-mitigation.md").read_text()


BOTH_MADE = (f"artifact.made {ANALYSIS}", f"artifact.made {RESEARCH}")


async def unknown_after_all_checkpoints(incident: Incident, happenings: "Happenings", **options: Any) -> dict[str, Any]:
    """A response to an incident whose cause is not there, with the clock moved through all checkpoints."""
    incident.without_traces()
    async with incident.responding(**options) as run:
        await happenings.reached(*BOTH_MADE)
        for _ in range(12):
            await incident.clock.move(FIVE_MINUTES)
        return await run


async def test_cause_that_is_not_there_reaches_a_person_after_twelve_checkpoints(
    incident: Incident, happenings: "Happenings", latest_run: LatestRun
) -> None:
    """Twelve checkpoints, then a question with the findings, and no success: no decision, a failed run.

    Started again, the search repeats neither a track nor a checkpoint, and the person is asked again.
    """
    run = await unknown_after_all_checkpoints(incident, happenings, on_escalation="fail")
    assert (run["outcome"], run["complete"], run["cause"]) == ("unresolved", False, None)
    assert [one["number"] for one in run["checkpoints"]] == list(range(1, 13))
    assert run["checkpoints"][-1]["seconds"] == 3600
    (asked,) = run["questions"]
    assert asked["question"]["kind"] == "exhausted"
    assert "after 12 checkpoints (60 minutes)" in asked["question"]["text"]
    assert "no log of PostgreSQL lies in the project" in asked["question"]["findings"]
    assert "must never be read in full" in asked["question"]["findings"]
    assert asked["answer"]["by"] == "standing order: fail"
    assert DECISION not in incident.responders.called
    assert run["artifacts"][DECISION]["state"] == "blocked"
    assert not (incident.workspace / "decisions").exists()
    tree = await incident.tree()
    root = tree["Resolve Production Database Performance Issue"]
    assert (root.status, root.metadata["outcome"]) == ("blocked", "unresolved")
    checkpoints = root.metadata["checkpoints"]
    assert isinstance(checkpoints, list)
    assert len(checkpoints) == 12
    state = (await latest_run("respond-to-incident")).state
    assert state is not None
    assert state.is_failed()

    called = list(incident.responders.called)
    again = await incident.respond(on_escalation="fail")
    assert incident.responders.called == called
    assert again["checkpoints"] == run["checkpoints"]
    assert {name: again["artifacts"][name]["state"] for name in (ANALYSIS, RESEARCH)} == {
        ANALYSIS: "kept",
        RESEARCH: "kept",
    }
    assert (again["outcome"], len(again["questions"])) == ("unresolved", 2)


async def test_search_that_was_cut_off_goes_on_at_its_checkpoint(incident: Incident, happenings: "Happenings") -> None:
    """Two checkpoints have passed; started again the third is the next, and the tracks are kept."""
    incident.without_traces()
    async with incident.responding() as run:
        await happenings.reached(*BOTH_MADE)
        for number in (1, 2):
            await incident.clock.move(FIVE_MINUTES)
            await happenings.reached(f"checkpoint.reached checkpoint {number} (minute {number * 5})")
        assert not run.done()
    called = list(incident.responders.called)
    incident.clock = MovableCheckpoints()
    async with incident.responding() as run:
        await happenings.reached(f"artifact.kept {ANALYSIS}", f"artifact.kept {RESEARCH}")
        await incident.clock.move(FIVE_MINUTES)
        await happenings.reached("checkpoint.reached checkpoint 3 (minute 15)")
    assert incident.responders.called == called


async def test_log_that_comes_in_meanwhile_is_read_at_the_next_checkpoint(
    incident: Incident, happenings: "Happenings"
) -> None:
    """The tracks look again where files have changed, and only then."""
    incident.without_traces()
    async with incident.responding() as run:
        await happenings.reached(*BOTH_MADE)
        await incident.clock.move(FIVE_MINUTES)
        await happenings.reached("checkpoint.reached checkpoint 1 (minute 5)")
        (incident.project / "logs").mkdir()
        shutil.copy(EXAMPLE / LOG, incident.project / LOG)
        await incident.clock.move(FIVE_MINUTES)
        outcome = await run
    assert (outcome["outcome"], len(outcome["checkpoints"])) == ("mitigated", 2)
    assert outcome["cause"]["claim"]["text"] == TRUE_CAUSE
    assert incident.responders.called.count(ANALYSIS) == 2


async def test_person_who_says_what_to_look_at_has_the_tracks_search_anew(
    incident: Incident, happenings: "Happenings"
) -> None:
    """Without a deployment the question is kept; the answer is given to the next run, which goes on by it."""
    waiting = await unknown_after_all_checkpoints(incident, happenings, on_escalation="suspend")
    assert (waiting["outcome"], waiting["question"]["kind"]) == ("waiting", "exhausted")
    (incident.project / "logs").mkdir()
    shutil.copy(EXAMPLE / LOG, incident.project / LOG)
    answer = {"action": "replan", "guidance": "Look at the log of the database", "by": "Ada"}
    run = await incident.respond(on_escalation="suspend", answer=answer)
    assert (run["outcome"], run["question"]) == ("mitigated", None)
    assert run["cause"]["claim"]["text"] == TRUE_CAUSE


async def test_track_that_fails_leaves_the_other_to_search(incident: Incident, happenings: "Happenings") -> None:
    """A failure is no cause, and no reason to stop."""
    incident.responders.instead[RESEARCH] = AgentError("researcher", RESEARCH, "the documents are gone")
    release = asyncio.Event()
    incident.responders.before[ANALYSIS] = release.wait
    async with incident.responding() as run:
        await happenings.reached(f"artifact.failed {RESEARCH}")
        await incident.clock.move(FIVE_MINUTES)
        await happenings.reached("checkpoint.reached checkpoint 1 (minute 5)")
        release.set()
        outcome = await run
    assert outcome["outcome"] == "mitigated"
    (checkpoint,) = outcome["checkpoints"]
    standing = {one["track"]: one for one in checkpoint["tracks"]}[RESEARCH]
    assert standing["state"] == "failed"
    assert "the documents are gone" in standing["reason"]


async def test_spent_budget_stops_the_search_in_order(incident: Incident) -> None:
    """One call is allowed: the second track is refused, a person is asked, and nothing is decided."""
    incident.responders.before[ANALYSIS] = forever
    incident.responders.before[RESEARCH] = forever
    run = await incident.respond(budget={"calls": 1}, on_escalation="fail")
    assert run["outcome"] == "unresolved"
    assert [asked["question"]["kind"] for asked in run["questions"]] == ["budget"]
    assert incident.responders.called == incident.responders.cancelled
    assert len(incident.responders.called) <= 1


async def test_command_of_the_example_finds_the_cause(tmp_path: Path) -> None:
    """As its README gives it, in a process of its own, with the clock of the event loop."""
    env = {**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url)}
    command = (sys.executable, str(EXAMPLE / "respond.py"), str(tmp_path / "out"))
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    lines = told.decode().splitlines()
    assert process.returncode == 0
    assert any("cause.found" in line and TRUE_CAUSE in line for line in lines)
    assert "The cause is known" in (tmp_path / "out" / "report.md").read_text()
