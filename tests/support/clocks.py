"""A clock that tests move."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def move(self, **by: float) -> None:
        """Moves it on, or back."""
        self.now += timedelta(**by)
