"""Swarms: from 80 % done, consensus from 0.6, conflicts and gaps found."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.coordinators.swarm import is_consensus, is_enough, needed, synthesised
from prefect_harmonic.planners.evidence import Claim, Evidence, Source

NAMES = [f"angle {number}" for number in range(10)]


def found(*texts: str, confidence: float = 0.8, gaps: tuple[str, ...] = ()) -> Evidence:
    """What an angle found."""
    claims = tuple(Claim(text=text, sources=(Source(path="a.md"),)) for text in texts)
    return Evidence(artifact="A", agent="r", summary="S.", confidence=confidence, claims=claims, gaps=gaps)


@given(st.integers(1, 200))
def test_angles_are_brought_together_from_80_percent_and_not_before(total: int) -> None:
    """The least number that is four fifths of all or more; floats would ask for 5 of 5 now and then."""
    assert Fraction(needed(total), total) >= Fraction(8, 10)
    assert Fraction(needed(total) - 1, total) < Fraction(8, 10)
    assert [is_enough(done, total) for done in (needed(total) - 1, needed(total), total)] == [False, True, True]


@given(st.integers(1, 200), st.data())
def test_consensus_is_from_60_percent_on(done: int, data: st.DataObject) -> None:
    """And one voice among several is never one."""
    saying = data.draw(st.integers(0, done))
    expected = 10 * saying >= 6 * done and (saying > 1 or done == 1)
    assert is_consensus(saying, done) == expected


@given(st.integers(2, 10), st.data())
def test_what_enough_angles_say_is_agreed_and_what_fewer_say_is_not(done: int, data: st.DataObject) -> None:
    """The same statement from so many angles, each with something of its own besides."""
    saying = data.draw(st.integers(1, done))
    angles = {
        name: found(*(["Tape is wound cold."] if at < saying else []), f"Quokka{name[-1]} alone finds this.")
        for at, name in enumerate(NAMES[:done])
    }
    synthesis = synthesised(angles)
    assert ["Tape is wound cold." in each.claim.text for each in synthesis.agreed] == [True] * is_consensus(
        saying, done
    )
    assert len(synthesis.statements) == done + 1
    assert synthesis.has_consensus


def test_nearly_the_same_words_are_one_statement_and_other_figures_are_not() -> None:
    """Endings and order do not matter; a number does."""
    one, two = found("The tapes are wound cold in vacuum."), found("The tape is wound cold in a vacuum.")
    assert len(synthesised({"a": one, "b": two}).statements) == 1
    three, four = found("The coil takes 20 kA of current."), found("The coil takes 30 kA of current.")
    assert len(synthesised({"a": three, "b": four}).statements) == 2


def test_opposite_statements_are_no_consensus() -> None:
    """They have the same telling words, and are a conflict between two angles."""
    one, two = found("The broker is shared by all services."), found("The broker is not shared by all services.")
    synthesis = synthesised({"a": one, "b": two})
    assert len(synthesis.statements) == 2
    assert len(synthesis.conflicts) == 1
    assert (synthesis.agreement, synthesis.has_consensus) == (0.0, False)


def test_two_of_five_angles_in_conflict_still_leave_a_consensus() -> None:
    """Three of five stand in no conflict, which is 0.6."""
    quiet = {name: found(f"Word{name[-1]} stands here alone.") for name in NAMES[:3]}
    loud = {"x": found("The team has 6 engineers."), "y": found("The team has 9 engineers.")}
    synthesis = synthesised({**quiet, **loud})
    assert (synthesis.agreement, synthesis.has_consensus) == (0.6, True)
    assert not synthesised({**{name: quiet[name] for name in NAMES[:2]}, **loud}).has_consensus


def test_gaps_are_told_once_and_missing_angles_are_gaps() -> None:
    """The same gap in other words is the same gap."""
    angles = {"a": found(gaps=("no cost of tapes",)), "b": found(gaps=("no costs of the tape",))}
    assert synthesised(angles, {"risks": "it was too slow"}).gaps == (
        "no cost of tapes",
        "risks is missing: it was too slow",
    )


def test_swarm_without_any_angle_has_no_consensus() -> None:
    """Nothing is not agreement."""
    synthesis = synthesised({}, {"a": "it failed"})
    assert (synthesis.agreement, synthesis.has_consensus, synthesis.statements) == (0.0, False, ())
