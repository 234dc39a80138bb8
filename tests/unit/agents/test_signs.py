"""Signs: an answer is told by what any project would say, and by no project's own names."""

import re
from pathlib import Path

import pytest

from prefect_harmonic.tasks.agents.researcher.questions import catalogue_questions

CATALOGUE = Path(__file__).parents[3] / "tasks/agents/researcher/questions.yaml"


def test_signs_of_the_catalogue_know_no_project() -> None:
    """What only the examples speak of is in none: their documents would be found and nobody else's."""
    words = set(re.findall(r"[a-z]{4,}", CATALOGUE.read_text("utf-8").casefold()))
    assert not words & {"nordvale", "quayside", "parcel", "parcels", "scanner", "scanners", "depot", "depots", "berth"}


@pytest.mark.parametrize(
    ("identity", "answer", "near_miss"),
    [
        ("load", "On Mondays we get about 40 requests per second.", "Requests are logged."),
        ("together", "Stock and payment are saved in the same transaction.", "Transactions are nice."),
        ("first-aid", "Never restart the primary by hand.", "It restarts."),
        ("money", "Hosting costs 1,200 EUR a month.", "It costs some effort."),
        ("teams", "Team Blue looks after the catalogue.", "The teams meet in the lobby."),
        ("privacy", "Email addresses are deleted after 30 days.", "The email is sent."),
    ],
)
def test_answer_is_told_by_what_any_project_would_say(identity: str, answer: str, near_miss: str) -> None:
    """By what stands together in one sentence, whatever the project is about."""
    signs = catalogue_questions()[identity].signs
    assert signs is not None
    assert signs.count(answer) > 0
    assert signs.count(near_miss) == 0
