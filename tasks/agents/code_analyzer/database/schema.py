"""Tables and indexes as the SQL files of a project leave them: what is created, and what is dropped again.

Files are read in the order of their paths, those of a folder of migrations after all others, as they are applied.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from prefect_harmonic.tasks.agents.code_analyzer.database.statement import bare
from prefect_harmonic.tasks.project_files import lines_of

_NAME = r"(?:\"[^\"]+\"|[\w$]+)(?:\.(?:\"[^\"]+\"|[\w$]+))?"
_STATEMENT = re.compile(
    rf"(?P<table>\bCREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<created>{_NAME})\s*\()"
    rf"|\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<index>{_NAME})\s+ON\s+(?:ONLY\s+)?"
    rf"(?P<on>{_NAME})\s*(?:USING\s+\w+\s*)?\((?P<columns>[^()]*)\)(?P<rest>[^;]*)"
    rf"|\bDROP\s+INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+EXISTS\s+)?(?P<dropped>{_NAME})"
    rf"|\bALTER\s+TABLE\s+(?:ONLY\s+)?(?P<altered>{_NAME})\s+ADD\s+(?:CONSTRAINT\s+{_NAME}\s+)?(?:PRIMARY\s+KEY|UNIQUE)"
    r"\s*\((?P<key>[^()]*)\)",
    re.IGNORECASE,
)
_KEY_IN_TABLE = re.compile(r"\b(?:PRIMARY\s+KEY|UNIQUE)\s*\(([^()]*)\)", re.IGNORECASE)
_KEY_OF_COLUMN = re.compile(r"^\s*(\"[^\"]+\"|\w+)\s+[^,]*\b(?:PRIMARY\s+KEY|UNIQUE)\b", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, with its words."""

    path: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index or a key.

    Attributes:
        name: Its name; empty for a key that has none.
        table: The table it is on.
        columns: Its columns in order.
        place: Where it is made.
        is_partial: Whether it covers some rows only.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    place: Place
    is_partial: bool = False


@dataclass
class Schema:
    """What the SQL files say there is.

    Attributes:
        tables: Where each table is made.
        indexes: What there is.
        dropped: What was dropped and not made again, with where.
    """

    tables: dict[str, Place] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)
    dropped: list[tuple[Index, Place]] = field(default_factory=list)

    def serves(self, table: str, columns: Iterable[str]) -> bool:
        """Whether an index or a key begins with one of these columns, so that rows are found without reading all."""
        wanted = set(columns)
        return any(
            one.table == table and not one.is_partial and one.columns and one.columns[0] in wanted
            for one in self.indexes
        )

    def dropped_for(self, table: str, columns: Iterable[str]) -> tuple[Index, Place] | None:
        """The index that would serve these columns and was dropped last."""
        wanted = set(columns)
        fitting = [pair for pair in self.dropped if pair[0].table == table and pair[0].columns[:1][0] in wanted]
        return fitting[-1] if fitting else None


def schema_of(files: Iterable[tuple[str, str]]) -> Schema:
    r"""The schema that SQL files, each a path and its text, come to.

    >>> made = "CREATE TABLE t (id int PRIMARY KEY, code text);\nCREATE INDEX t_code ON t (code);"
    >>> known = schema_of([("migrations/2.sql", "DROP INDEX t_code;"), ("schema.sql", made)])
    >>> known.serves("t", ["id"]), known.serves("t", ["code"]), known.dropped[0][1].path
    (True, False, 'migrations/2.sql')
    """
    schema = Schema()
    for path, text in sorted(files, key=lambda file: ("migration" in file[0].lower(), file[0])):
        _read(schema, path, text)
    return schema


def _read(schema: Schema, path: str, text: str) -> None:
    plain = _COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    lines = lines_of(text)
    for found in _STATEMENT.finditer(plain):
        line = plain.count("\n", 0, found.start()) + 1
        place = Place(path, line, lines[line - 1].strip())
        if found["table"]:
            _read_table(schema, bare(found["created"]), _body(plain, found.end()), place)
        elif found["index"]:
            rest = found["rest"] or ""
            is_partial = re.search(r"\bWHERE\b", rest, re.IGNORECASE) is not None
            _add(schema, Index(bare(found["index"]), bare(found["on"]), _columns(found["columns"]), place, is_partial))
        elif found["dropped"]:
            _drop(schema, bare(found["dropped"]), place)
        else:
            _add(schema, Index("", bare(found["altered"]), _columns(found["key"]), place))


def _read_table(schema: Schema, table: str, body: str, place: Place) -> None:
    schema.tables[table] = place
    for key in _KEY_IN_TABLE.finditer(body):
        _add(schema, Index("", table, _columns(key[1]), place))
    for column in body.split(","):
        if (found := _KEY_OF_COLUMN.match(column)) is not None:
            _add(schema, Index("", table, (bare(found[1]),), place))


def _body(text: str, start: int) -> str:
    """What stands between the parenthesis that was opened before `start` and the one that closes it."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    return text[start:]


def _add(schema: Schema, index: Index) -> None:
    schema.indexes.append(index)
    schema.dropped = [
        pair for pair in schema.dropped if (pair[0].table, pair[0].columns[:1]) != (index.table, index.columns[:1])
    ]


def _drop(schema: Schema, name: str, place: Place) -> None:
    gone = [index for index in schema.indexes if index.name == name]
    schema.indexes = [index for index in schema.indexes if index.name != name]
    schema.dropped += [(index, place) for index in gone if index.columns]


def _columns(text: str) -> tuple[str, ...]:
    return tuple(bare(part.split()[0]) for part in text.split(",") if part.split())
