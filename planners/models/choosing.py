"""The source that was asked for: the embedded methods, a language model, a recording of one.

This is the one place that knows both. It loads nothing of the model layer unless a model was asked for.
"""

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS
from prefect_harmonic.planners.models.choice import VLLM, ModelChoice
from prefect_harmonic.planners.sources.embedded import embedded_source
from prefect_harmonic.planners.sources.source import CandidateSource

if TYPE_CHECKING:
    from prefect_harmonic.planners.models.source import ModelSource

EMBEDDED = "embedded"
"""As a fallback: the planner that needs no model."""


def source_for(
    model: str | None = None,
    base_url: str | None = None,
    *,
    methods: str | None = None,
    agents: Collection[str] = DEFAULT_AGENTS,
    record: str | None = None,
    replay: str | None = None,
    fallback: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> CandidateSource:
    """The source of candidates that the options name.

    Args:
        model: `openai:NAME`, `vllm:NAME` or another `PROVIDER:NAME`; without one, the embedded planner.
        base_url: Address of an OpenAI-compatible server.
        methods: Folder with methods of the user's own, for the embedded planner.
        agents: Specialists that plans may name.
        record: Folder in which every exchange with the model is kept.
        replay: Folder with exchanges from which the model's answers are taken; neither model nor network is needed.
        fallback: Another model, or `embedded`, for candidates that the model fails to give.
        environment: Where keys and bounds are looked up; the process's own if left out.

    Raises:
        OptionError: The options contradict each other or name nothing that can be used.
        MissingPackageError: A model was asked for, and pydantic-ai is not installed.
        MethodLibraryError: A method does not validate.
    """
    environment = os.environ if environment is None else environment
    if record and replay:
        raise OptionError("record", record, "either a folder to record into or one to replay from, not both")
    if not model:
        given = {"base_url": base_url, "record": record, "replay": replay, "fallback_model": fallback}
        for option, value in given.items():
            if value:
                raise OptionError(option, value, "a model as well, such as --model openai:NAME")
        return embedded_source(methods)
    first = _model_source(model, base_url, agents, record, replay, environment)
    if not fallback:
        return first
    from prefect_harmonic.planners.models.fallback import FallbackSource

    if fallback == EMBEDDED:
        return FallbackSource(first, embedded_source(methods), "the embedded planner")
    second = _model_source(fallback, base_url, agents, record, replay, environment)
    return FallbackSource(first, second, fallback)


def _model_source(
    model: str,
    base_url: str | None,
    agents: Collection[str],
    record: str | None,
    replay: str | None,
    environment: Mapping[str, str],
) -> "ModelSource":
    choice = ModelChoice.read(model, base_url, environment)
    # What follows loads pydantic-ai.
    from prefect_harmonic.planners.models.connection import Connection
    from prefect_harmonic.planners.models.layers import Layers
    from prefect_harmonic.planners.models.source import ModelSource

    layers = Layers(choice, Connection(choice), record=record, replay=replay)
    return ModelSource(layers.model, agents=agents, max_tokens=choice.max_tokens, is_bounded=choice.provider == VLLM)
