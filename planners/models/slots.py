r"""Plans as numbered slots, for servers that decode under a schema: no answer can name an artifact that is not there.

A slot's id is fixed (A1, A2, …) and it can require only the slots before it, so that whatever the model chooses has
neither a cycle nor a loose end. What an artifact is called stands beside the number, and takes its place once the
answer was read.

Every text is bounded, because a weak model otherwise fills its answer to the limit. What xgrammar makes of a schema
decided the form (docs/vllm.md): a pattern may repeat a class 128 times at most, above that its compiler breaks down;
`maxLength` lets raw control characters into strings.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

from prefect_harmonic.planners.artifact import Effort
from prefect_harmonic.planners.models.schema import BOUNDED_TEXT, LETTER, Schema, list_of, object_of

Document = dict[str, Any]  # JSON that a model wrote

MOST_SLOTS = 60
"""The grammar grows with the square of their number."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,30}"
_TEXTS: Mapping[str, str] = {
    "text": BOUNDED_TEXT,
    "phrase": rf"^{LETTER}{{1,60}}$",
    "name": "^[A-Za-z][A-Za-z0-9_-]{0,60}$",
    "file": rf"^{_NAME}(/{_NAME}){{0,5}}(\.[A-Za-z0-9]{{1,8}}){{0,2}}$",
    "kind": "^[a-z][a-z_-]{0,30}$",
}


def slotted_schema(
    *,
    agents: Collection[str],
    requirements: Sequence[str],
    most: int,
    fewest: int = 3,
    known: Collection[str] = (),
    most_required: int = 8,
) -> Schema:
    """The schema of a plan in slots.

    Args:
        agents: Specialists that artifacts may name; the property is left out where there are none.
        requirements: What the goal asks for; artifacts say which of these they cover.
        most: Artifacts at most.
        fewest: Artifacts at least.
        known: Ids of artifacts that are no part of the answer, and may be required as well.
        most_required: What an artifact may require at most.
    """
    most = min(most, MOST_SLOTS)
    kinds: Schema = {name: {"type": "string", "pattern": pattern} for name, pattern in _TEXTS.items()}
    kinds["effort"] = _one_of([effort.value for effort in Effort])
    if agents:
        kinds["agent"] = _one_of(sorted(agents))
    if requirements:
        kinds["covers"] = list_of(_one_of(list(dict.fromkeys(requirements))), most=len(set(requirements)))
    if known:
        kinds["known"] = _one_of(sorted(known))
    slots = {
        "type": "array",
        "prefixItems": [_slot(number, kinds, most_required) for number in range(1, most + 1)],
        "items": False,
        "minItems": min(fewest, most),
        "maxItems": most,
    }
    return object_of({"artifacts": slots}) | {"$defs": kinds}


def _slot(number: int, kinds: Collection[str], most_required: int) -> Schema:
    before = [_number(other) for other in range(1, number)]
    known = [_kind("known")] if "known" in kinds else []
    most_required = most_required if known else min(len(before), most_required)
    properties: Schema = {
        "id": {"const": _number(number)},
        "name": _kind("name"),
        "description": _kind("text"),
        "contract": _kind("text"),
        "requires": list_of(_any_of([*([_one_of(before)] if before else []), *known]), most=most_required),
        "produces": list_of(_kind("phrase"), most=4),
        "produces_file": _kind("file"),
        "domain_type": _kind("kind"),
        "effort": _kind("effort"),
    }
    properties |= {name: _kind(name) for name in ("agent", "covers") if name in kinds}
    needed = ("id", "name", "description", "requires", "effort", "agent", "covers")
    return object_of(properties, required=[name for name in needed if name in properties])


def named(document: Mapping[str, Any]) -> Document:
    """The plan in an answer that was given in slots: every number replaced by the name that stands beside it.

    A name that was given twice gets a number, and what has no name keeps its id.

    >>> named({"artifacts": [{"id": "A1", "name": "Api"}, {"id": "A2", "name": "Api", "requires": ["A1", "A1"]}]})
    {'artifacts': [{'id': 'Api'}, {'id': 'Api-2', 'requires': ['Api', 'Api']}]}
    """
    slots = document.get("artifacts")
    if not isinstance(slots, list):
        return dict(document)
    names: dict[str, str] = {}
    for slot in slots:
        if isinstance(slot, Mapping) and isinstance(slot.get("id"), str):
            names.setdefault(slot["id"], _unused(str(slot.get("name") or slot["id"]), names.values()))
    return {**document, "artifacts": [_with_name(slot, names) if isinstance(slot, Mapping) else slot for slot in slots]}


def numbered(artifacts: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Artifacts as slots: the inverse of `named`, for a plan that a model is shown.

    Args:
        artifacts: Artifacts of a plan's document, each after those of them that it requires. Others keep their ids.

    >>> numbered([{"id": "Api", "requires": []}, {"id": "Tests", "requires": ["Api"]}])[1]
    {'id': 'A2', 'name': 'Tests', 'requires': ['A1']}
    """
    numbers = {artifact["id"]: _number(place) for place, artifact in enumerate(artifacts, start=1)}
    return [
        {"id": numbers[artifact["id"]], "name": artifact["id"]}
        | {key: value for key, value in artifact.items() if key != "id" and value is not None}
        | {"requires": [numbers.get(edge, edge) for edge in map(_id_of, artifact.get("requires", ()))]}
        for artifact in artifacts
    ]


def is_numbered(name: str) -> bool:
    """Whether a name could be taken for a slot's number."""
    return name[:1] == "A" and name[1:].isdigit()


def _id_of(edge: str | Mapping[str, Any]) -> str:
    return edge if isinstance(edge, str) else str(edge["id"])


def _number(place: int) -> str:
    return f"A{place}"


def _unused(name: str, used: Collection[str]) -> str:
    taken = {each.casefold() for each in used}
    return next(each for turn in count(1) if (each := name if turn == 1 else f"{name}-{turn}").casefold() not in taken)


def _with_name(slot: Mapping[str, Any], names: Mapping[str, str]) -> Document:
    artifact = {key: value for key, value in slot.items() if key != "name"}
    if isinstance(artifact.get("id"), str):
        artifact["id"] = names[artifact["id"]]
    if isinstance(artifact.get("requires"), list):
        artifact["requires"] = [
            names.get(each, each) if isinstance(each, str) else each for each in artifact["requires"]
        ]
    return artifact


def _any_of(kinds: Sequence[Schema]) -> Schema:
    """What is of any of some kinds. Where there are none, so is every name: nothing is listed there."""
    return {"anyOf": list(kinds)} if len(kinds) > 1 else kinds[0] if kinds else _kind("name")


def _kind(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _one_of(values: Sequence[str]) -> Schema:
    return {"type": "string", "enum": list(values)}
