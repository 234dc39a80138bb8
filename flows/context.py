"""The context of a project within a flow run: prepared by one task run, however many ask for it."""

import time

from prefect_harmonic.planners.context import NO_PROJECT, ContextProvider, ProjectContext
from prefect_harmonic.planners.working_memory import WorkingMemory
from prefect_harmonic.tasks.context import prepare_context
from prefect_harmonic.tasks.project import check_apart, opened_project


def context_provider(project: str | None, workspace: str | None = None) -> ContextProvider:
    """Gives the context of a project once it is asked for.

    Args:
        project: Folder of the project; without one there is nothing to build on.
        workspace: Folder that the run writes into, which is no part of the project.

    Raises:
        ProjectNotFoundError: There is no such folder, or it cannot be read. Found out at once, not when asked for.
        WorkspaceError: The workspace is the project itself.
    """
    opened = None if project is None else opened_project(project)
    if opened is not None and workspace is not None:
        check_apart(opened, workspace)
    root = None if opened is None else str(opened)
    memory = WorkingMemory(clock=time.monotonic, time_to_live=float("inf"))

    async def prepare() -> ProjectContext:
        return NO_PROJECT if root is None else await prepare_context(root, workspace)

    async def provide() -> ProjectContext:
        return await memory.recall_or_find("project", prepare)

    return provide
