"""The one connection, and rows as plain dictionaries."""

import sqlite3
from contextlib import contextmanager

from quayside import schema, settings

_connection = None
queries = 0


def connection():
    global _connection
    if _connection is None:
        _connection = sqlite3.connect(settings.database(), check_same_thread=False)
        _connection.row_factory = sqlite3.Row
        _connection.executescript(schema.TABLES)
    return _connection


def reset():
    global _connection, queries
    if _connection is not None:
        _connection.close()
    _connection, queries = None, 0


def rows(sql, *values):
    global queries
    queries += 1
    return [dict(row) for row in connection().execute(sql, values)]


def row(sql, *values):
    found = rows(sql, *values)
    return found[0] if found else None


def write(sql, *values):
    return connection().execute(sql, values).lastrowid


@contextmanager
def transaction():
    try:
        yield
    except Exception:
        connection().rollback()
        raise
    connection().commit()
