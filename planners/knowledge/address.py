"""Where the knowledge base is: an address that is checked once and never shows its password."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from prefect_harmonic.errors import DatabaseAddressError

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

_OPTIONS = frozenset({"host", "passfile", "password", "ssl", "sslmode", "target_session_attrs", "user"})
"""What may stand behind the `?` of a PostgreSQL address. libpq knows more, which asyncpg does not take."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """An address that can be connected to.

    Attributes:
        url: What SQLAlchemy connects to; it may hold a password, so it is never shown.
        shown: The same without user and password.
        file: The file of an SQLite database; none for PostgreSQL.
    """

    url: URL
    shown: str
    file: Path | None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file that this machine alone writes."""
        return self.file is not None

    def __repr__(self) -> str:
        return f"DatabaseAddress({self.shown!r})"


def database_address(url: str | SecretStr) -> DatabaseAddress:
    """The address that a URL gives; the drivers are ours to choose, so `postgresql://` is enough.

    >>> database_address("postgres://me:secret@db.example/kb?sslmode=require")
    DatabaseAddress('postgresql://db.example/kb')

    Raises:
        DatabaseAddressError: It is no URL, or of a database that we do not know.
    """
    text = url.get_secret_value() if isinstance(url, SecretStr) else url
    try:
        parsed = make_url(text.strip())
        parsed.port  # noqa: B018 - reading it is what checks it
    except (ArgumentError, ValueError):
        raise DatabaseAddressError("is no URL") from None
    kind = parsed.drivername.split("+")[0]
    if kind not in _DRIVERS:
        raise DatabaseAddressError(f"names {kind!r}, where SQLite and PostgreSQL are possible")
    parsed = parsed.set(drivername=_DRIVERS[kind])
    return _sqlite(parsed) if kind == "sqlite" else _postgresql(parsed)


def _sqlite(url: URL) -> DatabaseAddress:
    name = url.database or ""
    if name in ("", ":memory:") or "mode=memory" in name or "mode" in url.query:
        raise DatabaseAddressError("names no file, and what is only in memory is not kept")
    file = Path(name).absolute()
    return DatabaseAddress(url.set(database=str(file), query={}), str(file), file)


def _postgresql(url: URL) -> DatabaseAddress:
    if not url.database:
        raise DatabaseAddressError("names no database")
    query = dict(url.query)
    if not query.keys() <= _OPTIONS:  # not named: it may be the end of a password with a question mark
        raise DatabaseAddressError(f"has another option behind its '?' than {', '.join(sorted(_OPTIONS))}")
    if "sslmode" in query:  # libpq's word; asyncpg takes the same values under another name
        query["ssl"] = query.pop("sslmode")
    port = f":{url.port}" if url.port else ""
    return DatabaseAddress(
        url.set(query=query), f"postgresql://{url.host or query.get('host', 'localhost')}{port}/{url.database}", None
    )
