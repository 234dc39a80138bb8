"""Tool servers of the user's own (MCP): which there are, and which of their tools each specialist may call.

Only the user names a server and a tool; nothing that a plan, a model or a repository says adds one. A tool that is not
listed is not shown to a model, and calling it is calling one that does not exist.
"""

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_ai.toolsets import AbstractToolset

from prefect_harmonic.errors import MissingPackageError, OptionError
from prefect_harmonic.planners.models.choice import SHORTEST_SECRET
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.tasks.agents.modelled.discretion import DiscreetToolset
from prefect_harmonic.tasks.agents.modelled.kept_tools import KeptServer, RecordedToolset, ReplayedToolset

_OPTION = "tool_servers"
_SECRET = re.compile("key|token|secret|passw|auth|credential|cookie", re.IGNORECASE)
"""Names of variables, headers and options that hold a key."""


class ToolServer(BaseModel):
    """One server: a program that is started, or an address.

    Attributes:
        tools: Names of the tools that may be called; none is callable without being named.
        specialists: Who may call them; all if left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str | None = Field(default=None, description="Program that speaks MCP over its standard streams.")
    args: tuple[str, ...] = ()
    env: dict[str, SecretStr] = Field(default_factory=dict, description="Environment of the program.")
    url: str | None = Field(default=None, description="Address of a server that is running.", pattern="^https?://")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="Sent to that address.")
    tools: tuple[str, ...] = Field(min_length=1)
    specialists: tuple[str, ...] = ()
    timeout_seconds: float = Field(
        default=30, gt=0, le=600, description="How long starting it may take, and each call of a tool."
    )

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> Self:
        if (self.command is None) == (self.url is None):
            raise ValueError("give either a command or a url")
        return self


class ToolServers(BaseModel):
    """The servers of a run, by the names that a model sees before those of their tools."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    servers: dict[str, ToolServer] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: str | None) -> "ToolServers":
        """The servers in a file (YAML or JSON), or none where no file is named.

        Raises:
            OptionError: The file cannot be read, or does not validate; values of it are not repeated.
        """
        if not path:
            return NO_SERVERS
        try:
            document = yaml.safe_load(user_path(path).read_text(encoding="utf-8"))
            return cls.model_validate(document or {})
        except OSError as error:
            raise OptionError(_OPTION, path, f"a file that can be read ({error.strerror or error})") from None
        except (yaml.YAMLError, UnicodeDecodeError):
            raise OptionError(_OPTION, path, "YAML or JSON") from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise OptionError(_OPTION, path, f"a file of servers; in {place}: {first['msg']}") from None

    def check(self) -> None:
        """Raises `MissingPackageError` where there are servers, and the client for them is not installed."""
        if self.servers and find_spec("fastmcp") is None:
            raise MissingPackageError("a tool server", "prefect-harmonic[mcp]")

    def toolsets(self, specialist: str, model: LanguageModel) -> Mapping[str, AbstractToolset[None]]:
        """The tools that a specialist may call, by server; each is called `SERVER_TOOL`.

        Where its model is recorded or replayed, so are they. Raises as `check` does, unless they are replayed.
        """
        allowed = self._for(specialist)
        if (kept := model.replayed) is not None:
            return {name: ReplayedToolset(KeptServer(name, model.label, kept)) for name in allowed}
        self.check()
        given = {name: _toolset(name, server) for name, server in allowed.items()}
        if (kept := model.recording) is None:
            return given
        return {name: RecordedToolset(tools, KeptServer(name, model.label, kept)) for name, tools in given.items()}

    def signature(self, specialist: str) -> str:
        """What changes when a specialist's tools do; no key is in it."""
        told: Mapping[str, Any] = {
            name: server.model_dump(mode="json", include={"command", "args", "url", "tools"})
            for name, server in self._for(specialist).items()
        }
        return json.dumps(told, sort_keys=True)

    def _for(self, specialist: str) -> dict[str, ToolServer]:
        return {
            name: server
            for name, server in sorted(self.servers.items())
            if not server.specialists or specialist in server.specialists
        }


NO_SERVERS = ToolServers()


def _toolset(name: str, server: ToolServer) -> AbstractToolset[None]:
    from pydantic_ai.mcp import MCPToolset  # the client need not be installed

    told: dict[str, Any] = (
        {"url": server.url, "headers": _revealed(server.headers)}
        if server.url
        # A program gets this environment and not the one of the run, in which keys stand.
        else {"command": server.command, "args": list(server.args), "env": _revealed(server.env)}
    )
    tools: AbstractToolset[None] = MCPToolset(
        {"mcpServers": {name: told}},
        id=name,
        init_timeout=server.timeout_seconds,  # five seconds otherwise: many servers are downloaded when first started
        read_timeout=server.timeout_seconds,
        tool_error_behavior="failed",
    )
    allowed = frozenset(server.tools)
    listed = tools.filtered(lambda _, tool: tool.name in allowed).prefixed(name)
    return DiscreetToolset(listed, _secrets(server))


def _secrets(server: ToolServer) -> tuple[str, ...]:
    """What a server was given and must not repeat. Settings such as a folder may stand in its answers."""
    address = urlsplit(server.url or "")
    given = [
        *_revealed(server.env).items(),
        *_revealed(server.headers).items(),
        *parse_qsl(address.query),
        *((name, value) for name, _, value in (each.partition("=") for each in server.args)),
        *((name, value) for name, value in pairwise(server.args) if name.startswith("-") and "=" not in name),
    ]
    # The last word is the key of `Bearer …`, and the whole value where there is no other word.
    named = [value.split()[-1] for name, value in given if _SECRET.search(name) and value.strip()]
    named += [unquote(address.password or "")]
    return tuple(each for each in dict.fromkeys(named) if len(each) >= SHORTEST_SECRET)


def _revealed(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
