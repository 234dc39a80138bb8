"""Reading goals: what they ask for, and which are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_harmonic.errors import GoalError
from prefect_harmonic.planners.constraints import constraints_of, features_of
from prefect_harmonic.planners.goal import MAX_GOAL_LENGTH, checked_goal, requirements_of


@pytest.mark.parametrize(
    ("goal", "requirements"),
    [
        ("Build a REST API with auth and database", ("REST API", "auth", "database")),
        ("Add user settings with dark mode", ("user settings", "dark mode")),
        ("Create file upload system", ("file upload system",)),
        ("Build GraphQL API with Real-time Subscriptions", ("GraphQL API", "Real-time Subscriptions")),
        ("Migrate to microservices", ("microservices",)),
        ("Resolve Production Database Performance Issue", ("Production Database Performance Issue",)),
        ("Platform modernization over four quarters", ("Platform modernization", "four quarters")),
        ("Design and implement a cache", ("cache",)),
        ("Choose between httpx and aiohttp", ("httpx", "aiohttp")),
        ("Build an API with A, B, and C", ("API", "A", "B", "C")),
        ("Build a CLI tool that can convert CSV and export PDF", ("CLI tool", "convert CSV", "export PDF")),
        ("Build a pipeline using Kafka, supporting replay", ("pipeline", "Kafka", "replay")),
        ('Build a bot with "search and export" and login', ("bot", "search and export", "login")),
        (
            "Build a shop with:\n- checkout\n* search and filter\n2) refunds",
            ("shop", "checkout", "search and filter", "refunds"),
        ),
        ("Add drag and drop and undo", ("drag and drop", "undo")),
        ("Please build an app with login", ("app", "login")),
        ("We need to organise a conference", ("conference",)),
        ("Build an app with login, logins and Login", ("app", "login")),
        ("Überprüfung der Größe", ("Überprüfung der Größe",)),
        ("构建 接口", ("构建 接口",)),
        ("dark mode", ("dark mode",)),
    ],
)
def test_requirements_are_read_from_the_words_of_the_goal(goal: str, requirements: tuple[str, ...]) -> None:
    """In the goal's own words, in its own order, each once."""
    assert requirements_of(goal) == requirements


LONG = """Make our generator fit for large sites

Background: we publish an archive with it.
A build takes 40 minutes.

Must have:
- incremental builds
- a cache of what was parsed

Must not:
- change the URLs of articles
- break plugins

Out of scope: a new theme engine

Constraints:
- three people, six weeks

Questions we have:
- Where is the time spent now?

Done when a build after a change of one line takes less than ten seconds,
and when the output is the same as before.
"""


def test_what_a_long_goal_bars_gives_or_tells_is_no_wish() -> None:
    """A list of what must not happen stays one, and headings, background and questions are nothing to be built."""
    found = requirements_of(LONG)
    assert features_of(found) == ("generator fit for large sites", "incremental builds", "cache of what was parsed")
    assert constraints_of(found) == (
        "must not change the URLs of articles",
        "must not break plugins",
        "not in scope: a new theme engine",
        "given: three people, six weeks",
        "answers “Where is the time spent now?”",
        (
            "Done when a build after a change of one line takes less than ten seconds, and when the output is the same "
            "as before"
        ),
    )


def test_what_is_to_be_dropped_beside_something_else_keeps_its_verb() -> None:
    """Without it, the end of a support would read as a support."""
    goal = "Upgrade to SQLAlchemy 2.1 and drop support for Python 3.8"
    assert requirements_of(goal) == ("SQLAlchemy 2.1", "drop support for Python 3.8")
    assert requirements_of("Drop the dependency on python-dateutil") == ("python-dateutil",)


@pytest.mark.parametrize(
    ("goal", "problem"),
    [
        ("", "is empty"),
        (" \n\t ", "is empty"),
        ("\x00\x07", "is empty"),
        ("!!! ...", "has no words"),
        ("x" * 100_000, "has 100,000 characters and may have 20,000"),
    ],
)
def test_what_is_no_goal_is_refused_in_one_line(goal: str, problem: str) -> None:
    """The message says what is wrong and what to give instead."""
    with pytest.raises(GoalError, match=problem) as refusal:
        checked_goal(goal)
    assert "\n" not in str(refusal.value)


def test_control_characters_are_taken_out() -> None:
    """What a terminal would obey never reaches a plan."""
    assert checked_goal("Build\x1b[31m an\x00 API\r\nwith auth") == "Build[31m an API\nwith auth"


def test_the_longest_goal_is_still_a_goal() -> None:
    """The limit itself is allowed."""
    assert requirements_of("a" * MAX_GOAL_LENGTH)


@given(st.text(max_size=300))
def test_any_text_has_requirements_or_is_refused(text: str) -> None:
    """No text makes reading fail in another way, and nothing is read twice."""
    try:
        requirements = requirements_of(text)
    except GoalError:
        return
    assert requirements
    assert len(requirements) == len(set(requirements))
    assert all(requirement.strip() for requirement in requirements)
