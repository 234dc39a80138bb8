"""What a plan may build on: the project as it stands.

A value that the shell prepares (`prefect_harmonic.tasks.context`) and every candidate shares.
"""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict, Field


class ProjectContext(BaseModel):
    """Structure and content of the project that a goal is about. Paths are relative to it, sorted, with slashes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", description="Name of its folder.")
    root: str = Field(default="", description="Absolute path.")
    files: tuple[str, ...] = Field(default=(), description="Its files, without what version control ignores.")
    is_truncated: bool = Field(default=False, description="Whether there are more files than are listed.")
    languages: dict[str, int] = Field(default_factory=dict, description="Number of files by language, most first.")
    packages: tuple[str, ...] = Field(default=(), description="Importable top-level Python packages and modules.")
    documents: tuple[str, ...] = Field(default=(), description="Markdown, reStructuredText and plain text files.")
    has_history: bool = Field(default=False, description="Whether it is under git.")
    fingerprint: str = Field(default="", description="Digest of the contents; changes when any file does.")

    @property
    def provides(self) -> frozenset[str]:
        """Names of what artifacts may consume without requiring another artifact (P008)."""
        return frozenset(self.files) | frozenset(self.packages)


NO_PROJECT = ProjectContext()

ContextProvider = Callable[[], Awaitable[ProjectContext]]
"""Gives the context once it is ready, so that generation can start before it is."""
