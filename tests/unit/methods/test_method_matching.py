"""Which method a goal leads to: by the sentence that says what is wanted, and by words that mean it."""

import pytest

from prefect_harmonic.planners.constraints import features_of
from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.matching import frames_for, tasks_in

METHODS = MethodLibrary.packaged().by_task
WITH_CODE = {"has_code", "has_python", "has_documents"}


@pytest.mark.parametrize(
    ("goal", "frames"),
    [
        ("Upgrade to SQLAlchemy 2.1 and drop support for Python 3.8", ["upgrade-dependency"]),
        ("Split shop.backends out into a distribution of its own", ["refactor-code"]),
        ("Raise the test coverage of the parser to 95 %", ["raise-coverage"]),
        ("Add type hints to the whole package", ["change-what-exists"]),
        ("Publish the package on conda-forge", ["change-what-exists"]),
        ("Let authors schedule an article for a date", ["change-what-exists"]),
        ("Make our builds fast\nMust not:\n- change what a release contains", ["optimise-performance"]),
        ("Make our site fit for many readers.\nWe had an outage after the last release.", ["change-what-exists"]),
        ("Build a package with a REST API", ["build-software"]),
        ("Let users rate albums from the command line", ["change-what-exists"]),
        ("Add shell completion for PowerShell, with tests and documentation", ["change-what-exists"]),
        ("Add missing tests for the parser", ["raise-coverage"]),
    ],
)
def test_goal_leads_to_the_method_for_what_it_asks(goal: str, frames: list[str]) -> None:
    """Names from code, things that are there already and later sentences do not turn it into another goal."""
    found = frames_for(goal, features_of(requirements_of(goal)), METHODS, WITH_CODE)
    assert frames == [each.name for each in found]


@pytest.mark.parametrize(
    ("requirement", "tasks"),
    [
        ("Let authors schedule an article", ()),
        ("Let users rate albums", ()),
        ("Split shop.backends", ()),
        ("Test runs on every push", ()),
        ("Let users log in", ("auth",)),
        ("REST backend", ("rest-api",)),
    ],
)
def test_words_that_only_look_like_a_task_lead_to_none(requirement: str, tasks: tuple[str, ...]) -> None:
    """Who writes is not who signs in, and a module called so is no back end."""
    assert tasks == tasks_in(requirement, METHODS, requirement)
