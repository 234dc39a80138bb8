"""Bringing a database to its present shape, within the transaction of whoever asks."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from prefect_harmonic.errors import DatabaseError

HEAD = "0003"
"""The newest revision; a test holds it against the scripts."""

VERSION_TABLE = "kb_revision"
"""Where Alembic keeps the revision; all our tables begin with kb_, since Prefect may live in the same database."""


def revision_of(connection: Connection) -> str | None:
    """The revision that a database has; none if it holds no knowledge base yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant


def upgraded(connection: Connection, address: str) -> None:
    """Runs the revisions that are missing. Whoever was faster has done it already.

    Raises:
        DatabaseError: The database was written by a newer version of ours.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    present = revision_of(connection)
    if present == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise DatabaseError(address, f"has the shape {present!r} of a newer version; update prefect-harmonic")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
