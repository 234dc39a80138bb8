"""What came of runs, as tests look at it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def states(outcome: Mapping[str, Any]) -> dict[str, str]:
    """The state of each artifact in an outcome."""
    return {name: one["state"] for name, one in outcome["artifacts"].items()}


def subjects(events: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    """What an event happened to, in order."""
    return [event["subject"] for event in events if event["name"] == name]


def server_folder() -> Path:
    """Where the Prefect server of the tests keeps its database."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    url = PREFECT_API_DATABASE_CONNECTION_URL.value()
    return Path(str(url).partition(":///")[2]).parent
