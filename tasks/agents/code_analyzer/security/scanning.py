"""bandit asked about files, in a process of its own, with bounds on files and time."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

_BANDIT = Path(__file__).with_name("bandit_script.py")
_SECONDS = 180


class Hit(BaseModel):
    """What bandit found at one place, in its own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    line: int
    lines: tuple[int, ...]
    severity: str
    confidence: str
    text: str


class _Line(BaseModel):
    """One line of the script's output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: int
    skipped: str
    found: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """What bandit said of some files.

    Attributes:
        hits: What it found, by path and line.
        read: Paths of the files it has looked at.
        unread: Paths that it could not read as Python, or did not come to, with why.
    """

    hits: tuple[tuple[str, Hit], ...] = ()
    read: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def scanned(root: Path, paths: Sequence[str], rules: Iterable[str]) -> Scan:
    """What bandit finds in the given files by the given rules. Blocks for some seconds in a large project."""
    output, why = _output(json.dumps({"rules": sorted(rules), "files": [str(root / path) for path in paths]}))
    hits: list[tuple[str, Hit]] = []
    read: dict[int, str] = {}
    for line in _lines(output):
        if not 0 <= line.file < len(paths):
            continue
        read[line.file] = line.skipped
        hits += [(paths[line.file], hit) for hit in line.found]
    problems = {number: skipped for number, skipped in read.items() if skipped}
    problems |= {number: why or "bandit gave no answer" for number in range(len(paths)) if number not in read}
    return Scan(
        hits=tuple(sorted(hits, key=lambda each: (each[0], each[1].line, each[1].rule, each[1].text))),
        read=tuple(path for number, path in enumerate(paths) if number not in problems),
        unread=tuple((paths[number], problem) for number, problem in sorted(problems.items())),
    )


def _output(asked: str) -> tuple[str, str]:
    """What the script printed, and why it ended early if it did."""
    with tempfile.TemporaryDirectory(prefix="harmonic-bandit-") as folder:
        # stevedore, which bandit finds its rules with, would keep a list of them in the user's folder of caches.
        environment = {**os.environ, "XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder}
        try:
            run = subprocess.run(  # noqa: S603 (our own script, no shell, nothing of the project in the command)
                [sys.executable, "-I", str(_BANDIT)],
                input=asked.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS,
                check=False, cwd=folder, env=environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired as expired:
            return (expired.stdout or b"").decode(errors="replace"), f"not within {_SECONDS} seconds"
        except OSError as error:
            return "", f"bandit could not be started ({error.strerror or type(error).__name__})"
    ended = "" if run.returncode == 0 else f"bandit ended with code {run.returncode}"
    return run.stdout.decode(errors="replace"), ended


def _lines(output: str) -> list[_Line]:
    """The whole lines of the output; the last may have been cut off."""
    lines = []
    for text in output.splitlines():
        try:
            lines.append(_Line.model_validate_json(text))
        except ValidationError:
            break
    return lines
