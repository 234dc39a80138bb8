"""The registry that comes with the package sends artifacts to those who can make them."""

import pytest

from prefect_harmonic.planners.agent_choice import chosen_agent
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.harmonic import DEFAULT_AGENTS as NAMES
from prefect_harmonic.tasks.agents.default import DEFAULT_AGENTS

EXPERTISE = {name: DEFAULT_AGENTS[name].expertise for name in DEFAULT_AGENTS}


def test_specialists_and_coordinators_are_there() -> None:
    """The names that plans use, the same as those that the gate lets pass."""
    specialists = {"builder", "code-analyzer", "decision-log", "learning-path", "researcher"}
    coordinators = {"hierarchical-planner", "pipeline-manager", "swarm-coordinator"}
    assert set(DEFAULT_AGENTS) == specialists | coordinators == NAMES
    assert all(DEFAULT_AGENTS[name].name == name for name in DEFAULT_AGENTS)


@pytest.mark.parametrize(
    ("artifact", "agent"),
    [
        (Artifact(id="ResearchMicroservicePatterns"), "researcher"),
        (Artifact(id="AnalyzeCurrentStructure", description="Map dependencies of the monolith"), "code-analyzer"),
        (Artifact(id="ChooseTechnologyStack"), "decision-log"),
        (Artifact(id="MigrationApproachDecision"), "decision-log"),
        (Artifact(id="TeamTrainingCurriculum"), "learning-path"),
        (Artifact(id="UserModel", domain_type="model", produces_file="src/models/user.py"), "builder"),
        (Artifact(id="OutputFormatter", produces_file="src/output.py"), "builder"),
        (Artifact(id="AnalysisService", domain_type="service", produces_file="src/a.py"), "builder"),
        (Artifact(id="LearningPath", domain_type="model", produces_file="src/path.py"), "builder"),
    ],
)
def test_artifacts_of_known_plans_go_to_the_right_specialist(artifact: Artifact, agent: str) -> None:
    """The artifacts of the design documents get the specialists that these name for them."""
    assert chosen_agent(artifact, EXPERTISE).agent == agent
