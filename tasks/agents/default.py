"""The agents that come with the package. All of them work without a language model."""

from prefect_harmonic.tasks.agents.builder.agent import BUILDER
from prefect_harmonic.tasks.agents.code_analyzer.agent import CODE_ANALYZER
from prefect_harmonic.tasks.agents.coordinators.hierarchical_planner import HIERARCHICAL_PLANNER
from prefect_harmonic.tasks.agents.coordinators.pipeline_manager import PIPELINE_MANAGER
from prefect_harmonic.tasks.agents.coordinators.swarm_coordinator import SWARM_COORDINATOR
from prefect_harmonic.tasks.agents.decision_log.agent import DECISION_LOG
from prefect_harmonic.tasks.agents.dividing import dividing
from prefect_harmonic.tasks.agents.learning_path.agent import LEARNING_PATH
from prefect_harmonic.tasks.agents.registry import AgentRegistry
from prefect_harmonic.tasks.agents.researcher.agent import RESEARCHER

DEFAULT_AGENTS = AgentRegistry(
    dividing(RESEARCHER),
    CODE_ANALYZER,
    LEARNING_PATH,
    DECISION_LOG,
    BUILDER,
    HIERARCHICAL_PLANNER,
    PIPELINE_MANAGER,
    SWARM_COORDINATOR,
)
"""The registry that a run uses unless the user gives another."""
