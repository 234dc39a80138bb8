"""The order of actions."""

from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.tasks.views.report.action import Action, Kind, ordered

KINDS = st.sampled_from(list(Kind))


@given(st.lists(st.tuples(KINDS, st.sets(st.integers(0, 11), max_size=4)), max_size=12))
def test_ordered_puts_everything_after_all_it_waits_for(drawn: list[tuple[Kind, set[int]]]) -> None:
    """Whatever the kinds, no action stands before one that it waits for; waits for what is not there are void."""
    actions = [
        Action(kind=kind, key=str(number), text="", waits_for=tuple(str(other) for other in waits if other < number))
        for number, (kind, waits) in enumerate(drawn)
    ]
    result = ordered(reversed(actions))
    place = {action.key: position for position, action in enumerate(result)}
    assert sorted(place) == sorted(action.key for action in actions)
    assert all(place[key] < place[action.key] for action in actions for key in action.waits_for)


def test_ordered_takes_pressing_kinds_first_among_those_that_are_ready() -> None:
    """Without waits the kind decides, then the order in which actions were drawn."""
    kinds = (Kind.REVIEW, Kind.CUT, Kind.SETTLE, Kind.CUT)
    actions = [Action(kind=kind, key=str(number), text="") for number, kind in enumerate(kinds)]
    assert [action.key for action in ordered(actions)] == ["2", "1", "3", "0"]


def test_ordered_keeps_actions_that_wait_for_each_other() -> None:
    """Two that wait for each other cannot both come last, and neither is lost."""
    one = Action(kind=Kind.CUT, key="a", text="", waits_for=("b",))
    other = Action(kind=Kind.CUT, key="b", text="", waits_for=("a",))
    assert {action.key for action in ordered([one, other])} == {"a", "b"}
