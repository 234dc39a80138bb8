"""Where the response to an incident stands: one JSON document in the workspace, written whole after every step.

What was found stands in the ledger; here stands what was decided: the checkpoints that passed, the cause, what was
called off, what a person was asked and answered. A run that was killed goes on from there and repeats none of it.
"""

from pydantic import Field, ValidationError

from prefect_harmonic.planners.coordinators.race import Cause, Checkpoint
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.incident import incident_plan, plan_without
from prefect_harmonic.tasks.asking_state import AskingState
from prefect_harmonic.tasks.ledger import digest
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

INCIDENT_STATE_VERSION = 1
INCIDENT_STATE = f"{LEDGER_FOLDER}/incident.json"


class IncidentState(AskingState):
    """All that the response to an incident has decided so far."""

    version: int = INCIDENT_STATE_VERSION
    key: str = Field(description="Digest of what was asked for; another incident in the same workspace begins anew.")
    checkpoints: tuple[Checkpoint, ...] = ()
    allowed: int = Field(ge=1, description="Checkpoints before a person is asked; a person may allow more.")
    cause: Cause | None = None
    dropped: dict[str, str] = Field(default_factory=dict, description="Tracks that were called off, with why.")

    def plan(self, goal: str, symptoms: str) -> Plan:
        """The plan that fits what is known of an incident.

        Args:
            goal: What is to be resolved.
            symptoms: What users see.
        """
        return plan_without(incident_plan(goal, symptoms, self.guidance, self.cause), self.dropped)


def incident_key(goal: str, symptoms: str) -> str:
    """What a state belongs to."""
    return digest(["incident", goal, symptoms])


def read_incident(workspace: Workspace, key: str) -> IncidentState | None:
    """The state of this incident that a workspace holds; nothing if it holds none, or one that cannot be read."""
    try:
        state = IncidentState.model_validate_json((workspace.root / INCIDENT_STATE).read_bytes())
    except (OSError, ValidationError):
        return None
    return state if state.version == INCIDENT_STATE_VERSION and state.key == key else None


def write_incident(workspace: Workspace, state: IncidentState) -> None:
    """Puts a state in the place of the one before, in one step. Raises `WorkspaceError`."""
    workspace.write_own(INCIDENT_STATE, state.model_dump_json(indent=1) + "\n")
