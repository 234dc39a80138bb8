"""Having parts done: by the spawner where there is room in the tree, else by this agent's own hands."""

from collections.abc import Mapping

from prefect_harmonic.planners.agent_choice import chosen_agent
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.coordinators.coordinator import COORDINATORS, agent_named
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.tasks.agents.code_analyzer.agent import CODE_ANALYZER
from prefect_harmonic.tasks.agents.decision_log.agent import DECISION_LOG
from prefect_harmonic.tasks.agents.learning_path.agent import LEARNING_PATH
from prefect_harmonic.tasks.agents.registry import AgentRegistry, Specialist
from prefect_harmonic.tasks.agents.researcher.agent import RESEARCHER
from prefect_harmonic.tasks.agents.spawning import (
    NO_INPUTS,
    carried_out,
    current_spawner,
    part_assignment,
    part_id,
    using_spawner,
)

OWN_HANDS = AgentRegistry(RESEARCHER, CODE_ANALYZER, DECISION_LOG, LEARNING_PATH)
"""Who does a part when nothing can be spawned."""

_MAKER = "builder"


async def delegated(
    parent: Assignment, title: str, content: str, agent: str = "", inputs: Mapping[str, Evidence] = NO_INPUTS
) -> Evidence:
    """What came of a part. Without room in the tree it is done here and now, by one who needs no parts.

    Args:
        parent: Whose part it is.
        title: What it is called.
        content: What it asks.
        agent: Who does it; chosen by its words if left out.
        inputs: What it is given.
    """
    spawner = current_spawner.get()
    name = suited(title, content, OWN_HANDS if spawner is None else spawner.agents, agent)
    if spawner is not None:
        found = await spawner.spawn(parent, title, content, name, inputs)
        if found is not None:
            return found
    specialist = OWN_HANDS[name if name in OWN_HANDS else RESEARCHER.name]
    with using_spawner(None):
        return await carried_out(specialist, part_assignment(parent, title, content, specialist.name, inputs))


def suited(title: str, content: str, agents: Mapping[str, Specialist], agent: str = "") -> str:
    """Who does a part: the one that is named, else the one whose expertise its words name, else the researcher.

    >>> suited("Map dependencies", "Which modules import each other", OWN_HANDS), suited("Cost", "", OWN_HANDS)
    ('code-analyzer', 'researcher')
    """
    if agent:
        return agent_named(agent)
    # Parts find things out. What makes files is asked for by name, and so is who has others do the work.
    expertise = {
        name: specialist.expertise for name, specialist in agents.items() if name not in {_MAKER, *COORDINATORS}
    }
    asked = Artifact(id=part_id(title), description=title, contract=content, phase="research")
    return chosen_agent(asked, expertise or {RESEARCHER.name: RESEARCHER.expertise}).agent
