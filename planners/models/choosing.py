"""What was asked for: the embedded methods, a language model, a recording of one.

This is the one place that knows both. It loads nothing of the model layer unless a model was asked for. A run calls
`model_for` once, and hands what it gives to all who ask: `source_from` for candidates, the specialists, the evaluator.
"""

import os
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from prefect_harmonic.errors import OptionError
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS
from prefect_harmonic.planners.models.choice import ModelChoice
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.sources.embedded import embedded_source
from prefect_harmonic.planners.sources.source import CandidateSource

if TYPE_CHECKING:
    from prefect_harmonic.planners.models.source import ModelSource

EMBEDDED = "embedded"
"""As a fallback: what needs no model does the work. Specialists fall back to it unless something else is said."""

NO_FALLBACK = "none"
"""As a fallback: what the model fails to give fails."""


def model_for(
    model: str | None = None,
    base_url: str | None = None,
    *,
    record: str | None = None,
    replay: str | None = None,
    fallback: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> LanguageModel | None:
    """The language model that the options name; nothing where they name none.

    Args:
        model: `openai:NAME`, `vllm:NAME`, `vllm-local:FOLDER` or another `PROVIDER:NAME`.
        base_url: Address of an OpenAI-compatible server.
        record: Folder in which every exchange with the model is kept.
        replay: Folder with exchanges from which the model's answers are taken; neither model nor network is needed.
        fallback: Another model for what this one fails to give, or `embedded`, or `none`.
        environment: Where keys and bounds are looked up; the process's own if left out.

    Raises:
        OptionError: The options contradict each other or name nothing that can be used.
        MissingPackageError: A model was asked for, and pydantic-ai is not installed.
    """
    environment = os.environ if environment is None else environment
    if record and replay:
        raise OptionError("record", record, "either a folder to record into or one to replay from, not both")
    if not model:
        given = {"base_url": base_url, "record": record, "replay": replay, "fallback_model": fallback}
        for option, value in given.items():
            if value:
                raise OptionError(option, value, "a model as well, such as --model openai:NAME")
        return None
    is_other = fallback not in {None, "", EMBEDDED, NO_FALLBACK}
    second = _chosen(fallback, base_url, record, replay, environment) if fallback and is_other else None
    return _chosen(
        model,
        base_url,
        record,
        replay,
        environment,
        second=second,
        is_embedded_allowed=fallback != NO_FALLBACK,
    )


def source_from(
    model: LanguageModel | None,
    *,
    methods: str | None = None,
    agents: Collection[str] = DEFAULT_AGENTS,
    fallback: str | None = None,
) -> CandidateSource:
    """The source of candidates that asks a model, or without one the embedded planner.

    Args:
        model: What `model_for` gave.
        methods: Folder with methods of the user's own, for the embedded planner.
        agents: Specialists that plans may name.
        fallback: As `model_for` was given it. Candidates fall back to the embedded planner only if it is named.

    Raises:
        MethodLibraryError: A method does not validate.
    """
    if model is None:
        return embedded_source(methods)
    if model.second is None and fallback != EMBEDDED:
        return _model_source(model, agents)
    first = _model_source(model, agents, is_wrong_given=False)
    from prefect_harmonic.planners.models.fallback import FallbackSource

    if model.second is None:
        return FallbackSource(first, embedded_source(methods), "the embedded planner")
    return FallbackSource(first, _model_source(model.second, agents), model.second.label)


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
    """The source of candidates that the options name, where nobody else asks the model. Raises what the two raise.

    Args:
        model: As for `model_for`, like `base_url`, `record`, `replay`, `fallback` and `environment`.
        base_url: As for `model_for`.
        methods: As for `source_from`, like `agents`.
        agents: As for `source_from`.
        record: As for `model_for`.
        replay: As for `model_for`.
        fallback: As for both.
        environment: As for `model_for`.
    """
    chosen = model_for(model, base_url, record=record, replay=replay, fallback=fallback, environment=environment)
    return source_from(chosen, methods=methods, agents=agents, fallback=fallback)


def _chosen(
    model: str,
    base_url: str | None,
    record: str | None,
    replay: str | None,
    environment: Mapping[str, str],
    *,
    second: LanguageModel | None = None,
    is_embedded_allowed: bool = True,
) -> LanguageModel:
    choice = ModelChoice.read(model, base_url, environment)
    # What follows loads pydantic-ai.
    from prefect_harmonic.planners.models.connection import Connection
    from prefect_harmonic.planners.models.layers import Layers

    layers = Layers(choice, Connection(choice), record=record, replay=replay)
    return LanguageModel(
        label=choice.label,
        model=layers.model,
        max_tokens=choice.max_tokens,
        is_bounded=choice.is_bounded,
        second=second,
        recording=layers.recording,
        replayed=layers.replayed,
        is_embedded_allowed=is_embedded_allowed,
    )


def _model_source(model: LanguageModel, agents: Collection[str], *, is_wrong_given: bool = True) -> "ModelSource":
    from prefect_harmonic.planners.models.source import ModelSource

    return ModelSource(
        model.model,
        agents=agents,
        max_tokens=model.max_tokens,
        is_bounded=model.is_bounded,
        is_wrong_given=is_wrong_given,
    )
