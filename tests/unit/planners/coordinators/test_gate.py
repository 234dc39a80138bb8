"""The gate between two stages: each verdict, in the order of what weighs most."""

from support.stages import NINE, SIX, found

from prefect_harmonic.planners.coordinators.gate import GateLimits, GateVerdict, Tries, gate_decision
from prefect_harmonic.planners.evidence import Contradiction

LIMITS = GateLimits(min_confidence=0.5, max_gaps=1)


def test_sure_stage_without_openings_proceeds() -> None:
    """Confidence as asked for, no gap too many."""
    decision = gate_decision(found(0.5, gaps=("one",)), [], LIMITS)
    assert decision.verdict is GateVerdict.PROCEED


def test_unsure_stage_is_repeated_and_then_escalated() -> None:
    """Once more, and not for ever."""
    assert gate_decision(found(0.4), [], LIMITS).verdict is GateVerdict.REPEAT
    after = gate_decision(found(0.4), [], LIMITS, Tries(repeats=1))
    assert (after.verdict, "repeating it did not help" in after.reason) == (GateVerdict.ESCALATE, True)


def test_blocked_stage_gets_an_unblocking_stage_and_then_escalates() -> None:
    """A blocker weighs more than confidence: nothing was done."""
    blocked = found(0.9, blockers=("no access to the staging database",))
    first, second = gate_decision(blocked, [], LIMITS), gate_decision(blocked, [], LIMITS, Tries(inserts=1))
    assert (first.verdict, first.about) == (GateVerdict.INSERT, "Unblock: no access to the staging database")
    assert second.verdict is GateVerdict.ESCALATE


def test_too_many_gaps_get_a_stage_that_fills_the_first() -> None:
    """One stage; what is open after it is handed on."""
    gappy = found(0.8, gaps=("cost per metre", "length made per year"))
    first, second = gate_decision(gappy, [], LIMITS), gate_decision(gappy, [], LIMITS, Tries(inserts=1))
    assert (first.verdict, first.about) == (GateVerdict.INSERT, "Gap Fill: cost per metre")
    assert (second.verdict, "open" in second.reason) == (GateVerdict.PROCEED, True)


def test_stage_that_contradicts_itself_gets_a_stage_that_settles_it() -> None:
    """The contradiction is named."""
    quarrel = found(0.8, contradictions=(Contradiction(subject="team (person)", one=SIX, other=NINE),))
    decision = gate_decision(quarrel, [], LIMITS)
    assert (decision.verdict, decision.about) == (GateVerdict.INSERT, "Settle: team (person)")


def test_stage_that_contradicts_an_earlier_one_rolls_back_to_it_and_then_escalates() -> None:
    """To the very stage that is contradicted, not to the one before."""
    before = [found(0.8), found(0.8, claims=(SIX,)), found(0.8)]
    decision = gate_decision(found(0.8, claims=(NINE,)), before, LIMITS)
    assert (decision.verdict, decision.back_to) == (GateVerdict.ROLL_BACK, 1)
    again = gate_decision(found(0.8, claims=(NINE,)), before, LIMITS, Tries(rollbacks=1))
    assert again.verdict is GateVerdict.ESCALATE


def test_repeating_an_earlier_claim_is_no_contradiction_of_ones_own() -> None:
    """What two earlier stages say against each other was judged when the second of them ended."""
    before = [found(0.8, claims=(SIX,))]
    assert gate_decision(found(0.8, claims=(SIX,)), before, LIMITS).verdict is GateVerdict.PROCEED


def test_what_an_earlier_stage_left_open_is_not_helped_with_again() -> None:
    """The later stage repeats the gap and the contradiction, since it was handed them."""
    quarrel = Contradiction(subject="team (person)", one=SIX, other=NINE)
    before = found(0.8, contradictions=(quarrel,), gaps=("cost per metre", "length made per year"))
    other_way = Contradiction(subject="team (person)", one=NINE, other=SIX)
    later = found(0.8, contradictions=(other_way,), gaps=("costs per metre", "length made per year"))
    assert gate_decision(later, [before], LIMITS).verdict is GateVerdict.PROCEED
