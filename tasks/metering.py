"""Who is told of the work on artifacts, from before it begins until it has ended, and may refuse it."""

from typing import Protocol

from prefect_harmonic.tasks.ledger import Entry


class Meter(Protocol):
    """Is told of every piece of work. What it raises before the work begins keeps it from being done."""

    async def begin(self, artifact: str, key: str, agent: str) -> None:
        """An artifact is about to be made, under a key that the same work has in every attempt.

        Raises:
            BudgetSpentError: The run may not spend any more.
        """
        ...

    async def end(self, artifact: str, entry: Entry) -> None:
        """An artifact was made, or was found made already."""
        ...

    async def fail(self, artifact: str, key: str, reason: str) -> None:
        """An artifact was begun and not made."""
        ...


class Unmetered:
    """Keeps no account."""

    async def begin(self, artifact: str, key: str, agent: str) -> None:
        """Lets the work begin."""

    async def end(self, artifact: str, entry: Entry) -> None:
        """Takes no note."""

    async def fail(self, artifact: str, key: str, reason: str) -> None:
        """Takes no note."""
