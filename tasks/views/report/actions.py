"""The action plan: what people and agents have to do next, in an order that works, and what each waits for.

Drawn from what was found, not from the plan that found it: contradictions to settle, blockers, work that failed,
gaps, cycles to cut, decisions to carry out, boundaries to separate, risks to lessen, parts left open, reviews.
"""

from collections.abc import Mapping

from prefect_harmonic.tasks.views.report.action import Action, ordered, timed
from prefect_harmonic.tasks.views.report.drawn_actions import drawn_actions
from prefect_harmonic.tasks.views.report.prose import counted, duration_words, hours_words, section, table
from prefect_harmonic.tasks.views.report.subject import ReportInput

MOST_SHOWN = 25
_RULES = (
    "Hours marked ~ are rules of thumb, such as 2 h for an import to remove, 1 h for one that crosses a boundary and "
    "1 h for a part to fill in:"
)


def actions_of(subject: ReportInput) -> tuple[Action, ...]:
    """All actions once each, each after what it waits for, the pressing kinds first."""
    drawn: dict[str, Action] = {}
    for action in drawn_actions(subject):
        drawn.setdefault(action.key, action)
    return ordered(timed(action) for action in drawn.values())


def actions_section(subject: ReportInput) -> str:
    """The section: one table in working order. Numbers in the last column are those of the first."""
    actions = actions_of(subject)
    number = {action.key: place for place, action in enumerate(actions, 1)}
    rows = [_row(action, number) for action in actions[:MOST_SHOWN]]
    text = table(["#", "Action", "Drawn from", "Owner", "Effort", "Waits for"], rows, frozenset({0}))
    total = sum(action.hours for action in actions)
    thumb = sum(not action.is_estimated for action in actions)
    told = f"{counted(len(actions), 'action')}, about {hours_words(total)} together."
    note = f"{told} {_RULES} {thumb} of {len(actions)} are."
    rest = len(actions) - MOST_SHOWN
    more = f"{counted(rest, 'further action')} of the later kinds are left out here." if rest > 0 else ""
    return section("Action plan", text, more, note) if rows else ""


def _row(action: Action, number: Mapping[str, int]) -> list[str]:
    waits = sorted(number[key] for key in set(action.waits_for) if key in number and key != action.key)
    hours = f"{'' if action.is_estimated else '~'}{hours_words(action.hours)}"
    spent = "" if action.spent_seconds is None else f" ({duration_words(action.spent_seconds)} spent)"
    return [
        str(number[action.key]),
        action.text,
        action.because,
        action.owner,
        f"{hours}{spent}",
        ", ".join(map(str, waits)) or "nothing",
    ]
