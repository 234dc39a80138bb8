"""Milestones: derived from a plan and a first day, or stated."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.phases import Phase
from prefect_harmonic.planners.programme.milestones import (
    MOST_MILESTONES,
    Milestone,
    milestones_of,
    months_later,
    places_of,
)

START = date(2026, 1, 31)


def chain(*names: str) -> list[Phase]:
    """Phases one after the other, an artifact each."""
    before = [(), *((name,) for name in names[:-1])]
    return [Phase(name, (f"In{place}",), after) for place, (name, after) in enumerate(zip(names, before, strict=True))]


def phases_by_name(milestones: tuple[Milestone, ...]) -> dict[str, tuple[str, ...]]:
    """What belongs to each."""
    return {one.name: one.phases for one in milestones}


def test_quarters_of_the_plan_are_the_milestones() -> None:
    """Phases called Q1 to Q4 are milestones of these names, a quarter apart, each reviewed as the next begins."""
    found = milestones_of(chain("Q1", "Q2", "Q3", "Q4"), {}, start=START)
    assert phases_by_name(found) == {name: (name,) for name in ("Q1", "Q2", "Q3", "Q4")}
    assert [str(one.due) for one in found] == ["2026-01-31", "2026-04-30", "2026-07-31", "2026-10-31"]
    assert [str(one.review) for one in found] == ["2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]


def test_other_phases_are_spread_over_four_quarters_by_their_hours() -> None:
    """Work of about the same size falls into each quarter, in the order of the plan."""
    phases = chain("ask", "look", "draw", "build", "try", "hand over")
    hours = {"ask": 1.0, "look": 1.0, "draw": 2.0, "build": 8.0, "try": 4.0, "hand over": 1.0}
    assert phases_by_name(milestones_of(phases, hours, start=START)) == {
        "Q1": ("ask", "look", "draw"),
        "Q2": ("build",),
        "Q3": ("try",),
        "Q4": ("hand over",),
    }


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12))
def test_spread_loses_no_phase_and_leaves_no_quarter_empty(weights: list[float]) -> None:
    """Every phase belongs to exactly one milestone, in the order of the plan."""
    phases = chain(*(f"phase {number}" for number in range(len(weights))))
    hours = {phase.name: weight for phase, weight in zip(phases, weights, strict=True)}
    found = milestones_of(phases, hours, start=START)
    assert [name for one in found for name in one.phases] == [phase.name for phase in phases]
    assert all(one.phases for one in found)
    assert len(found) == min(4, len(phases))


def test_joined_quarters_belong_to_the_first_of_them() -> None:
    """Where two quarters cannot be told apart, all of their work is due with the earlier one."""
    phases = [Phase("Q1", ("A",)), Phase("Q2 + Q3", ("B", "C"), ("Q1",)), Phase("Q4", ("D",), ("Q2 + Q3",))]
    found = milestones_of(phases, {}, start=START)
    assert dict(places_of(phases, found)) == {"Q1": 0, "Q2 + Q3": 1, "Q4": 3}


def test_added_phase_belongs_to_the_first_milestone_that_is_not_over() -> None:
    """What is added later does not fall into a quarter that was reviewed, nor before what it waits for."""
    milestones = milestones_of(chain("Q1", "Q2", "Q3"), {}, start=START)
    phases = [*chain("Q1", "Q2", "Q3"), Phase("closing", ("E",), ("Q1",)), Phase("after", ("F",), ("Q3",))]
    places = places_of(phases, milestones, first_open=1)
    assert (places["closing"], places["after"]) == (1, 2)


def test_stated_milestones_take_the_phases_that_they_name_or_are_called_like() -> None:
    """Who states milestones may leave their phases out."""
    stated = [Milestone(name="ask", due=START), Milestone(name="build", due=months_later(START, 1))]
    assert phases_by_name(milestones_of(chain("ask", "build"), {}, start=START, stated=stated)) == {
        "ask": ("ask",),
        "build": ("build",),
    }
    named = [stated[0].model_copy(update={"name": "one", "phases": ("ask", "build")})]
    assert phases_by_name(milestones_of(chain("ask", "build"), {}, start=START, stated=named)) == {
        "one": ("ask", "build")
    }


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ([Milestone(name="a", due=START), Milestone(name="b", due=date(2026, 1, 1))], "or later"),
        ([Milestone(name="a", due=START), Milestone(name="A", due=START)], "differ"),
        ([Milestone(name="a", due=START, phases=("Q9",))], "phases of the plan: Q1, Q2"),
        (
            [Milestone(name="a", due=START, phases=("Q1",)), Milestone(name="b", due=START, phases=("Q1",))],
            "each phase",
        ),
        (
            [Milestone(name="a", due=START, phases=("Q2",)), Milestone(name="b", due=START, phases=("Q1",))],
            "b for this",
        ),
        ([Milestone(name=f"m{number}", due=START) for number in range(MOST_MILESTONES + 1)], "at most"),
    ],
)
def test_milestones_that_cannot_be_are_refused(stated: list[Milestone], told: str) -> None:
    """The error names what is wrong and what is allowed."""
    with pytest.raises(OptionError, match=told):
        milestones_of(chain("Q1", "Q2"), {}, start=START, stated=stated)


def test_review_before_the_work_is_refused() -> None:
    """A milestone is reviewed after it began."""
    with pytest.raises(ValueError, match="before it is due"):
        Milestone(name="a", due=START, review=date(2026, 1, 1))
