"""A specialist with a model behind the same seam as one without: an assignment in, evidence out.

The embedded specialist always looks first. Where the model gives nothing, its evidence stands, and says so, unless the
user wants no such fallback.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from prefect_harmonic.errors import AgentError, CandidateError
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.models.language_model import LanguageModel
from prefect_harmonic.planners.models.purpose import asking_for
from prefect_harmonic.planners.models.specialist_wording import SPECIALIST_PURPOSES
from prefect_harmonic.planners.models.wording import prompt
from prefect_harmonic.planners.programme.opening import OpeningKind
from prefect_harmonic.tasks.agents.closing.opening import opening_of
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS
from prefect_harmonic.tasks.agents.dividing import dividing
from prefect_harmonic.tasks.agents.modelled.adding import inline, with_section
from prefect_harmonic.tasks.agents.modelled.servers import NO_SERVERS, ToolServers
from prefect_harmonic.tasks.agents.modelled.trades import TRADES, Trade
from prefect_harmonic.tasks.agents.modelled.working import Worker
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.agents.researcher.agent import RESEARCHER
from prefect_harmonic.tasks.agents.wording import clipped
from prefect_harmonic.tasks.run_outcome import MODEL_FAILURE

VERSION = "1"
"""Changes when the same answer of a model would give other evidence."""


def with_model(registry: AgentRegistry, model: LanguageModel, servers: ToolServers = NO_SERVERS) -> AgentRegistry:
    """The registry with a model for every specialist of this package that can have one.

    Specialists of the user's own stay as they are, also where they have the name of one of ours.

    Args:
        registry: The specialists of the run.
        model: What they ask; its second model is asked where the first one fails.
        servers: Servers with tools of the user's own.
    """
    ours = (name for name in TRADES if registry.get(name) is DEFAULT_AGENTS[name])
    return registry.registering(*(_with_model(name, model, servers) for name in sorted(ours)))


def _with_model(name: str, model: LanguageModel, servers: ToolServers) -> Specialist:
    # Dividing comes first, so that each part has the model and the whole is not worded over.
    if name == RESEARCHER.name:
        return dividing(modelled(RESEARCHER, model, servers))
    return modelled(DEFAULT_AGENTS[name], model, servers)


def modelled(specialist: Specialist, model: LanguageModel, servers: ToolServers = NO_SERVERS) -> Specialist:
    """A specialist whose evidence a model adds to. Its version is another for another model, prompt or tool."""
    trade = TRADES[specialist.name]
    workers = [Worker(trade, each, servers) for each in model.in_turn]

    async def call(assignment: Assignment) -> Evidence:
        given = await specialist.call(assignment)
        if not _is_for_a_model(assignment, given, trade):
            return given
        failures: list[str] = []
        for worker in workers:
            try:
                with asking_for(specialist.name, assignment.artifact.id):
                    return await worker.bettered(assignment, given)
            except CandidateError as error:
                failures.append(f"{worker.model.label}: {clipped(str(error), 300)}")
        if not model.is_embedded_allowed:
            raise AgentError(specialist.name, assignment.artifact.id, "; ".join(failures))
        return _without_model(given, failures)

    # Its tools read the project, whether the embedded specialist does or not.
    return replace(specialist, call=call, version=_version(specialist, model, servers), is_reading_project=True)


def _is_for_a_model(assignment: Assignment, given: Evidence, trade: Trade) -> bool:
    """Whether there is anything that a model could add: not where two statements are weighed by rules of their own."""
    to_close = opening_of(assignment.artifact)
    is_by_rule = to_close is not None and to_close.kind is not OpeningKind.GAP
    has_file = assignment.artifact.produces_file is not None
    return not (given.blockers or is_by_rule or ("content" in trade.keys and not has_file))


def _without_model(given: Evidence, failures: Sequence[str]) -> Evidence:
    """The embedded specialist's evidence, which says that it is that and why."""
    reason = "; ".join(failures)
    data = {**given.data, MODEL_FAILURE: reason}
    lines = ["## Made without a model", "", f"The model gave nothing that can be used ({inline(reason)})."]
    return with_section(given.model_copy(update={"data": data}), lines)


def _version(specialist: Specialist, model: LanguageModel, servers: ToolServers) -> str:
    """Another one for another model, other prompts or other tools, so that none's work is taken for another's."""
    digest = hashlib.sha256()
    for part in (
        VERSION,
        *(each.label for each in model.in_turn),
        *map(prompt, SPECIALIST_PURPOSES),
        servers.signature(specialist.name),
    ):
        digest.update(f"{len(part)}:{part}".encode())
    return f"{specialist.version}+{digest.hexdigest()[:12]}"
