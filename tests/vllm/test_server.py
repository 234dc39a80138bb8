"""vLLM as a server, for real: what our model layer asks of it, and what it answers, cancels and keeps in its cache."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from support.five_at_once import (
    EQUAL,
    check_flow,
    check_schemas,
    ratio_in_mapped_tasks,
    ratio_in_plain_python,
    shared_tokens,
)
from support.model_plans import request

from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.models.connection import Connection
from prefect_harmonic.planners.models.usage import Usage
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.sources.source import CandidateSource, MeteredSource
from prefect_harmonic.planners.variance import Style

GOAL = "Build a REST API with auth and database"
SMALL, LARGE = ArtifactLimits(max_artifacts=6), ArtifactLimits(max_artifacts=16)
PROJECT = ProjectContext(name="shop", files=tuple(f"src/shop/part_{number:03}/module.py" for number in range(200)))


def source_at(served: Any, environment: dict[str, str] | None = None, **options: Any) -> CandidateSource:
    """The source that `--model vllm:tiny --base-url …` gives."""
    settings = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_TIMEOUT": "600", **(environment or {})}
    return source_for("vllm:tiny", served.server.launch.base_url, environment=settings, **options)


async def planned(
    source: CandidateSource, context: ProjectContext = NO_PROJECT, limits: ArtifactLimits = SMALL, **options: Any
) -> PlanningOutcome:
    """A whole planning in plain Python."""
    planner = HarmonicPlanner(source=source, limits=limits, **{"refinement_rounds": 0, **options})
    return await planner.outcome(GOAL, context)


def spent(source: CandidateSource) -> dict[str, Usage]:
    """What each candidate took."""
    assert isinstance(source, MeteredSource)
    return {name: usage for name, usage in source.usage().items() if name.startswith("candidate-")}


async def until(condition: Callable[[], bool]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.05)


@pytest.mark.timeout(900)  # thirty seconds where nobody else is at work
async def test_fifty_plans_of_random_weights_keep_to_their_schema_and_pass_the_gate(
    served: Any, tmp_path: Path
) -> None:
    """Every answer is strict JSON as its schema says, and no candidate is lost."""
    statuses = []
    for seed in (0, 100):
        outcome = await planned(source_at(served, record=str(tmp_path)), candidates=25, seed=seed)
        statuses += [candidate.status for candidate in outcome.candidates]
    check_schemas(tmp_path, 50)
    assert statuses == ["valid"] * 50


async def test_candidates_after_the_first_have_the_shared_prefix_from_the_cache(
    served: Any, tiny_model: Path, tmp_path: Path
) -> None:
    """Five at once, of which nothing was asked before: over 90 % of what they share, in tokens, for four of them."""
    source = source_at(served, record=str(tmp_path))
    await planned(source, PROJECT, candidates=5)
    shared = shared_tokens(tmp_path, tiny_model)
    shares = sorted(usage.cached_tokens / shared for usage in spent(source).values())
    assert len(shares) == 5
    assert shared > 2000
    assert shares[1] > 0.9


async def test_cancelling_a_planning_has_the_server_drop_its_requests(served: Any) -> None:
    """Nothing of it runs or waits there afterwards."""
    work = asyncio.create_task(planned(source_at(served), limits=LARGE, candidates=8))
    await until(lambda: served.measured("num_requests_running") > 0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await until(lambda: served.measured("num_requests_running") + served.measured("num_requests_waiting") == 0)


async def test_an_answer_that_takes_too_long_fails_its_candidate_and_is_dropped(served: Any) -> None:
    """The client's time is the only limit that there is; the candidate says so, and the embedded planner steps in."""
    hasty = source_at(served, {"HARMONIC_MODEL_TIMEOUT": "0.2"}, fallback="embedded")
    outcome = await planned(hasty, limits=LARGE, candidates=2)
    assert [candidate.status for candidate in outcome.candidates] == ["valid", "valid"]
    assert "candidate-0 is from the embedded planner, because: the model server gave no answer within 0.2 s" in (
        " ".join(outcome.notes)
    )
    await until(lambda: served.measured("num_requests_running") + served.measured("num_requests_waiting") == 0)


def test_a_model_that_the_server_does_not_have_is_named(served: Any) -> None:
    """The probe of a start tells a healthy server from one that answers."""
    assert served.server.probe.answer() is None
    stranger = type(served.server.probe)(served.server.launch.base_url, "huge")
    assert "huge" in str(stranger.answer())


async def test_tools_are_called_though_the_server_was_started_without_a_parser_for_them(served: Any) -> None:
    """Random weights choose at random, and can still name no tool and no argument that is not there."""
    kind = {"type": "string", "enum": ["file", "document"]}
    schema = {"type": "object", "properties": {"kind": kind}, "required": ["kind"], "additionalProperties": False}
    tools = [ToolDefinition(name=name, parameters_json_schema=schema) for name in ("read", "search")]
    choice = ModelChoice.read("vllm:tiny", served.server.launch.base_url, {})
    connection = Connection(choice)  # kept: with it goes its client
    model = await connection.model()

    async def asked(seed: int) -> ModelResponse:
        question: list[ModelMessage] = [ModelRequest.user_text_prompt("Which one?")]
        settings = ModelSettings(seed=seed, max_tokens=200)
        parameters = ModelRequestParameters(function_tools=tools, allow_text_output=False)
        return await model.request(question, settings, parameters)

    answers = await asyncio.gather(*(asked(seed) for seed in range(12)))
    calls = [call for answer in answers for call in answer.tool_calls]
    assert len(calls) == 12
    assert {call.tool_name for call in calls} == {"read", "search"}
    assert {call.args_as_dict()["kind"] for call in calls} <= {"file", "document"}


async def test_a_flow_plans_with_the_server_from_its_mapped_tasks(
    served: Any, prefect_server: None, tiny_model: Path, tmp_path: Path
) -> None:
    """Each candidate is a task run of its own."""
    await check_flow("vllm:tiny", served.server.launch.base_url, tiny_model, tmp_path)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("ratio", [ratio_in_plain_python, ratio_in_mapped_tasks])
async def test_five_at_once_take_less_than_twice_as_long_as_one(
    served: Any, prefect_server: None, ratio: Callable[..., Awaitable[float]]
) -> None:
    """With answers of one length, from plain Python and from a flow, whose loop ends with each run."""
    requests = [request(style=style, seed=seed, context=PROJECT) for seed, style in enumerate(tuple(Style)[:5])]
    assert await ratio(source_at(served, EQUAL), requests) < 2
