"""How the pursuit of a goal or the response to an incident may end, and which of these ends reach it."""

from enum import StrEnum


class PursuitOutcome(StrEnum):
    """How a pursuit ended. The first three have everything made; only the first has arrived."""

    CONVERGED = "converged"
    """Everything is made and what was found out carries."""
    ACCEPTED = "accepted"
    """Everything is made, and a person or a standing order takes it as it is."""
    INCONCLUSIVE = "inconclusive"
    """Everything is made, the findings fall short of the criteria, and there is nothing that could be tried."""
    INCOMPLETE = "incomplete"
    """Something could not be made."""
    STOPPED = "stopped"
    """A person or a standing order stopped it."""
    WAITING = "waiting"
    """A person has to answer before it goes on."""
    SCHEDULED = "scheduled"
    """What is left is not due yet."""


class IncidentOutcome(StrEnum):
    """How the response to an incident ended. Only the first is a success."""

    MITIGATED = "mitigated"
    """The cause is known, and what is done at once is decided."""
    INCOMPLETE = "incomplete"
    """The cause is known, and the decision could not be made."""
    UNRESOLVED = "unresolved"
    """The cause is not known, and a person or a standing order stopped the search."""
    WAITING = "waiting"
    """A person has to answer before it goes on."""


COMPLETED = "completed"
"""What the record says of an incident whose cause was found, which is no pursuit."""

REACHED: frozenset[str] = frozenset(
    {PursuitOutcome.CONVERGED, PursuitOutcome.ACCEPTED, PursuitOutcome.INCONCLUSIVE, COMPLETED}
)
"""Outcomes with everything made and nothing left to decide; all others leave a programme blocked, as the reason."""
