"""The context of a project within a flow run: prepared by one task run, however many ask for it."""

import time
from pathlib import Path

from prefect_harmonic.errors import WorkspaceError
from prefect_harmonic.planners.context import NO_PROJECT, ContextProvider, ProjectContext
from prefect_harmonic.planners.user_path import user_path
from prefect_harmonic.planners.working_memory import WorkingMemory
from prefect_harmonic.tasks.context import prepare_context
from prefect_harmonic.tasks.project import opened_project


def context_provider(project: str | None, workspace: str | None = None) -> ContextProvider:
    """Gives the context of a project once it is asked for.

    Args:
        project: Folder of the project; without one there is nothing to build on.
        workspace: Folder that the run writes into, which is no part of the project.

    Raises:
        ProjectNotFoundError: There is no such folder, or it cannot be read. Found out at once, not when asked for.
        WorkspaceError: The workspace is the project itself.
    """
    root = None if project is None else str(opened_project(project))
    if root is not None and workspace is not None and Path(root) == user_path(workspace).resolve():
        raise WorkspaceError(workspace, "is the project itself, which what a run writes would change for the next one")
    memory = WorkingMemory(clock=time.monotonic, time_to_live=float("inf"))

    async def prepare() -> ProjectContext:
        return NO_PROJECT if root is None else await prepare_context(root, workspace)

    async def provide() -> ProjectContext:
        return await memory.recall_or_find("project", prepare)

    return provide
