"""Tools of the user's own that repeat no key which they were given: neither in an answer nor in an error."""

import json
from dataclasses import dataclass
from typing import Any, Self

from pydantic_ai import RunContext
from pydantic_ai.toolsets import ToolsetTool, WrapperToolset

from prefect_harmonic.planners.models.patience import without_secrets


class ToolServerError(Exception):
    """A tool server failed, in its own words."""


@dataclass
class DiscreetToolset(WrapperToolset[None]):
    """Tools whose words are kept and shown, with the keys of their server blotted out.

    Attributes:
        secrets: Values of its environment and its headers.
    """

    secrets: tuple[str, ...]

    async def __aenter__(self) -> Self:
        """Connects to the server."""
        try:
            await super().__aenter__()
        except Exception as error:  # the client's errors are of any kind
            raise ToolServerError(self._clean(str(error))) from None
        return self

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> Any:  # what the tool gives
        """What the tool gives, as text where there was a key in it."""
        try:
            result = await super().call_tool(name, tool_args, ctx, tool)
        except Exception as error:
            if (told := self._clean(str(error))) == str(error):
                raise
            raise ToolServerError(told) from None
        text = text_of(result)
        clean = self._clean(text)
        return result if clean == text else clean

    def _clean(self, text: str) -> str:
        return without_secrets(text, (*self.secrets, *(json.dumps(each)[1:-1] for each in self.secrets)))


def text_of(result: object) -> str:
    """What a tool gave, as a text: itself, or its JSON."""
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, indent=1, default=str)
