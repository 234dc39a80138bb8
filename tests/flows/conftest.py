"""One Prefect server for all tests of flows, and what they share."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.settings import (
    PREFECT_LOGGING_TO_API_BATCH_INTERVAL,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE,
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL,
    temporary_settings,
)

from prefect_harmonic.errors import HarmonicError
from prefect_harmonic.flows import execute_plan, pursue_goal
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import AgentCall, Specialist
from prefect_harmonic.tasks.run_log import listening


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    """A server of its own, in a folder of its own, for the whole session."""
    # Loads all of Prefect's server, which processes that only collect these tests are spared.
    from prefect.testing.utilities import prefect_test_harness

    settings: dict[Any, Any] = {
        PREFECT_SERVER_ANALYTICS_ENABLED: False,
        PREFECT_LOGGING_TO_API_BATCH_INTERVAL: 0.2,
        # As docs/serving.md recommends for SQLite; without it the database is locked now and then, and clients wait.
        PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE: 100,
        # Whole seconds: Prefect rounds down, and a server with less than one never sleeps (a quarter of a core).
        PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL: 1,
    }
    with (
        temporary_settings(settings),
        prefect_test_harness(server_startup_timeout=180),
    ):
        yield


@pytest.fixture(scope="session")
async def empty_knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base with nothing in it, to be copied: to make its tables takes a tenth of a second."""
    file = tmp_path_factory.mktemp("empty") / "knowledge.db"
    async with KnowledgeBase(f"sqlite:///{file}") as kb:
        await kb.search("anything")
    return file


@pytest.fixture(autouse=True)
def knowledge(empty_knowledge: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a knowledge base of the test's own. It lies apart: tests look at what else is in their folder."""
    address = f"sqlite:///{shutil.copy(empty_knowledge, tmp_path_factory.mktemp('knowledge'))}"
    monkeypatch.setenv("HARMONIC_DATABASE_URL", address)
    return address


@pytest.fixture
async def client() -> AsyncIterator[PrefectClient]:
    """A client of the server."""
    async with get_client() as client:
        yield client


class Team:
    """A specialist `tester` whose doing a test decides, artifact by artifact, and what it was asked for."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.ended: list[str] = []
        self.assignments: dict[str, Assignment] = {}
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}
        self.files: dict[str, Sequence[ProducedFile]] = {}
        self.version = "1"
        self.is_reading_project = False

    async def call(self, assignment: Assignment) -> Evidence:
        """Makes an artifact: its own file, or the files that the test gave for it."""
        name = assignment.artifact.id
        self.called.append(name)
        self.assignments[name] = assignment
        if name in self.before:
            await self.before[name]()
        self.ended.append(name)
        own = assignment.artifact.produces_file
        default = () if own is None else (ProducedFile(path=own, content=f"made {name}\n"),)
        files = tuple(self.files.get(name, default))
        return Evidence(artifact=name, agent="tester", summary=f"{name} is there.", confidence=0.9, files=files)

    @property
    def specialist(self) -> Specialist:
        """The specialist to register."""
        call: AgentCall = self.call
        return Specialist(name="tester", call=call, version=self.version, is_reading_project=self.is_reading_project)

    def failing(self, name: str, *errors: HarmonicError | ValueError) -> None:
        """Has an artifact fail with each of the errors in turn, and succeed after them."""
        left = list(errors)

        async def fail() -> None:
            if left:
                raise left.pop(0)

        self.before[name] = fail

    def holding(self, name: str) -> asyncio.Event:
        """Has an artifact wait, once it has started, until the event that is given is set."""
        release = asyncio.Event()
        self.before[name] = release.wait
        return release


@pytest.fixture
def team() -> Team:
    """A specialist under the test's control."""
    return Team()


class Happenings:
    """The events of a run, which a test can wait for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._news = asyncio.Condition()

    def __call__(self, event: Any) -> None:  # as a listener is called
        """Takes note of an event."""
        self.told.append(f"{event.name.value} {event.subject}".strip())
        asyncio.get_running_loop().create_task(self._spread())

    async def _spread(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def reached(self, *expected: str) -> None:
        """Waits until all of these have happened."""
        async with self._news, asyncio.timeout(120):
            await self._news.wait_for(lambda: set(expected) <= set(self.told))


@pytest.fixture
def happenings() -> Iterator[Happenings]:
    """What happens in the runs of a test."""
    follower = Happenings()
    with listening(follower):
        yield follower


@pytest.fixture
def carried_out(team: Team, tmp_path: Path) -> Callable[..., Coroutine[Any, Any, dict[str, Any]]]:
    """Carries out a plan with the tester, in a workspace of the test's."""

    async def execute(plan: object, **options: Any) -> dict[str, Any]:
        with using_agents(team.specialist):
            outcome: dict[str, Any] = await execute_plan(plan, **{"workspace": str(tmp_path / "out"), **options})
            return outcome

    return execute


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has failed artifacts tried again at once."""
    monkeypatch.setattr("prefect_harmonic.flows.execution.RETRY_DELAYS_SECONDS", (0.01,))


def plan_of(*artifacts: Artifact, goal: str = "Try the executor") -> Plan:
    """A plan whose artifacts the tester makes."""
    return Plan(
        goal=goal,
        artifacts=tuple(one if one.agent else one.model_copy(update={"agent": "tester"}) for one in artifacts),
    )


@pytest.fixture(name="plan_of")
def plan_of_fixture() -> Callable[..., Plan]:
    """See `plan_of`."""
    return plan_of


async def latest_run(client: PrefectClient, flow_name: str) -> FlowRun:
    """The run of a flow that was started last."""
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName
    from prefect.client.schemas.sorting import FlowRunSort

    runs = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])), sort=FlowRunSort.START_TIME_DESC, limit=1
    )
    return runs[0]


@pytest.fixture(name="latest_run")
def latest_run_fixture(client: PrefectClient) -> Callable[[str], Awaitable[FlowRun]]:
    """See `latest_run`."""

    async def latest(flow_name: str) -> FlowRun:
        return await latest_run(client, flow_name)

    return latest


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 120) -> Any:
    """What a condition gives once it holds: the server takes in what it is told later, much later on a busy machine."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.1)
    return found


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., Awaitable[Any]]:
    """See `until`."""
    return until


Edges = set[tuple[str, str]]


@pytest.fixture
def edges_of(client: PrefectClient) -> Callable[[FlowRun], Awaitable[tuple[set[str], Edges]]]:
    """The nodes and edges of a run's graph, by their labels, as the UI draws it."""

    async def edges(run: FlowRun) -> tuple[set[str], Edges]:
        response = await client.request("GET", "/flow_runs/{id}/graph-v2", path_params={"id": run.id})
        nodes = dict(response.json()["nodes"])
        labels = {identity: node["label"] for identity, node in nodes.items()}
        found = {
            (labels[parent["id"]], node["label"])
            for node in nodes.values()
            for parent in node["parents"]
            if parent["id"] in labels
        }
        return set(labels.values()), found

    return edges


@pytest.fixture
def events_in() -> Callable[[Path], list[dict[str, Any]]]:
    """The events that a workspace has recorded."""

    def events(workspace: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (workspace / "events.jsonl").read_text().splitlines()]

    return events


ROLES = ("researcher", "code-analyzer", "decision-log", "learning-path", "builder", "tester")


class Cast:
    """Specialists whose findings a test writes, artifact by artifact and attempt by attempt."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.parts: dict[str, list[dict[str, Any] | Exception]] = {}

    def finds(self, artifact: str, *attempts: dict[str, Any] | Exception) -> None:
        """What an artifact's attempts find, in turn; the last one holds for all further attempts."""
        self.parts[artifact] = list(attempts)

    async def call(self, assignment: Assignment) -> Evidence:
        """Plays the part of whoever is asked."""
        name = assignment.artifact.id
        self.called.append(name)
        lines = self.parts.get(name, [{}])
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        if isinstance(line, Exception):
            raise line
        agent = assignment.artifact.agent or "tester"
        return Evidence(**{"artifact": name, "agent": agent, "summary": f"{name} is there.", "confidence": 0.9, **line})

    @property
    def specialists(self) -> Sequence[Specialist]:
        """All roles, played by one."""
        return [Specialist(name=role, call=self.call) for role in ROLES]


@pytest.fixture
def cast() -> Cast:
    """Specialists under the test's control."""
    return Cast()


@pytest.fixture
def pursued(cast: Cast, tmp_path: Path, quick_retries: None) -> Callable[..., Any]:
    """Pursues a plan with the cast, in a workspace of the test's."""

    async def pursue(*artifacts: Artifact, **options: Any) -> dict[str, Any]:
        plan = Plan(goal="Migrate to microservices", artifacts=artifacts)
        (tmp_path / "project").mkdir(exist_ok=True)
        place = {"workspace": str(tmp_path / "out"), "project": str(tmp_path / "project")}
        with using_agents(*cast.specialists):
            outcome: dict[str, Any] = await pursue_goal(plan=plan, retries=0, **{**place, **options})
        return outcome

    return pursue
