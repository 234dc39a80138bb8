"""Plans that served before: for which goals they are offered, and what is changed of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.past import past_run
from support.plans import named

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.experience.experience import Experience
from prefect_harmonic.planners.experience.goal_likeness import ALIKE, goal_likeness
from prefect_harmonic.planners.experience.reuse import OfferedPlan, adapted, offered_plan, without_closings
from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.plan import Plan

SHOP = "Build a shop with a catalogue, a basket and payments"
ASKED = requirements_of(SHOP)


def likeness(one: str, other: str) -> float:
    """How alike two goals are with the requirements that stand in them."""
    return goal_likeness(one, requirements_of(one), other, requirements_of(other))


@pytest.mark.parametrize(
    "other",
    [
        "Create a shop with a catalogue, a basket and payments",
        "Please implement a shop with catalogue, payments and basket!",
        "build A SHOP with a catalogue, baskets and payment",
    ],
)
def test_same_wish_in_other_words_is_alike(other: str) -> None:
    """Order, articles, endings and the word for making say nothing about the plan."""
    assert likeness(SHOP, other) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Build a REST API with auth and a db", "Create a REST API with authentication and database"),
        ("Add full-text search to the archive", "Make the archive searchable"),
        ("Build a dashboard that shows sales by region", "Build a sales dashboard by region"),
    ],
)
def test_words_that_say_the_same_are_one_word(one: str, other: str) -> None:
    """Abbreviations and the few phrases that goals are full of; what is merely near stays apart."""
    assert likeness(one, other) == 1
    assert likeness("Add authentication to the API", "Add authorization to the API") < ALIKE


@pytest.mark.parametrize(
    "other",
    [
        "Remove the shop with the catalogue, the basket and payments",
        "Migrate a shop with a catalogue, a basket and payments",
        "Build a shop with a catalogue, a basket and no payments",
        "Build a shop with a catalogue and a basket, without payments",
        "Build 3 shops with a catalogue, a basket and payments",
        "Build a shop with a catalogue, a basket and reviews",
        "Build a blog with a catalogue, a basket and payments",
        "Build a shop",
    ],
)
def test_another_wish_in_much_the_same_words_is_not_alike(other: str) -> None:
    """Another deed, a number, a negation, or something else that is asked for."""
    assert likeness(SHOP, other) < ALIKE


WORDS = ("build", "migrate", "remove", "shop", "auth", "search", "not", "3", "and", "with", "a", "billing", "basket")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Migrate from MySQL to PostgreSQL", "Migrate from PostgreSQL to MySQL"),
        ("Add dark mode to the settings", "Add settings to the dark mode"),
        ("Replace the cache with a queue", "Replace the queue with a cache"),
    ],
)
def test_goal_that_leads_elsewhere_with_the_same_words_is_not_alike(one: str, other: str) -> None:
    """Where from and where to are part of the wish; in which order they are said is not."""
    assert likeness(one, other) == 0
    assert likeness("Migrate from MySQL to PostgreSQL", "Migrate to PostgreSQL from MySQL") >= ALIKE


GOALS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@given(GOALS, GOALS)
def test_likeness_is_symmetrical_and_a_share(one: str, other: str) -> None:
    """Which of the two came first does not matter."""
    asked, also = tuple(one.split()), tuple(other.split())
    there, back = goal_likeness(one, asked, other, also), goal_likeness(other, also, one, asked)
    assert there == pytest.approx(back)
    assert 0 <= there <= 1 + 1e-9


@given(GOALS)
def test_goal_is_wholly_like_itself(goal: str) -> None:
    """Whatever it says."""
    assert goal_likeness(goal, (goal,), goal, (goal,)) == pytest.approx(1)


def offered(**fields: Any) -> OfferedPlan | None:
    """What is offered for the shop after one run for it."""
    run = past_run(SHOP, requirements=ASKED, **fields)
    return offered_plan(SHOP, ASKED, [run], project="", needs_declared=True)


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "stopped"}, {"outcome": "incomplete"}, {"project": "another"}, {"is_declared": False}],
    ids=str,
)
def test_run_that_proves_nothing_for_this_goal_offers_nothing(fields: dict[str, Any]) -> None:
    """Not at its end, of another project, or not comparable with what declares all it consumes."""
    assert offered() is not None
    assert offered(**fields) is None


def test_most_alike_is_offered_and_of_equals_the_latest() -> None:
    """With where it comes from."""
    words = "Make a shop with a catalogue, a basket, payments and search"
    runs = [
        past_run(SHOP, number=1, requirements=ASKED),
        past_run(SHOP, number=2, requirements=ASKED),
        past_run(words, number=3, requirements=requirements_of(words)),
    ]
    found = offered_plan(SHOP, ASKED, runs, project="", needs_declared=True)
    assert found is not None
    assert found.origin == "reused from run run2 of 2026-03-03, similarity 1.00"
    assert found == offered_plan(SHOP, ASKED, runs[::-1], project="", needs_declared=True)


def test_run_that_ended_short_of_its_criteria_is_offered_after_one_that_met_them() -> None:
    """And what is offered says how it ended."""
    later = past_run(SHOP, number=2, requirements=ASKED, outcome="inconclusive")
    both = offered_plan(SHOP, ASKED, [past_run(SHOP, requirements=ASKED), later], project="", needs_declared=True)
    alone = offered_plan(SHOP, ASKED, [later], project="", needs_declared=True)
    assert both is not None
    assert alone is not None
    assert both.run == "run1"
    assert alone.origin.endswith("similarity 1.00; that run ended inconclusive")


def test_experience_without_offers_offers_nothing() -> None:
    """As --no-reuse asks for."""
    runs = [past_run(SHOP, requirements=ASKED)]
    assert Experience(runs=runs).offer(SHOP, ASKED, needs_declared=True) is not None
    assert Experience(runs=runs, has_offers=False).offer(SHOP, ASKED, needs_declared=True) is None


def test_adapted_plan_speaks_of_the_new_goal() -> None:
    """Goal, requirements, what artifacts cover, and the texts that name them; never a part of a word."""
    plan = Plan(
        goal="Build a shop with auth",
        requirements=("auth", "shop"),
        artifacts=(
            named("Login", covers=["auth"], description="The auth of: Build a shop with auth", contract="authors stay"),
        ),
    )
    changed = adapted(plan, "Create a shop with user auth", ("shop", "user auth"))
    (login,) = changed.artifacts
    assert (changed.goal, changed.requirements) == ("Create a shop with user auth", ("shop", "user auth"))
    assert login.covers == ("user auth",)
    assert login.description == "The user auth of: Create a shop with user auth"
    assert login.contract == "authors stay"


NAMES = st.sampled_from("ABCDEF")


@given(st.dictionaries(NAMES, st.sets(NAMES), min_size=1), st.sets(NAMES))
def test_plan_without_closings_keeps_every_order_of_the_rest(edges: dict[str, set[str]], closings: set[str]) -> None:
    """What waited for something beyond a closing still waits for it, and nothing else is added."""
    ordered = {name: sorted(one for one in required if one < name and one in edges) for name, required in edges.items()}
    plan = Plan(artifacts=tuple(named(name, required) for name, required in sorted(ordered.items())))
    kept = without_closings(plan, closings)
    before, after = _reach(plan.artifacts), _reach(kept.artifacts)
    assert after == {name: reached - closings for name, reached in before.items() if name not in closings}


def _reach(artifacts: tuple[Artifact, ...]) -> dict[str, set[str]]:
    """For each artifact everything that it waits for; artifacts come after what they require."""
    reach: dict[str, set[str]] = {}
    for artifact in artifacts:
        known = [{one} | reach[one] for one in artifact.required_ids]
        reach[artifact.id] = set().union(*known)
    return reach
