"""Candidates and plans as a terminal shows them."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from support.plans import named

from prefect_harmonic.deployments.cli.tables import print_candidates, print_plan
from prefect_harmonic.planners.effort import EffortModel
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.soundness import Soundness


def candidate(number: int, hours: float | None, soundness: Soundness | None = None) -> dict[str, Any]:
    """A candidate as `harmonic plan --json` has it; without hours one that the gate refused."""
    told: dict[str, Any] = {
        "id": f"candidate-{number}",
        "style": "parallel_first",
        "origin": None,
        "status": "invalid" if hours is None else "valid",
        "reason": "P003 a cycle" if hours is None else None,
        "coverage": 1.0,
        "expected_makespan_hours": hours,
        "cost_hours": hours,
        "metrics": None,
    }
    return told if soundness is None else told | {"soundness": soundness.to_document()}


LEARNED = {"hours": "history", "problem": "", "said": "hours from 1 earlier run"}


def shown(
    *candidates: dict[str, Any],
    refined: tuple[float, float] | None = None,
    scorer: str = "expected-makespan",
    width: int = 110,
    experience: dict[str, Any] = LEARNED,
) -> list[str]:
    """What is printed of a planning with these candidates, line by line."""
    before, after = refined or (0.0, 0.0)
    attempt = {"round": 1, "accepted": True, "before": before, "after": after, "reason": None, "scorer": scorer}
    written = StringIO()
    print_candidates(
        Console(file=written, width=width, highlight=False),
        {
            "requirements": ["auth"],
            "selected": "candidate-0",
            "reason": "It is first.",
            "candidates": candidates,
            "similar": [],
            "notes": [],
            "prediction": {"said": "about 3 s"},
            "experience": experience,
            "refinement": [attempt] if refined else [],
        },
    )
    return [line.rstrip() for line in written.getvalue().splitlines() if line.strip()]


def test_where_hours_come_from_is_told_where_they_were_learned_or_could_not_be() -> None:
    """That they are those of efforts is what everybody expects."""
    default = {"hours": "default", "problem": "", "said": "hours by effort alone, as asked for"}
    broken = {"hours": "default", "problem": "no such table", "said": "hours by effort alone, as it is broken"}
    lines = [shown(candidate(0, 1.0), experience=each)[-1] for each in (LEARNED, default, broken)]
    assert lines == [
        "Run: about 3 s; hours from 1 earlier run",
        "Run: about 3 s",
        "Run: about 3 s; hours by effort alone, as it is broken",
    ]


@pytest.mark.parametrize(("hours", "told"), [(21.33, "21.3 h"), (0.5, "30 min"), (0.00077, "2.8 s")])
def test_every_length_of_time_has_the_unit_that_fits_it(hours: float, told: str) -> None:
    """Hours of a person and seconds of agents are told apart at sight, in the table and under it."""
    lines = shown(candidate(0, hours), refined=(2 * hours, hours))
    row = next(line for line in lines if line.lstrip().startswith(">"))
    assert row.count(told) == 2
    assert lines[-1].endswith(f"to {told}")
    assert "hours" not in lines[1]


def test_score_that_was_bettered_is_no_length_of_time() -> None:
    """Under a scorer of the shape, refinement raises a score."""
    lines = shown(candidate(0, 2.0), refined=(56.25, 62.0), scorer="rfc038")
    assert lines[-1].endswith("from 56.2 to 62 by the rfc038 score")


def test_start_and_length_of_artifacts_have_their_units() -> None:
    """A plan with learned hours is shown in seconds."""
    plan = ArtifactGraph([named("A"), named("B", "A")])
    written = StringIO()
    print_plan(Console(file=written, width=110), plan, 2, EffortModel(usual_pace=1 / 3600))
    assert [cell.strip() for cell in written.getvalue().splitlines()[-2].split("  ") if cell.strip()] == [
        "B",
        "-",
        "4.0 s",
        "4.0 s",
        "A",
    ]


@pytest.mark.parametrize("width", [80, 110])
def test_what_a_judge_says_stands_beside_the_figures_and_without_a_say(width: int) -> None:
    """A column where anybody was judged, its remarks below, and a word that it decides nothing."""
    lines = shown(
        candidate(0, 9.0, Soundness(score=0.4, remarks=("Auth comes too late",))),
        candidate(1, 8.0, Soundness(failure="the server is gone")),
        candidate(2, None),
        width=width,
    )
    assert "soundness" in lines[1]
    assert ["40%" in row for row in lines[3:6]] == [True, False, False]
    text = " ".join(line.strip() for line in lines)
    assert "Soundness is what the judge thinks of a plan; it has no say in the choice." in text
    assert "candidate-0 40% sound: Auth comes too late" in text
    assert "candidate-1 no judgement: the server is gone" in text


def test_without_a_judge_nothing_is_said_of_one() -> None:
    """No empty column and no note."""
    assert not any("sound" in line.casefold() for line in shown(candidate(0, 9.0)))
