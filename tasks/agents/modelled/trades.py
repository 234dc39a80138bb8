"""The specialists that can have a model: what each may answer, with which tools, and by which rules it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from prefect_harmonic.tasks.agents.modelled.building import built
from prefect_harmonic.tasks.agents.modelled.deciding import decided
from prefect_harmonic.tasks.agents.modelled.judging import Judge, analyzed, researched
from prefect_harmonic.tasks.agents.modelled.teaching import taught
from prefect_harmonic.tasks.agents.modelled.toolbox import HANDED_OVER, MEASURING, READING


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What a specialist with a model does.

    Attributes:
        name: The specialist's own name; its prompt has the same.
        keys: The keys of its answer.
        tools: The tools that it may call. A model that calls another one is told that there is none.
        judge: What its answers are judged by.
    """

    name: str
    keys: tuple[str, ...]
    tools: frozenset[str]
    judge: Judge


_SEARCHING = frozenset({*READING, *HANDED_OVER})
TRADES: Mapping[str, Trade] = {
    trade.name: trade
    for trade in (
        Trade(name="researcher", keys=("claims", "open", "percent"), tools=_SEARCHING, judge=researched),
        Trade(
            name="code-analyzer",
            keys=("claims", "open", "risks", "percent"),
            tools=_SEARCHING | frozenset(MEASURING),
            judge=analyzed,
        ),
        Trade(
            name="learning-path",
            keys=("claims", "open", "lessons", "percent"),
            tools=_SEARCHING,
            judge=taught,
        ),
        Trade(
            name="decision-log",
            keys=("claims", "open", "options", "risks", "percent"),
            tools=_SEARCHING | frozenset(MEASURING),
            judge=decided,
        ),
        Trade(
            name="builder",
            keys=("content", "left", "percent"),
            tools=frozenset({"read_file", "list_files", *HANDED_OVER}),
            judge=built,
        ),
    )
}
"""By name. Specialists of the user's own and coordinators have none, and stay as they are."""
