"""Every exchange with a model on disk, and a model that answers from there without any network.

An exchange is found again by the digest of its question: the model's name, the messages, the settings and the schema.
Times, ids and addresses are no part of it, so that the same planning asks the same questions on another day. Failures
are recorded as well, so that a replay fails where the recorded run did.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic_ai.messages import FinishReason, ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from prefect_harmonic.errors import BudgetSpentError, CandidateError, NotRecordedError, OptionError
from prefect_harmonic.planners.gate.finding import printable
from prefect_harmonic.planners.models.attempts import begin_attempt, counting_attempts
from prefect_harmonic.planners.models.patience import SchemaRefusedError, without_secrets
from prefect_harmonic.planners.models.purpose import current_purpose
from prefect_harmonic.planners.user_path import user_path

_SETTINGS = ("temperature", "seed", "max_tokens", "top_p")
_SHOWN = 120
Exchange = dict[str, Any]  # JSON as it stands in a recording


class RecordedRefusalError(SchemaRefusedError):
    """The server took no JSON schema for this question.

    Which questions were asked with one before it refused the first depends on who came first, so in a replay it says
    nothing about the others.
    """

    is_lasting = False


class Call(BaseModel):
    """One call of a tool in an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    tool: str
    arguments: str


class Answer(BaseModel):
    """What came back: a text or calls of tools, or the reason why nothing did."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None = None
    calls: tuple[Call, ...] = ()
    finish_reason: FinishReason | None = None
    refusal: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    failure: str | None = None
    is_schema_refused: bool = False
    attempts: int = 1

    @classmethod
    def of(cls, response: ModelResponse) -> "Answer":
        """The part of a response that a replay needs."""
        refusal = (response.provider_details or {}).get("refusal")
        return cls(
            text=response.text,
            calls=tuple(
                Call(id=call.tool_call_id, tool=call.tool_name, arguments=call.args_as_json_str())
                for call in response.tool_calls
            ),
            finish_reason=response.finish_reason,
            refusal=str(refusal) if refusal else None,
            input_tokens=response.usage.input_tokens,
            output_tokens=response.usage.output_tokens,
            cached_tokens=response.usage.cache_read_tokens,
        )

    def response(self, model: str) -> ModelResponse:
        """The response once more.

        Raises:
            CandidateError: There was none.
        """
        if self.failure is not None:
            raise (RecordedRefusalError if self.is_schema_refused else CandidateError)(self.failure)
        parts: list[TextPart | ToolCallPart] = [] if self.text is None else [TextPart(content=self.text)]
        parts += [ToolCallPart(call.tool, call.arguments, tool_call_id=call.id) for call in self.calls]
        return ModelResponse(
            parts=parts,
            model_name=model,
            finish_reason=self.finish_reason,
            provider_details={"refusal": self.refusal} if self.refusal else None,
            usage=RequestUsage(
                input_tokens=self.input_tokens,
                output_tokens=self.output_tokens,
                cache_read_tokens=self.cached_tokens,
            ),
        )


class Recording:
    """A folder with one file for each exchange, named by the digest of the question.

    Args:
        folder: The folder.
        secrets: What is blotted out of everything that is written.
    """

    def __init__(self, folder: str | Path, secrets: tuple[str, ...] = ()) -> None:
        self.folder, self.secrets = user_path(folder), secrets
        self._times: Counter[Path] = Counter()

    def write(self, question: Exchange, answer: Answer) -> None:
        """Keeps an exchange.

        A question that one run asks several times has several answers, in their order. Those that it had in an earlier
        run are gone: they belong to a story that went on differently.

        Raises:
            OptionError: The folder cannot be written.
        """
        path = self._path(question)
        try:
            earlier = self._answers(path) if self._times[path] else ()
            answers = [each.model_dump(mode="json", exclude_defaults=True) for each in (*earlier, answer)]
            exchange = {"version": 2, "question": question, "answers": answers}
            text = without_secrets(json.dumps(exchange, indent=1, ensure_ascii=False, sort_keys=True), self._written())
            self.folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_text(text + "\n", encoding="utf-8")
            fresh.replace(path)
            self._times[path] += 1
        except (OSError, ValueError) as error:
            problem = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise OptionError("record", str(self.folder), f"a folder that can be written ({problem})") from None

    def answer(self, question: Exchange) -> Answer:
        """What was answered: at first the first answer, then the next, and the last one from then on.

        Raises:
            NotRecordedError: This was never asked while recording.
        """
        path = self._path(question)
        try:
            answers = self._answers(path)
            answer = answers[min(self._times[path], len(answers) - 1)]
            self._times[path] += 1
            return answer
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            raise NotRecordedError(str(self.folder), _ending(question)) from None

    def holds(self, question: Exchange) -> bool:
        """Whether a question was asked while recording."""
        return self._path(question).exists()

    def _answers(self, path: Path) -> tuple[Answer, ...]:
        """The answers in a file. Raises `ValueError` or one of its kind where it holds none."""
        exchange = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Answer.model_validate_json(json.dumps(each)) for each in exchange["answers"])

    def _path(self, question: Exchange) -> Path:
        return self.folder / f"{digest_of(question, self.secrets)}.json"

    def _written(self) -> tuple[str, ...]:
        """The secrets as they stand in JSON."""
        return tuple({*self.secrets, *(json.dumps(secret)[1:-1] for secret in self.secrets)})


def digest_of(question: Exchange, secrets: tuple[str, ...] = ()) -> str:
    """What a question is found again by. A key in it counts for nothing: a replay needs none."""
    canonical = json.dumps(question, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(without_secrets(canonical, secrets).encode()).hexdigest()


def question_of(
    label: str,
    messages: list[ModelMessage],
    model_settings: ModelSettings | None,
    parameters: ModelRequestParameters,
) -> Exchange:
    """A question as plain JSON: all that decides the answer, and nothing that differs from run to run."""
    settings: dict[str, JsonValue] = {}
    for name in _SETTINGS:
        if (value := (model_settings or {}).get(name)) is not None:
            settings[name] = value  # type: ignore[assignment]  # a TypedDict gives object for a name in a variable
    schema = parameters.output_object.json_schema if parameters.output_object else None
    return {
        "model": label,
        "instructions": [part.content for part in parameters.instruction_parts or ()],
        # What the model thought aloud is no part of what is recorded of its answer.
        "messages": [_plain(part) for message in messages for part in message.parts if part.part_kind != "thinking"],
        "settings": settings,
        "output": parameters.output_mode,
        "schema": schema,
        "tools": sorted(tool.name for tool in parameters.function_tools),
    }


def _ending(question: Exchange) -> str:
    """How a question ends, and what it is for, so that a person knows it again."""
    purpose = current_purpose.get()
    said = printable(" ".join(_last_of(question).split()))
    asked_for = " for ".join(filter(None, [purpose.name, printable(purpose.subject)]))
    return f"“{said if len(said) <= _SHOWN else f'…{said[-_SHOWN:]}'}” (asked as {asked_for})"


def _last_of(question: Exchange) -> str:
    """The last message, or what a tool of the user's own was called with."""
    if "messages" not in question:
        return f"{question.get('tool', 'tools')} {json.dumps(question.get('arguments', {}), ensure_ascii=False)}"
    last = question["messages"][-1]
    return str(last.get("content") or last)


def _plain(part: Any) -> dict[str, JsonValue]:  # one of pydantic-ai's two dozen parts
    """One part of a message: its kind, its text, and the tool it is about."""
    content = getattr(part, "content", None)
    plain: dict[str, JsonValue] = {"kind": part.part_kind}
    if content is not None:
        plain["content"] = content if isinstance(content, str) else json.loads(json.dumps(content, default=str))
    if (tool := getattr(part, "tool_name", None)) is not None:
        plain["tool"] = tool
    if part.part_kind == "tool-call":
        plain["arguments"] = part.args_as_json_str()
    return plain


class RecordingModel(WrapperModel):
    """A model that keeps every exchange.

    Args:
        wrapped: The model.
        known_as: What the model is called in the recording.
        recording: Where exchanges are kept.
    """

    def __init__(self, wrapped: "Model[Any]", known_as: str, recording: Recording) -> None:
        super().__init__(wrapped)
        self.known_as, self.recording = known_as, recording

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The answer, kept before it is given. Raises what the model does."""
        question = question_of(self.known_as, messages, model_settings, model_request_parameters)
        with counting_attempts() as attempts:
            try:
                response = await self.wrapped.request(messages, model_settings, model_request_parameters)
                answer = Answer.of(response)
            except (CandidateError, BudgetSpentError) as error:
                self.recording.write(question, _failed(error, attempts.made))
                raise
        self.recording.write(question, answer.model_copy(update={"attempts": max(1, attempts.made)}))
        return response


def _failed(error: CandidateError | BudgetSpentError, attempts: int) -> Answer:
    """What is kept of a failure. The attempt that the budget had no room for is kept as well: it ends a replay, too."""
    if isinstance(error, BudgetSpentError):
        return Answer(failure="the budget had no room for a further attempt", attempts=attempts + 1)
    return Answer(failure=str(error), is_schema_refused=isinstance(error, SchemaRefusedError), attempts=attempts)


class ReplayModel(Model[None]):
    """A model that knows what a recording holds and nothing else. It needs no key and no network.

    Args:
        known_as: What the model was called when it was recorded.
        recording: Where exchanges were kept.
    """

    def __init__(self, known_as: str, recording: Recording) -> None:
        super().__init__(profile={"supports_json_schema_output": True})
        self.known_as, self.recording = known_as, recording

    @property
    def model_name(self) -> str:
        """As it was recorded."""
        return self.known_as

    @property
    def system(self) -> str:
        """Nobody's."""
        return "replay"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """What was answered.

        Raises:
            NotRecordedError: This was never asked while recording.
            CandidateError: It was, and there was no answer.
            RecordedRefusalError: It was, with its schema in words alone.
            BudgetSpentError: It took more attempts than are allowed.
        """
        question = question_of(self.known_as, messages, model_settings, model_request_parameters)
        try:
            answer = self.recording.answer(question)
        except NotRecordedError:
            if question["output"] == "native" and self.recording.holds(question | {"output": "prompted"}):
                raise RecordedRefusalError("it was asked without a schema") from None
            raise
        for _ in range(answer.attempts):
            await begin_attempt()
        return answer.response(self.known_as)
