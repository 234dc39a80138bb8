"""The milestones of a programme: when the work of each may begin, when it is reviewed, which phases belong to it.

A programme is a plan whose phases are spread over months. Each run carries it on by the milestones that are due.

Source: second design document, "Workflow 3: Multi-Month Strategic Initiative".
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, model_validator

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.phases import Phase

QUARTERS = 4
"""Milestones where nobody says how many: one a quarter, for a year."""

MONTHS_APART = 3
MOST_MILESTONES = 24

_QUARTER = re.compile(r"Q[1-9][0-9]?")


class Milestone(BaseModel):
    """A part of a programme that is carried out and then reviewed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60, description="What it is called, such as Q1.")
    due: date = Field(description="The day from which its work is due; before it nothing of it begins.")
    review: date | None = Field(
        default=None,
        description="The day by which it is to be over and reviewed; when the next one is due if left out.",
    )
    phases: tuple[str, ...] = Field(default=(), description="Phases of the plan that belong to it.")

    @model_validator(mode="after")
    def _in_order(self) -> "Milestone":
        if not self.slug:
            raise ValueError(f"milestone {self.name!r} has neither letters nor digits in its name")
        if self.review is not None and self.review < self.due:
            raise ValueError(f"milestone {self.name} is to be reviewed on {self.review}, before it is due ({self.due})")
        return self

    @property
    def slug(self) -> str:
        """Its name as part of the name of a file.

        >>> Milestone(name="Q1: Assessment", due=date(2026, 1, 1)).slug
        'Q1-Assessment'
        """
        return "-".join(re.findall(r"[A-Za-z0-9]+", self.name))


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month if it has no such day.

    >>> months_later(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def milestones_of(
    phases: Sequence[Phase], hours: Mapping[str, float], *, start: date, stated: Sequence[Milestone] = ()
) -> tuple[Milestone, ...]:
    """The milestones of a programme, each with its phases and the day of its review.

    Where nobody states any, those that the plan's phases are named after (Q1, Q2, …) are milestones a quarter apart; if
    there are none, the phases are spread over four quarters, by their hours and in their order. Stated milestones that
    name no phases take those that are called like them, or else the phases are spread over them in the same way.

    Args:
        phases: The phases of the plan, in order.
        hours: How much work each is.
        start: When the first milestone is due, where none are stated.
        stated: Milestones that somebody stated.

    Raises:
        OptionError: What is stated cannot be: the days run backwards, a name comes twice, a phase is not in the plan.

    >>> plan = [Phase("Q1", ("A",)), Phase("Q2", ("B",), ("Q1",))]
    >>> [(one.name, str(one.due), one.phases) for one in milestones_of(plan, {}, start=date(2026, 1, 1))]
    [('Q1', '2026-01-01', ('Q1',)), ('Q2', '2026-04-01', ('Q2',))]
    """
    if stated:
        return _reviewed_in_time(_with_phases(_checked(stated, phases), phases, hours))
    named: list[tuple[str, tuple[str, ...]]]
    quarters = tuple(name for phase in phases for name in parts_of(phase.name) if _QUARTER.fullmatch(name))
    if len(quarters) > 1:
        ordered = sorted(set(quarters), key=lambda name: int(name[1:]))[:MOST_MILESTONES]
        named = [(name, (name,)) for name in ordered]
    else:
        spread = _spread(phases, hours, min(QUARTERS, len(phases)))
        named = [(f"Q{place}", one) for place, one in enumerate(spread, start=1)]
    return _reviewed_in_time(
        Milestone(name=name, due=months_later(start, MONTHS_APART * place), phases=own)
        for place, (name, own) in enumerate(named)
    )


def parts_of(phase: str) -> tuple[str, ...]:
    """The phases that a joined phase consists of.

    >>> parts_of("Q1 + Q2")
    ('Q1', 'Q2')
    """
    return tuple(phase.split(" + "))


def places_of(phases: Sequence[Phase], milestones: Sequence[Milestone], *, first_open: int = 0) -> Mapping[str, int]:
    """For each phase the milestone that it belongs to, by its place.

    A phase that no milestone names belongs to the first one that is not over. None belongs to an earlier milestone
    than a phase that it comes after.

    Args:
        phases: The phases of the plan, in order.
        milestones: The milestones, in order.
        first_open: Place of the first milestone that is not over.
    """
    own = {name: place for place in reversed(range(len(milestones))) for name in milestones[place].phases}
    places: dict[str, int] = {}
    for phase in phases:
        named = [own[name] for name in (phase.name, *parts_of(phase.name)) if name in own]
        before = [places[name] for name in phase.after]
        places[phase.name] = max([min(named, default=min(first_open, len(milestones) - 1)), *before])
    return places


def _checked(stated: Sequence[Milestone], phases: Sequence[Phase]) -> Sequence[Milestone]:
    """Stated milestones that can be. Raises `OptionError`."""
    known = {name for phase in phases for name in (phase.name, *parts_of(phase.name))}
    named = [name for one in stated for name in one.phases]
    slugs = [one.slug.lower() for one in stated]
    if len(stated) > MOST_MILESTONES:
        raise OptionError("milestones", str(len(stated)), f"at most {MOST_MILESTONES}")
    if twice := sorted({one.name for one in stated if slugs.count(one.slug.lower()) > 1}):
        raise OptionError("milestones", ", ".join(twice), "names that differ from each other")
    for before, after in pairwise(stated):
        if after.due < before.due:
            raise OptionError("milestones", f"{after.name}: due {after.due}", f"{before.due} ({before.name}) or later")
    if unknown := sorted({name for name in named if name not in known}):
        raise OptionError("milestones", ", ".join(unknown), f"phases of the plan: {', '.join(sorted(known))}")
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise OptionError("milestones", ", ".join(twice), "each phase in one milestone")
    return stated


def _with_phases(
    stated: Sequence[Milestone], phases: Sequence[Phase], hours: Mapping[str, float]
) -> tuple[Milestone, ...]:
    """Stated milestones with phases, if they name none themselves."""
    if any(one.phases for one in stated):
        return _kept_in_order(tuple(stated), phases)
    known = {name for phase in phases for name in parts_of(phase.name)}
    if any(one.name in known for one in stated):
        called = (one.model_copy(update={"phases": (one.name,)}) if one.name in known else one for one in stated)
        return _kept_in_order(tuple(called), phases)
    spread = _spread(phases, hours, min(len(stated), len(phases)))
    own = [*spread, *[()] * (len(stated) - len(spread))]
    return tuple(one.model_copy(update={"phases": own[place]}) for place, one in enumerate(stated))


def _kept_in_order(stated: tuple[Milestone, ...], phases: Sequence[Phase]) -> tuple[Milestone, ...]:
    """The milestones, if each of their phases can be over in its own. Raises `OptionError`."""
    places = places_of(phases, stated)
    own = {name: place for place, one in enumerate(stated) for name in one.phases}
    for phase in phases:
        if phase.name in own and own[phase.name] < places[phase.name]:
            later = stated[places[phase.name]].name
            raise OptionError("milestones", f"{stated[own[phase.name]].name}: {phase.name}", f"{later} for this phase")
    return stated


def _spread(phases: Sequence[Phase], hours: Mapping[str, float], number: int) -> list[tuple[str, ...]]:
    """Phases in so many groups of about the same hours, in their order; none of the groups is empty."""
    weights = [max(hours.get(phase.name, 1.0), 1e-9) for phase in phases]
    groups: list[list[str]] = [[] for _ in range(number)]
    passed, last = 0.0, -1
    for place, (phase, weight) in enumerate(zip(phases, weights, strict=True)):
        wanted = int(number * (passed + weight / 2) / sum(weights))
        last = min(max(wanted, last, number - len(phases) + place, 0), last + 1)
        groups[last].append(phase.name)
        passed += weight
    return [tuple(group) for group in groups]


def _reviewed_in_time(milestones: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """Each milestone with the day of its review: when the next one is due, or a quarter after the last one is."""
    ordered = tuple(milestones)
    following = [one.due for one in ordered[1:]]
    return tuple(
        one
        if one.review is not None
        else one.model_copy(
            update={"review": following[place] if place < len(following) else months_later(one.due, MONTHS_APART)}
        )
        for place, one in enumerate(ordered)
    )
