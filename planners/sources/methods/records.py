"""Whether there are stored records to be thought of when something moves: what the goal and the project's files say."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from prefect_harmonic.planners.words import phrase_of, stem, words_of

_STORES = (
    "database databases db sql nosql sqlite postgres postgresql mysql mariadb oracle mongo mongodb redis dynamodb "
    "cassandra elasticsearch warehouse storage persistence"
)
_OF_GOALS = frozenset(map(stem, f"{_STORES} data dataset record table schema row bucket archive".split()))
_OF_FILES = frozenset(f"{_STORES} migrations alembic flyway liquibase orm dao repositories store tables".split())
_SUFFIXES = frozenset({".sql", ".db", ".sqlite", ".sqlite3", ".prisma", ".ddl", ".dbml"})


def speaks_of_records(goal: str) -> bool:
    """Whether a goal names something that is stored, or what it is stored in.

    >>> speaks_of_records("Migrate from MySQL to PostgreSQL"), speaks_of_records("Upgrade to Python 3.13")
    (True, False)
    """
    return not _OF_GOALS.isdisjoint(phrase_of(goal))


def keeps_records(files: Iterable[str]) -> bool:
    """Whether a project has a file that is a store, describes one, or is named after one.

    >>> keeps_records(["app/db/session.py"]), keeps_records(["app/client.py", "README.md"])
    (True, False)
    """
    return any(
        PurePosixPath(file).suffix.lower() in _SUFFIXES or not _OF_FILES.isdisjoint(words_of(file)) for file in files
    )
