"""What people see of a changing run in Prefect: tables and documents under keys that its interface can link to."""

import json
import re
from dataclasses import replace

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact as Published

from prefect_harmonic.planners import Artifact, ArtifactGraph, HarmonicPlanner
from prefect_harmonic.planners.soundness import NO_SAY, Soundness
from prefect_harmonic.planners.spoken_time import spoken_hours
from prefect_harmonic.tasks.publishing import (
    CANDIDATES_KEY,
    DIFFERENCE_KEY,
    EVALUATIONS_KEY,
    PLAN_KEY,
    QUESTION_KEY,
    publish_candidates,
    publish_difference,
    publish_evaluations,
    publish_plan,
    publish_question,
)
from prefect_harmonic.tasks.views.changes import ChangeRow
from prefect_harmonic.tasks.views.evaluation import PhaseEvaluation
from prefect_harmonic.tasks.views.question import QuestionRow

pytestmark = pytest.mark.filterwarnings("ignore:Artifact creation outside of a flow:FutureWarning")


async def newest(client: PrefectClient, key: str) -> Published:
    """The newest of what lies under a key, under which other tests have published too."""
    found = await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return max(found, key=lambda one: str(one.created))


async def published(client: PrefectClient, key: str) -> str:
    """What lies under a key, the newest version of it, as text."""
    data = (await newest(client, key)).data
    return data if isinstance(data, str) else json.dumps(data)


async def test_difference_is_published_as_a_table(client: PrefectClient) -> None:
    """Every artifact has its row with what becomes of it and why."""
    await publish_difference([ChangeRow(artifact="Gap", change="new", reason="it is needed", hours=2)], "shortest")
    rows = json.loads(await published(client, DIFFERENCE_KEY))
    assert rows == [{"artifact": "Gap", "change": "new", "why": "it is needed", "expected": "2 h", "closes": ""}]


async def test_evaluations_are_published_as_a_table(client: PrefectClient) -> None:
    """Confidence and outcome of every evaluation so far."""
    await publish_evaluations([PhaseEvaluation(phase="p", iteration=1, confidence=0.4, outcome="exhausted")])
    (row,) = json.loads(await published(client, EVALUATIONS_KEY))
    assert (row["confidence"], row["criteria"]) == (0.4, "not met, and no evaluation is left")


async def test_question_is_published_with_what_can_be_answered(client: PrefectClient) -> None:
    """The options and the command stand in the document; markup of findings shows as it is."""
    asked = QuestionRow(
        kind="blocked",
        subject="DataSplit",
        text="What now?",
        options=("retry", "stop"),
        findings="Waiting:\n- Rollout <script>x</script>",
    )
    await publish_question(asked, how_to_answer="harmonic resume 1 --answer retry")
    text = await published(client, QUESTION_KEY)
    for part in ("A person is asked: DataSplit", "- `retry`: try it once more", "`harmonic resume 1 --answer retry`"):
        assert part in text
    assert "- Rollout &lt;script>" in text


async def test_goal_of_a_published_plan_is_text_and_no_markup(client: PrefectClient) -> None:
    """Prefect reads a description as Markdown, and the goal may come from a file."""
    await publish_plan(ArtifactGraph([Artifact(id="A")], goal="Build it <img src=x>\n# now"))
    assert (await newest(client, PLAN_KEY)).description == "Build it &lt;img src=x> # now"


async def test_candidates_are_published_with_times_that_can_be_read_and_what_a_judge_thinks(
    client: PrefectClient,
) -> None:
    """Every row has the same columns, its time has a unit, and nobody takes the judge for the one who chose."""
    outcome = await HarmonicPlanner(candidates=2, refinement_rounds=0).outcome("Build a REST API with auth")
    await publish_candidates(replace(outcome, soundness={"candidate-0": Soundness(score=0.4, remarks=("Too late",))}))
    table = await newest(client, CANDIDATES_KEY)
    one, other = json.loads(str(table.data))
    assert one.keys() == other.keys()
    assert (one["soundness"], other["soundness"]) == ("40% sound: Too late", "")
    assert one["expected makespan"] == spoken_hours(outcome.candidates[0].expected_makespan_hours or 0)
    assert str(table.description).endswith(NO_SAY)


def test_keys_can_stand_in_addresses() -> None:
    """Prefect takes small letters, digits and dashes."""
    for key in (DIFFERENCE_KEY, EVALUATIONS_KEY, QUESTION_KEY):
        assert re.fullmatch(r"[a-z0-9-]+", key)
