"""The action plan: what people and agents have to do next, in an order that works, and what each waits for.

Drawn from what was found, not from the plan that found it: contradictions to settle, blockers, work that failed,
gaps, cycles to cut, decisions to carry out, boundaries to separate, risks to lessen, parts left open, reviews.
What was noticed in the code and is not needed for the goal stands apart.
"""

from collections.abc import Mapping

from prefect_harmonic.planners.spoken_time import spoken_hours, spoken_seconds
from prefect_harmonic.tasks.agents.wording import counted
from prefect_harmonic.tasks.views.report.action import PLAN_FIRST, Action, Kind, ordered, timed
from prefect_harmonic.tasks.views.report.aim import aim_of
from prefect_harmonic.tasks.views.report.drawn_actions import drawn_actions
from prefect_harmonic.tasks.views.report.prose import items, section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

MOST_SHOWN = 25
_MOST_NOTICED = 10
_RULES = "such as 2 h for an import to remove, 1 h for one that crosses a boundary and 1 h for a part to fill in."


def actions_of(subject: ReportInput) -> tuple[Action, ...]:
    """All actions for the goal once each, each after what it waits for, the pressing kinds first."""
    return _drawn(subject, is_aside=False)


def noticed_of(subject: ReportInput) -> tuple[Action, ...]:
    """What could be done about the code as it is, though the goal does not need it."""
    return _drawn(subject, is_aside=True)


def _drawn(subject: ReportInput, *, is_aside: bool) -> tuple[Action, ...]:
    drawn: dict[str, Action] = {}
    for action in drawn_actions(subject):
        if action.is_aside == is_aside:
            drawn.setdefault(action.key, action)
    kinds = tuple(Kind) if aim_of(subject).is_structure else PLAN_FIRST
    return ordered(map(timed, drawn.values()), kinds)


def actions_section(subject: ReportInput) -> str:
    """The section: one table in working order. Numbers in the last column are those of the first."""
    actions = actions_of(subject)
    number = {action.key: place for place, action in enumerate(actions, 1)}
    rows = [_row(action, number) for action in actions[:MOST_SHOWN]]
    text = table(["#", "Action", "Drawn from", "Owner", "Effort", "Waits for"], rows, frozenset({0}))
    total = sum(action.hours for action in actions)
    thumb = sum(not action.is_estimated for action in actions)
    told = f"{counted(len(actions), 'action')}, about {spoken_hours(total)} together."
    which = "All hours" if thumb == len(actions) else f"Hours marked ~ ({thumb} of {len(actions)})"
    note = f"{told} {which} are rules of thumb, {_RULES}" if thumb else told
    rest = len(actions) - MOST_SHOWN
    more = f"{counted(rest, 'further action')} of the later kinds are left out here." if rest > 0 else ""
    return section("Action plan", text, more, note) if rows else ""


def noticed_section(subject: ReportInput) -> str:
    """The section: what was noticed in the code beside the goal, as a list."""
    noticed = noticed_of(subject)
    told = [f"{one.text} ({one.because}; ~{spoken_hours(one.hours)})" for one in noticed[:_MOST_NOTICED]]
    rest = len(noticed) - _MOST_NOTICED
    return section(
        "Noticed in the code, not needed for this goal", items(told), f"And {rest} more." if rest > 0 else ""
    )


def _row(action: Action, number: Mapping[str, int]) -> list[str]:
    waits = sorted(number[key] for key in set(action.waits_for) if key in number and key != action.key)
    hours = f"{'' if action.is_estimated else '~'}{spoken_hours(action.hours)}"
    spent = "" if action.spent_seconds is None else f" ({spoken_seconds(action.spent_seconds)} spent)"
    return [
        str(number[action.key]),
        action.text,
        action.because,
        action.owner,
        f"{hours}{spent}",
        ", ".join(map(str, waits)) or "nothing",
    ]
