"""The one connection that every module shares."""

import sqlite3
from contextlib import contextmanager

from nordvale.common import settings
from nordvale.db import schema

_connection = None


def connection():
    global _connection
    if _connection is None:
        _connection = sqlite3.connect(settings.DATABASE, check_same_thread=False)
        _connection.row_factory = sqlite3.Row
        for statement in schema.statements():
            _connection.execute(statement)
    return _connection


def reset():
    """Forgets the connection and, for the in-memory database, everything in it."""
    global _connection
    if _connection is not None:
        _connection.close()
    _connection = None


def rows(sql, *values):
    return [dict(row) for row in connection().execute(sql, values)]


def one(sql, *values):
    row = connection().execute(sql, values).fetchone()
    return None if row is None else dict(row)


def scalar(sql, *values):
    row = connection().execute(sql, values).fetchone()
    return None if row is None else row[0]


def execute(sql, *values):
    return connection().execute(sql, values).rowcount


@contextmanager
def transaction():
    """All or nothing. Nested transactions join the outer one."""
    db = connection()
    if db.in_transaction:
        yield db
        return
    try:
        db.execute("BEGIN")
        yield db
    except BaseException:
        db.rollback()
        raise
    db.commit()
