"""P007 and P010: where artifacts write.

A path in a plan is data from a model or a file. It is judged by its text alone, for every system at once: what would
be absolute on Windows is refused on Linux too, since a plan travels.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.graph import ArtifactGraph

RESERVED_FOLDERS = frozenset({".git", ".hg", ".svn", ".bzr", ".harmonic"})
"""Names that no part of a path may have: version control's own, and the ledger of finished work."""

RESERVED_FILES = frozenset({"report.md", "plan.json", "plan.html", "knowledge.graphml", "events.jsonl"})
"""What a run itself leaves at the top of the workspace."""

_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_PART, _LONGEST_PATH = 255, 1024


def path_problem(path: str) -> str | None:
    """Why a path may not be written, or nothing if it may.

    >>> path_problem("src/models/user.py")
    >>> path_problem("../secrets")
    'climbs out of the workspace'
    """
    parts = path.split("/")
    if not path.strip() or path.endswith("/"):
        return "names no file"
    if any(ord(character) < 32 or ord(character) == 127 for character in path):
        return "has control characters"
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"[A-Za-z]:", path):
        return "is not relative to the workspace, with forward slashes"
    if _climbs_out(parts):
        return "climbs out of the workspace"
    return _reserved_problem(path, parts)


def _reserved_problem(path: str, parts: list[str]) -> str | None:
    plain = [part.rstrip(". ").casefold() if set(part) - {"."} else part for part in parts]
    if reserved := sorted(RESERVED_FOLDERS.intersection(plain)):
        return f"names the reserved place {reserved[0]}"
    if normalised(path).casefold() in RESERVED_FILES:
        return f"is {normalised(path)}, which the run itself writes"
    if any(_DEVICES.fullmatch(part) for part in plain):
        return "names a device on some systems"
    if len(path.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return "is longer than file systems allow"
    return "names no file" if normalised(path) == "." else None


def _climbs_out(parts: Iterable[str]) -> bool:
    level = 0
    for part in parts:
        level += -1 if part == ".." else 0 if part in {"", "."} else 1
        if level < 0:
            return True
    return False


def normalised(path: str) -> str:
    """The path without detours, so that two spellings of one file are one.

    >>> normalised("src/./models/../app.py")
    'src/app.py'
    """
    kept: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == ".." and kept:
            kept.pop()
        elif part not in {".", ".."}:
            kept.append(part)
    return "/".join(kept) or "."


def writers(artifacts: Iterable[Artifact]) -> Mapping[str, tuple[str, ...]]:
    """For each file the ids of those that write it, sorted."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for artifact in artifacts:
        if artifact.produces_file is not None:
            by_file[normalised(artifact.produces_file)].append(artifact.id)
    return {path: tuple(sorted(by_file[path])) for path in sorted(by_file)}


def unsafe_files(artifacts: Iterable[Artifact]) -> Iterator[Finding]:
    """Artifacts whose file may not be written."""
    artifacts = tuple(artifacts)
    paths = writers(artifacts)
    folders = {
        "/".join(parts[:length]) for parts in (path.split("/") for path in paths) for length in range(1, len(parts))
    }
    for artifact in artifacts:
        if artifact.produces_file is None:
            continue
        problem = path_problem(artifact.produces_file)
        if problem is None and normalised(artifact.produces_file) in folders:
            problem = "is a folder for what other artifacts write"
        if problem:
            message = f"produces_file {artifact.produces_file!r} {problem}; choose another"
            yield Finding(Code.UNSAFE_FILE, artifact.id, message)


def shared_files(graph: ArtifactGraph) -> Iterator[Finding]:
    """Neighbouring writers of one file that no requirement puts in order."""
    ranks = {artifact: rank for rank, artifact in enumerate(graph.order)}
    for path, ids in writers(graph.artifacts.values()).items():
        for first, second in pairwise(sorted(ids, key=ranks.__getitem__)):
            if not graph.is_ordered(first, second):
                message = (
                    f"writes {path}, as {first} does, with no order between them; they are made one after the other"
                )
                yield Finding(Code.SHARED_FILE, second, message, first)
