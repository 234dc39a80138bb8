"""What a PostgreSQL log says of slow statements, of the plans they ran with, and of waiting for locks.

Reads the lines that `log_min_duration_statement`, `auto_explain` and `log_lock_waits` write, with a prefix that has the
process id in brackets (`%m [%p]`, which is PostgreSQL's own default). Lines of any other form are passed over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LINE = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?\w+)?) \[(?P<process>\d+)\][^:]*?"
    r"(?P<level>LOG|DETAIL|STATEMENT|ERROR|HINT|CONTEXT|WARNING|FATAL|PANIC):\s+(?P<text>.*)$"
)
_SLOW = re.compile(
    r"^duration: (?P<ms>\d+(?:\.\d+)?) ms\s+"
    r"(?:(?:statement|execute [^:]*|parse [^:]*): (?P<sql>.*)|(?P<plan>plan:).*)$",
    re.DOTALL,
)
_QUERY_TEXT = re.compile(r"Query Text: (?P<sql>.*?)(?=\n\s*(?:->|[A-Z][\w ]+ (?:on \S+ )?\S* ?\(cost=)|\Z)", re.DOTALL)
_SCAN = re.compile(r"Seq Scan on (?:\w+\.)?(?P<table>\w+)")
_REMOVED = re.compile(r"Rows Removed by Filter: (?P<rows>\d+)")
_WAITS = re.compile(
    r"^process (?P<waiting>\d+) still waiting for (?P<lock>\w+) on (?P<what>.+?) after (?P<ms>\d+(?:\.\d+)?) ms"
)
_HOLDERS = re.compile(r"^Process(?:es)? holding the lock: (?P<holders>[\d, ]+)")
_CANCELLED = re.compile(r"^canceling statement due to (?P<why>[\w ]+)")
_LONGEST_ENTRY = 200


@dataclass
class LogEntry:
    """One entry of a log: its first line and those that go on from it."""

    path: str
    line: int
    at: str
    process: int
    level: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Slow:
    """A statement that took long.

    Attributes:
        path: The log.
        line: Its line there.
        quote: That line.
        at: When it ended, as the log writes it.
        process: Who ran it.
        ms: How long it took.
        sql: The statement.
        scanned: The tables that its plan read from end to end; nothing is known of that without a plan.
        removed: The rows that were read in vain.
    """

    path: str
    line: int
    quote: str
    at: str
    process: int
    ms: float
    sql: str
    scanned: tuple[str, ...] = ()
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A process that waited for a lock, and who had it.

    Attributes:
        path: The log.
        line: Its line there.
        quote: That line.
        process: Who waited.
        ms: How long so far.
        what: What the lock is on.
        holders: Who had it.
        sql: The statement that waited.
    """

    path: str
    line: int
    quote: str
    process: int
    ms: float
    what: str
    holders: tuple[int, ...] = ()
    sql: str = ""


@dataclass
class DatabaseLog:
    """What the logs of a project say.

    Attributes:
        paths: The logs that hold anything that was understood.
        slow: Statements that took long.
        waits: Who waited for a lock.
        cancelled: How many statements were given up.
        ran: The statements that each process ran and the log tells.
    """

    paths: list[str] = field(default_factory=list)
    slow: list[Slow] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    cancelled: int = 0
    ran: dict[int, list[tuple[LogEntry, str]]] = field(default_factory=dict)

    @property
    def slow_ms(self) -> float:
        """The time of all slow statements together."""
        return sum(one.ms for one in self.slow)


def database_log(files: Iterable[tuple[str, Iterable[tuple[int, str]]]]) -> DatabaseLog:
    """What some files, each a path and its numbered lines, say; those that are no log of this form say nothing."""
    log = DatabaseLog()
    for path, lines in files:
        entries = list(_entries(path, lines))
        if entries:
            log.paths.append(path)
        for at, entry in enumerate(entries):
            _take(log, entry, entries[at + 1 : at + 4])
    return log


def _entries(path: str, lines: Iterable[tuple[int, str]]) -> Iterator[LogEntry]:
    entry: LogEntry | None = None
    for number, line in lines:
        found = _LINE.match(line)
        if found is not None:
            if entry is not None:
                yield entry
            entry = LogEntry(path, number, found["at"], int(found["process"]), found["level"], [found["text"]])
        elif entry is not None and line[:1].isspace() and len(entry.lines) < _LONGEST_ENTRY:
            entry.lines.append(line.rstrip("\n").lstrip("\t"))
    if entry is not None:
        yield entry


def _take(log: DatabaseLog, entry: LogEntry, following: list[LogEntry]) -> None:
    """Takes what an entry says, with the details that the same process tells right after it."""
    if entry.level not in {"LOG", "ERROR"}:
        return
    details = {one.level: one.text for one in reversed(following) if one.process == entry.process}
    if (slow := _SLOW.match(entry.text)) is not None:
        sql = slow["sql"] or _query_text(entry.text)
        scans = tuple(dict.fromkeys(each.lower() for each in _SCAN.findall(entry.text)))
        removed = sum(int(rows) for rows in _REMOVED.findall(entry.text))
        log.slow.append(
            Slow(
                entry.path, entry.line, entry.lines[0], entry.at, entry.process, float(slow["ms"]), sql, scans, removed
            )
        )
        log.ran.setdefault(entry.process, []).append((entry, sql))
    elif (wait := _WAITS.match(entry.text)) is not None:
        holders = _HOLDERS.match(details.get("DETAIL", ""))
        ids = tuple(int(one) for one in holders["holders"].replace(",", " ").split()) if holders else ()
        sql = details.get("STATEMENT", "")
        quote, ms = entry.lines[0], float(wait["ms"])
        log.waits.append(Wait(entry.path, entry.line, quote, int(wait["waiting"]), ms, wait["what"], ids, sql))
    elif _CANCELLED.match(entry.text):
        log.cancelled += 1
    elif entry.text.startswith(("statement: ", "execute ")):
        log.ran.setdefault(entry.process, []).append((entry, entry.text.partition(": ")[2]))


def _query_text(text: str) -> str:
    found = _QUERY_TEXT.search(text)
    return "" if found is None else " ".join(found["sql"].split())
