"""What went wrong with a database, in words that a person can act on, and without its password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from prefect_harmonic.errors import DatabaseBusyError, DatabaseError
from prefect_harmonic.planners.knowledge.address import DatabaseAddress
from prefect_harmonic.planners.knowledge.refusal import refused

BUSY = "is being written by others for too long"

_SQLITE = {
    "SQLITE_FULL": "has no room left on its disk",
    "SQLITE_READONLY": "may only be read",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_NOTADB": "is a file, but no database",
    "SQLITE_CANTOPEN": "cannot be opened; is its folder there, and may you write in it?",
    "SQLITE_IOERR": "cannot be reached on its disk",
    "SQLITE_PERM": "may not be opened by you",
    "SQLITE_AUTH": "may not be opened by you",
}
_POSTGRESQL = {
    "53100": "has no room left on its disk",
    "53200": "has no memory left",
    "53300": "has too many connections",
    "25006": "may only be read",
    "28P01": "does not take this user or password",
    "28000": "does not take this user or password",
    "3D000": "is not there; create the database first",
    "42501": "does not allow this user to do that",
    "57P03": "is only starting or stopping",
}
_POSTGRESQL_CLASSES = {"08": "does not answer", "57": "was stopped", "58": "cannot be reached on its disk"}
_BUSY_CODES = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01", "57014"})


@contextmanager
def failures_told(address: DatabaseAddress) -> Iterator[None]:
    """Has whatever the database or its driver raises within the block raised as one of our own errors."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise refused("text", error.object, "it holds characters that cannot be stored") from None
    except PoolTimeoutError as error:
        raise DatabaseBusyError(address.shown, BUSY) from error
    except DBAPIError as error:
        raise _told(address, error) from error
    except SQLAlchemyError as error:
        raise DatabaseError(address.shown, f"cannot be used ({_first_line(error)})") from error
    except (OSError, TimeoutError) as error:
        raise DatabaseError(address.shown, f"does not answer ({_first_line(error)})") from error
    except sqlite3.Error as error:
        raise _of_code(address, _code_of(error), error) from error
    except Exception as error:
        if not type(error).__module__.startswith("asyncpg"):
            raise
        raise _of_code(address, _code_of(error), error) from error


def _told(address: DatabaseAddress, error: DBAPIError) -> DatabaseError:
    cause: BaseException = error.orig if error.orig is not None else error
    return _of_code(address, _code_of(cause), cause)


def _code_of(error: BaseException | None) -> str:
    """SQLite's name or PostgreSQL's state, from the error itself or from what it was raised from."""
    while error is not None:
        code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
        if code:
            return str(code)
        error = error.__cause__
    return ""


def _of_code(address: DatabaseAddress, code: str, cause: BaseException) -> DatabaseError:
    # SQLite tells variants behind the name, such as SQLITE_READONLY_DBMOVED.
    plain = "_".join(code.split("_")[:2])
    if code in _BUSY_CODES or plain in _BUSY_CODES:
        return DatabaseBusyError(address.shown, BUSY)
    problem = _SQLITE.get(plain) or _POSTGRESQL.get(code) or _POSTGRESQL_CLASSES.get(code[:2])
    if code == "XX000" and "could not write" in str(cause):  # a connection to a full disk, which has no code of its own
        problem = "cannot be written on its disk; is there room left?"
    return DatabaseError(address.shown, problem or f"cannot be used ({_first_line(cause)})")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
