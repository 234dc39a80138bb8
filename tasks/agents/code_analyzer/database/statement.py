"""SQL statements by their shape: which tables they touch, by which columns they look for rows.

A plain reading of plain statements, by pattern: no SQL is parsed in full, and what is not understood (a column within a
function, alternatives with OR, a subquery) gives no columns, so that nothing is concluded from it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST_STATEMENT = 20_000
"""Characters of a statement that are read."""

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'|\$\d+|\b\d+(?:\.\d+)?\b")
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_NAME = r"\"?[A-Za-z_][\w$]*\"?(?:\.\"?[A-Za-z_][\w$]*\"?)?"
_NO_ALIAS = (
    "where|set|on|using|join|left|right|inner|outer|full|cross|natural|group|order|limit|values|as|returning|for|"
    "union|having|offset"
)
_TABLE = re.compile(
    rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:ONLY\s+)?({_NAME})(?:\s+(?:AS\s+)?((?!(?:{_NO_ALIAS})\b)[A-Za-z_]\w*))?",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\bWHERE\b(.*?)(?:\bGROUP\s+BY\b|\bORDER\s+BY\b|\bLIMIT\b|\bRETURNING\b|\bFOR\s+(?:UPDATE|SHARE)\b|;|$)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    r"(?<![\w.(])(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)(?:::\w+)?\s*(?:=|<=|>=|<(?!>)|>|\bIN\b|\bBETWEEN\b)", re.IGNORECASE
)
_UNREADABLE = re.compile(r"\bOR\b|\bUNION\b|\(\s*SELECT\b|\bEXISTS\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """What all statements have in common that differ in their values alone.

    Attributes:
        text: The statement with a question mark for each value.
        tables: The tables it names, in order, without schema and in lower case.
        filters: The columns by which rows are looked for, each with its table; empty where that was not understood.
    """

    text: str
    tables: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()

    def columns_of(self, table: str) -> tuple[str, ...]:
        """The columns by which rows of a table are looked for."""
        return tuple(column for one, column in self.filters if one == table)


@lru_cache(maxsize=4096)
def shape_of(statement: str) -> Shape:
    """The shape of a statement.

    >>> shape_of("SELECT id FROM tickets t WHERE t.barcode = 'A-1' AND t.state IN (1, 2) LIMIT 1").text
    'select id from tickets t where t.barcode = ? and t.state in (?) limit ?'
    >>> shape_of("UPDATE tickets SET seen = 1 WHERE barcode = $1").filters
    (('tickets', 'barcode'),)
    >>> shape_of("SELECT id FROM users WHERE lower(email) = 'a'").filters
    ()
    """
    plain = " ".join(_COMMENT.sub(" ", statement[:LONGEST_STATEMENT]).split())
    text = _LIST.sub("(?)", _LITERAL.sub("?", plain)).rstrip("; ")
    named = [(bare(name), alias.lower()) for name, alias in _TABLE.findall(text)]
    tables = tuple(dict.fromkeys(table for table, _ in named))
    known = {table: table for table in tables} | {alias: table for table, alias in named if alias}
    return Shape(text.lower(), tables, _filters(text, tables, known))


def bare(name: str) -> str:
    """The name of a table without its schema and quotation marks, in lower case."""
    return name.replace('"', "").rpartition(".")[2].lower()


def _filters(text: str, tables: tuple[str, ...], known: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The columns of the conditions that must all hold. One without a table's name counts where there is one table."""
    found = _WHERE.search(text)
    if found is None or _UNREADABLE.search(text):
        return ()
    filters = []
    for alias, column in _CONDITION.findall(found[1]):
        table = known.get(alias.lower()) if alias else (tables[0] if len(tables) == 1 else None)
        if table is not None:
            filters.append((table, column.lower()))
    return tuple(dict.fromkeys(filters))
