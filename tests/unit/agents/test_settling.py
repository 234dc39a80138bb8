"""Which of two contradicting statements holds is decided by four rules in order, or not at all."""

import datetime
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Contradiction, Evidence, Grade, Source
from prefect_harmonic.planners.programme.evaluation import distinct_contradictions
from prefect_harmonic.tasks.agents.closing.opening import dispute_in
from prefect_harmonic.tasks.agents.decision_log.agent import decide

TODAY = datetime.date(2026, 11, 22)
EXAMPLE = Path(__file__).parents[3] / "examples" / "monolith"
SIX, EIGHT = "The warehouse team has 6 people.", "The warehouse team has 8 people."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which two documents say how large a team is."""
    (tmp_path / "a.md").write_text(f"# Overview\n\n{SIX}\n")
    (tmp_path / "b.md").write_text(f"# Handbook\n\n{EIGHT}\n")
    return tmp_path


def claim(text: str, path: str, grade: Grade = Grade.DOCUMENTED) -> Claim:
    """A claim on line 3 of a file."""
    return Claim(text=text, sources=(Source(path=path, line=3, quote=text, grade=grade),), confidence=0.8)


def reported(one: Claim, other: Claim) -> Evidence:
    """The evidence of whoever came upon a contradiction."""
    found = Contradiction(subject="warehouse team (person)", one=one, other=other)
    return Evidence(artifact="Teams", agent="researcher", summary="", confidence=0.7, contradictions=(found,))


async def ruled(project: Path | None, found: Evidence, text: str | None = None) -> Evidence:
    """What the decision log says to a contradiction."""
    text = str(found.contradictions[0]) if text is None else text
    artifact = Artifact(id="Settle", description=f"Settle: {text}", produces_file="decisions/0009-team.md")
    place = str(project) if project else None
    return await decide(Assignment(artifact=artifact, project=place, inputs={"Teams": found}, today=TODAY))


async def test_measured_holds_against_documented() -> None:
    """The better source decides, whatever the order of the two."""
    six, eight = claim(SIX, "a.md"), claim(EIGHT, "b.md", Grade.MEASURED)
    for found in (reported(six, eight), reported(eight, six)):
        evidence = await ruled(None, found)
        assert (evidence.data["holds"], evidence.data["rule"]) == (EIGHT, "better source")
        assert evidence.contradictions == ()


@pytest.mark.parametrize(
    "said",
    [
        "The 6 people of the warehouse team in the overview are outdated; 8 people is right.",
        "The size of the warehouse team was corrected from 6 people to 8.",
        "The warehouse team has 8 people, not 6.",
    ],
)
async def test_a_document_that_says_which_is_right_decides(project: Path, said: str) -> None:
    """A correction that names both decides, and is quoted as the reason."""
    (project / "c.md").write_text(f"# Review\n\n{said}\n")
    evidence = await ruled(project, reported(claim(SIX, "a.md"), claim(EIGHT, "b.md")))
    assert (evidence.data["holds"], evidence.data["rule"]) == (EIGHT, "a document says so")
    assert said.rstrip(".") in evidence.decisions[0].rationale


@pytest.mark.parametrize(
    "said",
    [
        "The count of 2016 was preliminary, the warehouse team was larger then.",
        "The warehouse team has 6 people or 8 people, both figures are wrong.",
        "The 6 people and the 8 people of the warehouse team met on Monday.",
        "Outdated labels were found by the warehouse team of 5 people.",
    ],
)
async def test_words_about_something_else_decide_nothing(project: Path, said: str) -> None:
    """A year is no number of people, and what speaks of both alike or of neither upholds none."""
    (project / "c.md").write_text(f"# Review\n\n{said}\n")
    found = reported(claim(SIX, "a.md"), claim(EIGHT, "b.md"))
    assert (await ruled(project, found)).contradictions == found.contradictions


async def test_agreement_of_other_files_decides(project: Path) -> None:
    """Two further files, one of them a table of figures, outweigh none; the two documents themselves do not count."""
    (project / "c.md").write_text("# Shifts\n\nEach shift is staffed from the warehouse team of 6 people.\n")
    (project / "staff.csv").write_text("team,people\nwarehouse team,6\noffice,3\n")
    evidence = await ruled(project, reported(claim(SIX, "a.md"), claim(EIGHT, "b.md")))
    assert (evidence.data["holds"], evidence.data["rule"]) == (SIX, "agreement")
    assert {"c.md:3", "staff.csv:2"} <= {str(source) for source in evidence.claims[0].sources}


async def test_the_later_document_decides_last(project: Path) -> None:
    """Where nothing else does, the document that was written later holds, with less confidence."""
    (project / "a.md").write_text(f"# Overview, 3 May 2025\n\n{SIX}\n")
    (project / "b.md").write_text(f"# Handbook, 3 May 2024\n\n{EIGHT}\n")
    evidence = await ruled(project, reported(claim(SIX, "a.md"), claim(EIGHT, "b.md")))
    assert (evidence.data["holds"], evidence.data["rule"]) == (SIX, "later document")
    assert evidence.confidence == 0.65


async def test_rules_that_oppose_make_a_ruling_less_sure(project: Path) -> None:
    """The earlier rule decides; what speaks against it is told and costs confidence."""
    (project / "a.md").write_text(f"# Overview, 3 May 2025\n\n{SIX}\n")
    (project / "b.md").write_text(f"# Handbook, 3 May 2024\n\n{EIGHT}\n")
    (project / "staff.csv").write_text("team,people\nwarehouse team,8\n")
    evidence = await ruled(project, reported(claim(SIX, "a.md"), claim(EIGHT, "b.md")))
    assert (evidence.data["holds"], evidence.data["rule"], evidence.confidence) == (EIGHT, "agreement", 0.6)
    assert "later document" in evidence.decisions[0].sensitivity


async def test_without_a_rule_that_decides_the_contradiction_stays(project: Path) -> None:
    """Nothing speaks for either: no claim, no decision, low confidence, the same contradiction again."""
    found = reported(claim(SIX, "a.md"), claim(EIGHT, "b.md"))
    evidence = await ruled(project, found)
    assert evidence.contradictions == found.contradictions
    assert (evidence.claims, evidence.decisions) == ((), ())
    assert evidence.confidence <= 0.3
    assert "stays open" in evidence.text


async def test_files_that_take_both_sides_take_none(project: Path) -> None:
    """A table that has both figures decides nothing."""
    (project / "staff.csv").write_text("year,team,people\n2024,warehouse team,6\n2025,warehouse team,8\n")
    found = reported(claim(SIX, "a.md"), claim(EIGHT, "b.md"))
    assert (await ruled(project, found)).contradictions == found.contradictions


async def test_figures_outside_the_project_and_ignored_ones_take_no_side(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A table is no witness if version control ignores it, a link leads to it, it is binary, or it is a ruin."""
    outside = tmp_path_factory.mktemp("outside") / "staff.csv"
    outside.write_text("team,people\nwarehouse team,8\n")
    (project / "linked.csv").symlink_to(outside)
    (project / ".gitignore").write_text("secret.csv\n")
    (project / "secret.csv").write_text("team,people\nwarehouse team,8\n")
    (project / "binary.csv").write_bytes(b"team,people\n\0warehouse team,8\n")
    (project / "ruin.csv").write_text('team,people\n"' + "x" * 200_000)
    found = reported(claim(SIX, "a.md"), claim(EIGHT, "b.md"))
    assert (await ruled(project, found)).contradictions == found.contradictions


async def test_yes_and_no_are_settled_by_what_contradicts_one_of_them(project: Path) -> None:
    """A third document that contradicts the one side takes the other's."""
    yes, no = "Billing writes the orders table.", "Billing never writes the orders table."
    (project / "a.md").write_text(f"# A\n\n{yes}\n")
    (project / "b.md").write_text(f"# B\n\n{no}\n")
    (project / "c.md").write_text("# C\n\nThe orders table is never written by billing, writes go elsewhere.\n")
    (project / "d.md").write_text("# D\n\nThe billing orders table never has writes.\n")
    evidence = await ruled(project, reported(claim(yes, "a.md"), claim(no, "b.md")))
    assert evidence.data["holds"] == no


async def test_record_says_what_to_correct(project: Path) -> None:
    """The decision record has both options, the rules and the place of the statement that fails."""
    evidence = await ruled(project, reported(claim(SIX, "a.md"), claim(EIGHT, "b.md", Grade.MEASURED)))
    (decision,) = evidence.decisions
    assert decision.consequences[0].startswith("Correct a.md:3: ")
    assert decision.options[0].name == decision.chosen
    assert decision.options[0].score > decision.options[1].score
    assert evidence.files[0].path == "decisions/0009-team.md"
    assert "| 1 | better source | against | for |" in evidence.text


async def test_settling_evidence_raises_nothing_itself(project: Path) -> None:
    """What was ruled is told by places, so that it is not set against the statement that fails."""
    found = reported(claim(SIX, "a.md"), claim(EIGHT, "b.md", Grade.MEASURED))
    evidence = await ruled(project, found)
    assert distinct_contradictions([evidence]) == ()
    beside = [*evidence.claims, *(side for each in found.contradictions for side in (each.one, each.other))]
    pairs = contradictions_among(beside)
    assert all(evidence.claims[0] not in (each.one, each.other) for each in pairs)


async def test_contradiction_of_the_example_is_settled_by_its_season_review() -> None:
    """13,200 was a preliminary count, as a review says and the table of figures agrees."""
    text = (
        "busiest day (parcel): 'The busiest day so far was 29 November 2024 with 13,200 parcels.' against "
        "\"29 November 2024 was the busiest day in the company's history: 14,900 parcels, 97 % of what the five "
        'depots can sort in a night (15,350)."'
    )
    nothing = Evidence(artifact="Teams", agent="researcher", summary="", confidence=0.7)
    evidence = await ruled(EXAMPLE, nothing, text)
    assert (evidence.data["holds_at"], evidence.data["fails_at"]) == (
        "docs/performance-notes.md:7",
        "docs/architecture-overview.md:23",
    )
    assert {str(source) for source in evidence.claims[0].sources} >= {
        "docs/operations/season-review-2024.md:7",
        "docs/figures/parcels-by-day.csv:6",
    }


@pytest.mark.parametrize("text", ["nothing is set against anything", "a: 'x' against 'x'", "'"])
async def test_text_that_tells_no_contradiction_is_a_gap(text: str) -> None:
    """What cannot be read is reported again in its own words."""
    nothing = Evidence(artifact="Teams", agent="researcher", summary="", confidence=0.7)
    evidence = await ruled(None, nothing, text)
    assert (evidence.gaps, evidence.claims, evidence.decisions) == ((text,), (), ())


@pytest.mark.parametrize("one", ["plain", "it's", 'say "it"', "both ' and \"", "back\\slash", "línea"])
def test_both_statements_are_read_back_from_a_contradiction(one: str) -> None:
    """Whatever quotation marks the statements have, their text comes back from the words of the contradiction."""
    told = str(Contradiction(subject="s: t", one=Claim(text=one), other=Claim(text="other")))
    stated = dispute_in(told)
    assert stated is not None
    assert (stated.subject, stated.one, stated.other) == ("s: t", one, "other")
