"""What the code analyzer reads of a slow database: statements, schema, log, and what they say together."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.race import CAUSE_THRESHOLD, known_cause
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.programme.incident import ANALYSIS, incident_plan
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.code_analyzer.database.log import DatabaseLog, database_log
from prefect_harmonic.tasks.agents.code_analyzer.database.schema import schema_of
from prefect_harmonic.tasks.agents.code_analyzer.database.statement import shape_of
from prefect_harmonic.tasks.agents.code_analyzer.database.suspects import Kind, suspects_in

EXAMPLE = Path(__file__).parents[3] / "examples" / "incident"
SCHEMA = "CREATE TABLE t (id int PRIMARY KEY, code text, owner text);\nCREATE INDEX t_owner ON t (owner, code);\n"
SLOW = "2026-01-01 10:00:{:02} UTC [{}] LOG:  duration: {} ms  statement: {}"
SEARCH = "SELECT id FROM t WHERE code = 'x{}'"


def log_of(*lines: str) -> DatabaseLog:
    """What a log of these lines says."""
    return database_log([("db.log", enumerate(lines, start=1))])


def slow(number: int = 10, sql: str = SEARCH, process: int = 7) -> list[str]:
    """Lines about slow statements of one shape."""
    return [SLOW.format(at, process, 2000 + at, sql.format(at)) for at in range(number)]


def waiting(number: int, holder: int = 99) -> list[str]:
    """Lines about processes that wait for a lock of one other."""
    told = []
    for at in range(number):
        prefix = f"2026-01-01 10:01:{at:02} UTC [{at + 1}]"
        told.append(f"{prefix} LOG:  process {at + 1} still waiting for ShareLock on transaction 5 after 1000.1 ms")
        told.append(f"{prefix} DETAIL:  Process holding the lock: {holder}. Wait queue: {at + 1}.")
        told.append(f"{prefix} STATEMENT:  UPDATE t SET code = 'a' WHERE id = {at}")
    return told


@pytest.mark.parametrize(
    ("sql", "filters"),
    [
        ("SELECT 1 FROM a.t WHERE code = 'x' AND owner IN ('a', 'b')", (("t", "code"), ("t", "owner"))),
        ("SELECT 1 FROM t AS x JOIN u ON x.id = u.t WHERE x.code = 1 AND u.n > 2", (("t", "code"), ("u", "n"))),
        ("SELECT 1 FROM t JOIN u ON t.id = u.t WHERE code = 1", ()),
        ("DELETE FROM t WHERE at < now()", (("t", "at"),)),
        ("SELECT 1 FROM t WHERE code = 1 OR owner = 2", ()),
        ("SELECT 1 FROM t WHERE id IN (SELECT t FROM u WHERE n = 1)", ()),
        ("SELECT 1 FROM t WHERE lower(code) = 'x'", ()),
        ("SELECT 1 FROM t", ()),
        ("nonsense (((", ()),
    ],
)
def test_columns_that_rows_are_looked_for_by_are_read_or_nothing_is(
    sql: str, filters: tuple[tuple[str, str], ...]
) -> None:
    """What is not understood gives no columns, so that nothing is concluded from it."""
    assert shape_of(sql).filters == filters


def test_statements_that_differ_in_values_have_one_shape() -> None:
    """Texts, numbers, parameters and the length of a list."""
    assert len({shape_of(one) for one in (SEARCH.format(1), SEARCH.format(2), "select id from t where code=$1")}) == 2
    assert shape_of("SELECT 1 FROM t WHERE n IN (1,2)").text == shape_of("SELECT 1 FROM t WHERE n IN (1, 2, 3)").text


def test_index_serves_what_it_begins_with() -> None:
    """Not its later columns, and not where it covers some rows only."""
    schema = schema_of([("schema.sql", SCHEMA + "CREATE INDEX p ON t (code) WHERE owner = 'a';")])
    assert schema.serves("t", ["owner"])
    assert schema.serves("t", ["id"])
    assert not schema.serves("t", ["code"])


def test_migration_drops_an_index_and_a_later_one_brings_it_back() -> None:
    """Migrations are read after the schema, in their order; commented statements do nothing."""
    gone = [("migrations/2.sql", "-- CREATE INDEX t_owner ON t (owner);\nDROP INDEX t_owner;"), ("schema.sql", SCHEMA)]
    schema = schema_of(gone)
    assert not schema.serves("t", ["owner"])
    found = schema.dropped_for("t", ["owner"])
    assert found is not None
    assert (found[0].name, found[1].path, found[1].line) == ("t_owner", "migrations/2.sql", 2)
    back = schema_of([*gone, ("migrations/3.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS again ON t (owner);")])
    assert back.serves("t", ["owner"])
    assert back.dropped_for("t", ["owner"]) is None


def test_log_tells_slow_statements_with_their_plans_waits_and_who_held_the_lock() -> None:
    """In the form that PostgreSQL writes; other lines are passed over."""
    plan = [
        "2026-01-01 10:00:01 UTC [7] LOG:  duration: 2500.5 ms  plan:",
        "\tQuery Text: SELECT id FROM t WHERE code = 'x'",
        "\tSeq Scan on t  (cost=0.00..9.00 rows=1 width=4)",
        "\t  Filter: (code = 'x'::text)",
        "\t  Rows Removed by Filter: 50000",
    ]
    log = log_of("no line of a log", *plan, *waiting(1), "2026 [x] LOG: duration: 3 ms")
    (one,) = log.slow
    assert (one.line, one.ms, one.sql) == (2, 2500.5, "SELECT id FROM t WHERE code = 'x'")
    assert (one.scanned, one.removed) == (("t",), 50000)
    (wait,) = log.waits
    assert (wait.process, wait.holders, wait.sql) == (1, (99,), "UPDATE t SET code = 'a' WHERE id = 0")


def test_schema_without_an_index_alone_is_no_certainty() -> None:
    """A schema file may be old: a plan or a migration has to confirm it."""
    (suspect,) = suspects_in(log_of(*slow()), schema_of([("schema.sql", SCHEMA)]))
    assert (suspect.kind, suspect.subject) == (Kind.MISSING_INDEX, "t(code)")
    assert suspect.confidence < CAUSE_THRESHOLD


def test_plan_that_reads_the_table_in_vain_makes_it_known() -> None:
    """Log and schema agree: that is two kinds of source."""
    plan = [
        "2026-01-01 10:00:30 UTC [7] LOG:  duration: 2500.5 ms  plan:",
        "\tQuery Text: SELECT id FROM t WHERE code = 'x'",
        "\tSeq Scan on t  (cost=0.00..9.00 rows=1 width=4)",
        "\t  Rows Removed by Filter: 50000",
    ]
    (suspect,) = suspects_in(log_of(*slow(), *plan), schema_of([("schema.sql", SCHEMA)]))
    assert suspect.confidence == CAUSE_THRESHOLD


def test_slow_statement_whose_columns_are_indexed_is_no_missing_index() -> None:
    """Nor is one of a table that no file knows, or one that hardly takes any time."""
    indexed = slow(sql="SELECT id FROM t WHERE owner = '{}'")
    foreign = slow(sql="SELECT id FROM elsewhere WHERE code = '{}'")
    schema = schema_of([("schema.sql", SCHEMA)])
    assert suspects_in(log_of(*indexed), schema) == ()
    assert suspects_in(log_of(*foreign), schema) == ()
    assert suspects_in(log_of(*slow(1), *indexed), schema) == ()


def test_lock_that_one_idle_process_holds_is_known_where_the_log_tells_what_it_runs() -> None:
    """The look-alike: the same waits, and another cause."""
    held = ["2026-01-01 09:59:00 UTC [99] LOG:  statement: BEGIN; UPDATE t SET owner = 'export'"]
    schema = schema_of([("schema.sql", SCHEMA)])
    (suspect,) = suspects_in(log_of(*held, *waiting(8)), schema)
    assert (suspect.kind, suspect.subject) == (Kind.LOCK_HELD, "process 99")
    assert suspect.confidence >= CAUSE_THRESHOLD
    (unsure,) = suspects_in(log_of(*waiting(8)), schema)
    assert unsure.confidence < CAUSE_THRESHOLD
    assert suspects_in(log_of(*waiting(2)), schema) == ()


def test_waits_for_a_process_that_is_slow_itself_are_its_symptom() -> None:
    """Who holds the lock runs the slow statement: the lock explains nothing."""
    log = log_of(*slow(process=99), *waiting(8))
    assert [one.kind for one in suspects_in(log, schema_of([("schema.sql", SCHEMA)]))] == [Kind.MISSING_INDEX]


async def analysed(project: Path | None) -> Evidence:
    """What the analyzer gives for the track of an incident."""
    plan = incident_plan("Resolve Production Database Performance Issue")
    (artifact,) = (one for one in plan.artifacts if one.id == ANALYSIS)
    root = None if project is None else str(project)
    return await analyze_code(Assignment(artifact=artifact, project=root, today=date(2026, 11, 18)))


async def test_true_cause_of_the_example_is_known_with_its_sources() -> None:
    """Log, schema, migration and code, each with its line; every quotation stands there."""
    evidence = await analysed(EXAMPLE)
    cause = known_cause({ANALYSIS: evidence})
    assert cause is not None
    assert (cause.claim.text, cause.claim.confidence) == ("The cause is a missing index on tickets(barcode).", 0.95)
    places = {source.path for source in cause.claim.sources}
    assert {"schema.sql", "migrations/0031_longer_barcodes.sql", "marlow/tickets.py"} < places
    assert _quotations_that_do_not_stand(evidence) == []
    assert 500 <= len(evidence.summary) <= 1000


def _quotations_that_do_not_stand(evidence: Evidence) -> list[str]:
    sources: Iterable[tuple[str, int | None, str]] = (
        (source.path, source.line, source.quote) for claim in evidence.claims for source in claim.sources
    )
    wrong = []
    for path, line, quote in sources:
        words = " ".join((EXAMPLE / path).read_text().splitlines()[(line or 1) - 1].split())
        if quote.rstrip("…") not in words:
            wrong.append(f"{path}:{line} {quote}")
    return wrong


async def test_project_without_a_log_gives_gaps_and_no_cause(tmp_path: Path) -> None:
    """Nothing is made up; a file that is only called a log is named."""
    (tmp_path / "app.log").write_text("all is well\n")
    evidence = await analysed(tmp_path)
    assert known_cause({ANALYSIS: evidence}) is None
    assert evidence.gaps[0] == "no log of PostgreSQL lies in the project (app.log cannot be read as one)"
    assert evidence.confidence == 0.1
    nothing = await analysed(None)
    assert nothing.gaps == ("no project was given, so there is no log to read",)
