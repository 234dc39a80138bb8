"""Transactions on SQLite or PostgreSQL: many readers, one writer at a time, all of it or nothing.

Both databases behave alike: a reader sees one moment throughout, and writers wait for each other (SQLite locks the file
with BEGIN IMMEDIATE, PostgreSQL takes one advisory lock), so that what a writer has checked still holds when it writes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from prefect_harmonic.errors import DatabaseError
from prefect_harmonic.planners.knowledge.address import DatabaseAddress
from prefect_harmonic.planners.knowledge.failure import failures_told
from prefect_harmonic.planners.knowledge.identity import Clock, new_id
from prefect_harmonic.planners.knowledge.migrations.upgrade import HEAD, revision_of, upgraded

_WRITER_LOCK = 0x4861726D6F6E6963  # "Harmonic"; advisory locks hold within one database of the server
_BEGIN = "harmonic_begin"  # an execution option: how a transaction of SQLite's begins
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction: its session, and the moment at which everything in it happens."""

    session: AsyncSession
    now: datetime

    def new_id(self) -> str:
        """An id for something that is written now."""
        return new_id(self.now)


class Database:
    """The database behind a knowledge base, brought to its present shape on first use. Belongs to one event loop."""

    def __init__(self, address: DatabaseAddress, clock: Clock, patience_seconds: float) -> None:
        self.address = address
        self._clock = clock
        self._patience = patience_seconds
        self._engine = _sqlite_engine(address, patience_seconds) if address.is_sqlite else _postgresql_engine(self)
        reading: dict[str, Any] = {} if address.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(**reading)
        self._writer = self._engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        self._file_id: tuple[int, int] | None = None
        self._is_ready = False

    @property
    def patience_seconds(self) -> float:
        """How long a writer waits for the others."""
        return self._patience

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction that sees one moment and writes nothing."""
        with failures_told(self.address):
            await self._made_ready()
            async with AsyncSession(self._reader, expire_on_commit=False) as session, session.begin():
                yield Transaction(session, self._clock())

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """A transaction in which nobody else writes; whatever is raised within it undoes all of it."""
        with failures_told(self.address):
            await self._made_ready()
            async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
                await (await session.connection()).run_sync(_lock_out_writers)
                yield Transaction(session, self._clock())

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._engine.dispose()

    async def _made_ready(self) -> None:
        """Brings the tables to their present shape, whoever else tries the same at this moment."""
        if self._is_ready:
            self._check_file()
            return
        if self.address.is_sqlite:
            await self._journal_set()
        async with self._reader.connect() as connection:
            revision = await connection.run_sync(revision_of)
        if revision != HEAD:
            async with self._writer.connect() as connection, connection.begin():
                await connection.run_sync(_lock_out_writers)
                await connection.run_sync(upgraded, self.address.shown)
        self._file_id = self._present_file()
        self._is_ready = True

    async def _journal_set(self) -> None:
        """Has readers and the writer not wait for each other (WAL), which the file remembers from then on.

        SQLite gives up at once, whatever its patience, when two connections change the journal at the same time.
        """
        attempts = max(1, int(self._patience / 0.05))
        for attempt in range(attempts):
            try:
                # The journal cannot be changed within a transaction.
                async with self._engine.execution_options(**{_BEGIN: ""}).connect() as connection:
                    if (await connection.execute(text("PRAGMA journal_mode"))).scalar() != "wal":
                        await connection.execute(text("PRAGMA journal_mode=WAL"))
                return
            except DBAPIError as error:
                if attempt == attempts - 1 or "locked" not in str(error.orig):
                    raise
                await asyncio.sleep(0.05)

    def _present_file(self) -> tuple[int, int] | None:
        if self.address.file is None:
            return None
        found = self.address.file.stat()
        return found.st_dev, found.st_ino

    def _check_file(self) -> None:
        """A connection goes on writing into a file that was deleted, where nobody will ever read it."""
        if self.address.file is None:
            return
        try:
            present = self._present_file()
        except OSError:
            present = None
        if present != self._file_id:
            raise DatabaseError(self.address.shown, "is gone or was replaced since it was opened; open it again")


def _sqlite_engine(address: DatabaseAddress, patience_seconds: float) -> AsyncEngine:
    engine = create_async_engine(address.url, hide_parameters=True, pool_timeout=max(1.0, patience_seconds))

    def prepared(connection: Any, _record: object) -> None:  # the driver's connection, which has no public type
        connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it too late
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(patience_seconds * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    def begun(connection: Connection) -> None:
        begin = connection.get_execution_options().get(_BEGIN, "BEGIN")
        if begin:
            connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", prepared)
    event.listen(engine.sync_engine, "begin", begun)
    return engine


def _postgresql_engine(database: Database) -> AsyncEngine:
    milliseconds = int(database.patience_seconds * 1000)
    return create_async_engine(
        database.address.url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=max(1.0, database.patience_seconds),
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "server_settings": {"application_name": "harmonic", "lock_timeout": str(milliseconds)},
        },
    )


def _lock_out_writers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
