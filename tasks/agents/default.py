"""The specialists that come with the package. All of them work without a language model."""

from prefect_harmonic.tasks.agents.builder.agent import BUILDER
from prefect_harmonic.tasks.agents.code_analyzer.agent import CODE_ANALYZER
from prefect_harmonic.tasks.agents.decision_log.agent import DECISION_LOG
from prefect_harmonic.tasks.agents.learning_path.agent import LEARNING_PATH
from prefect_harmonic.tasks.agents.registry import AgentRegistry
from prefect_harmonic.tasks.agents.researcher.agent import RESEARCHER

DEFAULT_AGENTS = AgentRegistry(RESEARCHER, CODE_ANALYZER, LEARNING_PATH, DECISION_LOG, BUILDER)
"""The registry that a run uses unless the user gives another."""
