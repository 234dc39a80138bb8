"""Named options are studied by the same questions, set side by side, and chosen among with every one named."""

import datetime
from pathlib import Path

import pytest
from pydantic import JsonValue

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.code_analyzer.agent import analyze_code
from prefect_harmonic.tasks.agents.decision_log.agent import decide
from prefect_harmonic.tasks.agents.options.criteria import criterion_catalogue
from prefect_harmonic.tasks.agents.researcher.agent import research

GOAL = "Decide whether Redis or PostgreSQL should hold the sessions"
OPTIONS = ("PostgreSQL", "Redis")
DECISIONS = """# Decisions

Sessions are kept in PostgreSQL today.
Redis would answer within a millisecond; it is one more service to run, and loses what was not written to disk.
A restart of Postgres takes a minute. It is managed by two people who have known it for years.
Nobody knows who runs the scanner.

## Open questions

- What does Redis cost?
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose documents speak of both options, and whose code uses one."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/decisions.md").write_text(DECISIONS)
    (tmp_path / "shop.py").write_text("import redis\n\nclient = redis.Redis()\n")
    return tmp_path


def asked(
    covers: tuple[str, ...], kind: str, project: Path | None = None, goal: str = GOAL, **inputs: Evidence
) -> Assignment:
    """A piece of work on some options."""
    artifact = Artifact(id="Uses" if kind == "inventory" else "Work", domain_type=kind, covers=covers)
    root = str(project) if project else None
    return Assignment(artifact=artifact, goal=goal, project=root, inputs=inputs, today=datetime.date(2026, 11, 22))


async def test_each_option_is_asked_the_same_and_answered_in_the_words_of_documents(project: Path) -> None:
    """Both studies have all criteria; "it" and a short name are the option's; questions are none."""
    studies = [await research(asked((option,), "research", project)) for option in OPTIONS]
    for study in studies:
        assert all(f"## {each.told.capitalize()}" in study.text for each in criterion_catalogue().criteria)
        assert "scanner" not in study.text
        assert "What does Redis cost?" not in study.text
        assert study.gaps == study.limits
    assert "managed by two people" in studies[0].text
    assert "- against: It is one more service to run. (`docs/decisions.md:4`)" in studies[1].text
    assert "costs" in studies[1].gaps[0]


async def test_comparison_and_decision_name_every_option_with_what_moved_its_marks(project: Path) -> None:
    """Side by side by the same criteria; the decision has both options, quotes with places, and use as a measure."""
    comparison = await research(asked(OPTIONS, "analysis", project))
    assert "| Criterion | Redis | PostgreSQL |" in comparison.text
    uses = await analyze_code(asked(("Redis",), "inventory", project))
    evidence = await decide(asked(OPTIONS, "decision", comparison=comparison, uses=uses))
    (decision,) = evidence.decisions
    assert set(OPTIONS) == {option.name for option in decision.options}
    assert decision.chosen in OPTIONS
    assert "docs/decisions.md:4" in " ".join(option.because for option in decision.options)
    assert "the code uses it in" in evidence.text
    assert evidence.data["status"] == "proposed"


async def test_nothing_is_chosen_where_nothing_tells_the_options_apart() -> None:
    """Without a word on either there is no winner by the order in which the goal names them."""
    evidence = await decide(asked(OPTIONS, "decision"))
    assert evidence.decisions[0].chosen == ""
    assert evidence.decisions[0].title.endswith("not decided")
    assert evidence.data["status"] == "proposed"


async def test_marks_follow_from_all_findings_whatever_their_order() -> None:
    """Three for and one against give one mark; a criterion that nobody knows, in what is handed over, moves none."""
    criterion = criterion_catalogue().criteria[0].id
    marks = []
    for directions in ((1, 1, 1, -1), (-1, 1, 1, 1)):
        rows: list[JsonValue] = [["Redis", criterion, way, f"{at}", "a.md:1"] for at, way in enumerate(directions)]
        rows.append(["Redis", "colour", 1, "It is red.", "a.md:2"])
        told = Evidence(
            artifact="Study", agent="researcher", summary="Told.", confidence=0.9, data={"statements": rows}
        )
        evidence = await decide(asked(OPTIONS, "decision", study=told))
        (redis,) = (each for each in evidence.decisions[0].options if each.name == "Redis")
        marks.append(redis.marks)
    assert marks[0] == marks[1]
    assert max(marks[0].values()) == pytest.approx(0.8)
