"""The tools of one piece of work: those that are on its specialist's list, and no others.

What a model sees of a tool's answer is text between marks; what claims may rest on is taken from the same answer. Each
call is carried out by the run's caller, and there are only so many.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from pydantic_ai import FunctionToolset, RunContext
from pydantic_ai.toolsets import AbstractToolset, CombinedToolset, ToolsetTool, WrapperToolset

from prefect_harmonic.errors import HarmonicError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.models.engine.chat import BRIEF
from prefect_harmonic.planners.models.wording import as_data
from prefect_harmonic.tasks.agents.modelled.calls import CallKind, caller
from prefect_harmonic.tasks.agents.modelled.discretion import text_of
from prefect_harmonic.tasks.agents.modelled.handed_over import HandedOver
from prefect_harmonic.tasks.agents.modelled.measuring import ImportGraphQueries
from prefect_harmonic.tasks.agents.modelled.observation import Line, Observation
from prefect_harmonic.tasks.agents.modelled.reading import ProjectReader
from prefect_harmonic.tasks.agents.modelled.searching import DocumentSearch
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.wording import clipped

MOST_CALLS = 16
"""Calls of tools in one piece of work."""

_MOST_SHOWN = 40_000
"""Characters that tools show in one piece of work."""

ToolFunction = Callable[..., Awaitable[Observation]]
READING = ("search_documents", "read_file", "list_files")
MEASURING = ("import_cycles", "dependants", "hot_spots")
HANDED_OVER = ("read_findings", "read_made_file")


@dataclass
class Bench:
    """Where one piece of work is done: what was shown so far, and how much more may be.

    Attributes:
        shown: What claims may rest on.
        scope: Digest of the work, part of the key of each call.
        told: What the model was told, call by call.
    """

    shown: Shown
    scope: str
    told: list[str] = field(default_factory=list)
    _calls: dict[str, int] = field(default_factory=dict)
    _turns: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def calls(self) -> int:
        """How many calls there were."""
        return sum(self._calls.values())

    async def call(self, name: str, arguments: Mapping[str, Any], work: Callable[[], Awaitable[Observation]]) -> str:
        """What a tool shows, as data. Calls made at once are carried out in turn, so that their order holds."""
        async with self._turns:
            if self.calls >= MOST_CALLS or sum(map(len, self.told)) > _MOST_SHOWN:
                return "No more is shown: answer DONE."
            written = json.dumps([self.scope, name, dict(arguments)], sort_keys=True, default=str)
            self._calls[written] = self._calls.get(written, 0) + 1

            async def observe() -> JsonValue:
                document: JsonValue = (await work()).bounded().model_dump(mode="json")
                return document

            key = hashlib.sha256(f"{written}{self._calls[written]}".encode("utf-8", "surrogatepass")).hexdigest()
            answer = await caller().call(CallKind.TOOL, name, key, observe)
            observation = Observation.model_validate(answer, strict=False)
            self.shown.take(observation)
            self.told.append(as_data(name, observation.told()))
            return self.told[-1]


@dataclass
class WatchedToolset(WrapperToolset[None]):
    """Tools whose answers pass over the bench."""

    bench: Bench

    async def call_tool(
        self, name: str, tool_args: dict[str, Any], ctx: RunContext[None], tool: ToolsetTool[None]
    ) -> str:
        """What the tool shows, as data."""

        async def work() -> Observation:
            try:
                return as_observation(name, await super(WatchedToolset, self).call_tool(name, tool_args, ctx, tool))
            except HarmonicError:
                raise
            except Exception as error:  # a server of the user's own may fail with anything
                return Observation(note=f"The tool failed: {clipped(str(error), 300)}")

        return await self.bench.call(name, tool_args, work)


def as_observation(name: str, result: object) -> Observation:
    """What a tool gave: one of ours an observation, one of the user's own any text or JSON, told line by line."""
    if isinstance(result, Observation):
        return result
    text = text_of(result)
    lines = (Line(path=name, number=at, text=each) for at, each in enumerate(text.splitlines(), start=1))
    return Observation(lines=tuple(lines))


def own_tools(assignment: Assignment, allowed: Collection[str]) -> Mapping[str, ToolFunction]:
    """The tools of this package that a piece of work may use, by name: those allowed that have something to show."""
    tools: dict[str, ToolFunction] = {}
    if assignment.project and (root := Path(assignment.project)).is_dir():
        workspace = Path(assignment.workspace) if assignment.workspace else None
        search, graph = DocumentSearch(root), ImportGraphQueries(root)
        tools |= {"search_documents": search.search_documents}
        tools |= {name: getattr(graph, name) for name in MEASURING}
        if {"read_file", "list_files"} & set(allowed):
            reader = ProjectReader(root, workspace)
            tools |= {"read_file": reader.read_file, "list_files": reader.list_files}
    if assignment.inputs or assignment.background:
        given = HandedOver(assignment)
        tools |= {"read_findings": given.read_findings, "read_made_file": given.read_made_file}
    return {name: tools[name] for name in sorted(tools.keys() & set(allowed))}


def toolset(
    tools: Mapping[str, ToolFunction], bench: Bench, others: Collection[AbstractToolset[None]] = ()
) -> AbstractToolset[None]:
    """Tools as a model is given them."""
    functions: FunctionToolset[None] = FunctionToolset(id="harmonic")
    for name, function in tools.items():
        functions.add_function(function, name=name, metadata=dict(BRIEF))
    return WatchedToolset(CombinedToolset([functions, *others]) if others else functions, bench)
