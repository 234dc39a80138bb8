"""The books of a workspace: what was made, from what, and what came of it.

A run that was killed and is started again with the same plan and workspace finds here what it need not do again.
An entry is found under a key made of all that its content depends on, so that a change runs again what it concerns
and nothing else.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Evidence, ProducedFile
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

ENTRY_VERSION = 1
_MADE = f"{LEDGER_FOLDER}/made"

KEYED_FIELDS = frozenset(
    {
        "id",
        "description",
        "contract",
        "requires",
        "consumes",
        "produces",
        "produces_file",
        "domain_type",
        "agent",
        "covers",
    }
)
"""Fields of an artifact on which its content depends."""

UNKEYED_FIELDS = {
    "effort": "an estimate changes nothing about what is made",
    "estimated_hours": "an estimate changes nothing about what is made",
    "phase": "says when it is evaluated, not what it is",
    "priority": "says when it is made, not what it is",
}
"""Fields that are left out of the key, each with why."""


class Entry(BaseModel):
    """One artifact that was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = ENTRY_VERSION
    key: str
    evidence: Evidence
    started: str = Field(description="ISO time.")
    finished: str = Field(description="ISO time.")
    seconds: float = Field(ge=0)

    @cached_property
    def output(self) -> str:
        """Digest of what was made; dependents depend on it."""
        return digest(self.evidence.model_dump(mode="json"))


def digest(value: object) -> str:
    """A digest of plain JSON values that is the same in every process.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def artifact_key(
    artifact: Artifact,
    *,
    agent: str,
    agent_version: str,
    goal: str,
    requirements: Sequence[str] = (),
    seed: int = 0,
    project: str,
    inputs: Mapping[str, tuple[str, str]],
) -> str:
    """The key under which an artifact's entry is found.

    Args:
        artifact: Its specification; only `KEYED_FIELDS` count.
        agent: The specialist that makes it.
        agent_version: Changes when its results would.
        goal: What the plan is for, which every specialist is told.
        requirements: What the goal asks for, which every specialist is told.
        seed: What a specialist draws at random by.
        project: Digest of the project's files, or nothing if the specialist does not read them.
        inputs: Key and output of each artifact that it requires.
    """
    specification = artifact.model_dump(mode="json", include=set(KEYED_FIELDS))
    specification["requires"] = sorted(artifact.required_ids)
    return digest(
        {
            "artifact": specification,
            "agent": [agent, agent_version],
            "goal": goal,
            "requirements": sorted(requirements),
            "seed": seed,
            "project": project,
            "inputs": {name: list(pair) for name, pair in sorted(inputs.items())},
        }
    )


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries of a workspace, one JSON file each, written whole or not at all."""

    workspace: Workspace

    def _path(self, key: str) -> str:
        return f"{_MADE}/{key}.json"

    def entry(self, key: str) -> Entry | None:
        """The entry under a key; nothing if there is none or it cannot be read, so that the work is done again."""
        path = self.workspace.root / self._path(key)
        try:
            entry = Entry.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
        return entry if entry.key == key and entry.version == ENTRY_VERSION else None

    def entries(self) -> Iterator[Entry]:
        """All entries that can be read, in the order of their keys."""
        for path in sorted((self.workspace.root / _MADE).glob("*.json")):
            entry = self.entry(path.stem)
            if entry is not None:
                yield entry

    def record(self, entry: Entry) -> None:
        """Writes an entry. Raises `WorkspaceError`."""
        self.workspace.write_own(self._path(entry.key), entry.model_dump_json(indent=1) + "\n")

    def restore(self, entry: Entry) -> tuple[Path, ...]:
        """Writes the files of an entry that are no longer there, or hold what another entry wrote.

        A file that was changed by anyone else since is left as it is.
        """
        stale = [file for file in entry.evidence.files if self._is_missing(file)]
        return tuple(self.workspace.write(file.path, file.content) for file in stale)

    def _is_missing(self, file: ProducedFile) -> bool:
        path = self.workspace.path(file.path)
        if not path.exists():
            return True
        try:
            content = path.read_bytes()
        except OSError:
            return False  # it is there, and what is in it is not ours to judge
        own = file.content.encode("utf-8", "surrogatepass")
        return content != own and content.decode("utf-8", "replace") in self._written(file.path)

    def _written(self, path: str) -> frozenset[str]:
        """All that runs have written into a file of the workspace."""
        files = (file for entry in self.entries() for file in entry.evidence.files)
        return frozenset(file.content for file in files if file.path == path)
