"""Signs: an answer is told by what any project would say, by two things at least, and by no project's own names."""

import gc
import re
import weakref
from pathlib import Path

import pytest

from prefect_harmonic.tasks.agents.researcher.answers import POSSIBLE, Answer, answer_to
from prefect_harmonic.tasks.agents.researcher.documents import passages_in
from prefect_harmonic.tasks.agents.researcher.questions import catalogue_questions
from prefect_harmonic.tasks.agents.researcher.search import PassageIndex

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


DEADLOCK = "The nightly job ran into a deadlock because two workers started at once."


def answered(identity: str, path: str, text: str) -> Answer:
    """What a document answers to a question of the catalogue."""
    return answer_to(catalogue_questions()[identity], PassageIndex(passages_in(path, text)), ())


@pytest.mark.parametrize(
    ("path", "heading", "more"),
    [
        ("notes.md", "# Shop\n\n## Root cause\n\n", ""),
        ("docs/incidents/3.md", "# Tuesday\n\n", ""),
        ("notes.md", "# Shop\n\n", " Our server crashed twice in May, and orders were lost until noon."),
    ],
)
def test_sentence_answers_where_a_second_thing_speaks_for_it(path: str, heading: str, more: str) -> None:
    """Its heading, the kind of its document, or what stands beside it."""
    assert DEADLOCK in {claim.text for claim in answered("failures", path, f"{heading}{DEADLOCK}{more}").claims}


def test_what_one_thing_speaks_for_is_possible_and_no_answer() -> None:
    """The sentence is told with little confidence, and its question stays open."""
    answer = answered("failures", "notes.md", f"# Shop\n\n{DEADLOCK}")
    assert answer.claims == ()
    assert [(claim.text, claim.confidence) for claim in answer.possible] == [(DEADLOCK, POSSIBLE)]


@pytest.mark.parametrize(
    ("identity", "path", "text"),
    [
        ("delivery", "docs/runbook.md", "It would be deployed every night by a script."),
        ("delivery", "docs/operations.md", "## Options\n\nA release every week by hand on two servers."),
        ("delivery", "docs/deploy.md", "You can deploy it in a container on each server."),
        ("load", "docs/reference/load.md", "At peak it takes 40 requests per second."),
        ("failures", "CHANGELOG.md", DEADLOCK),
        ("failures", "shop/incidents.py", f'"""Orders.\n\n{DEADLOCK}\n"""'),
        (
            "communication",
            "docs/architecture.md",
            "## Links\n\n- [How it calls its broker](https://a.example/http/rest)",
        ),
    ],
)
def test_what_is_not_said_of_the_project_as_it_is_answers_nothing(identity: str, path: str, text: str) -> None:
    """What would be, what was considered, what users may do, what changed once, and what only a link is called."""
    assert answered(identity, path, text).claims == ()


def test_what_was_told_by_signs_is_forgotten_with_its_index() -> None:
    """A server that lives long keeps no documents of projects that it has let go."""
    index = PassageIndex(passages_in("docs/incidents/3.md", DEADLOCK))
    answer_to(catalogue_questions()["failures"], index, ())
    kept = weakref.ref(index)
    del index
    gc.collect()
    assert kept() is None
