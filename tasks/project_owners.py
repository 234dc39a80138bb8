"""Who answers for which files of a project, read from its CODEOWNERS file."""

from pathlib import Path

from prefect_harmonic.tasks.agents.code_owners import NOBODY, PLACES, CodeOwners, code_owners
from prefect_harmonic.tasks.project import opened_project
from prefect_harmonic.tasks.project_files import content


def project_owners(path: str | Path) -> CodeOwners:
    """What the first CODEOWNERS file of a project says; nobody without one, or with one that cannot be read.

    A file that leads out of the project through a link is not read.

    Raises:
        ProjectNotFoundError: There is no such project.
    """
    root = opened_project(path)
    for place in PLACES:
        try:
            file = (root / place).resolve(strict=True)
            if file.is_relative_to(root) and file.is_file():
                return code_owners(content(file).decode("utf-8", "replace"))
        except (OSError, RuntimeError, ValueError):
            continue
    return NOBODY
