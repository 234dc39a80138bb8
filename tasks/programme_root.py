"""Which tree of the knowledge base belongs to a workspace: its root's id is kept there, whatever the database loses."""

import json
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.knowledge.database import Transaction
from prefect_harmonic.planners.knowledge.entity import PLAN, PlanStatus
from prefect_harmonic.planners.knowledge.identity import ID_LENGTH, new_id, utc_now
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.knowledge.programme_tree import new_node, nodes_written
from prefect_harmonic.planners.knowledge.tree import entity_row, parent_of
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER, Workspace

PROGRAMME_FILE = f"{LEDGER_FOLDER}/programme.json"

_ID = re.compile(rf"[0-9a-hjkmnp-tv-z]{{{ID_LENGTH}}}")


async def root_for(
    kb: KnowledgeBase, workspace: Workspace, *, goal: str, parameters: Mapping[str, JsonValue], max_depth: int
) -> str:
    """The id of the root for a goal in a workspace: the one that is there, or a new one that is written down.

    Args:
        kb: Where the tree is.
        workspace: Where the pursuit writes.
        goal: What is pursued.
        parameters: What it was started with; no secrets.
        max_depth: How many levels the tree may have below its root.

    Raises:
        WorkspaceError: The id cannot be kept in the workspace.
        KnowledgeError: The root cannot be read or written.
    """
    known = stated_root(workspace)
    present = await kb.at_once(lambda transaction: _present(transaction, known, goal)) if known else None
    if known and present == "open":
        root = known
    else:
        root = known if known and present == "gone" else new_id(utc_now())
        stated = {"version": 1, "root": root, "goal": goal}
        workspace.write_own(PROGRAMME_FILE, json.dumps(stated, indent=1, ensure_ascii=False) + "\n")
    metadata: dict[str, JsonValue] = {
        "strategy": "hierarchical",
        "goal": goal,
        "workspace": str(workspace.root),
        "parameters": dict(parameters),
        "max_depth": max_depth,
    }
    if known and known != root:
        metadata["continues"] = known
    await kb.together(lambda transaction: _rooted(transaction, root, goal, metadata))
    return root


def stated_root(workspace: Workspace) -> str | None:
    """The id that a workspace keeps; nothing if there is none, or what is there is no id."""
    path = workspace.root / PROGRAMME_FILE
    try:
        stated = json.loads(path.read_bytes()) if path.is_file() and not path.is_symlink() else {}
    except (OSError, ValueError):
        return None
    root = stated.get("root") if isinstance(stated, dict) else None
    return root if isinstance(root, str) and _ID.fullmatch(root) else None


async def _present(transaction: Transaction, root: str, goal: str) -> Literal["gone", "open", "over"]:
    """Whether a root is `gone`, is `open` for a goal, or is `over` or of another goal."""
    try:
        row = await entity_row(transaction.session, root)
    except UnknownRecordError:
        return "gone"
    is_root = row.type == PLAN and await parent_of(transaction.session, root) is None
    is_open = row.status != PlanStatus.COMPLETED and row.details.get("goal") == goal
    return "open" if is_root and is_open else "over"


async def _rooted(transaction: Transaction, root: str, goal: str, metadata: Mapping[str, JsonValue]) -> None:
    """Sees to it that a root is there, with these parameters."""
    try:
        row = await entity_row(transaction.session, root)
    except UnknownRecordError:
        title = " ".join(goal.split())[:200] or "A goal without words"
        await nodes_written(transaction, [(None, new_node(transaction, title, goal, metadata, entity=root))])
        return
    if any(row.details.get(key) != value for key, value in metadata.items()):
        row.details, row.updated_at = {**row.details, **metadata}, transaction.now
