"""The risk register holds each risk once, the heaviest first."""

from support.reports import section

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Evidence, Risk
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.report import ReportInput, report
from prefect_harmonic.tasks.views.report.actions import actions_of
from prefect_harmonic.tasks.views.report.risks import registered_risks


def subject_with(*risks: Risk) -> ReportInput:
    """A run whose every artifact found one risk."""
    evidence = {
        f"a{place}": Evidence(artifact=f"a{place}", agent="x", summary="s", confidence=0.5, risks=(risk,))
        for place, risk in enumerate(risks)
    }
    return ReportInput(graph=ArtifactGraph([Artifact(id=name) for name in evidence]), evidence=evidence)


def risk(title: str, likelihood: str = "low", impact: str = "low", evidence: str = "", mitigation: str = "") -> Risk:
    """A risk."""
    return Risk(title=title, likelihood=likelihood, impact=impact, evidence=evidence, mitigation=mitigation)


def test_same_risk_in_other_words_is_one_with_all_that_was_said() -> None:
    """Stop words, endings and case make no second risk; the heaviest account counts, nothing said is lost."""
    one = risk("The ledgers lose bookings", "low", "low", "seen in 2024", "reconcile nightly")
    other = risk("ledger loses bookings.", "high", "medium", "two incidents", "Reconcile nightly.")
    (found,) = registered_risks(subject_with(one, other))
    assert found.severity == 6
    assert found.artifacts == ("a0", "a1")
    assert found.evidence == ("two incidents", "seen in 2024")
    assert found.mitigations == ("Reconcile nightly.",)


def test_risks_of_different_modules_stay_apart() -> None:
    """Names and numbers tell risks apart whose other words are the same."""
    names = ("Changes to shop.orders", "Changes to shop.billing", "A cycle of 3 modules", "A cycle of 6 modules")
    assert len(registered_risks(subject_with(*map(risk, names)))) == 4


def test_register_is_sorted_by_severity_then_name() -> None:
    """Likelihood times impact decides, the name between equals."""
    risks = (risk("b"), risk("a"), risk("worst", "high", "high"), risk("medium one", "medium", "medium"))
    assert [one.title for one in registered_risks(subject_with(*risks))] == ["worst", "medium one", "a", "b"]


def test_register_says_likelihood_impact_evidence_and_mitigation() -> None:
    """Every column is filled, and what is not known is said not to be."""
    late_and_odd = subject_with(risk("Late", "high", "high", "the log", "start early"), risk("Odd"))
    text = section(report(late_and_odd), "Risk register")
    assert "| 1 | Late | high | high | 9 | the log. | start early. | `a0` |" in text
    assert "| 2 | Odd | low | low | 1 | none given | none yet | `a1` |" in text


def test_merged_risk_gives_one_action() -> None:
    """Two accounts of one heavy risk ask for one action, with what either says should be done."""
    risks = (risk("Late", "high", "high", "", "start early"), risk("late", "high", "high", "", "hire"))
    actions = [action for action in actions_of(subject_with(*risks)) if action.key.startswith("lessen")]
    assert [action.text for action in actions] == ["Against “Late”: start early. hire."]
