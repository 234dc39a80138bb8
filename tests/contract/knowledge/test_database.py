"""The database itself: made on first use by whoever comes first, and one clear error for all that can go wrong."""

import asyncio
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from asyncpg.exceptions import InternalServerError  # type: ignore[import-untyped]  # asyncpg has no types
from pydantic import SecretStr
from sqlalchemy import Connection, event, text
from support.postgresql import PASSWORD, PostgresqlServer

from prefect_harmonic.errors import DatabaseAddressError, DatabaseBusyError, DatabaseError
from prefect_harmonic.planners.knowledge import migrations
from prefect_harmonic.planners.knowledge.address import database_address
from prefect_harmonic.planners.knowledge.failure import failures_told
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.migrations.upgrade import HEAD, VERSION_TABLE
from prefect_harmonic.planners.knowledge.tables import Table

_FIRST_USE = """
import asyncio, sys
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase

async def main(url):
    print("ready", flush=True)
    sys.stdin.readline()
    async with KnowledgeBase(url, patience_seconds=60) as kb:
        await asyncio.gather(*(kb.add(f"note {number}") for number in range(3)))

asyncio.run(main(sys.argv[1]))
"""


def started(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """A process that runs this code and waits for a line."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_four_processes_that_come_first_at_once_make_one_database(untouched_url: str) -> None:
    """Nobody fails, and nothing that they wrote is lost."""
    processes = [started(_FIRST_USE, untouched_url) for _ in range(4)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [await asyncio.to_thread(process.communicate) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [(process.returncode, err) for process, (_, err) in zip(processes, answers, strict=True)] == [(0, "")] * 4
    async with KnowledgeBase(untouched_url) as kb:
        assert len(await kb.search("note")) == 12


async def test_revisions_give_the_tables_that_the_code_expects(kb: KnowledgeBase) -> None:
    """What Alembic would still change is nothing but the index of the search."""
    await kb.search("x")

    def differences(connection: Connection) -> list[Any]:
        def is_ours(name: str | None, kind: str, parent: Any) -> bool:
            return kind not in ("table", "index", "column") or "search" not in str(name)

        options = {"version_table": VERSION_TABLE, "compare_type": True, "include_name": is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Table.metadata))

    async with kb._database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_newest_revision_is_the_one_that_is_asked_for() -> None:
    """A revision that is added must be named as the head."""
    folder = str(Path(str(migrations.__file__)).parent)
    assert ScriptDirectory(folder).get_current_head() == HEAD


async def test_database_of_an_older_version_is_brought_up_to_date(untouched_url: str) -> None:
    """With all that is in it."""
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))

    def first_shape(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    async with KnowledgeBase(untouched_url) as kb:
        async with kb._database._engine.begin() as connection:
            await connection.run_sync(first_shape)
            columns = "id, type, title, content, details, title_words, content_words, created_at, updated_at"
            values = f"'{'0' * 26}', 'note', 'old', '', '{{}}', 'old', '', '2026-01-01', '2026-01-01'"
            await connection.execute(text(f"INSERT INTO kb_entity ({columns}) VALUES ({values})"))
        await kb.allow("0" * 26, {"calls": 1})
        assert [each.title for each in await kb.search("old")] == ["old"]


async def test_database_of_a_newer_version_is_left_alone(untouched_url: str) -> None:
    """We say so instead of writing into what we do not know."""
    async with KnowledgeBase(untouched_url) as kb, kb._database.writing() as transaction:
        await transaction.session.execute(text("UPDATE kb_revision SET version_num = '9999'"))
    async with KnowledgeBase(untouched_url) as older:
        with pytest.raises(DatabaseError, match="newer version"):
            await older.add("x")


async def test_writer_that_waits_too_long_says_so(kb: KnowledgeBase, url: str) -> None:
    """The error can be retried; readers are not held up; afterwards all goes on."""
    async with KnowledgeBase(url, patience_seconds=0.2) as hasty:
        await hasty.search("x")
        async with kb._database.writing() as transaction:
            await transaction.session.execute(text("SELECT 1"))
            with pytest.raises(DatabaseBusyError, match="by others") as caught:
                await hasty.add("late")
            assert caught.value.retryable
            assert await hasty.search("late") == ()
        await hasty.add("late")
        assert len(await hasty.search("late")) == 1


async def _interrupted_change(kb: KnowledgeBase) -> None:
    async with kb._database.writing() as transaction:
        await transaction.session.execute(text("UPDATE kb_revision SET version_num = '1'"))
        raise asyncio.CancelledError


async def test_whatever_is_raised_within_a_transaction_undoes_it(kb: KnowledgeBase) -> None:
    """Half of a change is none, when a process is cancelled too."""
    with pytest.raises(asyncio.CancelledError):
        await _interrupted_change(kb)
    async with kb._database.reading() as transaction:
        assert (await transaction.session.execute(text("SELECT version_num FROM kb_revision"))).scalar() == HEAD


async def test_concurrent_updates_lose_nothing(kb: KnowledgeBase) -> None:
    """Twenty writers that each merge a key of their own leave twenty keys."""
    note = await kb.add("note")
    await asyncio.gather(*(kb.update(note.id, metadata={f"key{number}": number}) for number in range(20)))
    assert {f"key{number}" for number in range(20)} <= (await kb.get(note.id)).metadata.keys()


async def test_full_sqlite_says_so_and_holds_nothing_half_written(tmp_path: Path) -> None:
    """What does not fit is not there, and what was there still is."""
    async with KnowledgeBase(f"sqlite:///{tmp_path / 'full.db'}") as kb:
        before = await kb.add("before")
        await kb.aclose()

        def limited(connection: Any, _record: object) -> None:
            connection.cursor().execute("PRAGMA max_page_count=80")

        event.listen(kb._database._engine.sync_engine, "connect", limited)
        with pytest.raises(DatabaseError, match="no room left"):
            await kb.add("too much", "words " * 200_000)
        assert await kb.search("much") == ()
        assert (await kb.get(before.id)).title == "before"


def test_connection_to_postgresql_on_a_full_disk_asks_for_room() -> None:
    """The server cannot write what it keeps for a connection, and has no code of its own for that."""
    with pytest.raises(DatabaseError, match="is there room left"), failures_told(database_address("postgres://db/kb")):
        raise InternalServerError("could not write init file")


_READ_ONLY = """
import asyncio, os, sys
from prefect_harmonic.errors import DatabaseError
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
import aiosqlite, sqlalchemy.dialects.sqlite.aiosqlite, alembic.command, greenlet

async def main(url):
    async with KnowledgeBase(url) as kb:
        try:
            await kb.add("x")
        except DatabaseError as error:
            print(error)

if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
asyncio.run(main(sys.argv[1]))
"""


async def test_database_that_may_only_be_read_says_so(untouched_url: str, tmp_path: Path, database: str) -> None:
    """For somebody else's file and folder."""
    if database == "postgresql":
        async with KnowledgeBase(untouched_url) as kb:
            async with kb._database.writing() as transaction:
                name = (await transaction.session.execute(text("SELECT current_database()"))).scalar()
                await transaction.session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
            await kb.aclose()
            with pytest.raises(DatabaseError, match="may only be read"):
                await kb.add("x")
        return
    async with KnowledgeBase(untouched_url) as kb:
        await kb.add("x")
    if os.geteuid() == 0:  # what is below pytest's folder is closed to others, as whom the process runs then
        for folder in list(tmp_path.parents)[: len(tmp_path.relative_to(tempfile.gettempdir()).parts) - 1]:
            folder.chmod(0o755)
    tmp_path.chmod(0o555)
    (tmp_path / "harmonic.db").chmod(0o444)
    process = started(_READ_ONLY, untouched_url)
    out, err = await asyncio.to_thread(process.communicate)
    tmp_path.chmod(0o755)
    assert ("may only be read" in out, err) == (True, ""), out


@pytest.mark.parametrize("content", [b"this is no database " * 500, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_damaged_sqlite_says_so(tmp_path: Path, content: bytes) -> None:
    """And the file is left as it was found."""
    file = tmp_path / "damaged.db"
    file.write_bytes(content)
    async with KnowledgeBase(f"sqlite:///{file}") as kb:
        with pytest.raises(DatabaseError, match=r"no database|damaged"):
            await kb.add("x")
    assert file.read_bytes() == content


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_sqlite_that_is_gone_is_not_written_on(tmp_path: Path, is_replaced: bool) -> None:
    """An open connection would go on writing into a deleted file, where nobody ever reads it."""
    file = tmp_path / "harmonic.db"
    async with KnowledgeBase(f"sqlite:///{file}") as kb:
        await kb.add("x")
        file.rename(tmp_path / "moved.db")
        if is_replaced:
            file.write_bytes(b"")
        with pytest.raises(DatabaseError, match="gone or was replaced"):
            await kb.add("y")


async def test_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is misspelt is not made."""
    async with KnowledgeBase(f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}") as kb:
        with pytest.raises(DatabaseError, match="is its folder there"):
            await kb.add("x")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda server: server.url("kb", "wrong-password"), "user or password"),
        (lambda server: server.url("missing"), "is not there"),
        (lambda server: server.url("kb").replace(str(server.port), "1"), "does not answer"),
    ],
    ids=["password", "database", "port"],
)
async def test_wrong_postgresql_address_is_told_without_the_password(
    postgresql: PostgresqlServer, change: Any, told: str
) -> None:
    """Neither in the error nor in what it came from."""
    async with KnowledgeBase(change(postgresql), patience_seconds=1) as kb:
        with pytest.raises(DatabaseError, match=told) as caught:
            await kb.add("x")
        shown = [str(caught.value), repr(caught.value), repr(kb), *map(str, _causes(caught.value))]
    assert not [each for each in shown if PASSWORD in each or "wrong-password" in each]


def _causes(error: BaseException | None) -> list[BaseException]:
    causes = []
    while error is not None:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes


async def test_connections_that_the_server_cut_are_made_anew(kb: KnowledgeBase, url: str, database: str) -> None:
    """A restart of the server costs nothing but the calls during it."""
    await kb.add("before")
    if database == "postgresql":
        async with KnowledgeBase(url) as other, other._database.reading() as transaction:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            await transaction.session.execute(text(f"{cut} AND datname = current_database()"))
    await kb.add("after")
    assert len(await kb.search("after")) == 1


@pytest.mark.parametrize(
    "wrong",
    ["", "   ", "no url secret", "mysql://me:secret@host/db", "sqlite://", "sqlite:///:memory:", "postgresql://host",
     "postgresql://me:secret@host:port/db", "sqlite:///file:x?mode=memory&secret",
     "postgresql://me:secret@host/db?connect_timeout=5"],
)  # fmt: skip
def test_address_that_names_no_database_is_refused_unseen(wrong: str) -> None:
    """The address itself is not shown: what is wrong with it may be where its password stands."""
    with pytest.raises(DatabaseAddressError) as caught:
        KnowledgeBase(SecretStr(wrong))
    assert "secret" not in str(caught.value).replace("user:password", "")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


async def test_cancelled_calls_leave_no_lock_and_nothing_half_written(url: str) -> None:
    """Whenever they are cancelled: the next writer goes on at once, and every entity has all that belongs to it."""
    claims = {"claims": [{"text": "one"}, {"text": "two"}]}
    async with KnowledgeBase(url, patience_seconds=5) as kb:
        root = (await kb.add("root", metadata={"type": "plan"})).id
        for turns in range(0, 60, 3):
            calls = [asyncio.create_task(kb.add("part", metadata={**claims, "parent_plan": root})) for _ in range(2)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        await kb.add("after")
        below = (await kb.subtree(root))[1:]
        assert {len(each.metadata["claims"]) for each in below if isinstance(each.metadata["claims"], list)} <= {2}
