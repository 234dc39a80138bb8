"""The result of another goal that a workspace holds: it is kept aside, whole, before anything takes its place.

The files that a run leaves have fixed places, so two goals in one workspace would write over each other. The earlier
one goes into a folder of its own within the workspace, with its books, so that it can still be read and carried on.
"""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from prefect_harmonic.errors import WorkspaceError
from prefect_harmonic.planners.gate.files import EARLIER
from prefect_harmonic.tasks.ledger import Ledger
from prefect_harmonic.tasks.programme_root import PROGRAMME_FILE, stated_root
from prefect_harmonic.tasks.pursuit_state import STATE
from prefect_harmonic.tasks.synthesis import KNOWLEDGE, PAGE, PICTURE, PLAN, REPORT
from prefect_harmonic.tasks.views.report.decisions import decision_record
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

_OWN = (REPORT, PAGE, KNOWLEDGE, PICTURE, "events.jsonl", PLAN)
_MOVING = f"{LEDGER_FOLDER}/moving.json"
_STAYS = frozenset({"lease", "moving.json", "running.json"})
_SLUG_LENGTH = 48
_PLACE = re.compile(rf"{EARLIER}/\d{{2,}}-[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """What was kept aside.

    Attributes:
        goal: What it is the result of.
        folder: Where it is now.
        root: Its id in the knowledge base, if it has one.
    """

    goal: str
    folder: Path
    root: str | None


def kept_aside(workspace: Workspace, goal: str) -> EarlierResult | None:
    """Makes room for a goal: moves the result of another one into a folder of its own, and says where.

    A file that somebody has changed since is copied and stays. A move that was interrupted is ended first, or undone
    where it is the goal of what was being moved that is pursued again. The workspace must be leased.

    Raises:
        WorkspaceError: The workspace holds something that cannot be moved.
    """
    begun = _json(workspace.root / _MOVING)
    there = begun.get("goal") if begun else goal_of(workspace)
    if not isinstance(there, str) or (there == goal and not begun):
        return None
    name = begun.get("folder")
    is_place = isinstance(name, str) and _PLACE.fullmatch(name)
    folder = workspace.own_path(str(name) if is_place else _free_place(workspace, there))
    root = stated_root(workspace) or _root_in(folder)
    stated = {"goal": there, "folder": folder.relative_to(workspace.root).as_posix()}
    try:
        if there == goal:
            _put_back(workspace, folder)
        else:
            workspace.write_own(_MOVING, json.dumps(stated, ensure_ascii=False) + "\n")
            _move(workspace, folder)
        (workspace.root / _MOVING).unlink()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise WorkspaceError(
            str(workspace.root), f"holds the result for {there[:80]!r}, which cannot be kept aside ({why})"
        ) from None
    return None if there == goal else EarlierResult(there, folder, root)


def goal_of(workspace: Workspace) -> str | None:
    """The goal whose result a workspace holds; nothing if no run has written there."""
    if not (workspace.root / LEDGER_FOLDER).is_dir():
        return None
    plan = _json(workspace.root / STATE).get("plan") or _json(workspace.root / PLAN)
    goal = plan.get("goal", "") if isinstance(plan, dict) and plan else None
    return goal if isinstance(goal, str) else None


def _move(workspace: Workspace, folder: Path) -> None:
    """Moves the files of a result, then its books; those that tell the goal last."""
    for relative, texts in sorted(_written(workspace).items()):
        try:
            path = workspace.path(relative)
        except WorkspaceError:
            continue  # a link leads out since it was written
        if path.is_file() and not path.is_symlink():
            _put(path, folder / relative, is_changed=path.read_bytes() not in texts)
            _without_empty(path.parent, workspace.root)
    books = workspace.root / LEDGER_FOLDER
    (folder / LEDGER_FOLDER).mkdir(parents=True, exist_ok=True)
    for path in sorted(books.iterdir(), key=lambda one: (one.name == Path(STATE).name, one.name)):
        if path.name not in _STAYS:
            path.replace(folder / LEDGER_FOLDER / path.name)
    for relative in _OWN:
        path = workspace.root / relative
        if path.is_file():
            path.replace(folder / relative)


def _put_back(workspace: Workspace, folder: Path) -> None:
    """Undoes a move that was interrupted, in the opposite order. What lies in its place already stays as it is."""
    own = [path for path in (folder / name for name in _OWN) if path.is_file()]
    for path in (*own, *sorted((folder / LEDGER_FOLDER).glob("*"))):
        path.replace(workspace.own_path(path.relative_to(folder).as_posix()))
    for path in (*sorted(folder.rglob("*"), reverse=True), folder):
        target = workspace.own_path(path.relative_to(folder).as_posix())
        if path.is_dir():  # after all that lay in it
            _without_empty(path, workspace.root)
        elif path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        elif path.is_file() and target.read_bytes() == path.read_bytes():
            path.unlink()


def _put(path: Path, target: Path, *, is_changed: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_changed:
        shutil.copy2(path, target)
    else:
        path.replace(target)


def _without_empty(folder: Path, root: Path) -> None:
    """Removes a folder, and those above it, that nothing is left in."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _written(workspace: Workspace) -> Mapping[str, frozenset[bytes]]:
    """Every file that the run has written for an artifact or a decision, with all that it wrote into it."""
    texts: dict[str, set[bytes]] = defaultdict(set)
    records = [path.relative_to(workspace.root).as_posix() for path in (workspace.root / "decisions").glob("*.md")]
    for entry in Ledger(workspace).entries():
        for file in entry.evidence.files:
            texts[file.path].add(file.content.encode("utf-8", "surrogatepass"))
        for decision in entry.evidence.decisions:
            name = decision_record(decision, 0)[0].removeprefix("decisions/0000")
            for path in (path for path in records if path.endswith(name) and path[10:14].isdecimal()):
                texts[path].add(decision_record(decision, int(path[10:14]))[1].encode("utf-8", "surrogatepass"))
    return {path: frozenset(found) for path, found in texts.items()}


def _free_place(workspace: Workspace, goal: str) -> str:
    """A folder for a result that nothing has yet: numbered, and named after the goal."""
    words = re.sub(r"[^a-z0-9]+", "-", goal.casefold()).strip("-")
    slug = words if len(words) <= _SLUG_LENGTH else words[: _SLUG_LENGTH + 1].rpartition("-")[0] or words[:_SLUG_LENGTH]
    taken = {path.name.partition("-")[0] for path in (workspace.root / EARLIER).glob("[0-9][0-9]*-*")}
    number = next(number for number in map("{:02}".format, count(1)) if number not in taken)
    return f"{EARLIER}/{number}-{slug or 'result'}"


def _root_in(folder: Path) -> str | None:
    root = _json(folder / PROGRAMME_FILE).get("root")
    return root if isinstance(root, str) else None


def _json(path: Path) -> dict[str, Any]:
    """The object in a file of the books; empty if there is none, or it cannot be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
