"""One suite for both databases: each test gets a knowledge base of its own on SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest
from support.clocks import MovableClock
from support.postgresql import PostgresqlServer, postgresql_server

from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.tables import Table
from prefect_harmonic.tasks.workspace import Workspace

_NUMBERS = count()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands until a test moves it."""
    return MovableClock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for the whole run."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
async def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    async with KnowledgeBase(f"sqlite:///{file}") as kb:
        await kb.search("anything")
    return file


@pytest.fixture(scope="session")
async def empty_postgresql(postgresql: PostgresqlServer) -> str:
    """A PostgreSQL database with the tables, to be emptied before each test."""
    postgresql.execute("CREATE DATABASE empty_kb")
    async with KnowledgeBase(postgresql.url("empty_kb")) as kb:
        await kb.search("anything")
    return "empty_kb"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(request.param)


@pytest.fixture
def untouched_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database in which nothing is yet, not even tables."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'harmonic.db'}"
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    name = f"untouched_{next(_NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty knowledge base."""
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "harmonic.db")
        return f"sqlite:///{tmp_path / 'harmonic.db'}"
    name = request.getfixturevalue("empty_postgresql")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    # A database of its own for each test would be some three hundred files each.
    server.execute(f"TRUNCATE {', '.join(sorted(Table.metadata.tables))}", name)
    return server.url(name)


@pytest.fixture
async def kb(url: str, clock: MovableClock) -> AsyncIterator[KnowledgeBase]:
    """An empty knowledge base."""
    async with KnowledgeBase(url, clock=clock) as opened:
        yield opened


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder for the run."""
    return Workspace.opened(tmp_path / "out")
