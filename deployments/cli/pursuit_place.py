"""Where a pursuit lies that somebody names on the command line: by its id, or by the folder that it writes into."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.user_path import user_path

if TYPE_CHECKING:
    from prefect_harmonic.tasks.workspace import Workspace


def root_named(named: str) -> str:
    """The id of a pursuit, by its id or its folder.

    Raises:
        UsageError: The folder holds no pursuit that the knowledge base could know.
    """
    from prefect_harmonic.tasks.programme_root import stated_root
    from prefect_harmonic.tasks.workspace import Workspace

    folder = user_path(named)
    if not _is_written_by_a_run(folder):
        return named
    root = stated_root(Workspace(folder.resolve()))
    if root is None:
        raise click.UsageError(f"the run in {named} is not in the knowledge base; its report is {folder / 'report.md'}")
    return root


def workspace_named(named: str) -> "Workspace":
    """The workspace of a pursuit, by its id or its folder.

    Raises:
        UsageError: There is no such pursuit, its workspace is not on this machine, or another one has it now.
        WorkspaceError: Its workspace cannot be used.
    """
    from prefect_harmonic.tasks.programme_root import stated_root
    from prefect_harmonic.tasks.workspace import Workspace

    if _is_written_by_a_run(user_path(named)):
        return Workspace.opened(named)
    try:
        found = asyncio.run(_noted_place(named))
    except UnknownRecordError:
        raise click.UsageError(f"{named!r} is neither the id of a run nor a folder that one has written") from None
    if found is None or not Path(found).is_dir():
        raise click.UsageError(f"the run {named} has no workspace on this machine: {found}")
    workspace = Workspace.opened(found)
    if stated_root(workspace) not in (None, named):
        raise click.UsageError(f"the workspace of the run {named}, {found}, holds another run by now; name the folder")
    return workspace


def is_interrupted(workspace: str | None, *, is_due: bool) -> bool:
    """Whether a pursuit that has not ended is carried out by nobody any more, as far as this machine can tell.

    Args:
        workspace: Where it writes, if that is known.
        is_due: Whether it has something to do. What waits for a day has none, unless its last run was killed.
    """
    from prefect_harmonic.errors import WorkspaceError
    from prefect_harmonic.tasks.running import left_running
    from prefect_harmonic.tasks.workspace import Workspace

    if workspace is None or not _is_written_by_a_run(Path(workspace)):
        return False
    place = Workspace(Path(workspace))
    try:
        return not place.is_leased() and (is_due or bool(left_running(place)))
    except WorkspaceError:  # somebody else's folder
        return False


def _is_written_by_a_run(folder: Path) -> bool:
    from prefect_harmonic.tasks.workspace import LEDGER_FOLDER

    try:
        return (folder / LEDGER_FOLDER).is_dir()
    except OSError:  # no path at all
        return False


async def _noted_place(root: str) -> str | None:
    """The workspace that the knowledge base has of a pursuit. Raises `UnknownRecordError`."""
    from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
    from prefect_harmonic.tasks.knowledge_address import knowledge_address
    from prefect_harmonic.tasks.programme_status import programme_status

    async with KnowledgeBase(knowledge_address()) as kb:
        return (await programme_status(kb, root)).workspace
