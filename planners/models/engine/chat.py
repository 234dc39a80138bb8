"""A conversation of pydantic-ai as the plain messages of a chat template, and an answer as its parts.

Chat templates agree on little more than three roles and text, and many insist that user and assistant take turns. So a
conversation is written as that: one system message, then turns. Calls of tools go as JSON under a schema, in which the
model can name no tool that it was not given, and results of tools come back as text that says what it is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponsePart,
    RetryPromptPart,
    SystemPromptPart,
    TextContent,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.profiles import InlineDefsJsonSchemaTransformer
from pydantic_ai.tools import ToolDefinition

from prefect_harmonic.errors import UnreadableAnswerError
from prefect_harmonic.planners.models.answers import document_in
from prefect_harmonic.planners.models.engine.engine import Message
from prefect_harmonic.planners.models.engine.grammar import SHORT_TEXT, BoundedSchema
from prefect_harmonic.planners.models.schema import object_of
from prefect_harmonic.planners.models.wording import prompt

Schema = Mapping[str, Any]
BRIEF: Mapping[str, Any] = {"harmonic_is_brief": True}
"""Marks a tool, in its metadata, that needs short texts and small numbers only."""

_CALL, _ARGUMENTS, _ANSWER = "call", "arguments", "answer"


def messages_of(
    instructions: Sequence[str], conversation: Sequence[ModelMessage], tools: Sequence[ToolDefinition] = ()
) -> tuple[Message, ...]:
    """The conversation, instructions first, then in turns.

    Args:
        instructions: What the model is told before everything else.
        conversation: What was said so far.
        tools: What it may call.

    Raises:
        UserError: There is something in it that is no text, such as an image.
    """
    system = list(instructions)
    turns: list[tuple[str, str]] = []
    for message in conversation:
        if isinstance(message, ModelResponse):
            turns += [("assistant", text) for part in message.parts if (text := _said(part))]
            continue
        for part in message.parts:
            if isinstance(part, SystemPromptPart):
                system.append(part.content)
            else:
                turns.append(("user", _asked(part)))
    if tools:
        system.append(_told_of(tools))
    first = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    return (*first, *_in_turns(turns))


def _in_turns(turns: Iterable[tuple[str, str]]) -> list[Message]:
    """One message for what one side says without being answered."""
    messages: list[dict[str, str]] = []
    for role, text in turns:
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += f"\n\n{text}"
        else:
            messages.append({"role": role, "content": text})
    return list(messages)


def _said(part: ModelResponsePart) -> str:
    """What the model said earlier, as it would say it again."""
    if isinstance(part, TextPart):
        return part.content
    if isinstance(part, ToolCallPart):
        return json.dumps({_CALL: part.tool_name, _ARGUMENTS: part.args_as_dict()}, ensure_ascii=False)
    if isinstance(part, ThinkingPart):
        return ""
    raise UserError(f"a model in this process is told text only, and no {part.part_kind}")


def _asked(part: Any) -> str:  # one of pydantic-ai's dozen kinds
    if isinstance(part, UserPromptPart):
        if isinstance(part.content, str):
            return part.content
        if all(isinstance(each, str | TextContent) for each in part.content):
            return "\n\n".join(each if isinstance(each, str) else each.content for each in part.content)  # type: ignore[union-attr]  # checked just above
    elif isinstance(part, ToolReturnPart):
        return f"RESULT of {part.tool_name}:\n{part.model_response_str()}"
    elif isinstance(part, RetryPromptPart):
        return part.model_response()
    raise UserError(f"a model in this process is told text only, and no {part.part_kind}")


def _told_of(tools: Sequence[ToolDefinition]) -> str:
    """What the model is told about its tools."""
    listed = [
        f"- {tool.name}: {' '.join((tool.description or 'no description').split())}\n"
        f"  arguments: {json.dumps(tool.parameters_json_schema, ensure_ascii=False, sort_keys=True)}"
        for tool in tools
    ]
    return prompt("calls").replace("$tools", "\n".join(listed))


def schema_of(parameters: ModelRequestParameters) -> Schema | None:
    """What the answer is held to: the schema of the output, or a call of one of the tools; nothing for free text."""
    output = parameters.output_object if parameters.output_mode == "native" else None
    tools = tools_of(parameters)
    if not tools:
        return None if output is None else output.json_schema
    choices = [object_of({_CALL: {"const": tool.name}, _ARGUMENTS: _arguments(tool)}) for tool in tools]
    if output is not None:
        choices.append(object_of({_ANSWER: _whole(output.json_schema)}))
    elif parameters.allow_text_output:
        choices.append(object_of({_ANSWER: SHORT_TEXT}))
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def tools_of(parameters: ModelRequestParameters) -> tuple[ToolDefinition, ...]:
    """Everything that may be called, those that carry the output included."""
    return (*parameters.function_tools, *parameters.output_tools)


def parts_of(text: str, tools: Sequence[ToolDefinition]) -> list[ModelResponsePart]:
    """What an answer says. One that was cut off is passed on as it is."""
    if not tools:
        return [TextPart(content=text)] if text else []
    try:
        document = document_in(text)
    except UnreadableAnswerError:
        return [TextPart(content=text)]
    if isinstance(document.get(_CALL), str):
        arguments = document.get(_ARGUMENTS) or {}
        # What is no object is told to the model, as wrong arguments are.
        return [ToolCallPart(document[_CALL], arguments if isinstance(arguments, dict) else json.dumps(arguments))]
    if _ANSWER in document:
        answer = document[_ANSWER]
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return [TextPart(content=text)]


def _arguments(tool: ToolDefinition) -> dict[str, Any]:
    """What a tool takes. One of the user's own may need any text, such as a query with quotes in it."""
    if BRIEF.items() <= (tool.metadata or {}).items():
        return BoundedSchema(tool.parameters_json_schema).walk()
    return _whole(tool.parameters_json_schema)


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that can stand inside another one, because it refers to nothing outside of itself."""
    return InlineDefsJsonSchemaTransformer(schema).walk()
