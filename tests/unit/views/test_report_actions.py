"""What there is to do is drawn from what was found, in an order that works."""

import re

from pydantic import JsonValue
from support.reports import section, with_evidence

from prefect_harmonic.planners.evidence import Claim, Decision, Risk
from prefect_harmonic.tasks.agents.code_analyzer.findings import PINNED
from prefect_harmonic.tasks.views.report import ReportInput, report
from prefect_harmonic.tasks.views.report.action import Kind
from prefect_harmonic.tasks.views.report.actions import actions_of


def test_actions_wait_for_what_comes_first(migration: ReportInput) -> None:
    """Every action stands after all it waits for, whatever its kind."""
    actions = actions_of(migration)
    place = {action.key: number for number, action in enumerate(actions)}
    assert len(place) == len(actions)
    waits = [(place[key], place[action.key]) for action in actions for key in action.waits_for if key in place]
    assert len(waits) >= 6
    assert all(before < after for before, after in waits)


def test_actions_are_drawn_from_findings_and_not_copied_from_the_plan(migration: ReportInput) -> None:
    """Every kind of finding gives its actions; artifacts that are done give none."""
    actions = actions_of(migration)
    assert {action.kind for action in actions} == set(Kind) - {Kind.UNBLOCK, Kind.MEND}
    assert {action.key for action in actions if action.kind is Kind.FINISH} == {"finish DataSplit", "finish Rollout"}
    assert [action.key for action in actions if action.kind is Kind.SEPARATE] == ["separate search", "separate billing"]


def test_action_table_marks_rules_of_thumb(migration: ReportInput) -> None:
    """Hours that somebody estimated stand bare, the others with a tilde."""
    plan = section(report(migration), "Action plan")
    rows = [row.split(" | ") for row in plan.splitlines() if re.match(r"\| \d+ ", row)]
    efforts = {row[1]: row[4] for row in rows}
    assert efforts["Finish `DataSplit`"] == "3 h (1.0 s spent)"
    assert all(effort.startswith("~") for text, effort in efforts.items() if not text.startswith("Finish"))
    marked = sum(effort.startswith("~") for effort in efforts.values())
    assert f"Hours marked ~ ({marked} of {len(rows)}) are rules of thumb, such as" in plan


def test_small_risks_ask_for_no_action(migration: ReportInput) -> None:
    """A risk that is unlikely and harmless is registered and left alone."""
    text = report(migration)
    assert "Slow search" in section(text, "Risk register")
    assert "Cache" not in section(text, "Action plan")


def test_mitigation_that_is_a_cut_is_no_second_action(migration: ReportInput) -> None:
    """A risk whose mitigation is to remove an import that has an action already gives none of its own."""
    mitigation = "Remove shop.orders → shop.billing.invoice."
    risk = Risk(title="Billing cannot move", likelihood="high", impact="high", mitigation=mitigation)
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"risks": (risk,)})
    kinds = [action.kind for action in actions_of(with_evidence(migration, found))]
    assert kinds.count(Kind.CUT) == 1
    assert Kind.LESSEN not in kinds


def test_behaviour_is_pinned_by_tests_before_anything_changes_the_module(migration: ReportInput) -> None:
    """Dividing a hot spot and cutting its imports wait for the tests on it, however much heavier their risk is."""
    told = {"likelihood": "high", "impact": "high"}
    pin = Risk(title="Changes to shop.orders", likelihood="medium", impact="high", mitigation=PINNED)
    divide = Risk(title="shop.orders is between 8 parts of the code", mitigation="Divide it.", **told)
    cuts: list[JsonValue] = [{"importer": "shop.orders", "imported": "shop.stock"}]
    data: dict[str, JsonValue] = {"import_cycles": [{"modules": ["shop.orders", "shop.stock"], "cuts": cuts}]}
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"risks": (divide, pin), "data": data})
    actions = actions_of(with_evidence(migration, found))
    waits = {action.kind: action.waits_for for action in actions if "shop.orders" in action.text and action.waits_for}
    assert waits == dict.fromkeys((Kind.LESSEN, Kind.CUT), ("lessen changes to shop.orders",))
    lessening = [action.text for action in actions if action.kind is Kind.LESSEN]
    assert [text.partition("”")[0] for text in lessening] == [
        "Against “Changes to shop.orders",
        f"Against “{divide.title}",
    ]


def test_blockers_are_reported_and_asked_to_be_removed(migration: ReportInput) -> None:
    """What keeps an artifact from being done stands among the failures and in the action plan, whatever its state."""
    found = migration.evidence["BillingContract"].model_copy(update={"blockers": ("the ledger is locked",)})
    text = report(with_evidence(migration, found))
    assert "`BillingContract` done: the ledger is locked." in section(text, "What failed or was blocked")
    assert "Remove the blocker: the ledger is locked." in section(text, "Action plan")


def test_proposal_is_not_called_a_decision(migration: ReportInput) -> None:
    """What its specialist calls proposed is to be settled first, after the mitigations of its own risks."""
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"data": {"status": "proposed"}})
    text = report(with_evidence(migration, found))
    assert "Proposed, not settled: Which part becomes a service first? **billing**." in section(text, "The answer")
    action = next(each for each in actions_of(with_evidence(migration, found)) if each.kind is Kind.DECIDE)
    assert action.text.startswith("Settle, then carry out:")
    assert "lessen double bookings" in action.waits_for


def test_boundaries_stay_inside_where_that_was_decided(migration: ReportInput) -> None:
    """No action takes out of the application what was decided to stay in it."""
    decision = Decision(title="Where it is divided", chosen="Modules within one deployable")
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"decisions": (decision,)})
    texts = [each.text for each in actions_of(with_evidence(migration, found)) if each.kind is Kind.SEPARATE]
    assert [text.split(":")[0] for text in texts] == [
        "Close the boundary of `search` inside the application",
        "Close the boundary of `billing` inside the application",
    ]


def test_decision_says_what_it_asks_to_be_done(migration: ReportInput) -> None:
    """A decision to leave all as it is costs an hour; those of one day are looked at together."""
    keep = Decision(title="Stack", chosen="Keep the present stack", consequences=("Limits are written down.",))
    move = Decision(title="Way", chosen="Step by step", review_date="2027-05-22")
    decisions = (keep.model_copy(update={"review_date": "2027-05-22"}), move)
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"decisions": decisions})
    actions = actions_of(with_evidence(migration, found))
    decided = {each.text: each.hours for each in actions if each.kind is Kind.DECIDE}
    assert decided == {
        "Carry out: Stack: **Keep the present stack**. Limits are written down.": 1.0,
        "Carry out: Way: **Step by step**": 8.0,
    }
    reviews = [each.text for each in actions if each.kind is Kind.REVIEW]
    assert reviews == ["On 2027-05-22 look again at “Stack”; “Way”"]


def test_large_cycle_is_one_readable_action(migration: ReportInput) -> None:
    """Dozens of imports are counted by module and not listed one after the other; nobody is called none."""
    cuts = [
        {"importer": f"shop.m{number % 7}", "imported": f"shop.n{number}", "file": "shop/m.py", "line": number}
        for number in range(72)
    ]
    data = {"import_cycles": [{"modules": [f"shop.m{number}" for number in range(7)], "cuts": cuts}]}
    found = migration.evidence["CurrentStructure"].model_copy(update={"data": data})
    actions = [each for each in actions_of(with_evidence(migration, found)) if each.kind is Kind.CUT]
    assert len(actions) == 1
    assert actions[0].text == (
        "Remove 72 imports: 11 in `shop.m0`, 11 in `shop.m1`, 10 in `shop.m2`, 10 in `shop.m3`, 30 in 3 further "
        "modules; first `shop.m0 → shop.n0` at `shop/m.py:0`"
    )
    assert actions[0].owner == "team to be named"


def test_gap_asks_for_what_closes_it_and_of_whom(migration: ReportInput) -> None:
    """An agent that found nothing is not the one to find it out; limits of the analysis are no work."""
    gaps = (
        "no document says what load it has to carry",
        "people on the team not known for the decision on the stack (from a document about the team)",
        "people on the team not known for the decision on the way (from a document about the team)",
        "further evidence for WayDecision, which is 54% sure",
        "the catalogue has no decision of this kind; the options are the general ones: build, buy, defer",
        "nothing has been changed in the project by this run: its code is what it was for UseInventory",
        "No git history: it is not under git. Hot spots are ranked by complexity alone.",
    )
    found = migration.evidence["CurrentStructure"].model_copy(update={"gaps": gaps})
    actions = [each for each in actions_of(with_evidence(migration, found)) if each.kind is Kind.FIND_OUT]
    assert {each.text: each.owner for each in actions} == {
        "Write down what load it has to carry.": "team to be named",
        "Find out: people on the team.": "team to be named",
    }


def test_whoever_has_the_importing_module_removes_the_import(migration: ReportInput) -> None:
    """Teams whose modules are only on the way of a cycle, or only imported, have nothing to do for it."""
    rows = ("team: Money; cares for: billing; on call: days", "team: Booking; cares for: orders; on call: nights")
    found = migration.evidence["CurrentStructure"]
    claims = (*found.claims, *(Claim(text=row, confidence=0.9) for row in rows))
    risk = Risk(title="Changes to shop.billing.invoice", likelihood="high", impact="high", mitigation="Pin it")
    told = with_evidence(migration, found.model_copy(update={"claims": claims, "risks": (risk,)}))
    owners = {each.kind: each.owner for each in actions_of(told) if each.kind is Kind.CUT or "Pin it" in each.text}
    assert owners == {Kind.CUT: "Booking", Kind.LESSEN: "Money"}
