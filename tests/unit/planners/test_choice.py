"""Which goals ask for a choice among options that they name, and which words are the options."""

import pytest

from prefect_harmonic.planners.choice import Choice, choice_in
from prefect_harmonic.planners.goal import requirements_of


@pytest.mark.parametrize(
    ("goal", "options", "purpose"),
    [
        ("Choose between Kafka and RabbitMQ for order events", ("Kafka", "RabbitMQ"), "order events"),
        ("Choose Kafka, RabbitMQ or NATS for order events", ("Kafka", "RabbitMQ", "NATS"), "order events"),
        ("Decide whether Redis or PostgreSQL should hold the sessions", ("Redis", "PostgreSQL"), "hold the sessions"),
        ("Should we use Redis or Memcached for caching?", ("Redis", "Memcached"), "caching"),
        ("Should the default job store be SQLAlchemy or Redis?", ("SQLAlchemy", "Redis"), "default job store"),
        ("Evaluate Kafka vs. RabbitMQ versus NATS", ("Kafka", "RabbitMQ", "NATS"), ""),
        ("Choose a payment provider: Stripe, Adyen or PayPal", ("Stripe", "Adyen", "PayPal"), "payment provider"),
        ("Compare Stripe and Adyen as payment providers", ("Stripe", "Adyen"), "payment providers"),
        ("Is Vue or React better for our shop?", ("Vue", "React"), "shop"),
        ("Decide whether to keep or drop the old API", ("keep the old API", "drop the old API"), ""),
        ("Kafka vs RabbitMQ", ("Kafka", "RabbitMQ"), ""),
        ("Assess Kafka or RabbitMQ", ("Kafka", "RabbitMQ"), ""),
        ("Evaluate the trade-offs between Kafka and RabbitMQ", ("Kafka", "RabbitMQ"), "trade-offs"),
    ],
)
def test_named_options_and_their_purpose_are_read(goal: str, options: tuple[str, ...], purpose: str) -> None:
    """However a choice is worded, its options come out as the goal calls them, with what they are for."""
    choice = choice_in(goal)
    assert choice is not None
    assert (options, purpose) == (choice.options, choice.purpose)
    assert (*options, *filter(None, [purpose])) == requirements_of(goal)


@pytest.mark.parametrize(
    "goal",
    [
        "Choose a database for the shop",
        "Evaluate vendors and decide on one",
        "Evaluate Kafka and write a report",
        "Assess Security and Performance of the API",
        "Review Django and Celery code for memory leaks",
        "Consider Authentication and Authorization",
        "Decide whether to keep Redis",
        "Choose a name and a logo",
        "Write a blog post about Kafka vs RabbitMQ",
        "Compare the costs of hosting and staffing",
        "Build a REST API with auth and database",
        "Evaluate materials for a fusion reactor: magnets, shielding and first wall",
    ],
)
def test_goal_that_names_no_options_is_no_choice(goal: str) -> None:
    """Things to be made, listed or studied together are not set against each other."""
    assert choice_in(goal) is None


def test_constraints_and_further_wishes_beside_a_choice_stay_requirements() -> None:
    """What a goal says beside its options is neither lost nor taken for an option."""
    goal = "Choose between Kafka and RabbitMQ for order events without adding hardware"
    assert requirements_of(goal) == ("Kafka", "RabbitMQ", "order events", "without adding hardware")
    assert requirements_of("Decide on Vue or React, with a migration plan") == ("Vue", "React", "migration plan")


@pytest.mark.parametrize(
    "goal",
    [
        "Choose Kafka or RabbitMQ and migrate the billing service to it",
        "Choose between Kafka and RabbitMQ, and then migrate the billing service to it",
        "Compare Kafka and RabbitMQ and migrate the billing service to it",
    ],
)
def test_what_is_to_be_done_after_a_choice_is_no_part_of_an_option(goal: str) -> None:
    """The deed that follows is a requirement of its own."""
    assert choice_in(goal) == Choice(("Kafka", "RabbitMQ"), "", "migrate the billing service to it")
