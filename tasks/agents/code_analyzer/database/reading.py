"""The logs, SQL files and lines of code of a project that a slow database can be understood by. Nothing is executed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prefect_harmonic.tasks.agents.code_analyzer.database.log import DatabaseLog, database_log
from prefect_harmonic.tasks.agents.code_analyzer.database.schema import Place, Schema, schema_of
from prefect_harmonic.tasks.agents.code_analyzer.database.statement import Shape
from prefect_harmonic.tasks.project_files import content, lines_of, project_files

LOG_TAIL_BYTES = 16_000_000
"""Of a larger log, only so much of its end is read."""

MAX_LOGS = 50
_LOG = re.compile(r"\.log(?:\.\d+)?$", re.IGNORECASE)
_CODE = frozenset({".py", ".js", ".ts", ".java", ".kt", ".go", ".rb", ".php", ".cs", ".scala", ".rs"})
_NEAR = 6
_MOST_PLACES = 3
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class DatabaseReading:
    """All that was read.

    Attributes:
        log: What the logs say.
        schema: What the SQL files say.
        code: The lines of each file of code.
        logs: Paths of all files that are called logs.
        cut: Paths of logs of which only the end was read.
        sql: Paths of the SQL files.
    """

    log: DatabaseLog
    schema: Schema
    code: dict[str, list[str]]
    logs: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()

    def issuing(self, shape: Shape) -> tuple[Place, ...]:
        """The first lines of code that name a table of a statement near all columns that it looks for rows by."""
        found = []
        for path, lines in self.code.items():
            for at, line in enumerate(lines):
                near = " ".join(lines[at : at + _NEAR]).lower()
                for table in shape.tables:
                    columns = shape.columns_of(table)
                    is_named = re.search(rf"\b(?:from|join|update|into)\s+{re.escape(table)}\b", line.lower())
                    if is_named and columns and all(re.search(rf"\b{re.escape(each)}\b", near) for each in columns):
                        found.append(Place(path, at + 1, line.strip()))
        return tuple(found[:_MOST_PLACES])


def read_database(root: Path) -> DatabaseReading:
    """What the files of a project say about its database. What version control passes over is not read."""
    files = list(project_files(root))
    logs = [file for file in files if _LOG.search(file.relative)][:MAX_LOGS]
    sql = [(file.relative, _text(file.path)) for file in files if file.suffix == ".sql"]
    code = {file.relative: lines_of(_text(file.path)) for file in files if file.suffix in _CODE}
    return DatabaseReading(
        log=database_log((file.relative, _tail(file.path)) for file in logs),
        schema=schema_of(sql),
        code=code,
        logs=tuple(file.relative for file in logs),
        cut=tuple(file.relative for file in logs if _size(file.path) > LOG_TAIL_BYTES),
        sql=tuple(path for path, _ in sql),
    )


def _text(path: Path) -> str:
    try:
        return content(path).decode("utf-8", errors="replace")
    except OSError:  # unreadable, or above MAX_FILE_BYTES: too large to have been written by hand
        return ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _tail(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a log with their numbers; of a very large one those at its end."""
    try:
        with path.open("rb") as file:
            first, left = 1, max(0, _size(path) - LOG_TAIL_BYTES)
            while left and (passed := file.read(min(left, _CHUNK_BYTES))):
                first, left = first + passed.count(b"\n"), left - len(passed)
            held = file.read(LOG_TAIL_BYTES)
    except OSError:
        return
    if b"\0" not in held[:8192]:
        yield from enumerate(held.decode("utf-8", errors="replace").split("\n"), start=first)
