"""What may make a database slow now, each suspect with the signs that speak for it.

Two causes are known here, and each is judged by signs that are added up and can be read in its claim:

| cause | signs and what each adds |
|---|---|
| missing index | a statement takes at least 30 % of the slow time and no index serves its columns (0.5); its plan in the log reads the table from end to end, 10,000 rows or more in vain (0.3); a migration dropped the index (0.1); who holds the locks that others wait for runs this statement (0.05) |
| lock held too long | one process holds the lock of at least half of 3 or more waits and runs no slow statement itself (0.5); of 80 % and 5 waits (0.15); the log says what it runs (0.15); most of the slow time is that of those who wait (0.1) |

So a missing index is known only with a plan in the log: that a schema file has no index says little by itself, since
a schema file may be old. A held lock is known only where it explains nearly all waits and the log tells who holds it.
"""  # noqa: E501 - a table's row is one line

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from prefect_harmonic.planners.evidence import Grade, Source
from prefect_harmonic.tasks.agents.code_analyzer.database.log import DatabaseLog, Slow, Wait
from prefect_harmonic.tasks.agents.code_analyzer.database.schema import Place, Schema
from prefect_harmonic.tasks.agents.code_analyzer.database.statement import Shape, shape_of
from prefect_harmonic.tasks.agents.wording import clipped, counted

LEAST_SHARE = 0.3
MANY_ROWS = 10_000
_BASE, _SCANNED, _DROPPED, _HOLDS = 0.5, 0.3, 0.1, 0.05
_NEARLY_ALL, _TOLD, _LOST = 0.15, 0.15, 0.1
_HALF, _MOST, _FEW_WAITS, _MANY_WAITS = 0.5, 0.8, 3, 5
_LONGEST_QUOTE = 300
_SHOWN = 110


class Kind(StrEnum):
    """What a suspect is suspected of."""

    MISSING_INDEX = "missing index"
    LOCK_HELD = "lock held too long"


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that speaks for a suspect, where it stands, and by how much surer it makes.

    Attributes:
        text: What it is, in a sentence.
        weight: What it adds to the confidence.
        sources: Where it stands.
    """

    text: str
    weight: float
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that may be the cause.

    Attributes:
        kind: What it is suspected of.
        subject: The table and columns, or the process.
        signs: What speaks for it, the first being why it is suspected at all.
    """

    kind: Kind
    subject: str
    signs: tuple[Sign, ...]

    @property
    def text(self) -> str:
        """That it is the cause, in a sentence."""
        joined = "on" if self.kind is Kind.MISSING_INDEX else "by"
        return f"The cause is a {self.kind.value} {joined} {self.subject}."

    @property
    def confidence(self) -> float:
        """How sure that is, from its signs."""
        return round(sum(sign.weight for sign in self.signs), 2)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its signs stand."""
        return tuple(dict.fromkeys(source for sign in self.signs for source in sign.sources))


@dataclass(frozen=True, slots=True)
class Group:
    """All slow statements of one shape.

    Attributes:
        shape: What they have in common.
        slow: They themselves, the slowest first.
        share: Their part of the slow time.
    """

    shape: Shape
    slow: tuple[Slow, ...]
    share: float

    @property
    def ms(self) -> float:
        """The time of all of them."""
        return sum(one.ms for one in self.slow)


def groups_of(log: DatabaseLog) -> tuple[Group, ...]:
    """The slow statements by shape, those that take most of the time first."""
    shapes: dict[Shape, list[Slow]] = defaultdict(list)
    for slow in log.slow:
        if slow.sql:
            shapes[shape_of(slow.sql)].append(slow)
    whole = log.slow_ms or 1.0
    groups = [
        Group(
            shape, tuple(sorted(slow, key=lambda one: (-one.ms, one.path, one.line))), sum(s.ms for s in slow) / whole
        )
        for shape, slow in shapes.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.ms, group.shape.text)))


def suspects_in(log: DatabaseLog, schema: Schema) -> tuple[Suspect, ...]:
    """All suspects, the surest first."""
    groups = groups_of(log)
    found = [*_missing_indexes(groups, log, schema), *_held_locks(groups, log)]
    return tuple(sorted(found, key=lambda suspect: (-suspect.confidence, suspect.kind, suspect.subject)))


def _missing_indexes(groups: Sequence[Group], log: DatabaseLog, schema: Schema) -> list[Suspect]:
    """A suspect for each table and columns that slow statements look for rows by and no index begins with."""
    together: dict[tuple[str, tuple[str, ...]], list[Group]] = defaultdict(list)
    for group in groups:
        for table in group.shape.tables:
            columns = group.shape.columns_of(table)
            if table in schema.tables and columns and not schema.serves(table, columns):
                dropped = schema.dropped_for(table, columns)
                together[table, dropped[0].columns[:1] if dropped else columns[:1]].append(group)
    wide = {key: found for key, found in together.items() if sum(group.share for group in found) >= LEAST_SHARE}
    return [_missing_index(table, columns, found, log, schema) for (table, columns), found in sorted(wide.items())]


def _missing_index(
    table: str, columns: tuple[str, ...], groups: Sequence[Group], log: DatabaseLog, schema: Schema
) -> Suspect:
    slow = [one for group in groups for one in group.slow]
    share, names = sum(group.share for group in groups), " and ".join(columns)
    worst = max(slow, key=lambda one: (one.ms, one.path, one.line))
    spent = (
        f"{share:.0%} of the slow time is spent in {counted(len(slow), 'slow query')} for rows of {table} by {names}"
    )
    told = f"{spent}, the longest {worst.ms / 1000:.1f} s; the SQL files leave {table} without an index on {names}."
    signs = [Sign(told, _BASE, (_logged(worst), _placed(schema.tables[table])))]
    scans = [one for one in slow if table in one.scanned and one.removed >= MANY_ROWS]
    if scans:
        told = f"A plan in the log reads all of {table}, {scans[0].removed:,} rows in vain."
        signs.append(Sign(told, _SCANNED, (_logged(scans[0]),)))
    if (dropped := schema.dropped_for(table, columns)) is not None:
        index, place = dropped
        told = f"{place.path} drops the index {index.name} on {table}, and it is not made again."
        signs.append(Sign(told, _DROPPED, (_placed(place), _placed(index.place))))
    processes = {one.process for one in slow}
    held = [wait for wait in log.waits if wait.holders and set(wait.holders) <= processes]
    if held and 2 * len(held) >= len(log.waits):
        waits = counted(len(log.waits), "logged wait")
        told = f"Of {waits} for locks, {len(held)} are for processes that run these queries."
        signs.append(Sign(told, _HOLDS, (_waited(held[0]),)))
    return Suspect(Kind.MISSING_INDEX, f"{table}({', '.join(columns)})", tuple(signs))


def _held_locks(groups: Sequence[Group], log: DatabaseLog) -> list[Suspect]:
    waits = [wait for wait in log.waits if wait.holders]
    holders = Counter(holder for wait in waits for holder in set(wait.holders))
    if len(waits) < _FEW_WAITS:
        return []
    holder, count = min(holders.items(), key=lambda pair: (-pair[1], pair[0]))
    is_slow_itself = any(one.process == holder for group in groups for one in group.slow)
    if count < _HALF * len(waits) or is_slow_itself:
        return []
    held = [wait for wait in waits if holder in wait.holders]
    worst = max(held, key=lambda wait: (wait.ms, wait.path, wait.line))
    told = f"Process {holder} holds the lock in {count} of {counted(len(waits), 'logged lock wait')}."
    signs = [Sign(told, _BASE, (_waited(worst),))]
    if count >= _MOST * len(waits) and count >= _MANY_WAITS:
        signs.append(Sign(f"Hardly anybody waits for anyone but process {holder}.", _NEARLY_ALL, (_waited(held[0]),)))
    if log.ran.get(holder):
        entry, sql = log.ran[holder][-1]
        told = f"The last that the log tells of process {holder} is “{clipped(sql, _SHOWN)}”."
        signs.append(Sign(told, _TOLD, (_source(entry.path, entry.line, entry.lines[0]),)))
    waiting = {wait.process for wait in held}
    lost = [one for group in groups for one in group.slow if one.process in waiting]
    share = sum(one.ms for one in lost) / (log.slow_ms or 1.0)
    if share >= _HALF:
        told = f"{share:.0%} of the slow time is that of processes that wait for process {holder}."
        signs.append(Sign(told, _LOST, (_logged(lost[0]),)))
    return [Suspect(Kind.LOCK_HELD, f"process {holder}", tuple(signs))]


def _logged(slow: Slow) -> Source:
    return _source(slow.path, slow.line, slow.quote)


def _waited(wait: Wait) -> Source:
    return _source(wait.path, wait.line, wait.quote)


def _placed(place: Place) -> Source:
    return _source(place.path, place.line, place.quote)


def _source(path: str, line: int, quote: str) -> Source:
    return Source(path=path, line=line, quote=clipped(quote, _LONGEST_QUOTE), grade=Grade.MEASURED)
