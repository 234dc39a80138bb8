"""The researcher quotes what stands in the project, says what does not, and reads nothing else."""

import datetime
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import SUMMARY_LENGTH, Claim, Evidence, Grade, Source
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.tasks.agents.researcher.agent import research
from prefect_harmonic.tasks.agents.researcher.answers import open_questions
from prefect_harmonic.tasks.agents.researcher.documents import document_paths, passages_in, passages_of
from prefect_harmonic.tasks.agents.researcher.instructions import is_order
from prefect_harmonic.tasks.agents.researcher.questions import questions_of
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex, index_of

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two documents that contradict each other, a module, and things that are not to be read."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/teams.md").write_text(
        "# Teams\n\nThe platform team cares for deployment. The team\nhas 6 engineers.\n\n"
        "| table | owner |\n|---|---|\n| orders | booking |\n\n```\nThe broker in code is no prose.\n```\n"
    )
    (tmp_path / "docs/plan.rst").write_text("Plan\n====\n\nThe team has 9 engineers.\n")
    (tmp_path / "shop.py").write_text(
        'raise SystemExit("executed")\n\ndef pay():\n    """Pays an invoice at the bank."""\n'
    )
    (tmp_path / ".gitignore").write_text("secret/\n")
    for name in ("secret", "node_modules", ".venv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "hidden.md").write_text("The broker is hidden here.\n")
    (tmp_path / "large.md").write_text("The broker is large. " * 60_000)
    (tmp_path / "binary.txt").write_bytes(b"The broker\0is binary")
    return tmp_path


def asked(project: Path | None = None, contract: str = "", **inputs: Evidence) -> Assignment:
    """A piece of research."""
    artifact = Artifact(id="ResearchTeam", contract=contract)
    return Assignment(artifact=artifact, project=str(project) if project else None, inputs=inputs, today=TODAY)


async def test_claims_quote_the_words_with_file_and_line(project: Path) -> None:
    """A claim's quotation stands in the file at the line it names."""
    evidence = await research(asked(project, "which team cares for deployment; who pays an invoice"))
    assert evidence.claims
    for claim in evidence.claims:
        (source,) = claim.sources
        assert source.line is not None
        rest = (project / source.path).read_text().splitlines()[source.line - 1 :]
        assert source.quote in " ".join(" ".join(rest).split())


async def test_contradicting_documents_are_both_named(project: Path) -> None:
    """Two documents that give one team two sizes are set against each other, each with its line."""
    evidence = await research(asked(project, "how many engineers the team has"))
    (found,) = evidence.contradictions
    assert sorted(str(each.sources[0]) for each in (found.one, found.other)) == ["docs/plan.rst:4", "docs/teams.md:3"]


async def test_what_no_document_says_is_a_gap(project: Path) -> None:
    """A word that stands in a document alone is no answer to a question about something else."""
    evidence = await research(asked(project, "data retention periods; team engineers"))
    assert "no document says anything about data retention periods" in evidence.gaps
    assert not any("engineers" in gap for gap in evidence.gaps)


async def test_ignored_large_binary_and_code_are_passed_over(project: Path) -> None:
    """Nothing that version control ignores, that is too large, binary or in a code block is quoted."""
    evidence = await research(asked(project, "broker"))
    assert not any("broker" in claim.text for claim in evidence.claims)
    assert "no document says anything about broker" in evidence.gaps
    assert document_paths(project) == ("binary.txt", "docs/plan.rst", "docs/teams.md", "shop.py")


async def test_link_out_of_the_project_is_not_followed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file or folder outside the project is not read through a link."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "other.md").write_text("The broker lives outside.\n")
    (project / "linked").symlink_to(outside)
    (project / "linked.md").symlink_to(outside / "other.md")
    assert not any("linked" in path for path in document_paths(project))


async def test_row_of_a_table_is_named_by_its_columns_and_quoted_as_it_stands(project: Path) -> None:
    """A cell means nothing without its column's name."""
    rows = [each for each in passages_of(project, "docs/teams.md") if "booking" in each.text]
    assert [(row.text, row.sentences[0].line, row.sentences[0].quote) for row in rows] == [
        ("table: orders; owner: booking", 8, "| orders | booking |")
    ]


async def test_earlier_findings_answer_with_their_own_sources() -> None:
    """Evidence that was handed over is searched too, and keeps where it comes from."""
    source = Source(path="git log", grade=Grade.MEASURED)
    claim = Claim(text="Deployment is done by the platform team.", sources=(source,), confidence=0.9)
    given_evidence = Evidence(artifact="A", agent="x", summary="", confidence=0.9, claims=(claim,))
    evidence = await research(asked(None, "deployment team", A=given_evidence))
    assert claim in evidence.claims
    assert (evidence.data["answered_count"], evidence.data["questions_count"]) == (1, 2)
    assert evidence.confidence > 0.3


async def test_without_anything_to_read_nothing_is_claimed() -> None:
    """No project and no inputs: a brief with questions, low confidence, no claims."""
    evidence = await research(asked(None, "who owns the data; how releases are made"))
    assert evidence.claims == ()
    assert evidence.confidence <= 0.3
    assert evidence.gaps
    assert "## Questions to answer" in evidence.text


async def test_questions_are_few_and_such_as_a_person_asks() -> None:
    """No word salad: at most seven, each whole, none of a single word where the contract has longer ones."""
    for method in MethodLibrary.packaged().methods:
        for piece in method.pieces:
            described = piece.description.replace("{goal}", "split the shop").replace("{subject}", "stock of goods")
            artifact = Artifact(id=piece.artifact, description=described, contract=piece.contract)
            questions = questions_of(Assignment(artifact=artifact, goal="Split the shop", today=TODAY))
            assert 1 <= len(questions) <= 7, piece.artifact
            assert len({each.text for each in questions}) == len(questions)
            assert all(len(each.text.split()) > 1 for each in questions), [each.text for each in questions]


async def test_what_documents_leave_open_is_a_gap_and_no_answer(project: Path) -> None:
    """A question in a document, or a point under the word undecided, is handed on with its place."""
    text = "# Notes\n\nUndecided:\n\n- Whether the team keeps two ways of deployment.\n"
    text += "\n## Open\n\nWho leads the team in a deployment?\n"
    (project / "docs/notes.md").write_text(text)
    evidence = await research(asked(project, "which team cares for deployment"))
    assert "left open in docs/notes.md:5: Whether the team keeps two ways of deployment." in evidence.gaps
    assert "left open in docs/notes.md:9: Who leads the team in a deployment?" in evidence.gaps
    assert not any("docs/notes.md" in str(claim.sources) for claim in evidence.claims)


async def test_sentences_of_documents_come_before_rows_and_docstrings(project: Path) -> None:
    """A docstring answers only what no document answers."""
    (project / "docs/pay.md").write_text("An invoice is paid at the bank within ten days.\n")
    evidence = await research(asked(project, "how an invoice is paid at the bank"))
    assert not any("shop.py" in str(claim.sources[0]) for claim in evidence.claims)


def test_index_is_built_once_for_one_state_of_the_files(project: Path) -> None:
    """The same files share one index; a change gives another."""
    first = index_of(project)
    assert index_of(project) is first
    (project / "docs/new.md").write_text("A new document about brokers.\n")
    assert index_of(project) is not first


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5))
def test_words_are_never_search_syntax(words: list[str]) -> None:
    """Quotation marks, operators and column names in a question are words and nothing else."""
    index = PassageIndex(())
    assert index.hits([*words, '"', "NEAR(", "body:", "AND", "*", "{heading}"]) == ()


async def test_search_syntax_in_a_question_finds_words_only(project: Path) -> None:
    """A question full of operators is searched for as it is, without an error."""
    index = index_of(project)
    words = ['team"', "OR", "NEAR(team", "heading:team", "te*", "-team", "^team"]
    assert all(0 <= hit.share <= 1 for hit in index.hits(words))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=400), st.text(max_size=400))
async def test_summary_has_the_agreed_length(name: str, contract: str, goal: str) -> None:
    """Whatever is asked, the summary has 500 to 1,000 characters."""
    evidence = await research(Assignment(artifact=Artifact(id=name, contract=contract), goal=goal, today=TODAY))
    assert SUMMARY_LENGTH[0] <= len(evidence.summary) <= SUMMARY_LENGTH[1]


@pytest.mark.parametrize(
    ("under", "text", "expected"),
    [
        ("Retention", "How long claims have to be kept is still open.", True),
        ("Unknowns", "The load of the new counters in the north.", True),
        ("Roles", "The board met. It is unclear whether Platform or Network answers for the scanners.", True),
        ("Pricing", "There is no decision yet on the ferry surcharge.", True),
        ("Frequently asked questions", "Parcels are kept at a counter for seven days.", False),
        ("Connections", "At most twenty connections are open at a time.", False),
        ("Retention", "Claims are kept for ten years.", False),
    ],
)
def test_planted_gap_is_found_where_it_stands(under: str, text: str, expected: bool) -> None:
    """A passage that says of something that it is not decided leaves it open, wherever it stands; others do not."""
    found = open_questions(PassageIndex(passages_in("notes.md", f"# Notes\n\n## {under}\n\n{text}\n")))
    assert [(each.place, each.text) for each in found] == (
        [("notes.md:5", text.removeprefix("The board met. "))] if expected else []
    )


async def test_what_a_document_lists_as_open_comes_before_what_is_open_by_the_way(tmp_path: Path) -> None:
    """Of many things left open, those that were written down as questions are told first."""
    (tmp_path / "a.md").write_text("# Money\n\nThe payroll budget of next year is still open.\n")
    questions = "- Who signs the payroll budget?\n- How large is the payroll budget?\n"
    (tmp_path / "b.md").write_text(f"# Money\n\n## Open\n\n{questions}")
    evidence = await research(asked(tmp_path, "payroll budget"))
    left = [gap for gap in evidence.gaps if gap.startswith("left open")]
    assert sorted(left) == [
        "left open in b.md:5: Who signs the payroll budget?",
        "left open in b.md:6: How large is the payroll budget?",
    ]


def test_dot_within_a_version_or_a_name_ends_no_clause() -> None:
    """A question holds the whole of "3.8" and of "networkx.drawing"."""
    told = "Who relies on networkx.drawing and Python 3.8, what was promised to them. Which replacement fits them all."
    artifact = Artifact(id="OutsideUses", contract=told)
    texts = [each.text for each in questions_of(Assignment(artifact=artifact, today=TODAY))]
    assert any("networkx.drawing" in text for text in texts), texts
    assert any("Python 3.8" in text for text in texts), texts
    assert any(text == "Which replacement fits them" for text in texts), texts


def test_question_within_a_sentence_goes_on_in_it_and_ends_in_no_preposition() -> None:
    """A gap is a sentence: "Which load" becomes "which load", and "A target for each page" keeps no "for"."""
    told = "Which load matters. A target in numbers for each page. Redis of the shop."
    asked_for = Artifact(id="Speed", contract=told)
    assert {each.gap for each in questions_of(Assignment(artifact=asked_for, today=TODAY))} >= {
        "no document says anything about which load matters",
        "no document says anything about a target in numbers",
        "no document says anything about Redis of the shop",
    }


@pytest.mark.parametrize("told", ["", "The billing team relies on networkx.drawing for its charts.\n"])
async def test_who_else_uses_something_is_asked_of_people_where_no_document_says_it(tmp_path: Path, told: str) -> None:
    """No further search of the project can know of users outside it."""
    (tmp_path / "notes.md").write_text(f"# Notes\n\nThe library draws graphs in many colours.\n{told}")
    artifact = Artifact(id="OutsideUses", description="Who else relies on networkx.drawing, and what they can use")
    evidence = await research(Assignment(artifact=artifact, project=str(tmp_path), today=TODAY))
    expected = () if told else ("no document says who else relies on networkx.drawing, and what they can use",)
    assert evidence.limits == expected
    assert bool(evidence.claims) is bool(told)


def test_docstring_stands_on_the_line_of_its_words() -> None:
    """Not on that of its quotes, where it begins below them; and what the compiler thinks of the rest is not asked."""
    text = 'PATTERN = "\\d"\n\ndef pay():\n    """\n\n    Pays an invoice.\n\n    The bank is asked.\n    """\n'
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = passages_in("shop.py", text)
    assert [(one.text, one.sentences[0].line) for one in found] == [("Pays an invoice.", 6), ("The bank is asked.", 8)]


def test_code_and_layout_within_prose_are_no_sentences() -> None:
    """Indented code of reStructuredText, tags of Markdown; what a note says is a sentence."""
    rst = "Usage\n=====\n\nRun it so::\n\n    $ run it now\n\n    $ stop it\n\nWait.\n\n.. note::\n\n   It rains.\n"
    markdown = '<div class="a">\n  <p>Get started</p>\n</div>\n\nIt rains.\n'
    assert [passage.text for passage in passages_in("a.rst", rst)] == ["Run it so::", "Wait.", "It rains."]
    assert [passage.text for passage in passages_in("a.md", markdown)] == ["It rains."]


def test_no_ends_a_sentence_unless_a_number_follows() -> None:
    """A refusal is not an abbreviation."""
    (passage,) = passages_in("a.md", "A licence is a no. Nobody knows why. Hat no. 3 is green.")
    assert [each.text for each in passage.sentences] == [
        "A licence is a no.",
        "Nobody knows why.",
        "Hat no. 3 is green.",
    ]


def test_customer_is_not_something_custom() -> None:
    """Words that only begin alike find each other's passages no more."""
    index = PassageIndex(passages_in("a.md", "The customer pays at once.\n\nA custom colour is dear.\n"))
    assert [hit.passage.text for hit in index.hits(("customers",))] == ["The customer pays at once."]


async def test_passage_that_shares_a_word_by_chance_answers_no_question_of_the_catalogue(tmp_path: Path) -> None:
    """A project says nothing of who calls its interface: a sentence with "HTTP" or "API" in it is no answer."""
    (tmp_path / "README.md").write_text(
        "# Tools\n\nSome protocols, such as HTTP, want this option switched off.\n"
        "The code path of that version relies on a private API.\n\nPasswords of the archive are asked for twice.\n"
    )
    artifact = Artifact(id="ResearchInterface", description="The interface and its clients", produces_file="api.md")
    evidence = await research(Assignment(artifact=artifact, project=str(tmp_path), today=TODAY))
    assert "no document says who calls the present interface" in evidence.gaps
    assert evidence.confidence <= 0.2


async def test_confidence_follows_how_much_of_the_question_its_best_passage_has(tmp_path: Path) -> None:
    """A passage with half of a question's words carries less than one that has them all."""
    asked_for = "which warehouse keeps frozen vaccine parcels"
    (tmp_path / "a.md").write_text("The warehouse in Oslo keeps tyres.\n\nFrozen vaccine parcels arrive at noon.\n")
    half = await research(asked(tmp_path, asked_for))
    (tmp_path / "b.md").write_text("The warehouse in Bergen keeps all frozen vaccine parcels.\n")
    whole = await research(asked(tmp_path, asked_for))
    assert half.claims
    assert half.confidence < whole.confidence


@pytest.mark.parametrize(
    ("question", "text"), [("monthly", "each month"), ("month", "monthly"), ("daily", "every day")]
)
async def test_how_often_is_found_in_either_form(tmp_path: Path, question: str, text: str) -> None:
    """What comes monthly is found where it comes each month, and the other way round."""
    (tmp_path / "a.md").write_text(f"The accountant wants totals by product {text}.\n\nThe belt is cleaned.\n")
    evidence = await research(asked(tmp_path, f"which {question} accountant totals there are"))
    assert [claim.sources[0].path for claim in evidence.claims] == ["a.md"]


def test_orders_to_agents_are_no_statements_and_leave_nothing_open() -> None:
    """AGENTS.md says how to work: only what it states of the project is read, and nothing of it is an open question."""
    text = (
        "# Rules\n\n## Open questions\n\n- Close that pair on the spot.\n- Never leave one in a document.\n\n"
        "## Service\n\nUse `make test` before each commit. The service listens on port 8000.\n"
    )
    told = [sentence.text for each in passages_in("AGENTS.md", text) for sentence in each.sentences]
    assert told == ["The service listens on port 8000."]
    assert open_questions(PassageIndex(passages_in("web/CLAUDE.md", text))) == ()
    assert len(open_questions(PassageIndex(passages_in("docs/rules.md", text)))) > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mark owns the orders table.", False),
        ("Test servers run nightly in Frankfurt.", False),
        ("Report data is kept for ten years.", False),
        ("Change requests are answered by two people.", False),
        ("Orders must be written in one transaction.", False),
        ("All tests must pass.", True),
        ("Classes must have a docstring.", True),
        ("You must ask first.", True),
        ("Report what is missing.", True),
        ("Test that it is run nightly.", True),
        ("Use npm run build.", True),
        ("Run tests, which are many.", True),
        ("Make test runs short.", True),
        ("Ensure handlers have names.", True),
        ("Never commit keys that are real.", True),
    ],
)
def test_word_that_begins_an_order_may_be_the_subject_of_a_statement(text: str, expected: bool) -> None:
    """Its verb follows at once; "must" is said of what the project is about or of the work on it."""
    assert is_order(text) is expected


def test_how_results_are_to_be_written_is_no_question() -> None:
    """A contract says that what could not be found is listed: that asks nothing of any document."""
    artifact = Artifact(
        id="BackoffResearch",
        description="What is known about exponential backoff, how others went about it, and what it would take here",
        contract="At least three sources; each claim names its own; what could not be found is listed",
    )
    questions = questions_of(Assignment(artifact=artifact, goal="Add backoff", today=TODAY))
    assert [each.text for each in questions] == ["exponential backoff"]
