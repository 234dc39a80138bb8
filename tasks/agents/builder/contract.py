"""What a contract asks for, read from its words: clauses, operations and fields.

Nothing here guesses beyond the words: a clause that names no known verb gives no operation, and stays in the list of
what is left to be done.
"""

import re
from dataclasses import dataclass

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.words import STOP_WORDS, stem, words_of
from prefect_harmonic.tasks.agents.builder.naming import function_name, snake_name, unique

_CLAUSE = re.compile(r"(?<=[.!?;])\s+|[;\n]+")
_SIGNATURE = re.compile(r"\b([A-Za-z_][A-Za-z0-9_]{0,59})\(([^()]{0,160})\)")
_FIELDS = re.compile(
    r"\b(?:fields?|attributes?|columns?|settings?|keys?|has|have|with|holds?|contains?|carries|including|includes?)\b\s*:?\s+"
    r"([^.;:\n]{2,240})",
    re.IGNORECASE,
)
_LIST_BREAK = re.compile(r"\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+", re.IGNORECASE)
_LONGEST_FIELD_WORDS = 3
_MOST = 12

_TAKING = "create add save store register publish send submit record write update issue schedule emit assign apply"
_CHECKING = "verify validate check authenticate authorize authorise confirm match accept reject"
_FINDING = "get find read load fetch return resolve look give compute calculate render parse convert"
_LISTING = "list search filter query enumerate select"
_REMOVING = "delete remove revoke cancel expire close drop"
_SHAPES = {
    stem(verb): shape
    for shape, verbs in (
        ("taking", _TAKING),
        ("checking", _CHECKING),
        ("finding", _FINDING),
        ("listing", _LISTING),
        ("removing", _REMOVING),
    )
    for verb in verbs.split()
}
_VERB_OF = {stem(verb): verb for verbs in (_TAKING, _CHECKING, _FINDING, _LISTING, _REMOVING) for verb in verbs.split()}
_NOUN_ENDINGS = ("ation", "tion", "ment", "er", "or", "ing", "list", "query", "match", "check", "filter")


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that a contract says can be done, as a method would be written."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()
    result: str = "object"
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a contract says is held, with the Python and SQL types that its name suggests."""

    name: str
    type: str = "str"
    sql: str = "TEXT"


def clauses_of(artifact: Artifact) -> tuple[str, ...]:
    """What the contract promises, one promise each; the description stands in where there is no contract.

    >>> clauses_of(Artifact(id="A", contract="Creates users; never stores a plain password."))
    ('Creates users', 'never stores a plain password.')
    """
    text = artifact.contract.strip() or artifact.description.strip()
    found = [" ".join(clause.split()) for clause in _CLAUSE.split(text)]
    return tuple(dict.fromkeys(clause for clause in found if words_of(clause)))


def operations_of(artifact: Artifact) -> tuple[Operation, ...]:
    """The operations that a contract names: signatures in clauses that have any, verbs with their objects in others.

    >>> [each.name for each in operations_of(Artifact(id="A", contract="creates users, verifies passwords"))]
    ['create_users', 'verify_passwords']
    >>> operations_of(Artifact(id="A", contract="`login(email, password)`"))[0].parameters
    (('email', 'object'), ('password', 'object'))
    """
    found = [operation for clause in clauses_of(artifact) for operation in _signed(clause) or _spoken(clause)]
    first = dict.fromkeys(operation.name for operation in found)
    by_name = {operation.name: operation for operation in reversed(found)}
    return tuple(by_name[name] for name in first)[:_MOST]


def fields_of(artifact: Artifact) -> tuple[Field, ...]:
    """The fields that a contract or description lists, or nothing.

    >>> [(each.name, each.type) for each in fields_of(Artifact(id="A", contract="fields: id, email and created at"))]
    [('id', 'str'), ('email', 'str'), ('created_at', 'datetime')]
    """
    for text in (artifact.contract, artifact.description):
        for listed in _FIELDS.findall(text):
            names = [_field_name(item) for item in _LIST_BREAK.split(listed)]
            if len(names) > 1 and all(names):
                return tuple(typed(name) for name in unique(names[:_MOST]))
    return ()


def typed(name: str) -> Field:
    """A field with the type that its name suggests.

    >>> typed("is_active").type, typed("price").type, typed("retry_count").type
    ('bool', 'Decimal', 'int')
    """
    words = name.strip("_").split("_")
    last = words[-1]
    if words[0] in {"is", "has", "can"} or last in {"flag", "active", "enabled", "verified"}:
        return Field(name, "bool", "BOOLEAN")
    if last in {"at", "date", "time", "timestamp", "expiry", "deadline"}:
        return Field(name, "datetime", "TIMESTAMP")
    if last in {"count", "number", "quantity", "port", "size", "age", "seconds", "limit", "version", "position"}:
        return Field(name, "int", "INTEGER")
    if last in {"price", "amount", "total", "balance", "cost"}:
        return Field(name, "Decimal", "NUMERIC")
    return Field(name)


def _field_name(item: str) -> str:
    words = [word for word in words_of(item) if word not in {"a", "an", "the", "its", "optional", "unique"}]
    return snake_name(" ".join(words), "field") if 0 < len(words) <= _LONGEST_FIELD_WORDS else ""


def _signed(clause: str) -> list[Operation]:
    operations = []
    for name, inside in _SIGNATURE.findall(clause):
        given = [snake_name(re.split(r"[:=]", each)[0], "value") for each in inside.split(",") if each.strip()]
        parameters = tuple((each, "object") for each in unique(given) if each not in {"self_", "cls_"})
        operations.append(Operation(function_name(name), parameters, "object", clause))
    return operations


def _spoken(clause: str) -> list[Operation]:
    """Verbs with their objects. A clause that forbids ("never stores …") asks for no operation."""
    words = words_of(clause)
    if {"never", "not", "no", "cannot", "without"} & set(words):
        return []
    operations = []
    for part in re.split(r"[,:()]|\band\b|\bor\b", clause):
        spoken = words_of(part)
        place = next((at for at, word in enumerate(spoken[:4]) if _is_verb(word)), None)
        if place is None:
            continue
        target = _target(spoken[place + 1 :])
        operations.append(_operation(stem(spoken[place]), target, clause))
    return operations


def _is_verb(word: str) -> bool:
    return stem(word) in _SHAPES and (word in _VERB_OF.values() or not word.endswith(_NOUN_ENDINGS))


def _target(words: tuple[str, ...]) -> str:
    """What a verb acts on: the next words up to the first that carries no subject."""
    target: list[str] = []
    for word in words:
        if word in {"a", "an", "the", "each", "every", "all", "new", "its"} and not target:
            continue
        if word in STOP_WORDS or len(target) == 2:
            break
        target.append(word)
    return " ".join(target)


def _operation(verb: str, target: str, clause: str) -> Operation:
    name = function_name(f"{_VERB_OF[verb]} {target}")
    given = snake_name(target, "value") if target else "value"
    shapes: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
        "taking": (((given, "object"),), "object"),
        "checking": (((given, "object"),), "bool"),
        "finding": ((("key", "str"),), "object"),
        "listing": ((), "Sequence[object]"),
        "removing": ((("key", "str"),), "None"),
    }
    parameters, result = shapes[_SHAPES[verb]]
    return Operation(name, parameters, result, clause)
