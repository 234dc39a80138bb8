"""What a question to a model is for, so that what it takes can be told by purpose and booked where it belongs.

Whoever asks says so around the asking; what keeps account of the calls reads it where they go out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

PLAN, REQUIREMENTS, REFINE, REPLAN, EVALUATE, JUDGE = "plan", "requirements", "refine", "replan", "evaluate", "judge"
"""Purposes of the house; specialists ask under their own names."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a question is for.

    Attributes:
        name: One of the purposes above, or the name of a specialist.
        subject: The candidate, artifact or phase that it is about.
    """

    name: str = "other"
    subject: str = ""


_UNSTATED = Purpose()
current_purpose: ContextVar[Purpose] = ContextVar("harmonic_model_purpose", default=_UNSTATED)
"""What is being asked for here."""


@contextmanager
def asking_for(name: str, subject: str = "") -> Iterator[Purpose]:
    """Has the questions within be for a purpose.

    >>> with asking_for("researcher", "LoadProfile"):
    ...     current_purpose.get().name
    'researcher'
    """
    purpose = Purpose(name, subject)
    token = current_purpose.set(purpose)
    try:
        yield purpose
    finally:
        current_purpose.reset(token)
