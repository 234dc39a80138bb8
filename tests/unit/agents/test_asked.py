"""The delegation parameters of the design document reach the specialists through an artifact's words."""

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.asked import Asked, asked_of, within
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.decision_log.agent import decide
from prefect_harmonic.tasks.agents.learning_path.agent import teach
from prefect_harmonic.tasks.agents.researcher.agent import research

TODAY = date(2026, 11, 22)
FEATURE = Path(__file__).parents[3] / "examples" / "feature" / "quayside"


def assignment(name: str, contract: str, project: Path | None = None) -> Assignment:
    """What a specialist is asked to do."""
    return Assignment(
        artifact=Artifact(id=name, contract=contract, produces_file="out.md"),
        project=str(project) if project else None,
        today=TODAY,
    )


def committed(folder: Path) -> str:
    """A repository of one commit, and the commit's name."""
    (folder / "shop.py").write_text("VALUE = 1\n")
    who = {f"GIT_{one}_{what}": "tester@example.org" for one in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, env={**os.environ, **who})
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return head.stdout.strip()


@pytest.mark.parametrize(
    ("contract", "asked"),
    [
        ("", Asked()),
        ('{"return_summary": true, "max_length": 500}', Asked(summary_length=500)),
        ("A summary of at most 300 characters", Asked(summary_length=300)),
        ('{"git_hash":"4F2A91C0"}', Asked(git_hash="4f2a91c0")),
        ('"target_audience":"team","duration":"2 weeks"', Asked(audience="team")),
        ("Audience: office staff. Two weeks", Asked(audience="office staff")),
        ("status: accepted, review_date: 2027-01-31", Asked(status="accepted", review_on=date(2027, 1, 31))),
        ("To be looked at again after 3 months", Asked(review_months=3)),
        ("review_date: 2027-02-31", Asked()),
        ("an audience with many heads", Asked()),
    ],
)
def test_parameters_are_read_from_words_and_from_keys(contract: str, asked: Asked) -> None:
    """As they stand in the design document, and as a person writes them."""
    assert asked_of(Artifact(id="A", contract=contract)) == asked


def test_summary_is_cut_at_a_sentence() -> None:
    """Or at a word where the first sentence is too long by itself."""
    assert within("One thing. Another thing. A third.", 27) == "One thing. Another thing."
    assert within("a sentence without any end to it", 16) == "a sentence…"
    assert within("short", None) == "short"


async def test_researcher_returns_a_summary_of_the_length_that_is_asked_for() -> None:
    """`return_summary` and `max_length`: the whole text is there, and what is passed upward is as short as asked."""
    usual = await research(assignment("OpenConnections", "Connections that stay open on the proxy", FEATURE))
    short = await research(
        assignment("OpenConnections", "Connections that stay open on the proxy. max_length: 200", FEATURE)
    )
    assert len(short.summary) <= 200 < len(usual.summary)
    assert short.claims == usual.claims
    assert short.text


async def test_code_analyzer_says_at_which_commit_the_code_is(tmp_path: Path) -> None:
    """`git_hash`: it stands in the figures, and another one than was asked for is a gap."""
    commit = committed(tmp_path)

    async def analyzed(asked: str) -> Evidence:
        return await analyze_code(assignment("Structure", f"Every module, git_hash: {asked}", tmp_path))

    same, other = await analyzed(commit[:10]), await analyzed("0123456789abcdef")
    assert same.data["git_hash"] == commit
    told = f"commit 0123456789ab was to be analyzed, and the project is at {commit[:12]}"
    assert told in other.gaps
    assert told not in same.gaps


async def test_learning_path_is_for_the_audience_and_within_the_duration_that_are_asked_for() -> None:
    """`target_audience` and `duration`."""
    evidence = await teach(
        assignment("GraphqlTraining", "GraphQL subscriptions; target_audience: team; duration: 1 week")
    )
    assert evidence.data["audience"] == "team"
    assert "For: team." in evidence.text
    hours = evidence.data["hours"]
    assert isinstance(hours, float)
    assert 0 < hours <= 20


async def test_decision_is_looked_at_again_when_the_plan_says_so() -> None:
    """`review_date`: the day that is named, or as many months later, or half a year."""
    days = {}
    for contract in ("review_date: 2027-01-31", "review in 2 months", "At least two ways"):
        (decision,) = (await decide(assignment("MigrationApproach", contract))).decisions
        days[contract] = decision.review_date
    assert list(days.values()) == ["2027-01-31", "2027-01-22", "2027-05-22"]


async def test_decision_that_is_to_be_accepted_is_not_where_nothing_carries_it() -> None:
    """`status`: asking for it does not make it so, and that is told."""
    evidence = await decide(assignment("MigrationApproach", "status: accepted"))
    assert evidence.data["status"] == "proposed"
    assert any("is to be accepted" in gap for gap in evidence.gaps)
    plain = await decide(assignment("MigrationApproach", "At least two ways"))
    assert not any("is to be accepted" in gap for gap in plain.gaps)
