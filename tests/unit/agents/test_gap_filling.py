"""A gap is answered by a statement that answers it, or reported again in the same words."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, Source
from prefect_harmonic.tasks.agents.closing.asking import Wanted, asked_by
from prefect_harmonic.tasks.agents.closing.dated import date_of
from prefect_harmonic.tasks.agents.researcher.agent import research

TODAY = datetime.date(2026, 11, 22)
EXAMPLE = Path(__file__).parents[3] / "examples" / "monolith"
ASKED = "left open in docs/plan.md:5: Should refunds belong to sales or to accounting?"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose plan, of March, leaves a question open."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/plan.md").write_text(
        "# Plan, 4 March 2026\n\n## Open questions\n\n- Should refunds belong to sales or to accounting?\n"
        "- How long does a refund take at the bank?\n- Who runs the refund job at night?\n"
    )
    return tmp_path


async def filled(project: Path | None, text: str, first: str = "Gap Fill", **inputs: Evidence) -> Evidence:
    """What the researcher finds on one gap."""
    artifact = Artifact(id="GapFill-Refunds", description=f"{first}: {text}")
    place = str(project) if project else None
    return await research(Assignment(artifact=artifact, project=place, inputs=inputs, today=TODAY))


def written(project: Path, path: str, text: str) -> None:
    """A further document of a project."""
    place = project / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


async def test_a_later_record_answers_with_file_and_line(project: Path) -> None:
    """A decision that was written down elsewhere closes the gap, and is quoted where it stands."""
    written(project, "docs/adr/7.md", "# ADR 7\n\nDate: 2026-04-02.\n\n## Decision\n\nRefunds belong to accounting.\n")
    written(project, "docs/adr/8.md", "# ADR 8\n\nDate: 2026-05-02.\n\nRefund forms: the refund form is green now.\n")
    evidence = await filled(project, ASKED)
    assert evidence.gaps == ()
    answer = ("Refunds belong to accounting.", "docs/adr/7.md:7")
    assert [(claim.text, str(claim.sources[0])) for claim in evidence.claims] == [answer]
    assert evidence.confidence > 0.7


@pytest.mark.parametrize(
    "text",
    [
        "# Notes, 9 April 2026\n\nRefunds are much asked for in sales and in accounting alike.\n",
        "# Notes, 9 April 2026\n\nShould refunds belong to sales, we asked again?\n",
        "# Notes, 9 April 2026\n\nWhether refunds belong to sales or to accounting was not decided.\n",
        "# Notes, 9 April 2026\n\nSome think that refunds belong to accounting.\n",
        "# Notes, 9 February 2026\n\nIt was decided that refunds belong to accounting for now.\n",
        "# Notes, 9 April 2026\n\n## Undecided\n\nRefunds belong to accounting or to sales.\n",
        "# Notes, 9 April 2026\n\nIt was decided that vouchers belong to marketing from now on.\n",
        "",
    ],
)
async def test_what_is_no_answer_leaves_the_gap_in_its_own_words(project: Path, text: str) -> None:
    """Questions, guesses, what is older than the question, and what is about something else answer nothing."""
    written(project, "docs/notes.md", text)
    evidence = await filled(project, ASKED)
    assert (evidence.gaps, evidence.claims) == ((ASKED,), ())
    assert evidence.confidence < 0.3


async def test_question_for_a_figure_is_answered_by_a_figure_alone(project: Path) -> None:
    """Words about a duration are no duration."""
    gap = "left open in docs/plan.md:6: How long does a refund take at the bank?"
    written(project, "docs/bank.md", "# Bank, 2 May 2026\n\nA refund takes too long at the bank, as was confirmed.\n")
    assert (await filled(project, gap)).gaps == (gap,)
    written(project, "docs/bank.md", "# Bank, 2 May 2026\n\nA refund was measured to take 3 days at the bank.\n")
    assert (await filled(project, gap)).gaps == ()


async def test_half_an_answer_is_told_and_the_gap_stays(project: Path) -> None:
    """Of two questions in one, the answered one is quoted and the whole gap is reported again."""
    gap = "left open in docs/plan.md:7: Whether there will be a refund job, and who would pay the refund clerk."
    written(
        project, "docs/board.md", "# Board, 2 May 2026\n\nIt was decided that there will be a refund job by June.\n"
    )
    evidence = await filled(project, gap)
    assert evidence.gaps == (gap,)
    assert [claim.text for claim in evidence.claims] == ["It was decided that there will be a refund job by June."]
    assert 0.3 <= evidence.confidence < 0.5


async def test_earlier_findings_answer_too() -> None:
    """Without any document, a claim that was handed over closes the gap with its own source."""
    source = Source(path="mail.md", line=4)
    found = Evidence(
        artifact="Mail",
        agent="researcher",
        summary="",
        confidence=0.8,
        claims=(Claim(text="It was agreed that refunds belong to accounting.", sources=(source,)),),
    )
    evidence = await filled(None, ASKED, Mail=found)
    assert (evidence.gaps, evidence.claims[0].sources) == ((), (source,))


async def test_what_a_person_said_is_no_gap_where_nothing_is_written_about_it(project: Path) -> None:
    """A statement is searched for, and it is not counted as open because no document repeats it."""
    for place in (project, None):
        evidence = await filled(place, "the README says that HTTPX requires Python 3.8 or later", "Follow")
        assert (evidence.gaps, evidence.claims) == ((), ())
        assert evidence.summary.startswith("A person said: “the README says")
        assert "Whoever knows" not in evidence.text


@pytest.mark.parametrize("first", ["Gap Fill", "Unblock"])
async def test_nothing_to_search_is_told(first: str) -> None:
    """Without documents and findings nothing is claimed, and the words come back as they are."""
    evidence = await filled(None, "the bank's file never arrived", first)
    assert (evidence.claims, evidence.gaps) == ((), ("the bank's file never arrived",))
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


async def test_unblocking_tells_what_documents_say_about_the_reason(project: Path) -> None:
    """What the documents know about a reason is quoted."""
    written(project, "docs/ops.md", "# Operations\n\nIf the bank file is late, the refund job is started by hand.\n")
    evidence = await filled(project, "NightJob: TimeoutError: the bank file is late", "Unblock")
    assert (evidence.gaps, str(evidence.claims[0].sources[0])) == ((), "docs/ops.md:3")
    assert evidence.confidence == 0.5


async def test_doubt_is_answered_by_other_files_that_say_the_same(project: Path) -> None:
    """A weak statement is borne out by another file, and not by the file it comes from."""
    claim = Claim(text="The refund team has 4 clerks.", sources=(Source(path="docs/a.md", line=3),), confidence=0.4)
    found = Evidence(artifact="Team", agent="researcher", summary="", confidence=0.4, claims=(claim,))
    text = "further evidence for Team, which is 40% sure"
    written(project, "docs/a.md", "# A\n\nThe refund team has 4 clerks.\n")
    assert (await filled(project, text, "Confirm", Team=found)).gaps == (text,)
    written(project, "docs/b.md", "# B\n\nThere are 4 clerks in the refund team.\n")
    evidence = await filled(project, text, "Confirm", Team=found)
    assert (evidence.gaps, str(evidence.claims[0].sources[0])) == ((), "docs/b.md:3")


@pytest.mark.parametrize(
    ("gap", "place"),
    [
        (
            "left open in docs/architecture-overview.md:36: Should credit belong to accounts or to billing?",
            "docs/adr/0008-credit-goes-to-billing.md",
        ),
        (
            (
                "left open in docs/performance-notes.md:31: What a call over the network instead of within the process "
                "would add to an order."
            ),
            "docs/trials/2025-06-17-credit-over-http.md",
        ),
        (
            "left open in docs/migration-constraints.md:24: Whether scans may reach an order some seconds late.",
            "docs/meetings/2025-06-11-scans-and-counters.md",
        ),
    ],
)
async def test_open_questions_of_the_example_are_answered_elsewhere(gap: str, place: str) -> None:
    """Three of the example's open questions have their answer in a document that nobody linked."""
    evidence = await filled(EXAMPLE, gap)
    assert evidence.gaps == ()
    assert evidence.claims[0].sources[0].path == place


async def test_what_the_example_has_not_decided_stays_open() -> None:
    """The broker is undecided: an old trial and a lack of experience are no decision."""
    gap = (
        "left open in docs/migration-constraints.md:23: "
        "Whether there will be a message broker, and who would run it at night."
    )
    evidence = await filled(EXAMPLE, gap)
    assert (evidence.gaps, evidence.claims) == ((gap,), ())
    assert "before the question was written down" in evidence.text


def test_parts_of_a_question_know_what_they_want() -> None:
    """What an answer must have follows from how the question is asked."""
    asked = {
        "left open in a.md:1: When does the freeze end?": Wanted.TIME,
        "left open in a.md:1: How many depots are there?": Wanted.AMOUNT,
        "left open in a.md:1: Which team answers for it?": Wanted.PARTY,
        "left open in a.md:1: Is the cache worth it?": Wanted.DECISION,
        "left open in a.md:1: Is it Redis or Kafka?": Wanted.CHOICE,
        "the rate of change not known for the decision on x (from y)": Wanted.AMOUNT,
        "no document says anything about the rent": Wanted.STATEMENT,
    }
    assert list(asked.values()) == [asked_by(gap).parts[0].wanted for gap in asked]


def test_a_date_that_a_text_speaks_of_is_not_its_own() -> None:
    """Dates come from the name of the file or from a label, never from the matter."""
    assert date_of("docs/2025-13-45-notes.md", ()) == ""
    assert date_of("docs/2025-03-04-notes.md", ()) == "2025-03-04"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120))
async def test_any_gap_is_survived_and_never_answered_from_nothing(text: str) -> None:
    """Whatever a gap says, without anything to read it comes back, on one line, and nothing is claimed."""
    evidence = await filled(None, text or "x")
    assert evidence.claims == ()
    assert evidence.gaps
