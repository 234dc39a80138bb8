"""Rows by table and key, for modules that do not want to write SQL."""

from nordvale.common.errors import NotFound
from nordvale.db import schema, session


def _checked(table):
    if table not in schema.TABLES:
        raise ValueError(f"no table {table!r}")
    return table


def insert(table, **values):
    names = ", ".join(values)
    marks = ", ".join("?" for _ in values)
    session.execute(f"INSERT INTO {_checked(table)} ({names}) VALUES ({marks})", *values.values())
    return values


def update(table, key, value, **changes):
    pairs = ", ".join(f"{name} = ?" for name in changes)
    changed = session.execute(f"UPDATE {_checked(table)} SET {pairs} WHERE {key} = ?", *changes.values(), value)
    if not changed:
        raise NotFound(table.rstrip("s"), value)


def fetch(table, key, value):
    row = session.one(f"SELECT * FROM {_checked(table)} WHERE {key} = ?", value)
    if row is None:
        raise NotFound(table.rstrip("s"), value)
    return row


def select(table, order="rowid", **where):
    condition = " AND ".join(f"{name} = ?" for name in where) or "1 = 1"
    return session.rows(f"SELECT * FROM {_checked(table)} WHERE {condition} ORDER BY {order}", *where.values())


def count(table, **where):
    return len(select(table, **where))
