"""Which statements of a model count: those whose sources were shown and carry them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shop import assigned

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, Source
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.tasks.agents.modelled.adding import Made, added
from prefect_harmonic.tasks.agents.modelled.answer import StatedAnswer, StatedClaim
from prefect_harmonic.tasks.agents.modelled.claims import Counted, counted_claims
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.agents.modelled.shown import Shown, UnshownSourceError

KNOWN = Claim(
    text="The shop has 12 tables.",
    sources=(Source(path="docs/tables.md", line=2, quote="There are 12 tables.", grade=Grade.DOCUMENTED),),
    confidence=0.8,
)
GIVEN = Evidence(
    artifact="InvoiceRules",
    agent="researcher",
    summary="Little was found.",
    confidence=0.4,
    claims=(KNOWN,),
    gaps=("how long a customer may take to pay", "who owns the stock"),
    text="# Invoice rules\n",
)
LINES = (
    "Invoices are sent on the first day of each month.",
    "A customer has 14 days to pay.",
    "The rota for August is kept",
    "by the operations team.",
)
MADE = Made(label="openai:m", usage=Usage(requests=2), calls=1)


def material() -> Material:
    """What a model starts from."""
    return Material(assigned(Artifact(id="InvoiceRules", description="What holds for invoices"), None), GIVEN)


def shown(lines: tuple[str, ...] = LINES, grade: Grade = Grade.DOCUMENTED) -> Shown:
    """A file that was shown, from its third line on."""
    seen = Shown(material().findings)
    told = tuple(Line(path="docs/billing.md", number=at, text=text) for at, text in enumerate(lines, start=3))
    seen.take(Observation(lines=told, grade=grade))
    return seen


def counted(text: str, at: str, quote: str, **more: Any) -> Counted:
    """What counts of one statement."""
    return counted_claims([StatedClaim(text=text, at=at, quote=quote, **more)], material(), shown())


def test_claim_with_a_shown_source_counts_with_the_place_where_its_quote_stands() -> None:
    """The line is the one on which the words are, whichever the model named; its confidence is the model's at most."""
    found = counted("A customer pays within 14 days.", "docs/billing.md:3", "a customer has 14 days", percent=100)
    source = Source(path="docs/billing.md", line=4, quote="a customer has 14 days", grade=Grade.DOCUMENTED)
    assert (Claim(text="A customer pays within 14 days.", sources=(source,), confidence=0.9),) == found.claims


def test_quote_may_run_over_the_end_of_a_line() -> None:
    """A sentence that is wrapped is a sentence."""
    (claim,) = counted(
        "Operations keep the rota.", "docs/billing.md", "rota for August is kept by the operations"
    ).claims
    assert claim.sources[0].line == 5


@pytest.mark.parametrize(
    ("text", "at", "quote", "problem"),
    [
        ("A customer pays.", "docs/other.md:4", "A customer has 14 days to pay.", "no place that was shown"),
        ("A customer pays.", "/etc/passwd:1", "root:x:0:0:root", "no place that was shown"),
        ("A customer pays.", "", "", "no place that was shown"),
        ("A customer pays.", "docs/billing.md:4", "A customer has as long as he likes.", "does not stand"),
        ("A customer pays.", "docs/billing.md:4", "A", "too short"),
        ("A customer pays within 30 days.", "docs/billing.md:4", "A customer has 14 days to pay.", "30 does not stand"),
        ("Every customer hates the colour.", "docs/billing.md:4", "A customer has 14 days to pay.", "something else"),
        ("The weather is fine.", "docs/billing.md:4", "A customer has 14 days to pay.", "something else"),
        ("A customer pays." * 40, "docs/billing.md:4", "A customer has 14 days to pay.", "longer than"),
        ("The shop has 13 tables.", "F1", "12 tables", "13 does not stand"),
        ("The shop has tables.", "F1", "a table of stone", "does not stand in F1"),
        ("The shop has tables.", "F2", "12 tables", "no number of a finding"),
    ],
)
def test_claim_without_a_source_that_carries_it_is_dropped(text: str, at: str, quote: str, problem: str) -> None:
    """It comes into no evidence, and what is wrong with it is said."""
    found = counted(text, at, quote)
    assert found.claims == ()
    assert problem in found.problems[0]


def test_name_of_a_file_is_no_source_for_what_it_may_hold() -> None:
    """A list of files was shown, and none of their lines."""
    seen = Shown({})
    seen.take(Observation(lines=(Line(path="docs/ledger.md", text="a file of the project"),), is_source=False))
    with pytest.raises(UnshownSourceError):
        seen.sources("docs/ledger.md", "a file of the project")


def test_claim_on_a_finding_has_the_finding_s_sources_and_is_derived() -> None:
    """What was concluded from a finding is no better founded than that."""
    (claim,) = counted("Splitting has to move 12 tables of the shop.", "F1", "12 tables", percent=100).claims
    assert [(source.path, source.grade) for source in claim.sources] == [("docs/tables.md", Grade.DERIVED)]
    assert claim.confidence == 0.6


def test_only_a_new_source_closes_what_was_open() -> None:
    """What the embedded specialist knew did not answer it then, and a statement closes nothing that it is not about."""
    text, at, quote = "A customer has 14 days to pay.", "docs/billing.md:4", "A customer has 14 days to pay."
    assert counted(text, at, quote, closes=("G1", "G2", "G9")).closed == {"G1"}
    assert counted("A customer of the shop has 12 tables.", "F1", "12 tables", closes=("G1",)).closed == frozenset()


def test_evidence_keeps_all_that_was_found_and_is_surer_only_by_what_is_answered() -> None:
    """A model's own confidence lowers that of the whole, and never raises it."""
    stated = StatedClaim(text="A customer has 14 days to pay.", at="docs/billing.md:4", quote=LINES[1], closes=("G1",))
    found = counted_claims([stated], material(), shown())
    sure = added(material(), StatedAnswer(percent=100), found, MADE)
    assert (*GIVEN.claims, *found.claims) == sure.claims
    assert sure.gaps == ("who owns the stock",)
    assert pytest.approx(sure.confidence, abs=0.006) == 0.525
    assert added(material(), StatedAnswer(percent=10), found, MADE).confidence < GIVEN.confidence
    assert added(material(), StatedAnswer(percent=100), Counted(), MADE).confidence == GIVEN.confidence
    assert "A customer has 14 days to pay. (`docs/billing.md:4`)" in sure.text


def test_open_question_counts_if_it_is_the_artifact_s_and_new() -> None:
    """Neither another subject nor the same once more becomes a gap, and none steers a terminal."""
    stated = (
        "who may change invoices\n that were sent \x1b[2J\u202e",
        "who owns the stock",
        "what the moon is made of",
    )
    evidence = added(material(), StatedAnswer(open=stated), Counted(), MADE)
    assert (*GIVEN.gaps, r"who may change invoices that were sent \x1b[2J\u202e") == evidence.gaps


TEXT = st.text(st.sampled_from("abc 14days`*\n:."), max_size=30)


@given(at=st.sampled_from(["docs/billing.md:4", "docs/billing.md", "F1", "F7", "x"]) | TEXT, quote=TEXT)
def test_whatever_is_stated_its_source_was_shown(at: str, quote: str) -> None:
    """A source that is accepted names a shown path, and its quote stands in what was shown there."""
    seen = shown()
    try:
        sources = seen.sources(at, quote)
    except UnshownSourceError:
        return
    for source in sources:
        assert source.path in {"docs/billing.md", "docs/tables.md"}
        told = " ".join([*LINES, KNOWN.text, "There are 12 tables."]).casefold().replace("`", "")
        assert source.quote.casefold() in told
