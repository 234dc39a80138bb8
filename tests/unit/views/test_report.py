"""The report as a whole: the answer first, every section that has something to say, and no text that acts."""

import re
from dataclasses import replace

from support.reports import section

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
from prefect_harmonic.tasks.views.report import ArtifactState, ReportInput, report, report_digest


def test_report_gives_the_answer_first(migration: ReportInput) -> None:
    """The first section says what was found and decided, what to do first, and how sure that is."""
    text = report(migration)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "The answer"
    answer = section(text, "The answer")
    assert "**billing**" in answer
    assert "Billing and orders import each other. (`shop/billing/invoice.py:12`" in answer
    assert "1. Settle which holds about deployment time" in answer
    assert "3 of 6 artifacts made, 1 more is a skeleton to be filled in" in answer
    assert "Nothing in the plan covers 1 requirement" in answer


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
        "Risk register",
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
