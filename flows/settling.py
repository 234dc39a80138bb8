"""A pursuit that has ended and is started again with nothing changed: its result stays as it is, and no work is done.

What the result rests on is written down beside it once it is whole: what was decided, what was made, what was asked
for. As long as all of that is the same, a run has nothing to add.
"""

import json
from collections.abc import Mapping
from typing import Any

from prefect_harmonic.planners.programme.outcome import REACHED
from prefect_harmonic.tasks.ledger import digest
from prefect_harmonic.tasks.production import Production
from prefect_harmonic.tasks.pursuit_state import PursuitState
from prefect_harmonic.tasks.synthesis import PAGE, PLAN, REPORT
from prefect_harmonic.tasks.workspace import LEDGER_FOLDER

RESULT = f"{LEDGER_FOLDER}/result.json"

_DECIDED = ("plan", "evaluations", "replannings", "questions", "proposed", "guidance", "declined", "outcome")
"""Fields of a state that say what was decided, and not which run it was or what was foretold of it."""

_ASKED_FOR = ("criteria", "max_replans", "tree_depth")
"""Parameters that could lead on from a result. Goal, plan and options of planning are in the state's key, the content
of the project in those of the artifacts."""


def settle(production: Production, state: PursuitState) -> None:
    """Writes down what a whole result rests on. Raises `WorkspaceError`."""
    stated = {"version": 1, "basis": _basis(production, state)}
    production.workspace.write_own(RESULT, json.dumps(stated, indent=1) + "\n")


def is_settled(production: Production, state: PursuitState) -> bool:
    """Whether the result in the workspace is what a run would come to; then everything made is at hand.

    Missing files of artifacts are written again.
    """
    root = production.workspace.root
    is_whole = state.outcome in REACHED and state.open_question is None and state.given is None
    if not is_whole or not all((root / name).is_file() for name in (REPORT, PAGE, PLAN)):
        return False
    if _found_made(production) and _stated_basis(production) == _basis(production, state):
        for entry in production.entries.values():
            production.ledger.restore(entry)
        return True
    production.forget(tuple(production.graph.artifacts), production.project_digest)
    return False


def _found_made(production: Production) -> bool:
    """Whether every artifact stands in the books as it would be made now."""
    for artifact in production.graph.order:
        entry = production.ledger.entry(production.key(artifact))
        if entry is None:
            return False
        production.entries[artifact] = entry
    return True


def _basis(production: Production, state: PursuitState) -> str:
    made = {name: [entry.key, entry.output] for name, entry in production.entries.items()}
    decided = state.model_dump(mode="json", include=set(_DECIDED))
    decided["declined"] = sorted(decided["declined"])
    for asked in decided["questions"]:
        asked["openings"] = sorted(asked["openings"])
    return digest([made, decided, _asked_for(state.parameters)])


def _asked_for(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters.get(name) for name in _ASKED_FOR}


def _stated_basis(production: Production) -> str | None:
    try:
        stated = json.loads((production.workspace.root / RESULT).read_bytes())
    except (OSError, ValueError):
        return None
    basis = stated.get("basis") if isinstance(stated, dict) else None
    return basis if isinstance(basis, str) else None
