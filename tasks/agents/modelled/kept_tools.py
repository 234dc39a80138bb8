"""What tool servers say, kept beside what the model said, and given once more without any server.

A recorded run is replayed from its folder alone: with the model's answers lies which tools each server had, or why it
could not be reached, and what every call of them gave. Failures are kept as well.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic_ai import RunContext
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset, ToolsetTool, WrapperToolset
from pydantic_core import SchemaValidator, core_schema

from prefect_harmonic.planners.models.recording import Answer, Exchange, Recording
from prefect_harmonic.tasks.agents.modelled.discretion import ToolServerError, text_of

_ARGUMENTS = SchemaValidator(core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema()))
"""As for a server that runs: an object, of which the server judges what is in it."""


@dataclass(frozen=True, slots=True)
class KeptServer:
    """Where what one server says to one model is kept.

    Attributes:
        name: What the server is called.
        model: What the model is called that calls its tools.
        recording: The folder.
    """

    name: str
    model: str
    recording: Recording

    @property
    def list_question(self) -> Exchange:
        """What the list of its tools is found again by."""
        return {"model": self.model, "tools of": self.name}

    def call_question(self, tool: str, arguments: dict[str, Any]) -> Exchange:
        """What the answer to a call is found again by."""
        return {"model": self.model, "tool": tool, "arguments": arguments}


@dataclass
class RecordedToolset(WrapperToolset[None]):
    """The tools of a server, with all that they give kept.

    Attributes:
        kept: Where.
    """

    kept: KeptServer
    _is_listed: bool = field(default=False, init=False)

    async def __aenter__(self) -> Self:
        """Connects to the server. That it cannot be reached is kept."""
        try:
            await super().__aenter__()
        except Exception as error:  # the client's errors are of any kind
            self.kept.recording.write(self.kept.list_question, Answer(failure=str(error)))
            raise
        return self

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        """The tools there are, kept once: a model is shown them before each of its answers."""
        tools = await super().get_tools(ctx)
        if not self._is_listed:
            told = [
                {"name": one.name, "description": one.description, "parameters": one.parameters_json_schema}
                for one in (tools[name].tool_def for name in sorted(tools))
            ]
            self.kept.recording.write(self.kept.list_question, Answer(text=json.dumps(told, ensure_ascii=False)))
            self._is_listed = True
        return tools

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:  # what the tool gives
        """What the tool gives, kept as the text that a model is shown of it."""
        question = self.kept.call_question(name, tool_args)
        try:
            result = await super().call_tool(name, tool_args, ctx, tool)
        except Exception as error:  # a server of the user's own may fail with anything
            self.kept.recording.write(question, Answer(failure=str(error)))
            raise
        self.kept.recording.write(question, Answer(text=text_of(result)))
        return result


@dataclass
class ReplayedToolset(AbstractToolset[None]):
    """The tools that a server had when it was recorded; they give what they gave then.

    Attributes:
        kept: Where that was kept.
    """

    kept: KeptServer
    _tools: dict[str, ToolsetTool[None]] = field(default_factory=dict, init=False)

    @property
    def id(self) -> str:
        """The name of the server."""
        return self.kept.name

    async def __aenter__(self) -> Self:
        """Reads which tools there were.

        Raises:
            NotRecordedError: The server was not asked for them while recording.
            ToolServerError: It could not be reached then.
        """
        told = json.loads(self._answer(self.kept.list_question))
        self._tools = {each["name"]: self._tool(each) for each in told}
        return self

    def _tool(self, told: dict[str, Any]) -> ToolsetTool[None]:
        definition = ToolDefinition(
            name=told["name"], description=told["description"], parameters_json_schema=told["parameters"]
        )
        return ToolsetTool(toolset=self, tool_def=definition, max_retries=1, args_validator=_ARGUMENTS)

    async def get_tools(self, ctx: RunContext[None]) -> dict[str, ToolsetTool[None]]:
        """The tools there were."""
        return self._tools

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> str:
        """What the tool gave.

        Raises:
            NotRecordedError: It was not called with this while recording.
            ToolServerError: It failed then.
        """
        return self._answer(self.kept.call_question(name, tool_args))

    def _answer(self, question: Exchange) -> str:
        answer = self.kept.recording.answer(question)
        if answer.failure is not None:
            raise ToolServerError(answer.failure)
        return answer.text or ""
