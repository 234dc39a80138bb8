"""A judge of plans says what it thinks of each valid candidate, and has no say in the choice."""

from support.model_plans import GOAL
from support.scripted_model import scripted

from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.plan_judge import ModelPlanJudge
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.soundness import PlanJudge


async def planned(judge: PlanJudge | None) -> PlanningOutcome:
    """A planning by the embedded planner."""
    return await HarmonicPlanner(candidates=3, judge=judge).outcome(GOAL)


async def test_each_valid_candidate_is_judged_and_the_choice_stays_as_it_was() -> None:
    """Even where the judge thinks nothing of the winner."""
    alone = await planned(None)
    scores = iter([0, 100, 50])
    said = [{"artifact": "plan", "remark": "Nothing is tested"}, {"artifact": "Ghost", "remark": "?"}]
    judge = ModelPlanJudge(scripted(lambda _: {"percent": next(scores), "remarks": said}))
    judged = await planned(judge)
    assert judged.selection == alone.selection
    assert judged.graph.plan == alone.graph.plan
    assert sorted(one.score or 0 for one in judged.soundness.values()) == [0, 0.5, 1]
    document = judged.to_document()["candidates"]
    assert [one["soundness"]["remarks"] for one in document] == [["Nothing is tested"]] * 3
    assert "soundness" not in alone.to_document()["candidates"][0]


async def test_a_judge_that_fails_costs_its_judgement_and_nothing_else() -> None:
    """The reason stands in its place."""
    judged = await planned(ModelPlanJudge(scripted('{"percent": 700}')))
    assert {one.score for one in judged.soundness.values()} == {None}
    assert {one.failure for one in judged.soundness.values()} == {"the answer has no score between 0 and 100"}
    asked_twice = 2 * len(judged.soundness)
    assert {name: each.requests for name, each in judged.usage.items()} == {"judge": asked_twice}
    assert judged.selection.winner.is_valid
