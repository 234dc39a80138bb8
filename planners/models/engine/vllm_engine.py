"""vLLM's asynchronous engine behind our seam: the one place that imports vLLM.

Calls and names are those of vLLM 0.22 to 0.33. The schema is enforced by xgrammar, named outright: with `auto`, bounded
strings come out as broken JSON. White space between JSON tokens is switched off for the engine, because a weak model
fills its whole answer with it, and vLLM ignores the switch on a single request.
"""

import itertools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prefect_harmonic.planners.models.engine.engine import (
    AnswerLostError,
    ChatAnswer,
    ChatQuestion,
    EngineGoneError,
    QuestionRefusedError,
)
from prefect_harmonic.planners.models.engine.settings import EngineSettings

if TYPE_CHECKING:
    from vllm.v1.engine.async_llm import AsyncLLM

_CPU_PREFILL_TOKENS = 16_384


def started(settings: EngineSettings, check_wanted: Callable[[], None]) -> "VllmEngine":
    """An engine that is ready. Takes from seconds to minutes, and must be called on the loop that will ask it.

    Args:
        settings: The model and its bounds.
        check_wanted: Raises where nobody wants the engine any more.

    Raises:
        ImportError: vLLM is not installed.
        Exception: Whatever keeps it from starting, in vLLM's own words.
    """
    for name, value in settings.environment().items():
        os.environ.setdefault(name, value)
    from vllm.v1.engine.async_llm import AsyncLLM

    arguments = _arguments(settings)
    check_wanted()
    return VllmEngine(AsyncLLM.from_engine_args(arguments))


def _arguments(settings: EngineSettings) -> Any:  # vLLM's own class, which type checkers do not see
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.platforms import current_platform

    own: dict[str, Any] = {
        "model": settings.location,
        "max_model_len": -1 if settings.max_model_len is None else settings.max_model_len,
        "max_num_seqs": settings.max_num_seqs,
        "gpu_memory_utilization": settings.gpu_memory_utilization,
        "tensor_parallel_size": settings.tensor_parallel_size,
        "dtype": settings.dtype,
        "load_format": settings.load_format,
        "use_tqdm_on_load": False,
        "enable_prefix_caching": True,
        "structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True},
        # The model's own file would change temperatures that nobody asked for.
        "generation_config": "vllm",
        "seed": 0,
        "disable_log_stats": True,
        "trust_remote_code": False,
    }
    if current_platform.is_cpu():
        # There a seeded question whose prompt is read in parts kills the engine. Compiling takes longer than it saves.
        length = settings.max_model_len or 0
        own |= {
            "enforce_eager": True,
            "enable_chunked_prefill": False,
            "max_num_batched_tokens": max(_CPU_PREFILL_TOKENS, length),
        }
    return AsyncEngineArgs(**own)


class VllmEngine:
    """An engine that runs.

    Args:
        engine: vLLM's.
    """

    def __init__(self, engine: "AsyncLLM") -> None:
        self._engine: AsyncLLM | None = engine
        self._numbers = itertools.count()

    @property
    def unfinished(self) -> int:
        """Questions that it is at work on, or that wait for it."""
        return 0 if self._engine is None else int(self._engine.output_processor.get_num_unfinished_requests())

    async def answer(self, question: ChatQuestion) -> ChatAnswer:
        """The answer, under the model's own chat template. Raises as `Engine` says."""
        from vllm.exceptions import GracefulHTTPError, VLLMClientError, VLLMServerError
        from vllm.v1.engine.exceptions import EngineDeadError

        if self._engine is None:
            raise EngineGoneError("it was closed")
        try:
            return await self._answered(self._engine, question)
        except EngineDeadError:
            raise EngineGoneError("its process ended") from None
        except VLLMClientError as error:
            raise QuestionRefusedError(str(error), is_about_schema=_is_about_schema(question, str(error))) from None
        except (GracefulHTTPError, VLLMServerError) as error:
            raise AnswerLostError(str(error.__cause__ or error) or type(error).__name__) from None
        except ValueError as error:  # a chat template refuses a conversation this way
            raise QuestionRefusedError(str(error), is_about_schema=_is_about_schema(question, str(error))) from None

    async def _answered(self, engine: "AsyncLLM", question: ChatQuestion) -> ChatAnswer:
        from vllm.renderers.params import ChatParams

        # A model that thinks aloud first cannot do so under a schema; templates that know no thinking ignore this.
        written = {"add_generation_prompt": True, "enable_thinking": question.schema is None}
        _, (prompt,) = await engine.renderer.render_chat_async(
            [[dict(message) for message in question.messages]], ChatParams(chat_template_kwargs=written)
        )
        last = None
        async for output in engine.generate(prompt, _sampling(question), f"harmonic-{next(self._numbers)}"):
            last = output
        finish = None if last is None else last.outputs[0].finish_reason
        if finish == "error" and question.schema is not None:
            # What the grammar's compiler does not survive is written to the engine's log alone, and never passes.
            raise QuestionRefusedError("it broke off the answer under the schema", is_about_schema=True)
        if last is None or finish not in {"stop", "length"}:
            raise AnswerLostError("vLLM broke the answer off")
        (given,) = last.outputs
        return ChatAnswer(
            text=given.text,
            is_cut=given.finish_reason == "length",
            prompt_tokens=len(last.prompt_token_ids or ()),
            answer_tokens=len(given.token_ids),
            cached_tokens=last.num_cached_tokens or 0,
        )

    def close(self) -> None:
        """Ends the engine's processes."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.shutdown()


def _sampling(question: ChatQuestion) -> Any:  # vLLM's own class, which type checkers do not see
    from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams

    given = {"temperature": question.temperature, "seed": question.seed, "top_p": question.top_p}
    return SamplingParams(
        **{name: value for name, value in given.items() if value is not None},
        max_tokens=question.max_tokens,
        stop=list(question.stop) or None,
        output_kind=RequestOutputKind.FINAL_ONLY,
        structured_outputs=None if question.schema is None else StructuredOutputsParams(json=dict(question.schema)),
    )


def _is_about_schema(question: ChatQuestion, reason: str) -> bool:
    words = ("grammar", "schema", "structured", "xgrammar", "regex", "pattern", "unimplemented keys")
    return question.schema is not None and any(word in reason.casefold() for word in words)
