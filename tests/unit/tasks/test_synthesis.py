"""What a run leaves tells how its plan changed, what was asked, and how it ended."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.reports import headings, section

from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.candidate import CandidateStatus
from prefect_harmonic.planners.dispatch import ArtifactState
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.deciding import Trigger
from prefect_harmonic.planners.programme.difference import difference
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind, gap_key
from prefect_harmonic.planners.programme.question import Answer, AnswerAction, Question, QuestionKind
from prefect_harmonic.planners.programme.replanning import RemainderCandidate, Replanning
from prefect_harmonic.planners.soundness import NO_SAY
from prefect_harmonic.planners.variance import Style
from prefect_harmonic.tasks.run_outcome import ArtifactOutcome, RunOutcome
from prefect_harmonic.tasks.synthesis import Findings, run_page, written_synthesis
from prefect_harmonic.tasks.views.budget import BudgetRow
from prefect_harmonic.tasks.workspace import Workspace

GAP = "how cycles are to be resolved"


def found(name: str, *gaps: str) -> Evidence:
    """Evidence that misses something, or nothing."""
    return Evidence(artifact=name, agent="researcher", summary="s", confidence=0.75, gaps=gaps)


@pytest.fixture
def findings() -> Findings:
    """A run whose first phase left a gap, which the changed plan closed; an artifact was dropped on the way."""
    research, decision = Artifact(id="Research"), Artifact(id="Decision", requires=(Requirement(id="Research"),))
    before = ArtifactGraph([research, decision, Artifact(id="OldIdea")], goal="Migrate")
    gap = Artifact(id="GapFillCycles", requires=(Requirement(id="Research"),))
    later = decision.model_copy(update={"requires": (*decision.requires, Requirement(id="GapFillCycles"))})
    after = ArtifactGraph([research, gap, later], goal="Migrate")
    opening = Opening(key=gap_key(GAP), kind=OpeningKind.GAP, text=GAP, origins=("Research",))
    replanning = Replanning(
        iteration=1,
        trigger=Trigger.LOW_CONFIDENCE,
        candidates=(
            RemainderCandidate(id="candidate-0", style=Style.DEFAULT, status=CandidateStatus.VALID),
            RemainderCandidate(
                id="candidate-1", style=Style.MINIMAL, status=CandidateStatus.INVALID, reason="P003 a cycle"
            ),
        ),
        selected="candidate-0",
        reason="candidate-0 is the only valid one",
        difference=difference(before, after, finished=["Research"]),
        closings=(Closing(opening=opening, artifact="GapFillCycles", iteration=1),),
        plan=after.plan,
    )
    outcome, confidences = EvaluationOutcome, (0.4, 0.75)
    return Findings(
        graph=after,
        outcome=RunOutcome(artifacts={name: ArtifactOutcome(state=ArtifactState.DONE) for name in after.order}),
        evidence={name: found(name) for name in after.order} | {"Research": found("Research", GAP)},
        evaluations=[
            Evaluation(phase="all", iteration=place, confidence=value, outcome=verdict, rationale="So it is.")
            for place, (value, verdict) in enumerate(
                zip(confidences, (outcome.CONTINUE, outcome.CONVERGED), strict=True), 1
            )
        ],
        criteria=Criteria(),
        first_plan=before,
        replannings=[replanning],
        questions=[
            (
                Question(key="q", kind=QuestionKind.APPROVAL, subject="the plan", text="Take it?"),
                Answer(action=AnswerAction.APPROVE, by="Ada"),
            )
        ],
        budget=[BudgetRow(name="model calls", spent=3, limit=10)],
        ending="converged",
    )


def test_report_tells_the_replanning_and_that_it_closed_the_gap(findings: Findings, tmp_path: Path) -> None:
    """Trigger, difference, candidates, closed gap, question and budget come from the types that the flow holds."""
    written_synthesis(findings, Workspace(tmp_path))
    text = (tmp_path / "report.md").read_text()
    replanned = section(text, "What was replanned and why")
    assert "### Iteration 1: confidence below the threshold" in replanned
    assert f"| gap | {GAP}. | `GapFillCycles` | closed |" in replanned
    assert "| `OldIdea` | dropped |" in replanned
    assert "`candidate-1` (minimal, invalid: P003 a cycle)" in replanned
    assert "`approve` (carry out the changed plan), by Ada" in section(text, "Questions put to a person")
    assert "| model calls | 3 | 10 | 30% |" in section(text, "Budget")
    assert "[knowledge.svg](knowledge.svg)" in section(text, "Where everything lies")


def test_gap_that_its_artifact_reports_again_is_still_open(findings: Findings, tmp_path: Path) -> None:
    """What was added for a gap and misses it as well has not closed it."""
    again = {**findings.evidence, "GapFillCycles": found("GapFillCycles", GAP)}
    written_synthesis(replace(findings, evidence=again), Workspace(tmp_path))
    replanned = section((tmp_path / "report.md").read_text(), "What was replanned and why")
    assert f"| gap | {GAP}. | `GapFillCycles` | still open |" in replanned


def test_page_draws_what_was_dropped_and_how_sure_each_look_was(findings: Findings) -> None:
    """The dropped artifact is on the page of the plan that no longer has it, and the chart names the wanted level."""
    page = run_page(findings)
    assert "c-dropped" in page
    assert "plan changed: dropped" in page
    assert "wanted: 0.70" in page


def test_run_without_any_change_says_nothing_of_it(findings: Findings, tmp_path: Path) -> None:
    """Sections that have nothing to say are left out."""
    written_synthesis(replace(findings, replannings=(), questions=(), budget=()), Workspace(tmp_path))
    told = headings((tmp_path / "report.md").read_text())
    assert not {"What was replanned and why", "Questions put to a person", "Budget"} & set(told)


def test_picture_lies_beside_the_graph(findings: Findings, tmp_path: Path) -> None:
    """Both parse, and the plan on disk is the one that was carried out."""
    written_synthesis(findings, Workspace(tmp_path))
    assert ElementTree.parse(tmp_path / "knowledge.svg").getroot().tag.endswith("svg")
    assert ElementTree.parse(tmp_path / "knowledge.graphml").getroot().tag.endswith("graphml")
    assert "GapFillCycles" in {one["id"] for one in json.loads((tmp_path / "plan.json").read_text())["artifacts"]}


def test_expected_times_are_those_that_the_plan_was_chosen_by(findings: Findings, tmp_path: Path) -> None:
    """Where an hour of work takes a second here, report and page say so in seconds, and whence they know."""
    chosen = {
        "id": "candidate-0",
        "style": "plain",
        "status": "valid",
        "reason": None,
        "coverage": 1.0,
        "metrics": None,
    }
    planning = {"selected": "candidate-0", "reason": "", "candidates": [chosen | {"expected_makespan_hours": 8 / 3600}]}
    took = {name: ArtifactOutcome(state=ArtifactState.DONE, seconds=3.0) for name in findings.graph.order}
    learned = replace(
        findings, effort=EffortModel(usual_pace=1 / 3600), planning=planning, outcome=RunOutcome(artifacts=took)
    )
    written_synthesis(learned, Workspace(tmp_path))
    text = (tmp_path / "report.md").read_text()
    assert "Expected makespan 12 s." in text
    assert "such artifacts took in earlier runs" in section(text, "Outcome")
    assert "1 new (4.0 s)" in section(text, "What was replanned and why")
    assert "| 8.0 s | chosen |" in section(text, "How the plan was chosen")
    assert "4.0 s" in section(text, "Artifact by artifact")
    page = run_page(learned)
    assert "<dt>expected makespan</dt><dd>12 s</dd>" in page
    assert "0 to 4 s, worker 1" in page
    assert "1 new (4.0 s)" in page
    assert page.count(">4.0 s</text>") == 3


def test_what_a_judge_thinks_stands_apart_from_what_decided(findings: Findings, tmp_path: Path) -> None:
    """In report and page, with its remarks, and with a word that it has no say; nothing where nobody judged."""
    refused = {"id": "candidate-0", "style": "plain", "status": "invalid", "reason": "P003", "coverage": 0.0}
    figures = {"expected_makespan_hours": None, "metrics": None}
    said = {"score": 0.4, "remarks": ["Auth <late>"], "failure": ""}
    judged = refused | {"id": "candidate-1", "status": "valid", "reason": None, "soundness": said}
    planning = {"selected": "candidate-1", "reason": "", "candidates": [refused | figures, judged | figures]}
    written_synthesis(replace(findings, planning=planning), Workspace(tmp_path))
    chosen = section((tmp_path / "report.md").read_text(), "How the plan was chosen")
    page = run_page(replace(findings, planning=planning))
    assert f"{NO_SAY}\n\n- candidate-1: 40% sound: Auth &lt;late>." in chosen
    assert f'<p>{NO_SAY}</p><ul><li dir="auto">candidate-1: 40% sound: Auth &lt;late&gt;</li></ul>' in page
    assert NO_SAY not in run_page(findings)
