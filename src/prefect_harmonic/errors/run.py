"""How a flow run ended, told to whoever called it."""

from typing import Any

from prefect_harmonic.errors.harmonic_error import HarmonicError


class CancelledInPrefectError(HarmonicError):
    """The flow run was cancelled in Prefect, and what was under way was called off."""

    def __str__(self) -> str:
        return "cancelled in Prefect; a run goes on when it is started again with the same workspace"


class UnfinishedRunError(HarmonicError):
    """A run ended, and what was due was not done.

    Attributes:
        outcome: What the run came to, as it would have returned it.
    """

    def __init__(self, outcome: dict[str, Any], message: str) -> None:
        super().__init__(outcome, message)
        self.outcome = outcome
        self._message = message

    def __str__(self) -> str:
        return self._message

    def __repr__(self) -> str:
        """Without the outcome, which may be long: Prefect logs it where a flow is tried again."""
        return f"{type(self).__name__}({self._message!r})"
