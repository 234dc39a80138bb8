"""P007 and P010: where artifacts write.

A path in a plan is data from a model or a file. It is judged by its text alone, for every system at once: what would
be absolute on Windows is refused on Linux too, since a plan travels.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.gate.finding import Code, Finding
from prefect_harmonic.planners.graph import ArtifactGraph

RESERVED_FOLDERS = frozenset({".git", "git~1", ".hg", ".svn", ".bzr", ".harmonic"})
"""Names that no part of a path may have: version control's own, and the ledger of finished work.

`git~1` is what Windows calls `.git` where it shortens names.
"""

EARLIER = "earlier"
"""Folder of a workspace that takes the results of other goals."""

RESERVED_AT_TOP = frozenset(
    {"report.md", "plan.json", "plan.html", "knowledge.graphml", "knowledge.svg", "events.jsonl", EARLIER}
)
"""What a run itself leaves at the top of the workspace."""

_DEVICES = re.compile(r"(con|prn|aux|nul|(com|lpt)[\d¹²³])\s*(\..*)?", re.IGNORECASE)
_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_LONGEST_PART, _LONGEST_PATH, _LONGEST_SHOWN = 255, 1024, 120


def path_problem(path: str) -> str | None:
    """Why a path may not be written, or nothing if it may.

    >>> path_problem("src/models/user.py")
    >>> path_problem("../secrets")
    'climbs out of the workspace'
    """
    parts = path.split("/")
    if not path.strip():
        return "names no file"
    if any(unicodedata.category(character) in _CONTROLS for character in path):
        return "has control characters"
    if path.startswith(("/", "~")) or "\\" in path:
        return "is not relative to the workspace, with forward slashes"
    if ":" in path:
        return "has a colon, which stands for a drive or a stream on some systems"
    if _climbs_out(parts):
        return "climbs out of the workspace"
    if parts[-1] in {"", ".", ".."} or normalised(path) == ".":
        return "names no file"
    if len(path.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_PART for part in parts):
        return "is longer than file systems allow"
    return _reserved_problem(path)


def _reserved_problem(path: str) -> str | None:
    named = [_plain(part) for part in path.split("/") if part not in {"", ".", ".."}]
    if not all(named):
        return "has a part of dots and spaces, which some systems drop"
    if reserved := sorted(RESERVED_FOLDERS.intersection(named)):
        return f"names the reserved place {reserved[0]}"
    if (top := _plain(normalised(path).split("/")[0])) in RESERVED_AT_TOP:
        return f"is in the place of {top}, which the run itself writes"
    return "names a device on some systems" if any(map(_DEVICES.fullmatch, named)) else None


def _plain(part: str) -> str:
    """A part of a path as the most forgetful file system reads it: no case, no invisible marks, no dots at its end."""
    return "".join(letter for letter in part if unicodedata.category(letter) != "Cf").rstrip(". ").casefold()


def _climbs_out(parts: Iterable[str]) -> bool:
    level = 0
    for part in parts:
        level += -1 if part == ".." else 0 if part in {"", "."} else 1
        if level < 0:
            return True
    return False


@lru_cache(maxsize=16_384)
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
    written = [(artifact.id, path) for artifact in artifacts if (path := artifact.produces_file) is not None]
    problems = {path: path_problem(path) for _, path in written}
    parts_of = [normalised(path).split("/") for path, problem in problems.items() if problem is None]
    folders = {"/".join(parts[:length]) for parts in parts_of for length in range(1, len(parts))}
    for artifact, path in written:
        problem = problems[path]
        if problem is None and normalised(path) in folders:
            problem = "is a folder for what other artifacts write"
        if problem:
            shown = path if len(path) <= _LONGEST_SHOWN else f"{path[: _LONGEST_SHOWN - 1]}…"
            yield Finding(Code.UNSAFE_FILE, artifact, f"produces_file {shown!r} {problem}; choose another")


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
