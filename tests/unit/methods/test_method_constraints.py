"""Constraints and facts of a goal: verified and decided upon, never built."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.constraints import constraints_of, features_of, is_constraint
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.gate.gate import lint
from prefect_harmonic.planners.goal import requirements_of
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.methods.binding import bound
from prefect_harmonic.planners.sources.methods.model import AGENTS
from prefect_harmonic.planners.sources.methods.source import MethodSource
from prefect_harmonic.planners.sources.source import CandidateRequest
from prefect_harmonic.planners.variance import Style, Variation
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of

SOURCE = MethodSource()
HEADS = (
    "Build a REST API with auth and database",
    "Cut p95 latency of our checkout by half",
    "Move the warehouse to the new system",
    "Decide whether to keep Prefect or move to Airflow",
    "Remove the deprecated proxies argument from the client",
    "Build a frobnicator",
    "Make things better",
)
BOUNDS = (
    "without zebrafying quokkas",
    "the quokka must not stop zebrafying",
    "no more than 7 % quokka overhead",
    "the budget is 60,000 zlotys",
    "we have two quokkas",
    "do not zebrafy anything yet",
    "by end of March",
    "within 3 weeks",
    "ohne dass Quokkas etwas merken",
    "bis Ende des Quartals",
)


async def _no_project() -> ProjectContext:
    return NO_PROJECT


def _plan(goal: str, style: Style = Style.DEFAULT) -> Plan:
    request = CandidateRequest(goal=goal, variation=Variation(index=0, style=style), context=_no_project)
    return SOURCE.plan(request, NO_PROJECT)


@pytest.mark.parametrize(
    ("goal", "features", "constraints"),
    [
        (
            "Cut p95 latency of our checkout by half without adding hardware",
            ("p95 latency of our checkout by half",),
            ("without adding hardware",),
        ),
        (
            ("Move the warehouse to the new system; the belt must not stop scanning, we have two developers, "
            "and the budget is 60,000 EUR"),
            ("warehouse to the new system",),
            ("the belt must not stop scanning", "we have two developers", "the budget is 60,000 EUR"),
        ),
        (
            "Add tracing:\n- spans\n- no more than 1 % CPU overhead\n- export without downtime",
            ("tracing", "spans", "export"),
            ("no more than 1 % CPU overhead", "without downtime"),
        ),
        (
            "Decide whether to keep Prefect or move to Airflow, do not migrate anything yet",
            ("keep Prefect", "move to Airflow"),
            ("do not migrate anything yet",),
        ),
        (
            "Shop umstellen, ohne dass Kunden etwas merken; bis Ende des Quartals",
            ("Shop umstellen",),
            ("ohne dass Kunden etwas merken", "bis Ende des Quartals"),
        ),
        ("Build an API which must not lose messages with login", ("API", "login"), ("which must not lose messages",)),
        ("Build X without downtime, data loss or hardware", ("X",), ("without downtime, data loss or hardware",)),
        ("Build an API with at most 3 services and login", ("API", "login"), ("at most 3 services",)),
        ("Build a shop in no more than three weeks", ("shop",), ("no more than three weeks",)),
        ("Build a login that does not store cookies", ("login",), ("that does not store cookies",)),
        ("Build an app with no downtime and a dashboard", ("app", "dashboard"), ("no downtime",)),
        ("Build an import of 1.5 million rows, without data loss and downtime", ("import of 1.5 million rows",),
         ("without data loss and downtime",)),
        ("Build a budget tracker with notes, notifications and deadline reminders",
         ("budget tracker", "notes", "notifications", "deadline reminders"), ()),
    ],
)  # fmt: skip
def test_constraints_are_told_from_features(goal: str, features: tuple[str, ...], constraints: tuple[str, ...]) -> None:
    """Both stay requirements, in their own words; numbers stay whole."""
    requirements = requirements_of(goal)
    assert features == features_of(requirements)
    assert constraints == constraints_of(requirements)
    assert set(requirements) == {*features, *constraints}


def test_goal_of_constraints_alone_is_still_about_something() -> None:
    """Where nothing else is said, what must hold is the subject."""
    requirements = requirements_of("The checkout must not fail")
    assert requirements == features_of(requirements)
    assert constraints_of(requirements) == ()
    several = requirements_of("The checkout must not fail, we have two developers")
    assert features_of(several) == ("The checkout must not fail",)
    assert constraints_of(several) == ("we have two developers",)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(HEADS), st.lists(st.sampled_from(BOUNDS), min_size=1, max_size=4, unique=True),
    st.sampled_from(tuple(Style)), st.sampled_from(("; ", ", ", ". ", "\n- ")),
)  # fmt: skip
def test_no_artifact_is_made_of_the_words_of_a_constraint(
    head: str, bounds: list[str], style: Style, separator: str
) -> None:
    """Each constraint is covered, by a contract that names it, and no id has a word that only constraints have."""
    goal = separator.join([head, *bounds])
    plan = _plan(goal, style)
    free = _plan(head, style)
    assert [str(finding) for finding in lint(plan, agents=AGENTS)] == []
    assert {artifact.id for artifact in free.artifacts} == {artifact.id for artifact in plan.artifacts}
    own = {stem(word) for bound in bounds for word in words_of(bound)} - {stem(word) for word in words_of(head)}
    own = {word for word in own if word not in STOP_WORDS}
    named = {stem(word) for artifact in plan.artifacts for word in words_of(artifact.id)}
    assert not own & named & {"zebrafy", "zebrafi", "quokka", "zloty", "60", "000", "march", "quartal"}
    for requirement in plan.requirements:
        holders = [artifact for artifact in plan.artifacts if requirement in artifact.covers]
        assert holders
        if is_constraint(requirement):
            assert all(requirement in artifact.contract for artifact in holders)


def test_decision_and_last_verification_are_held() -> None:
    """The first decision and the last verification, and nothing else."""
    chain = ("Notes", None), ("First", "decision"), ("Second", "decision"), ("Check", "verification")
    artifacts = tuple(Artifact(id=name, domain_type=kind, contract="Is done.") for name, kind in chain)
    held = bound(artifacts, ("without downtime",))
    assert sorted(each.id for each in held if each.covers) == ["Check", "First"]
    assert {each.contract for each in held if each.covers} == {"Is done. Holds: without downtime."}
    assert bound(artifacts, ()) == artifacts


def test_plan_without_decision_or_verification_still_covers() -> None:
    """Then the last artifact is held."""
    held = bound((Artifact(id="Only"),), ("by Friday",))
    assert [each.covers for each in held] == [("by Friday",)]


def test_requirements_of_source_hold_constraints() -> None:
    """The seam hands them on, so that the gate can ask for them."""
    assert "by end of March" in asyncio.run(SOURCE.requirements("Build a cache by end of March"))
