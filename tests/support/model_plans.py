"""Planning through the model layer with a server of a test, in a line."""

from collections.abc import Mapping
from typing import Any

from support.model_server import ModelServer, Reply, plan_text

from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.harmonic import HarmonicPlanner
from prefect_harmonic.planners.models.choosing import source_for
from prefect_harmonic.planners.outcome import PlanningOutcome
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.sources.source import CandidateRequest, CandidateSource
from prefect_harmonic.planners.variance import Constraint, Variation

GOAL = "Build a REST API with auth"
PATIENT: Mapping[str, str] = {"HARMONIC_MODEL_PAUSE": "0", "HARMONIC_MODEL_TIMEOUT": "120"}
GOOD = Reply(
    content=plan_text(
        {"id": "Protocol", "description": "What the parts agree on"},
        {"id": "Api", "description": "The REST API", "requires": "Protocol", "covers": ["REST API"]},
        {"id": "Auth", "description": "Signing in", "requires": ["Protocol"], "covers": ["auth"]},
    ),
    usage={
        "prompt_tokens": 1000,
        "completion_tokens": 50,
        "total_tokens": 1050,
        "prompt_tokens_details": {"cached_tokens": 900},
    },
)
"""A valid answer, as a server with a prefix cache gives it."""


def source_at(server: ModelServer, environment: Mapping[str, str] | None = None, **options: Any) -> CandidateSource:
    """The source that `--model openai:m --base-url …` gives, without pauses between attempts."""
    return source_for("openai:m", server.url, environment={**PATIENT, **(environment or {})}, **options)


def request(
    *,
    constraint: Constraint | None = None,
    context: ProjectContext = NO_PROJECT,
    goal: str = GOAL,
    **variation: Any,
) -> CandidateRequest:
    """A request for one candidate."""

    async def provide() -> ProjectContext:
        return context

    return CandidateRequest(
        goal=goal,
        requirements=("REST API", "auth"),
        variation=Variation(index=0, constraint=constraint, **variation),
        context=provide,
    )


async def plan_of(server: ModelServer, environment: Mapping[str, str] | None = None) -> Plan:
    """One candidate from a server."""
    return await source_at(server, environment).candidate(request())


async def outcome_of(source: CandidateSource, **options: Any) -> PlanningOutcome:
    """A whole planning."""
    planner = HarmonicPlanner(source=source, **{"refinement_rounds": 0, **options})
    return await planner.outcome(GOAL)
