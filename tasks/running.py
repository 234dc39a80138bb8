"""Which flow run has a workspace now: a note that only a run that was killed leaves behind.

The lease of a workspace ends with the process, however that ends. So whoever has the lease and finds the note of
another run knows that nobody is there any more to say how that one ended.
"""

import json

from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

RUNNING = f"{LEDGER_FOLDER}/running.json"


def left_running(workspace: Workspace) -> str:
    """The id of the flow run that was killed in a workspace; nothing if the last one ended in order."""
    try:
        stated = json.loads(workspace.own_path(RUNNING).read_bytes())
    except (OSError, ValueError):
        return ""
    run = stated.get("flow_run") if isinstance(stated, dict) else None
    return run if isinstance(run, str) else ""


def note_running(workspace: Workspace, flow_run: str) -> None:
    """Notes the flow run that has the workspace. Raises `WorkspaceError`."""
    workspace.write_own(RUNNING, json.dumps({"version": 1, "flow_run": flow_run}) + "\n")


def forget_running(workspace: Workspace) -> None:
    """Takes the note away, as the run ends in order. Raises `WorkspaceError`."""
    workspace.own_path(RUNNING).unlink(missing_ok=True)
