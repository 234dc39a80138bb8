"""How often a server is asked for one answer, for whoever keeps account of it further out."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Attempts:
    """How often a server was asked for one answer."""

    made: int = 0


_attempts: ContextVar[Attempts | None] = ContextVar("harmonic_model_attempts", default=None)


@contextmanager
def counting_attempts() -> Iterator[Attempts]:
    """Counts how often a server is asked within; what is counted within counts outside as well.

    >>> with counting_attempts() as outer, counting_attempts() as inner:
    ...     count_attempts(2)
    >>> outer.made, inner.made
    (2, 2)
    """
    counted, outer = Attempts(), _attempts.get()
    token = _attempts.set(counted)
    try:
        yield counted
    finally:
        _attempts.reset(token)
        if outer is not None:
            outer.made += counted.made


def count_attempts(number: int = 1) -> None:
    """Counts further attempts, if anybody wants to know."""
    if (counted := _attempts.get()) is not None:
        counted.made += number
