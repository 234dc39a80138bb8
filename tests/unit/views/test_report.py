"""The report says what was found, on what it rests, what to do, and what is not certain."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import (
    Claim,
    Contradiction,
    Decision,
    Evidence,
    Grade,
    ProducedFile,
    Risk,
    ScoredOption,
    Source,
)
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.tasks.views.report import ArtifactState, ReportInput, decision_record, report, report_digest
from prefect_harmonic.tasks.views.report.action import Kind
from prefect_harmonic.tasks.views.report.actions import actions_of
from prefect_harmonic.tasks.views.report.findings import findings_of


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = re.search(rf"^## {heading}.*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no section {heading}"
    return found[1]


def with_evidence(subject: ReportInput, found: Evidence) -> ReportInput:
    """The same run with other evidence for one artifact."""
    return replace(subject, evidence={**subject.evidence, found.artifact: found})


def test_report_gives_the_answer_first(migration: ReportInput) -> None:
    """The first section says what was found and decided, what to do first, and how sure that is."""
    text = report(migration)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "The answer"
    answer = section(text, "The answer")
    assert "**billing**" in answer
    assert "Billing and orders import each other. (`shop/billing/invoice.py:12`" in answer
    assert "1. Settle which holds about deployment time" in answer
    assert "4 of 6 artifacts made, 1 of them a skeleton to be filled in" in answer
    assert "Nothing in the plan covers 1 requirement" in answer


def test_one_verdict_in_the_whole_report(migration: ReportInput) -> None:
    """Answer, outcome table and evaluation table show the last evaluation, in the words of the terminal."""
    text = report(migration)
    words = "Confidence 0.50, 1 gap, 1 contradiction. Not enough yet: confidence 0.50 is under 0.70, 1 contradiction"
    assert f"**How sure this is.** {words} is more than 0." in section(text, "The answer")
    assert re.search(r"^\| all .* 0\.50 \|$", section(text, "Outcome"), re.MULTILINE)
    last = re.findall(r"^\| .*$", section(text, "Evaluation"), re.MULTILINE)[-1]
    assert last.startswith("| build | 3 | 0.50 | 1 | 1 | not met, and no evaluation is left | Not enough yet:")


def test_run_without_evaluation_says_so(migration: ReportInput) -> None:
    """What agents say of themselves is not sold as an evaluation."""
    answer = section(report(replace(migration, evaluations=())), "The answer")
    assert "Not evaluated; 4 agent results give themselves 0.82 in the mean." in answer


def test_contradiction_between_specialists_is_listed_as_it_is_counted(migration: ReportInput) -> None:
    """Claims of two specialists that cannot both hold stand among the contradictions though neither reports it."""
    subject = migration
    for name, people in (("CurrentStructure", 6), ("BillingContract", 8)):
        claim = Claim(text=f"The team has {people} engineers.", sources=(Source(path=f"{people}.md"),))
        subject = with_evidence(subject, subject.evidence[name].model_copy(update={"claims": (claim,)}))
    listed = section(report(subject), "Contradictions")
    assert "(found for `CurrentStructure`, `BillingContract`)" in listed
    assert listed.count("Confidence") == 4


def test_skeletons_are_counted_and_listed_in_one_place(migration: ReportInput) -> None:
    """What is only an outline is not passed off as finished."""
    outcome = section(report(migration), "Outcome")
    assert "| of them skeletons |" in outcome
    assert "4 of 6 artifacts made, 1 of them a skeleton to be filled in:" in outcome
    assert "- `BillingContract` ([contracts/billing.md](contracts/billing.md)): 1 part to fill in" in outcome


def test_digest_is_the_first_screen_of_the_report(migration: ReportInput) -> None:
    """The digest is the title and the answer, word for word, and where the whole report lies."""
    digest, text = report_digest(migration, "/w/report.md"), report(migration)
    answer, _, rest = digest.partition("**The whole report**")
    assert text.startswith(answer.rstrip())
    assert rest == " lies at `/w/report.md`.\n"
    assert re.findall(r"^## (.*)$", digest, re.MULTILINE) == ["The answer"]


def test_long_goal_stands_whole_under_a_short_heading(migration: ReportInput) -> None:
    """A goal of many sentences is headed by its first."""
    goal = "Split the monolith. " + "It has to keep running. " * 12
    first, whole = report(replace(migration, graph=ArtifactGraph([Artifact(id="a")], goal=goal))).split("\n\n")[:2]
    assert first == "# Split the monolith."
    assert whole == goal.strip()


def test_report_has_every_section_of_a_full_run(migration: ReportInput) -> None:
    """Nothing that was handed over is left out."""
    headings = re.findall(r"^## (.*)$", report(migration), re.MULTILINE)
    assert headings == [
        "The answer",
        "Outcome",
        "Key findings",
        "The code base in figures",
        "Action plan",
        "Decisions",
        "Risks",
        "Contradictions",
        "Evaluation",
        "Remaining gaps",
        "What failed or was blocked",
        "How the plan was chosen",
        "Artifact by artifact",
        "Where everything lies (4 files)",
    ]


def test_report_of_nothing_says_so() -> None:
    """A run that found nothing has a report without empty sections."""
    text = report(ReportInput(graph=ArtifactGraph([Artifact(id="a")])))
    assert "Nothing was found out." in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["The answer", "Outcome", "Artifact by artifact"]


def test_report_shows_a_source_with_every_finding_or_says_there_is_none(migration: ReportInput) -> None:
    """Each finding is followed by a line that names its sources, or that it has none."""
    items = re.findall(r"^\d+\. .*\n   Source: (.*?) *\n", section(report(migration), "Key findings"), re.MULTILINE)
    assert len(items) == len(findings_of(migration))
    for finding, sources in zip(findings_of(migration), items, strict=True):
        if finding.claim.sources:
            assert all(f"`{source}`" in sources for source in finding.claim.sources)
        else:
            assert sources == "no source: to be confirmed"


def test_findings_are_said_once_with_all_their_sources(migration: ReportInput) -> None:
    """Two agents that found the same (whatever the case and full stop) give one finding with both sources."""
    finding = findings_of(migration)[0]
    assert finding.artifacts == ("CurrentStructure", "ServicePatterns")
    assert [str(source) for source in finding.claim.sources] == [
        "shop/billing/invoice.py:12",
        "docs/architecture.md:40",
    ]


def test_findings_measured_outweigh_assumed_and_contradicted_ones(migration: ReportInput) -> None:
    """Weight is confidence by grade; a contradiction takes some of it; no source leaves little."""
    weights = [finding.weight for finding in findings_of(migration)]
    assert weights == sorted(weights, reverse=True)
    assert [finding.claim.text for finding in findings_of(migration)] == [
        "Billing and orders import each other.",
        "Deployments take 50 minutes",
        "Nobody owns the ledger",
    ]
    assert findings_of(migration)[1].is_contradicted


def test_findings_leave_out_what_builders_say_of_their_own_files(migration: ReportInput) -> None:
    """That a file is a skeleton is no finding about the project."""
    assert "skeleton of 30 lines" not in section(report(migration), "Key findings")


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
    assert {action.kind for action in actions} == set(Kind) - {Kind.UNBLOCK}
    assert {action.key for action in actions if action.kind is Kind.FINISH} == {"finish DataSplit", "finish Rollout"}
    assert [action.key for action in actions if action.kind is Kind.SEPARATE] == ["separate search", "separate billing"]


def test_action_table_marks_rules_of_thumb(migration: ReportInput) -> None:
    """Hours that somebody estimated stand bare, the others with a tilde."""
    plan = section(report(migration), "Action plan")
    rows = [row.split(" | ") for row in plan.splitlines() if re.match(r"\| \d+ ", row)]
    efforts = {row[1]: row[4] for row in rows}
    assert efforts["Finish `DataSplit`"] == "3 h"
    assert all(effort.startswith("~") for text, effort in efforts.items() if not text.startswith("Finish"))


def test_small_risks_ask_for_no_action(migration: ReportInput) -> None:
    """A risk that is unlikely and harmless is registered and left alone."""
    text = report(migration)
    assert "Slow search" in section(text, "Risks")
    assert "Cache" not in section(text, "Action plan")


def test_risks_stand_with_the_heaviest_first(migration: ReportInput) -> None:
    """Likelihood times impact decides the order."""
    risks = section(report(migration), "Risks")
    assert risks.index("Double bookings") < risks.index("Slow search")


def test_figures_name_cycles_cuts_hot_spots_and_boundaries(migration: ReportInput) -> None:
    """What the code analyzer measured stands in the report as numbers."""
    figures = section(report(migration), "The code base in figures")
    assert "| module count | 41 |" in figures
    assert "`shop.orders → shop.billing.invoice`" in figures
    assert "| `shop/orders.py` | 88 | 41 | 0.83 |" in figures
    assert "| billing | `shop.billing.invoice` | 0.81 | 3 |" in figures


@pytest.mark.parametrize(
    "cut", ["a → b", ["a", "b"], {"importer": "a", "imported": "b"}, {"from": "a", "to": "b"}, [["a", "b"]]]
)
def test_cuts_are_read_in_any_usual_shape(migration: ReportInput, cut: object) -> None:
    """A cut may be a text, a pair, an object, or a list of them."""
    found = migration.evidence["CurrentStructure"]
    data = {"cycles": [{"ring": ["a", "b", "a"], "cut": cut}]}
    changed = with_evidence(migration, Evidence.model_validate({**found.model_dump(), "data": data}))
    assert "| `a` → `b` → `a` | `a → b` |" in section(report(changed), "The code base in figures")


FIGURES = ("import_cycles", "hot_spots", "boundaries", "modules", "left", "left_count", "cycles")
FIELDS = ("name", "modules", "cut", "cohesion", "crossing_imports", "owner")
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "b.py"])
)
ANYTHING = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=10,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(FIGURES), ANYTHING))
def test_report_does_not_fail_on_figures_of_any_shape(data: dict[str, object]) -> None:
    """Agents that others write may put anything into their figures."""
    found = Evidence.model_validate({"artifact": "a", "agent": "x", "summary": "s", "confidence": 0.5, "data": data})
    assert report(ReportInput(graph=ArtifactGraph([Artifact(id="a")]), evidence={"a": found}))


HOSTILE = "| a `b` <script>alert(1)</script>\n# Heading\n- item [x](javascript:y) \u202e ![i](http://e) ``` $z$"


def test_report_keeps_hostile_evidence_inside_its_cell() -> None:
    """Bars, line ends, markup and links in evidence add no column, no heading, no tag and no link."""

    def outcome(text: str) -> ReportInput:
        source = Source(path=text, line=3, quote=text, grade=Grade.MEASURED)
        claim = Claim(text=text, sources=(source,))
        options = (ScoredOption(name=text, marks={text: 0.5}, score=0.5, because=text),)
        found = Evidence(
            artifact="a",
            agent=text,
            summary=text,
            confidence=0.5,
            claims=(claim,),
            gaps=(text,),
            contradictions=(Contradiction(subject=text, one=claim, other=claim),),
            blockers=(text,),
            decisions=(
                Decision(title=text, options=options, weights={text: 1}, chosen=text, review_date=text, file=text),
            ),
            risks=(Risk(title=text, likelihood=text, impact=text, evidence=text, mitigation=text),),
            data={"hot_spots": [{text: text}], "cycles": [{"modules": [text, "b"], "cut": text}], "left": [text]},
            files=(ProducedFile(path=text, content=""),),
        )
        graph = ArtifactGraph([Artifact(id="a", agent=text, phase=text)], goal=text, requirements=[text])
        states = {"a": ArtifactState("failed", text)}
        return ReportInput(graph=graph, evidence={"a": found}, states=states, reason=text, produced_files=(text,))

    def shape(text: str) -> list[str]:
        """Of each line its kind, and for a row of a table its number of cells."""
        kinds = []
        for line in text.splitlines():
            start = re.match(r"#+ |\| |\|-|- |\d+\. |  - |   |$", line)
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            kinds.append(f"{re.sub('[0-9]+', '1', start[0]) if start else 'text'} {cells}")
        return kinds

    hostile = report(outcome(HOSTILE))
    assert shape(hostile) == shape(report(outcome("x")))
    outside_code = re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", hostile)
    assert not re.search(r"<\w", outside_code)
    assert not re.search(r"(?<!\\)\]\((?:javascript|http)", outside_code)
    assert "\u202e" not in hostile


def test_report_is_the_same_in_any_order_of_handing_over(migration: ReportInput) -> None:
    """The order of the evidence in its mapping changes nothing."""
    backwards = replace(
        migration,
        evidence={name: migration.evidence[name] for name in sorted(migration.evidence, reverse=True)},
        states={name: migration.states[name] for name in sorted(migration.states, reverse=True)},
        produced_files=migration.produced_files[::-1],
    )
    assert report(migration) == report(backwards)


def test_contradiction_that_several_artifacts_came_upon_is_said_once(migration: ReportInput) -> None:
    """Four specialists that read the same two documents found one contradiction, not four."""
    other = migration.evidence["ServicePatterns"]
    found = migration.evidence["CurrentStructure"].model_copy(update={"contradictions": other.contradictions})
    text = report(with_evidence(migration, found))
    assert section(text, "Contradictions").count("**deployment time**") == 1


def test_rows_of_tables_weigh_less_than_sentences(migration: ReportInput) -> None:
    """A row told as a sentence is for reckoning with; what a person can read comes first."""
    source = Source(path="docs/teams.md", line=7)
    claims = (
        Claim(text="team: Desk; people: 6; cares for: orders", sources=(source,), confidence=0.9),
        Claim(text="The desk cares for orders.", sources=(source,), confidence=0.8),
    )
    found = migration.evidence["ServicePatterns"].model_copy(update={"claims": claims})
    texts = [finding.claim.text for finding in findings_of(with_evidence(migration, found))]
    assert texts.index("The desk cares for orders.") < texts.index("team: Desk; people: 6; cares for: orders")


def test_report_says_why_something_failed(migration: ReportInput) -> None:
    """The reason of a failure and what the blocked artifact waited for are given."""
    failures = section(report(migration), "What failed or was blocked")
    assert "`DataSplit` failed: AgentError: the schema names no primary key." in failures
    assert "`Rollout` blocked: waited for DataSplit, which failed." in failures


def test_gaps_name_requirements_that_nothing_covers(migration: ReportInput) -> None:
    """A requirement of the goal that no artifact covers is a gap of the plan."""
    assert "“no downtime”" in section(report(migration), "Remaining gaps")


def test_decision_shows_alternatives_sensitivity_and_record(migration: ReportInput) -> None:
    """A decision stands with the marks of every option, what would change it, its review and its file."""
    decisions = section(report(migration), "Decisions")
    assert "| Option | Score | coupling (40%) | value (60%) | Because |" in decisions
    assert "| **billing** | 0.78 | 0.60 | 0.90 |" in decisions
    assert "search wins if coupling weighs more than 0.63." in decisions
    assert "2026-12-01" in decisions
    assert "(decisions/0001-first-service.md)" in decisions


def test_decision_record_has_a_safe_name_and_all_parts(migration: ReportInput) -> None:
    """A record is a numbered file of plain letters, with context, options, decision and consequences."""
    decision = migration.evidence["ServiceBoundaries"].decisions[0]
    path, text = decision_record(decision, 12)
    assert path == "decisions/0012-which-part-becomes-a-service-first.md"
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings == ["Context", "Options", "Decision", "What would change it", "Consequences"]


@given(st.text(max_size=120))
def test_decision_record_stays_in_its_folder(title: str) -> None:
    """No title makes a path that leaves the folder or has no name."""
    path, _ = decision_record(Decision(title=title), 7)
    assert re.fullmatch(r"decisions/0007-[a-z0-9]+(-[a-z0-9]+)*\.md", path)
    assert len(path) < 90


def test_cuts_are_read_from_the_json_file_that_an_agent_wrote(migration: ReportInput) -> None:
    """Where the figures name only the modules of a cycle, the full account in a JSON file gives cut and place."""
    cut = {"importer": "b", "imported": "a", "statements": [{"file": "src/b.py", "line": 7}]}
    full = json.dumps({"cycles": [{"modules": ["a", "b"], "ring": ["a", "b"], "cuts": [cut]}]})
    found = migration.evidence["CurrentStructure"].model_copy(
        update={
            "data": {"import_cycles": [["a", "b"]]},
            "files": (ProducedFile(path="code.json", content=full), ProducedFile(path="bad.json", content="{")),
        }
    )
    text = report(with_evidence(migration, found))
    assert "| 1 | `a` → `b` → `a` | `b → a` at `src/b.py:7` |" in section(text, "The code base in figures")
    assert "Remove the import `b → a` at `src/b.py:7`" in section(text, "Action plan")


def test_modules_of_a_cycle_are_not_drawn_as_a_ring_unless_one_is_known(migration: ReportInput) -> None:
    """A sorted list of modules says who is in a cycle, not who imports whom."""
    found = migration.evidence["CurrentStructure"].model_copy(update={"data": {"import_cycles": [["a", "b", "c"]]}})
    figures = section(report(with_evidence(migration, found)), "The code base in figures")
    assert "| 1 | `a`, `b`, `c` | none named |" in figures


def test_options_stand_with_the_best_first(migration: ReportInput) -> None:
    """The alternatives are ranked by their score, whatever order they were given in."""
    decisions = section(report(migration), "Decisions")
    assert decisions.index("| **billing** |") < decisions.index("| search |")
    decision = migration.evidence["ServiceBoundaries"].decisions[0]
    backwards = decision.model_copy(update={"options": decision.options[::-1]})
    assert decision_record(decision, 1) == decision_record(backwards, 1)


def test_mitigation_that_is_a_cut_is_no_second_action(migration: ReportInput) -> None:
    """A risk whose mitigation is to remove an import that has an action already gives none of its own."""
    mitigation = "Remove shop.orders → shop.billing.invoice."
    risk = Risk(title="Billing cannot move", likelihood="high", impact="high", mitigation=mitigation)
    found = migration.evidence["ServiceBoundaries"].model_copy(update={"risks": (risk,)})
    kinds = [action.kind for action in actions_of(with_evidence(migration, found))]
    assert kinds.count(Kind.CUT) == 1
    assert Kind.LESSEN not in kinds


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


def test_answer_hears_every_agent_before_any_twice(migration: ReportInput) -> None:
    """A talkative agent with sure claims does not drown the others in the answer."""
    source = Source(path="a.py", line=1, grade=Grade.MEASURED)
    claims = tuple(Claim(text=f"Sure thing {number}", sources=(source,), confidence=1.0) for number in range(9))
    found = migration.evidence["CurrentStructure"].model_copy(update={"claims": claims})
    answer = section(report(with_evidence(migration, found)), "The answer")
    assert "Deployments take 50 minutes" in answer or "billing and orders import each other" in answer
