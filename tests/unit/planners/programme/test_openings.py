"""What is open, what closes it, and when it is closed."""

import pytest
from support.plans import graph_of, named

from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence, Grade, Source
from prefect_harmonic.planners.gate import lint
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.closable import is_closable
from prefect_harmonic.planners.programme.closing import (
    Closing,
    beyond_closing,
    closed_by,
    closing_artifact,
    filling,
    to_close,
)
from prefect_harmonic.planners.programme.gaps import doubts, guidance_opening, openings
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, failure_key
from prefect_harmonic.planners.programme.surprises import complexities, new_dependencies


def evidence(artifact: str, *gaps: str, confidence: float = 0.5, **fields: object) -> Evidence:
    """What was found out for an artifact."""
    given = {"artifact": artifact, "agent": "researcher", "summary": "", "confidence": confidence, "gaps": gaps}
    return Evidence.model_validate(given | fields)


def known(*found: Evidence) -> dict[str, Evidence]:
    """Evidence by artifact."""
    return {one.artifact: one for one in found}


def closing(opening: Opening, artifact: str = "Fill") -> Closing:
    """An opening with its closing artifact."""
    return Closing(opening=opening, artifact=artifact, iteration=1)


SIDES = Contradiction(
    subject="team", one=Claim(text="The team has 6 engineers."), other=Claim(text="The team has 8 engineers.")
)


def test_same_gap_of_two_artifacts_is_one_opening_with_both_as_origins() -> None:
    """The order of its words does not count."""
    (opening,) = openings(known(evidence("B", "no load figures"), evidence("A", "load figures: no")), {})
    assert (opening.kind, opening.origins) == (OpeningKind.GAP, ("A", "B"))


def test_most_pressing_kind_comes_first() -> None:
    """Failures, then contradictions, then gaps."""
    found = known(evidence("A", "a gap", contradictions=(SIDES,)))
    assert [one.kind.value for one in openings(found, {"B": "broke"})] == ["failure", "contradiction", "gap"]


def test_contradiction_comes_from_those_who_say_its_sides() -> None:
    """Even where neither of them noticed it."""
    one, other = evidence("A", claims=(SIDES.one,)), evidence("B", claims=(SIDES.other,))
    (opening,) = openings(known(one, other), {})
    assert (opening.kind, opening.origins) == (OpeningKind.CONTRADICTION, ("A", "B"))


def test_failure_keeps_its_key_whatever_the_reason() -> None:
    """So that what fails again for another reason is not unblocked a second time."""
    (first,), (second,) = openings({}, {"A": "no disk"}), openings({}, {"A": "no memory"})
    assert first.key == second.key == failure_key("A")


def test_opening_is_closed_once_its_closing_artifact_is_done() -> None:
    """Although whoever reported it still does."""
    found = known(evidence("A", "no load figures"))
    (opening,) = openings(found, {})
    closings = [closing(opening)]
    assert closed_by(closings, found) == frozenset()
    found |= known(evidence("Fill"))
    assert closed_by(closings, found) == {opening.key}
    assert openings(found, {}, closed_by(closings, found), filling=filling(closings)) == ()


def test_opening_that_its_closing_artifact_reports_again_stays_open_as_the_same_one() -> None:
    """In whatever words; it gets no second closing artifact and is for a person."""
    found = known(evidence("A", "load figures"))
    (opening,) = openings(found, {})
    closings = [closing(opening)]
    found |= known(evidence("Fill", "no document gives any load figures"))
    again = openings(found, {}, closed_by(closings, found), filling=filling(closings))
    assert again == (opening,)
    assert to_close(again, closings) == ()
    assert beyond_closing(again, closings, found) == (opening,)


def test_failed_closing_artifact_leaves_its_opening_open_and_opens_nothing() -> None:
    """What unblocks is not unblocked in turn."""
    (opening,) = openings({}, {"A": "broke"})
    closings = [closing(opening, "Unblock")]
    failed = {"A": "broke", "Unblock": "broke too"}
    assert openings({}, failed, closed_by(closings, {}, failed), filling=filling(closings)) == (opening,)
    assert beyond_closing((opening,), closings, {}, failed) == (opening,)


def test_failure_is_closed_when_what_failed_is_done() -> None:
    """Not when it was merely unblocked; between the two it is for nobody yet."""
    (opening,) = openings({}, {"A": "broke"})
    closings = [closing(opening, "Unblock")]
    unblocked = known(evidence("Unblock"))
    assert closed_by(closings, unblocked) == frozenset()
    assert beyond_closing((opening,), closings, unblocked) == ()
    assert beyond_closing((opening,), closings, unblocked, {"A": "broke again"}) == (opening,)
    assert closed_by(closings, unblocked | known(evidence("A"))) == {opening.key}


def test_what_settles_a_contradiction_contradicts_nobody() -> None:
    """It stands against one of the sides by its nature."""
    found = known(evidence("A", claims=(SIDES.one,)), evidence("B", claims=(SIDES.other,)))
    (opening,) = openings(found, {})
    closings = [closing(opening, "Settle")]
    found |= known(evidence("Settle", claims=(Claim(text="The whole team has 6 engineers."),)))
    assert openings(found, {}, closed_by(closings, found), filling=filling(closings)) == ()


def test_doubts_are_about_unsure_evidence_that_misses_nothing_the_least_sure_first() -> None:
    """What names its gaps needs no doubt, and what closed something is not doubted in turn."""
    fill = closing(guidance_opening("look"), "Fill")
    found = known(
        evidence("A", confidence=0.6),
        evidence("B", confidence=0.2),
        evidence("C", "a gap", confidence=0.1),
        evidence("D", confidence=0.9),
        evidence("Fill", confidence=0.1),
    )
    assert [one.origins for one in doubts(found, 0.7, filling=filling([fill]))] == [("B",), ("A",)]


@pytest.mark.parametrize(
    ("kind", "text", "agent"),
    [
        (OpeningKind.GAP, "peak load figures", "researcher"),
        (OpeningKind.GAP, "which modules import the store", "code-analyzer"),
        (OpeningKind.GAP, "which option was chosen", "decision-log"),
        (OpeningKind.CONTRADICTION, "team: 'six' against 'eight'", "decision-log"),
        (OpeningKind.COMPLEXITY, "how to resolve 47 circular dependencies", "code-analyzer"),
        (OpeningKind.FAILURE, "A: no such module", "researcher"),
    ],
)
def test_agent_follows_what_the_opening_is_about(kind: OpeningKind, text: str, agent: str) -> None:
    """As far as it may be named; else the researcher, else nobody in particular."""
    opening = Opening(key="k-1", kind=kind, text=text, origins=("A",))
    graph = graph_of({"A": ""})
    assert closing_artifact(opening, graph).agent == agent
    assert closing_artifact(opening, graph, agents={"researcher"}).agent == "researcher"
    assert closing_artifact(opening, graph, agents={"builder"}).agent is None


@pytest.mark.parametrize("text", ["…", "../../etc/passwd", "Größe der \U0001f40b", "x" * 5000, "a\x00b\nc", "'s"])
def test_closing_artifact_of_any_text_passes_the_gate(text: str) -> None:
    """What a repository says becomes no illegal id, whatever it is."""
    (opening,) = openings(known(evidence("A", text)), {})
    made = closing_artifact(opening, graph_of({"A": ""}))
    findings = lint(Plan(artifacts=(named("A"), made)))
    assert not [str(finding) for finding in findings if finding.is_error]


def test_closing_artifact_belongs_to_the_first_phase_that_waits_for_it() -> None:
    """Or to a phase of its own at the end."""
    graph = ArtifactGraph([named("A", phase="ask"), named("B", "A", phase="build"), named("C", "B", phase="check")])
    opening = Opening(key="gap-1", kind=OpeningKind.GAP, text="figures", origins=("A",))
    assert closing_artifact(opening, graph, before=("B", "C")).phase == "build"
    assert closing_artifact(opening, graph).phase == "closing"


def test_measured_complexity_is_unexpected_if_no_remaining_artifact_speaks_of_it() -> None:
    """47 cycles upset a plan that assumes clean boundaries, and not one that takes cycles apart."""
    found = known(evidence("Survey", data={"import_cycle_count": 47}))
    clean = graph_of({"Survey": "", "Boundaries": "Survey"})
    (opening,) = complexities(found, clean, {"Survey"})
    assert opening.text == "how to resolve 47 circular dependencies between modules"
    reckoning = ArtifactGraph([named("Survey"), named("Cuts", "Survey", description="Which circular imports to cut")])
    assert complexities(found, reckoning, {"Survey"}) == ()
    assert complexities(known(evidence("Survey", data={"import_cycle_count": 3})), clean, {"Survey"}) == ()
    assert complexities(found, clean, {"Survey", "Boundaries"}) == ()
    assert complexities(found, graph_of({"Survey": "", "Notes": "Survey"}), {"Survey"}) == (), "nothing it could upset"


def test_declared_surprise_is_an_opening_and_nonsense_is_none() -> None:
    """Figures come from specialists of any origin."""
    data = {"unexpected": ["two ledgers that must agree", 3, ""], "import_cycle_count": "many"}
    (opening,) = complexities(known(evidence("A", data=data)), graph_of({"A": "", "B": "A"}), {"A"})
    assert (opening.kind, opening.text) == (OpeningKind.COMPLEXITY, "two ledgers that must agree")


def test_new_dependency_is_found_in_reasons_and_declared_needs() -> None:
    """Known ones, those that would close a cycle, and ids that are ordinary words, are none."""
    graph = graph_of({"UserStore": "", "UserPage": "", "Report": "", "App": "UserPage"})
    failed = {"UserPage": "there is no UserStore and no Report", "UserStore": "it needs UserPage"}
    found = new_dependencies(known(evidence("Report", data={"needs": ["App", "Nothing", "Report"]})), failed, graph)
    assert [(one.artifact, one.requires) for one in found] == [("Report", "App"), ("UserPage", "UserStore")]
    assert new_dependencies({}, {"App": "UserPage is missing"}, graph) == ()


def test_what_no_search_can_find_is_not_searched_for() -> None:
    """A limit that its maker names stays open for the reader; its other gaps are looked into."""
    limit, gap = "nobody has changed the project yet", "no document says what load it has"
    found = {
        "Check": Evidence(
            artifact="Check", agent="a", summary="", confidence=0.3, gaps=(limit, gap), data={"limits": [limit]}
        )
    }
    told = {one.text: is_closable(one, found, has_project=True) for one in openings(found, {})}
    assert told == {limit: False, gap: True}


@pytest.mark.parametrize(("grade", "expected"), [(Grade.ASSUMED, False), (Grade.DERIVED, True)])
def test_assumption_from_general_experience_is_not_confirmed(grade: Grade, expected: bool) -> None:
    """There is nothing in the project that bears on it."""
    claim = Claim(text="it is best to wait", sources=(Source(path="Choice", grade=grade),))
    found = {"Choice": Evidence(artifact="Choice", agent="a", summary="", confidence=0.25, claims=(claim,))}
    (doubt,) = doubts(found, 0.7)
    assert is_closable(doubt, found, has_project=True) is expected
