"""Planted contradictions are found and point at their two sentences; what only looks alike is left alone.

The cases are a few of each kind of those that `python -m benchmarks evaluators` counts over.
"""

import pytest

from prefect_harmonic.planners.contradictions import contradictions_among
from prefect_harmonic.planners.evidence import Claim, Evidence, Source
from prefect_harmonic.planners.programme.evaluation import evaluated

PLANTED = [
    ("The invoice table has 1.1 million rows.", "The invoice table has 3 million rows."),
    ("We lost 84 orders in the March outage.", "In the March outage 410 orders were lost."),
    ("The regulator expects the report by 15 April 2026.", "The regulator expects the report by 15 May 2026."),
    ("The new tariff takes effect in Q3 2026.", "The new tariff takes effect in Q1 2027."),
    ("Nobody reviews the nightly exports of billing.", "Billing reviews the nightly exports."),
    ("A signature is required for medical parcels.", "A signature is optional for medical parcels."),
    ("The cluster runs Kubernetes 1.24.", "The cluster runs Kubernetes 1.30."),
    ("We run PostgreSQL 12 in production.", "The production database is PostgreSQL 15."),
]
ALIKE = [
    ("The regulator expects the report by 15 May 2026.", "The report by the regulator may take 15 days."),
    ("Notifications are sent synchronously.", "Notifications should be sent asynchronously."),
    ("Nobody in the company has run a broker.", "The company runs a database."),
    ("We lost 84 orders in the March outage.", "We lose 5 orders in a normal month."),
    ("The pilot started in July 2025.", "The pilot ended in November 2025."),
    ("Redis 6 is used for sessions.", "Redis 7 is used for queues."),
]


def found_by(agent: str, *texts: str) -> Evidence:
    """The evidence of one specialist, each claim with a line of its own."""
    claims = tuple(
        Claim(text=text, sources=(Source(path=f"docs/{agent}.md", line=line, quote=text),))
        for line, text in enumerate(texts, start=3)
    )
    return Evidence(artifact=agent.title(), agent=agent, summary="", confidence=0.9, claims=claims)


@pytest.mark.parametrize(("one", "other"), PLANTED)
def test_planted_contradiction_points_at_its_two_sentences(one: str, other: str) -> None:
    """An evaluation finds a contradiction among claims of different specialists, with both files and lines."""
    noise = ("The harbour depot has two belts.", "Labels are printed at the counter.")
    evaluation = evaluated("look", [found_by("first", *noise, one), found_by("second", other, *noise)])
    (found,) = evaluation.contradictions
    assert {found.one.text, found.other.text} == {one, other}
    assert {str(found.one.sources[0]), str(found.other.sources[0])} == {"docs/first.md:5", "docs/second.md:3"}


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_only_looks_alike_is_no_contradiction(one: str, other: str) -> None:
    """Another time, purpose or certainty is another subject."""
    assert contradictions_among([Claim(text=one), Claim(text=other)]) == ()


def test_all_planted_at_once_are_found_and_nothing_else() -> None:
    """Sentences of several contradictions do not get mixed up."""
    claims = [Claim(text=text) for pair in PLANTED for text in pair]
    pairs = {frozenset((each.one.text, each.other.text)) for each in contradictions_among(claims)}
    assert pairs == {frozenset(pair) for pair in PLANTED}
