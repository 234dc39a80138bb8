"""How often the files of a project were changed, from git.

Only `git` itself runs: no hook, pager, file monitor, external diff, text conversion or signature check that a
repository could name, no prompt, no fetch, and no lock is taken. Settings that the environment of this process has for
git are left out, so that the project's own repository is read and no other.
"""

import os
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

MAX_COMMITS = 3_000
_LARGEST_COMMIT = 40
_SECONDS = 60
_GIT = (
    "git", "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
    "-c", "core.hooksPath=/dev/null", "-c", "core.untrackedCache=false", "-c", "diff.external=", "-c", "color.ui=false",
    "-c", "protocol.allow=never",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Churn:
    """How often one file was changed, by how many people, by how many lines."""

    commits: int = 0
    authors: int = 0
    lines: int = 0
    last: str = ""
    """ISO date of the last change."""


@dataclass(frozen=True)
class History:
    """The changes of a project's files, from the newest commits.

    Attributes:
        commits: Number of commits that were read.
        is_cut: Whether there are more than were read.
        by_path: Changes of each file that was changed, by its path relative to the project.
        together: How often two files were changed by one commit, for pairs in sorted order.
        problem: Why there is no history, or empty.
    """

    commits: int = 0
    is_cut: bool = False
    by_path: dict[str, Churn] = field(default_factory=dict)
    together: dict[tuple[str, str], int] = field(default_factory=dict)
    problem: str = ""

    def churn(self, path: str) -> int:
        """Number of commits that changed a file."""
        return self.by_path.get(path, Churn()).commits


def head(root: Path) -> str:
    """The commit the project is at, or nothing."""
    output = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    return output.decode("ascii", "replace").strip() if isinstance(output, bytes) else ""


def history(root: Path) -> History:
    """The changes of the files below a folder. A folder of a repository has the history of that folder alone."""
    inside = _git(root, "rev-parse", "--is-inside-work-tree")
    if not isinstance(inside, bytes):
        return History(problem=inside)
    if inside.strip() != b"true":
        return History(problem="it is not inside a git work tree")
    log = _git(
        root, "log", f"--max-count={MAX_COMMITS + 1}", "--no-merges", "--no-show-signature", "--no-ext-diff",
        "--no-textconv", "--no-renames", "--no-color", "--no-notes", "--ignore-submodules=all", "--relative", "-z",
        "--numstat", "--format=%x01%H%x09%cs%x09%ae", "--", ".",
    )  # fmt: skip
    if not isinstance(log, bytes):
        return History(problem=log)
    return _read(log.decode("utf-8", errors="replace"))


def _git(root: Path, *arguments: str) -> bytes | str:
    """What git prints, or why it gave nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {
        **kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat",
        "GIT_ATTR_NOSYSTEM": "1", "LC_ALL": "C",
    }  # fmt: skip
    try:
        run = subprocess.run(  # noqa: S603 (fixed command, no shell; the project is the working folder only)
            [*_GIT, *arguments], cwd=root, env=environment, capture_output=True, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        return "git is not installed"
    except subprocess.TimeoutExpired:
        return f"git took longer than {_SECONDS} s"
    except OSError as error:
        return f"git could not be started ({error.strerror})"
    if run.returncode == 0:
        return run.stdout
    message = run.stderr.decode("utf-8", "replace")
    if "dubious ownership" in message:
        return "git refuses it, since the repository belongs to another user"
    if "not a git repository" in message:
        return "it is not under git"
    if "does not have any commits" in message or not message.strip():
        return "it has no commit yet"
    return f"git failed ({message.strip().splitlines()[-1][:160]})"


def _read(log: str) -> History:
    commits = [part for part in log.split("\x01") if part]
    is_cut = len(commits) > MAX_COMMITS
    counts: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    authors: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    for commit in commits[:MAX_COMMITS]:
        header, _, body = commit.partition("\0")
        _, day, author = (*header.split("\t"), "", "")[:3]
        changed = _changed(body)
        for path, count in changed.items():
            counts[path] += 1
            lines[path] += count
            authors.setdefault(path, set()).add(author)
            last[path] = max(last.get(path, ""), day)
        if len(changed) <= _LARGEST_COMMIT:
            names = sorted(path for path in changed if path.endswith(".py"))
            together.update((one, other) for at, one in enumerate(names) for other in names[at + 1 :])
    by_path = {path: Churn(counts[path], len(authors[path]), lines[path], last[path]) for path in sorted(counts)}
    if not commits:
        return History(problem="no commit touches it")
    return History(min(len(commits), MAX_COMMITS), is_cut, by_path, dict(sorted(together.items())))


def _changed(body: str) -> dict[str, int]:
    """Paths that one commit changed, with the lines added and deleted; a binary file counts no lines."""
    changed = {}
    for entry in body.split("\0"):
        added, _, rest = entry.lstrip("\n").partition("\t")
        deleted, _, path = rest.partition("\t")
        if path:
            changed[path] = sum(int(number) for number in (added, deleted) if number.isdigit())
    return changed
