"""A model makes the winner better, and only that: what is lost on the way is refused."""

import json
from typing import Any

import pytest
from support.model_plans import GOAL
from support.scripted_model import scripted

from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choosing import source_from
from prefect_harmonic.planners.models.reading import with_unspoken
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.plan import plan_from_document


def artifact(name: str, *requires: str, **more: Any) -> dict[str, Any]:
    """An artifact as a model writes it."""
    return {"id": name, "requires": list(requires), "effort": "medium", **more}


CHAIN = [
    artifact("Schema", covers=["REST API"]),
    artifact("Store", "Schema"),
    artifact("Api", "Store", produces=["rest api"]),
    artifact("Gate", "Api", covers=["auth"]),
]


async def refined(*answers: list[dict[str, Any]]) -> tuple[PlanningOutcome, list[str]]:
    """The planning of a model that first gives the chain, and then these answers; and all that it was told."""
    told: list[str] = []
    plans = iter([CHAIN, *answers])

    def answer(last: str) -> str:
        told.append(last)
        return json.dumps({"artifacts": next(plans)})

    planner = HarmonicPlanner(candidates=1, refinement_rounds=1, source=source_from(scripted(answer)))
    return await planner.outcome(GOAL), told


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ([*CHAIN[:3], artifact("Gate", "Api")], "no longer covers auth"),
        ([*CHAIN[:3]], "no longer covers auth"),
        ([CHAIN[0], artifact("Api", "Schema", produces=["rest api"]), CHAIN[3]], "it lost Store"),
        ([*CHAIN[:3], artifact("Gate", covers=["auth"])], "it is not better"),
        ([artifact(one["id"], covers=one.get("covers", [])) for one in CHAIN], "it is not better"),
        ([one | {"effort": "low"} for one in CHAIN], "it is not better"),
    ],
    ids=["requirement", "artifact that covers", "artifact", "dependency", "all dependencies", "only the effort"],
)
async def test_a_refinement_that_loses_something_is_refused(answer: list[dict[str, Any]], why: str) -> None:
    """It would look better by every figure; the plan stays as it was."""
    outcome, _ = await refined(answer)
    (attempt,) = outcome.rounds
    assert not attempt.accepted
    assert why in attempt.reason
    assert outcome.graph.plan == outcome.selection.winner.plan


async def test_a_refinement_that_really_is_better_is_taken() -> None:
    """Two artifacts merged, with the name of the one that goes among the products of the other."""
    merged = [CHAIN[0], artifact("Api", "Schema", produces=["rest api", "Store"]), CHAIN[3]]
    outcome, told = await refined(merged)
    assert [attempt.accepted for attempt in outcome.rounds] == [True]
    assert set(outcome.graph.artifacts) == {"Schema", "Api", "Gate"}
    assert '"id":"Store"' in told[-1]
    assert "Its figures: depth 4" in told[-1]
    assert "The longest chain has 4 artifacts" in told[-1]


def test_what_an_answer_has_no_words_for_is_kept() -> None:
    """The phase and the reasons of a plan that was not the model's."""
    edge = {"id": "Schema", "because": "reads it"}
    before = plan_from_document({"artifacts": [{"id": "Schema"}, {"id": "Api", "requires": [edge], "phase": "build"}]})
    after = plan_from_document({"artifacts": [{"id": "Schema"}, {"id": "Api", "requires": ["Schema"]}]})
    assert with_unspoken(after, before) == before
