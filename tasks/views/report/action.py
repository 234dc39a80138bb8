"""One thing to do next, and the order among several."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from heapq import heapify, heappop, heappush

TO_BE_NAMED = "team to be named"


class Kind(IntEnum):
    """Why something has to be done; among things that are ready, the smaller goes first."""

    MEND = 0
    SETTLE = 1
    UNBLOCK = 2
    FINISH = 3
    LESSEN = 4
    CUT = 5
    DECIDE = 6
    FIND_OUT = 7
    SEPARATE = 8
    COMPLETE = 9
    REVIEW = 10


PLAN_FIRST = (
    *(Kind.MEND, Kind.SETTLE, Kind.UNBLOCK, Kind.FINISH, Kind.COMPLETE, Kind.FIND_OUT, Kind.DECIDE),
    *(Kind.LESSEN, Kind.CUT, Kind.SEPARATE, Kind.REVIEW),
)
"""The order where the goal is not about structure: what its plan left to be done, then what bears on the code."""

# Working hours where nobody estimated any. The report marks them as rules of thumb.
_RULE_OF_THUMB = {
    Kind.MEND: 2.0,
    Kind.SETTLE: 2.0,
    Kind.UNBLOCK: 2.0,
    Kind.FINISH: 3.0,
    Kind.LESSEN: 4.0,
    Kind.CUT: 2.0,
    Kind.DECIDE: 8.0,
    Kind.FIND_OUT: 2.0,
    Kind.SEPARATE: 8.0,
    Kind.COMPLETE: 1.0,
    Kind.REVIEW: 1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do. Texts are Markdown.

    Attributes:
        kind: Why it has to be done.
        key: What other actions wait for it by.
        text: What to do.
        because: What it was drawn from.
        owner: An agent, a team that the evidence names, or that one has to be named.
        hours: Working hours; a rule of thumb if nobody estimated it.
        is_estimated: Whether somebody did.
        spent_seconds: What the run has spent on it already, if it tried.
        waits_for: Keys of what must be done first.
        is_aside: Whether it was noticed on the way, and the goal does not need it.
    """

    kind: Kind
    key: str
    text: str
    because: str = ""
    owner: str = TO_BE_NAMED
    hours: float = 0.0
    is_estimated: bool = False
    spent_seconds: float | None = None
    waits_for: tuple[str, ...] = ()
    is_aside: bool = False


def timed(action: Action) -> Action:
    """The action with a rule of thumb for its hours if nobody estimated them."""
    return action if action.hours else replace(action, hours=_RULE_OF_THUMB[action.kind])


def ordered(actions: Iterable[Action], kinds: Sequence[Kind] = tuple(Kind)) -> tuple[Action, ...]:
    """Each after what it waits for, otherwise by kind, in the order of the kinds given, and then as drawn.

    >>> one, two = Action(kind=Kind.CUT, key="a", text="", waits_for=("b",)), Action(kind=Kind.DECIDE, key="b", text="")
    >>> [action.key for action in ordered([one, two])]
    ['b', 'a']
    """
    actions = tuple(actions)
    known = {action.key for action in actions}
    place = {action.key: (kinds.index(action.kind), position) for position, action in enumerate(actions)}
    open_waits = {action.key: set(action.waits_for) & known - {action.key} for action in actions}
    ready = [place[key] for key, waits in open_waits.items() if not waits]
    heapify(ready)
    result: list[Action] = []
    while ready:
        _, position = heappop(ready)
        done = actions[position]
        result.append(done)
        del open_waits[done.key]
        for key, waits in open_waits.items():
            if done.key in waits:
                waits.discard(done.key)
                if not waits:
                    heappush(ready, place[key])
    # Waits that closed a ring could not be honoured; what they would hide is shown all the same.
    return (*result, *(action for action in actions if action.key in open_waits))
