"""Contradictions are found where two statements cannot both hold, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Source
from prefect_harmonic.planners.quantities import quantities_in


def claims(*texts: str) -> list[Claim]:
    """Claims with nothing but their text."""
    return [Claim(text=text) for text in texts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The team has 6 engineers.", "The team has eight developers."),
        ("A deploy takes 20 minutes.", "Deploys take 2 hours."),
        ("We run PostgreSQL 12.", "The database is PostgreSQL 14."),
        ("The freeze begins on 1 November 2025.", "The freeze begins on 2025-12-01."),
        ("Billing writes the orders table.", "Billing never writes the orders table."),
        ("Speed limits the checkout service.", "Speed never limits the checkout service."),
        ("Completed orders leave the queue.", "Completed orders never leave the queue."),
        (
            "Notifications are sent synchronously to all customers.",
            "Notifications are not sent synchronously to all customers.",
        ),
        (
            "The busiest day so far was 29 November 2024 with 13,200 parcels.",
            "29 November 2024 was the busiest day in the company's history: 14,900 parcels, 96 % of the capacity.",
        ),
    ],
)
def test_statements_that_cannot_both_hold_contradict(one: str, other: str) -> None:
    """Numbers with one unit, versions, dates and negations about one subject are set against each other."""
    found = contradictions_among(claims(one, other))
    assert [(each.one.text, each.other.text) for each in found] == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The team has 6 engineers.", "The sales team has 8 people."),
        ("The p95 latency of checkout is 300 ms.", "The p99 latency of checkout is 900 ms."),
        ("A deploy takes 20 minutes.", "A deploy took 45 minutes, it was said."),
        ("A deploy takes 20 minutes.", "A deploy should take 5 minutes."),
        ("A deploy takes 20 minutes.", "In production a deploy takes 45 minutes."),
        ("A deploy takes 1,200 seconds.", "A deploy takes 20 minutes."),
        ("There are about 200 modules.", "There are 210 modules."),
        ("The monolith runs on Python 3.8.", "The importer runs on Python 3.11."),
        ("We run Python 3.11.", "We run Python 3.11.4."),
        ("Uploads have at most 10 MB.", "Uploads have 3 MB."),
        ("The orders module has 12 tables.", "The billing module has 7 tables."),
        ("request: POST /orders; p50: 210 ms; p99: 9 s", "request: GET /orders; p50: 35 ms; p99: 2 s"),
        ("In 2023 the company had 40 customers.", "In 2024 the company had 80 customers."),
        ("Deprecated synchronous transport for retries.", "Deprecated asynchronous transport for retries."),
        ("", "The team has 6 engineers."),
    ],
)
def test_statements_about_other_things_do_not_contradict(one: str, other: str) -> None:
    """Another name, percentile, place, tense or time is another subject; equal amounts and bounds do not clash."""
    assert contradictions_among(claims(*filter(None, (one, other)))) == ()


def test_changelog_is_no_party_to_a_contradiction() -> None:
    """What a changelog says was so then, and is not set against what is so now."""
    old = Claim(text="The team has 6 engineers.", sources=(Source(path="CHANGELOG.md", line=3),))
    assert contradictions_among([old, *claims("The team has 8 engineers.")]) == ()


@given(st.lists(st.text(min_size=1, max_size=80), max_size=6))
def test_any_text_is_survived_and_never_contradicts_itself(texts: list[str]) -> None:
    """Whatever claims say, comparing ends without an error, and a claim is never set against its own words."""
    found = contradictions_among([claim for text in texts for claim in claims(text, text)])
    assert all(each.one.text != each.other.text for each in found)


@given(st.permutations(["The team has 6 engineers.", "The team has 8 engineers.", "A deploy takes 3 minutes."]))
def test_order_of_claims_does_not_change_what_is_found(texts: list[str]) -> None:
    """The same pairs are found in whichever order the claims come."""
    pairs = {frozenset((each.one.text, each.other.text)) for each in contradictions_among(claims(*texts))}
    assert pairs == {frozenset({"The team has 6 engineers.", "The team has 8 engineers."})}


@given(st.integers(min_value=2, max_value=999_999))
def test_quantity_is_read_as_it_was_written(number: int) -> None:
    """A whole number is read with and without separators."""
    for written in (str(number), f"{number:,}"):
        assert [each.value for each in quantities_in(f"there are {written} tables")] == [float(number)]
