"""The engine in this process as a model of pydantic-ai, so that everything that asks a model can ask this one."""

from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, check_allow_model_requests
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from prefect_harmonic.errors import CandidateError
from prefect_harmonic.planners.models.engine.chat import messages_of, parts_of, schema_of, tools_of
from prefect_harmonic.planners.models.engine.engine import (
    AnswerLostError,
    ChatAnswer,
    ChatQuestion,
    QuestionRefusedError,
)
from prefect_harmonic.planners.models.engine.grammar import GrammarSchema
from prefect_harmonic.planners.models.engine.host import EngineHost
from prefect_harmonic.planners.models.patience import SchemaRefusedError

_PROFILE = ModelProfile(
    json_schema_transformer=GrammarSchema,
    supports_json_schema_output=True,
    supports_json_object_output=False,
    native_output_requires_schema_in_instructions=False,
)


class EngineModel(Model[None]):
    """A model whose answers come from the engine of a host. One object serves every event loop.

    Args:
        host: Keeps the engine.
    """

    def __init__(self, host: EngineHost) -> None:
        super().__init__(profile=_PROFILE)
        self.host = host

    @property
    def model_name(self) -> str:
        """As it was chosen."""
        return self.host.settings.model

    @property
    def system(self) -> str:
        """Who runs it."""
        return "vllm"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer.

        Raises:
            CandidateError: There is no engine, or it does not take the question.
            SchemaRefusedError: It does not take the schema.
            ModelHTTPError: The answer went wrong and may come when the same is asked again.
        """
        check_allow_model_requests()
        settings, parameters = self.prepare_request(model_settings, model_request_parameters)
        settings = settings or ModelSettings()
        tools = tools_of(parameters)
        instructions = [part.content for part in self._get_instruction_parts(messages, parameters) or ()]
        question = ChatQuestion(
            messages=messages_of(instructions, messages, tools),
            schema=schema_of(parameters),
            temperature=settings.get("temperature"),
            seed=settings.get("seed"),
            max_tokens=settings.get("max_tokens"),
            top_p=settings.get("top_p"),
            stop=tuple(settings.get("stop_sequences") or ()),
        )
        answer = await self._answer(question)
        return ModelResponse(
            parts=parts_of(answer.text, tools),
            model_name=self.model_name,
            provider_name=self.system,
            finish_reason="length" if answer.is_cut else "stop",
            usage=RequestUsage(
                input_tokens=answer.prompt_tokens,
                output_tokens=answer.answer_tokens,
                cache_read_tokens=answer.cached_tokens,
            ),
        )

    async def _answer(self, question: ChatQuestion) -> ChatAnswer:
        try:
            return await self.host.answer(question)
        except QuestionRefusedError as error:
            reason = f"vLLM refused the question: {' '.join(str(error).split())}"
            raise (SchemaRefusedError if error.is_about_schema else CandidateError)(reason) from None
        except AnswerLostError as error:
            # The same kind as a server's 500, so that it is asked again as a server would be.
            raise ModelHTTPError(500, self.model_name, {"message": str(error)}) from None
