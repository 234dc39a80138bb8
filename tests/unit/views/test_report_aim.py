"""What is to be done is for the goal; what was only noticed in the code stands apart."""

from dataclasses import replace

from pydantic import JsonValue
from support.reports import headings, section, with_evidence

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, ProducedFile, Risk, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.tasks.views.report import ReportInput, report
from prefect_harmonic.tasks.views.report.action import Kind
from prefect_harmonic.tasks.views.report.actions import actions_of, noticed_of
from prefect_harmonic.tasks.views.report.findings import findings_of

NOTICED = "Noticed in the code, not needed for this goal"


def changed(goal: str, *, typing: bool = False) -> ReportInput:
    """A change of a library whose code was measured, as it stands after the run, with its steps in outline."""
    cut = {"importer": "web._models", "imported": "web._client", "typing": typing}
    measured = {
        "cycles": [
            {"modules": ["web._client", "web._models"], "cuts": [cut], "runs_without_typing": not typing},
        ],
        "boundaries": [{"name": name, "modules": [f"web.{name}"]} for name in ("_models", "_transports")],
    }
    risks = tuple(
        Risk(title=title, likelihood="high", impact="high", mitigation="Divide it.")
        for title in ("web._models is between 15 parts of the code",)
    )
    evidence = (
        Evidence(artifact="Code", agent="code-analyzer", summary="s", confidence=0.9, data=measured, risks=risks),
        Evidence(artifact="Situation", agent="researcher", summary="s", confidence=0.2, gaps=("no document says why",)),
        Evidence(
            artifact="Way",
            agent="decision-log",
            summary="s",
            confidence=0.5,
            decisions=(Decision(title="Way", chosen="Small steps first"),),
        ),
        Evidence(
            artifact="Steps",
            agent="builder",
            summary="s",
            confidence=0.5,
            data={"left_count": 2},
            files=(ProducedFile(path="docs/steps.md", content="# Steps\n"),),
        ),
    )
    artifacts = [Artifact(id=each.artifact, description=f"The {each.artifact}.") for each in evidence]
    return ReportInput(
        graph=ArtifactGraph(Plan(goal=goal, artifacts=tuple(artifacts))),
        evidence={each.artifact: each for each in evidence},
    )


def test_goal_that_is_not_about_structure_starts_with_what_its_own_plan_left() -> None:
    """Skeletons, gaps and decisions are the plan of action; cuts are only noticed, boundaries not even that."""
    subject = changed("Drop support for Python 3.8")
    assert [each.kind for each in actions_of(subject)] == [Kind.COMPLETE, Kind.FIND_OUT, Kind.DECIDE]
    assert {each.kind for each in noticed_of(subject)} == {Kind.LESSEN, Kind.CUT}
    text = report(subject)
    assert "1. Complete `docs/steps.md`: The Steps (2 parts left open by builder)" in text
    assert "Proposed boundaries" not in text


def test_what_the_goal_does_not_concern_is_unlikely_to_go_wrong() -> None:
    """How hard a module is to change weighs where the goal names it or is about structure, and is low elsewhere."""
    told = {goal: section(report(changed(goal)), "Risk register") for goal in ("Drop Python 3.8", "Divide the _models")}
    assert "| low | high | 3 |" in told["Drop Python 3.8"]
    assert "counts as unlikely" in told["Drop Python 3.8"]
    assert "| high | high | 9 |" in told["Divide the _models"]
    assert "counts as unlikely" not in told["Divide the _models"]


def test_what_the_goal_names_is_for_the_goal() -> None:
    """A boundary that the goal names is to be separated; its neighbours and its package are not."""
    actions = actions_of(changed("Split the transport layer out of web"))
    assert [each.key for each in actions if each.kind in {Kind.CUT, Kind.LESSEN, Kind.SEPARATE}] == [
        "separate _transports"
    ]


def test_plan_for_boundaries_needs_all_that_is_noticed_of_structure(migration: ReportInput) -> None:
    """Where the plan asks for boundaries, nothing is merely noticed."""
    assert noticed_of(migration) == ()
    assert NOTICED not in headings(report(migration))
    decided = changed("Drop support for Python 3.8")
    decision = Decision(title="Service boundaries", chosen="Within one deployable")
    found = decided.evidence["Way"].model_copy(update={"decisions": (decision,)})
    assert noticed_of(with_evidence(decided, found)) == ()


def test_cycle_by_types_only_asks_for_nothing() -> None:
    """An import for type checkers makes no cycle when the program runs, whatever the goal is about."""
    subject = changed("Open the import cycles", typing=True)
    drawn = (*actions_of(subject), *noticed_of(subject))
    assert Kind.CUT not in {each.kind for each in drawn}
    text = report(subject)
    assert "none needed: a cycle by types only" in section(text, "The code base in figures")
    assert "1 import cycle (1 by types only), the largest of 2 modules;" in text
    assert Kind.CUT in {each.kind for each in actions_of(changed("Open the import cycles"))}


def test_imports_to_remove_are_counted_for_what_they_open() -> None:
    """Where some rings are by types only, fewer imports open the cycle when the program runs than open it for good."""
    subject = changed("Open the import cycles")
    assert "the largest of 2 modules, opened by removing 1 import;" in report(subject)
    code = subject.evidence["Code"]
    for_types: JsonValue = {"importer": "web._client", "imported": "web._models", "typing": True}
    cuts: list[JsonValue] = [{"importer": "web._models", "imported": "web._client", "typing": False}, for_types]
    measured: dict[str, JsonValue] = {
        **code.data,
        "cycles": [{"modules": ["web._client", "web._models"], "cuts": cuts}],
    }
    text = report(with_evidence(subject, code.model_copy(update={"data": measured})))
    assert "the largest of 2 modules, opened at run time by removing 1 import;" in text


def test_figure_of_the_code_comes_after_what_is_about_the_goal() -> None:
    """A hot spot leads where the goal names it or is about structure; elsewhere figures are no headline."""
    spot = Claim(
        text="web._models is a hot spot: complexity 75.",
        sources=(Source(path="web/_models.py", line=1, grade=Grade.MEASURED),),
        confidence=0.99,
    )
    told = Claim(
        text="Python 3.8 is promised until May.",
        sources=(Source(path="a.md", line=1, grade=Grade.DOCUMENTED),),
        confidence=0.8,
    )
    firsts = {}
    for goal in ("Drop support for Python 3.8", "Speed up the models", "Draw the boundaries of web"):
        subject = changed(goal)
        claims = {"Code": (spot,), "Situation": (told,)}
        evidence = {
            name: one.model_copy(update={"claims": claims.get(name, ())}) for name, one in subject.evidence.items()
        }
        whole = replace(subject, evidence=evidence)
        firsts[goal] = (
            findings_of(whole)[0].claim.text == spot.text,
            "Measured:" in section(report(whole), "The answer"),
        )
    assert list(firsts.values()) == [(False, False), (True, False), (True, True)]
