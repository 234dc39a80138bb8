"""Looking with tools before answering: a model calls them until it has enough or may call no more.

A loop of its own, because servers that hold an answer to a schema cannot let the model call tools in the same breath.
What it leaves behind is what the tools have shown; what the model says here is not used.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial

from pydantic_ai import Agent
from pydantic_ai.exceptions import AgentRunError, UsageLimitExceeded
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import AbstractToolset
from pydantic_ai.usage import UsageLimits

from prefect_harmonic.errors import CandidateError, NotRecordedError
from prefect_harmonic.planners.models.language_model import ModelProvider
from prefect_harmonic.planners.models.specialist_wording import gathering_prompt
from prefect_harmonic.planners.models.usage import Meter, Usage
from prefect_harmonic.tasks.agents.modelled.toolbox import MOST_CALLS, Bench, ToolFunction, toolset
from prefect_harmonic.tasks.agents.wording import clipped

MOST_REQUESTS = 8
_WRONG_CALLS = 3
_ABOUT_TOOLS = re.compile(
    r"answered (?:400|404|415|422|501)\b.*\b(?:tool|schema|grammar|structured)", re.IGNORECASE | re.DOTALL
)


async def gathered(
    model: ModelProvider,
    *,
    instructions: str,
    assignment: str,
    tools: "dict[str, ToolFunction]",
    others: Mapping[str, AbstractToolset[None]],
    bench: Bench,
    settings: ModelSettings,
    meter: Meter,
    subjects: Sequence[str] = (),
) -> str:
    """Has a model look with its tools.

    Args:
        model: Gives the model.
        instructions: What it is told first.
        assignment: The artifact and what was found.
        tools: Tools of this package, by name.
        others: Tools of the user's own, by server. One that cannot be reached is done without.
        bench: Takes what is shown.
        settings: Temperature and the like.
        meter: Counts what it takes.
        subjects: What is searched for in its place where its server takes no tools.

    Returns:
        Why the looking ended early, or nothing.

    Raises:
        CandidateError: The model gives no answers at all.
    """
    agent: Agent[None, str] = Agent(instructions=instructions, output_type=str, name="harmonic-gathering")
    run = None
    early: list[str] = []
    try:
        async with AsyncExitStack() as stack:
            reached = await _reached(others, stack, early)
            run = await stack.enter_async_context(
                agent.iter(
                    gathering_prompt(assignment, MOST_CALLS),
                    model=await model(),
                    toolsets=[toolset(tools, bench, reached)],
                    model_settings={**settings, "framing_announcement": "never"},
                    usage_limits=UsageLimits(request_limit=MOST_REQUESTS),
                    retries={"tools": _WRONG_CALLS, "output": _WRONG_CALLS},
                    infer_name=False,
                )
            )
            async for _ in run:
                pass
    except UsageLimitExceeded:
        early.append(f"it was not done after {MOST_REQUESTS} requests")
    except AgentRunError as error:  # what follows in its text is advice for those who write agents
        early.append(clipped(str(error).partition(" Consider ")[0], 200))
    except CandidateError as error:
        if not _ABOUT_TOOLS.search(str(error)):
            raise
        early.append("the server takes no tools")
        await _looked_for_it(tools, bench, subjects)
    finally:
        if run is not None:
            used = run.usage
            meter.count(Usage(used.requests, used.input_tokens, used.output_tokens, used.cache_read_tokens))
    return "; ".join(early)


async def _looked_for_it(tools: Mapping[str, ToolFunction], bench: Bench, subjects: Sequence[str]) -> None:
    """Shows a model that cannot call tools what it would have asked first: passages on its subjects, and figures."""
    calls: list[tuple[str, dict[str, str]]] = [("search_documents", {"query": each}) for each in subjects]
    calls += [(name, {}) for name in ("import_cycles", "hot_spots")]
    for name, arguments in calls:
        if name in tools:
            await bench.call(name, arguments, partial(tools[name], **arguments))


async def _reached(
    others: Mapping[str, AbstractToolset[None]], stack: AsyncExitStack, early: list[str]
) -> list[AbstractToolset[None]]:
    """The tools of those servers that can be reached, connected until the stack ends."""
    reached = []
    for name in sorted(others):
        try:
            reached.append(await stack.enter_async_context(others[name]))
        except NotRecordedError:
            raise
        except Exception as error:  # the client's errors are of any kind
            early.append(f"tool server {name}: {clipped(str(error), 200)}")
    return reached
