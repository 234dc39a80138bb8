"""Prepares what a plan may build on: the project's files, packages and documents, as they stand on the disk."""

import asyncio
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from prefect_harmonic.planners.context import ProjectContext
from prefect_harmonic.tasks.project import project_context


@task(name="prepare-context", task_run_name="prepare context", persist_result=False, cache_policy=NO_CACHE)
async def prepare_context(project: str, workspace: str | None = None) -> ProjectContext:
    """The context of a project, without what lies in the workspace.

    Raises:
        ProjectNotFoundError: There is no such folder, or it cannot be read.
    """
    return await asyncio.to_thread(project_context, Path(project), excluding=Path(workspace) if workspace else None)
