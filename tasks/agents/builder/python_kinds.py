"""Python modules by kind: what each kind of artifact looks like before anyone has thought about its insides.

Whatever can work without a decision works (a model, a configuration, a repository in memory, a migration, a routing
table); whatever cannot raises `NotImplementedError` with the words of the contract, and is listed as left to be done.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.words import stem, words_of
from prefect_harmonic.tasks.agents.builder.contract import Field, Operation, clauses_of, fields_of, operations_of, typed
from prefect_harmonic.tasks.agents.builder.naming import class_name, snake_name
from prefect_harmonic.tasks.agents.builder.python_templates import (
    API_RESPOND,
    API_TYPES,
    CONNECTION,
    REPOSITORY,
    UPGRADE,
)
from prefect_harmonic.tasks.agents.builder.python_text import (
    RESERVED,
    Skeleton,
    docstring,
    import_of,
    literal,
    signature,
)
from prefect_harmonic.tasks.agents.builder.requirements import PublicClass, RequiredModule, protocols_among
from prefect_harmonic.tasks.agents.wording import sentence


@dataclass(frozen=True, slots=True)
class Order:
    """One Python file to be made: the artifact and what it can import."""

    artifact: Artifact
    modules: tuple[RequiredModule, ...] = ()

    @property
    def name(self) -> str:
        """Name of the file's main class."""
        name = class_name(self.artifact.id)
        return f"{name}Artifact" if name in RESERVED else name

    @property
    def importable(self) -> tuple[RequiredModule, ...]:
        """Required modules that an import statement can name."""
        return tuple(
            module
            for module in self.modules
            if module.module and not module.is_test and module.path != self.artifact.produces_file
        )


_KIND_WORDS = (
    ("test", ("test", "tests", "testing", "e2e")),
    ("migration", ("migration", "migrations")),
    ("protocol", ("protocol", "protocols", "interface", "port", "ports")),
    ("repository", ("repository", "repositories", "store", "storage", "dao")),
    ("config", ("config", "configuration", "settings")),
    ("api", ("api", "endpoint", "endpoints", "route", "routes", "router", "handler", "controller", "rest")),
    ("service", ("service", "services", "usecase", "middleware", "client", "worker", "gateway", "resolver")),
    ("model", ("model", "models", "entity", "entities", "schema", "schemas", "dto")),
)


def kind_of(artifact: Artifact) -> str:
    """The kind of Python file an artifact is: by its domain type, else its path, else its id; `module` if none says.

    >>> kind_of(Artifact(id="A", domain_type="endpoint")), kind_of(Artifact(id="UserModel")), kind_of(Artifact(id="X"))
    ('api', 'model', 'module')
    """
    path = artifact.produces_file or ""
    if path.rsplit("/", 1)[-1].startswith("test_"):
        return "test"
    for text in (artifact.domain_type or "", artifact.id, path.removesuffix(".py")):
        words = words_of(text)
        for word in reversed(words):
            for kind, names in _KIND_WORDS:
                if word in names:
                    return kind
    return "module"


def skeleton_of(order: Order) -> Skeleton:
    """The source for an artifact, by its kind."""
    return _KINDS.get(kind_of(order.artifact), _module)(order)


def _protocol(order: Order) -> Skeleton:
    operations = operations_of(order.artifact)
    methods = [f"    {signature(each)}\n{docstring(_asked(each.clause), 8)}\n        ..." for each in operations]
    head = f"class {order.name}(Protocol):\n{docstring(_told(order.artifact), 4)}"
    left = () if operations else ("its methods: the contract names no operation that could be read from its words",)
    return Skeleton(("\n\n".join([head, *methods]),), left=left)


def _model(order: Order) -> Skeleton:
    fields = fields_of(order.artifact) or _fields_of_protocols(order)
    left: tuple[str, ...] = ()
    if not fields:
        fields = (typed("id"),)
        left = ("its fields: the contract lists none, so it has an `id` and nothing else",)
    lines = "\n".join(f"    {each.name}: {each.type}" for each in fields)
    head = f"@dataclass(frozen=True, slots=True)\nclass {order.name}:\n{docstring(_told(order.artifact), 4)}"
    imports, required = _module_imports(order)
    return Skeleton((f"{head}\n\n{lines}", *_uses(order)), imports, required, left)


def _fields_of_protocols(order: Order) -> tuple[Field, ...]:
    names = [name for each in protocols_among(order.importable) for name in each.fields]
    return tuple(typed(name) for name in dict.fromkeys(names))


def _service(order: Order) -> Skeleton:
    """A class that is given what it requires, and has the operations of its contract.

    A protocol about the same subject is implemented (UserService, UserProtocol); any other is something it is given.
    """
    artifact = order.artifact
    implemented = [each for each in protocols_among(order.importable) if _subject(each.name) & _subject(order.name)]
    operations = _merged(operations_of(artifact), *(each.methods for each in implemented))
    bases = ", ".join(each.name for each in implemented)
    arguments = {
        snake_name(each.name): each.name
        for module in order.importable
        for each in module.classes
        if not each.is_record and each not in implemented and each.name not in {order.name, *RESERVED}
    }
    head = f"class {order.name}{f'({bases})' if bases else ''}:\n{docstring(_told(artifact), 4)}"
    stored = "\n".join(f"        self._{argument} = {argument}" for argument in arguments)
    given_as = ", ".join(f"{argument}: {kind}" for argument, kind in arguments.items())
    constructor = f"    def __init__(self, *, {given_as}) -> None:\n{stored}" if arguments else ""
    methods = [_unwritten(_with_records(each, order), order.name) for each in operations]
    body = ["\n\n".join(filter(None, [head, constructor, *methods]))]
    imports, required = _module_imports(order)
    left = tuple(f"the body of `{order.name}.{each.name}`" for each in operations) or (
        "its operations: the contract names none that could be read from its words",
    )
    return Skeleton((*body, *_uses(order, body[0])), imports, required, left)


def _subject(name: str) -> frozenset[str]:
    """What a class is about: the words of its name without the word for its kind."""
    kinds = {word for _, words in _KIND_WORDS for word in words}
    return frozenset(stem(word) for word in words_of(name) if word not in kinds)


def _with_records(operation: Operation, order: Order) -> Operation:
    """The operation with required records as types, where a parameter or the result is named after one."""
    records = {each.name: _subject(each.name) for m in order.importable for each in m.classes if each.is_record}

    def record_for(name: str) -> str | None:
        stems = {stem(word) for word in words_of(name)}
        return next((record for record in sorted(records) if records[record] and records[record] <= stems), None)

    parameters = tuple(
        (name, (record_for(name) or kind) if kind == "object" else kind) for name, kind in operation.parameters
    )
    result = operation.result
    if (record := record_for(operation.name)) and "object" in result:
        result = result.replace("object", record)
    return replace(operation, parameters=parameters, result=result)


def _repository(order: Order) -> Skeleton:
    """A repository that works, in memory, for the record it requires; operations of its own are left open."""
    records = [(m, each) for m in order.importable for each in m.classes if each.is_record]
    kind = records[0][1].name if records else "object"
    key = next((name for name in (records[0][1].fields if records else ()) if name == "id"), None)
    text = REPOSITORY.format(name=order.name, kind=kind, told=docstring(_told(order.artifact), 4))
    protocols = protocols_among(order.importable)
    known = {"add", "find", "all", "remove"}
    more = [each for each in _merged(*(p.methods for p in protocols)) if each.name not in known]
    body = "\n\n".join([text, *(_unwritten(each, order.name) for each in more)])
    imports, required = _named_imports(order, lambda each: each.name == kind)
    left = [f"the body of `{order.name}.{each.name}`" for each in more]
    left.append("durable storage: what is there keeps records in memory")
    if records and key is None:
        left.append(f"the key of {kind}, which has no field `id`")
    return Skeleton((body,), imports, required, tuple(left))


def _config(order: Order) -> Skeleton:
    fields = fields_of(order.artifact)
    left = () if fields else ("its settings: the contract lists none",)
    prefix = snake_name(order.artifact.id).upper().strip("_")
    lines = "\n".join(f'    {each.name}: str = ""' for each in fields)
    values = "\n".join(
        f'            {each.name}=environment.get("{prefix}_{each.name.upper()}", ""),' for each in fields
    )
    text = (
        f"@dataclass(frozen=True, slots=True)\nclass {order.name}:\n{docstring(_told(order.artifact), 4)}\n\n"
        + (f"{lines}\n\n" if lines else "")
        + f'    @classmethod\n    def from_environment(cls, environment: Mapping[str, str]) -> "{order.name}":\n'
        + f'        """The settings from variables that begin with {prefix}_; a missing one is empty."""\n'
        + (f"        return cls(\n{values}\n        )" if values else "        return cls()")
    )
    return Skeleton((text,), left=left)


def _api(order: Order) -> Skeleton:
    """A routing table for no particular framework: one route for each operation, answered with 501 until written."""
    operations = [each for each in operations_of(order.artifact) if each.name != "respond"]
    methods = {"taking": "POST", "bool": "POST", "None": "DELETE"}
    routes = []
    for each in operations:
        verb = each.name.split("_")[0]
        method = "POST" if verb in {"create", "add", "register", "submit"} else methods.get(each.result, "GET")
        routes.append(f'    Route("{method}", "/{each.name.replace("_", "-")}", {each.name}),')
    functions = [
        f"def {each.name}(body: Mapping[str, object]) -> Response:\n{docstring(_asked(each.clause), 4)}\n"
        f'    return Response(501, {{"error": "{each.name} is not written yet"}})'
        for each in operations
    ]
    table = (
        "ROUTES: tuple[Route, ...] = (\n" + "\n".join(routes) + "\n)" if routes else "ROUTES: tuple[Route, ...] = ()"
    )
    imports, required = _module_imports(order)
    uses = _uses(order)
    left = tuple(f"the body of `{each.name}`" for each in operations) or (
        "its routes: the contract names no operation that could be read from its words",
    )
    return Skeleton((API_TYPES, *functions, table, API_RESPOND, *uses), imports, required, left)


def _migration(order: Order) -> Skeleton:
    """Statements up and down over any connection with `execute`; the table is the one that the fields describe."""
    fields = fields_of(order.artifact)
    words = [w for w in words_of(order.artifact.id) if w not in {"migration", "create", "add", "table", "migrate"}]
    table = snake_name(" ".join(words), "records").strip("_")
    left: tuple[str, ...] = ()
    statements = "UP: tuple[str, ...] = ()\nDOWN: tuple[str, ...] = ()"
    if fields:
        columns = ",\n".join(f'        "{each.name}" {each.sql} NOT NULL' for each in fields)
        create = f'    """CREATE TABLE "{table}" (\n{columns}\n    )""",'
        statements = f"UP: tuple[str, ...] = (\n{create}\n)\nDOWN: tuple[str, ...] = ('DROP TABLE \"{table}\"',)"
    else:
        left = ("its statements: the contract lists no columns",)
    return Skeleton((statements, CONNECTION, UPGRADE), left=left)


def _module(order: Order) -> Skeleton:
    """Functions for the operations of a contract; a list of the promises where it names none."""
    operations = operations_of(order.artifact)
    functions = [
        f"{signature(each, is_method=False)}\n{docstring(_asked(each.clause), 4)}\n"
        f"    raise NotImplementedError({literal(f'{each.name} is left to be written')})"
        for each in operations
    ]
    promises = "\n".join(f"    {literal(clause)}," for clause in clauses_of(order.artifact))
    listed = f"CONTRACT: tuple[str, ...] = (\n{promises}\n)" if promises else "CONTRACT: tuple[str, ...] = ()"
    imports, required = _module_imports(order)
    left = tuple(f"the body of `{each.name}`" for each in operations) or ("everything but the list of its promises",)
    return Skeleton((listed, *_uses(order), *functions), imports, required, left)


def _merged(*groups: Sequence[Operation]) -> tuple[Operation, ...]:
    merged: dict[str, Operation] = {}
    for group in groups:
        for operation in group:
            merged.setdefault(operation.name, operation)
    return tuple(merged.values())


def _unwritten(operation: Operation, owner: str) -> str:
    complaint = literal(f"{owner}.{operation.name} is left to be written")
    told = docstring(_asked(operation.clause), 8)
    return f"    {signature(operation)}\n{told}\n        raise NotImplementedError({complaint})"


def _named_imports(order: Order, wanted: Callable[[PublicClass], bool]) -> tuple[frozenset[str], frozenset[str]]:
    """Imports of the wanted classes, and the artifacts they come from. One name is imported once."""
    statements: set[str] = set()
    required: set[str] = set()
    taken = {order.name, *RESERVED}
    for module in order.importable:
        names = [each.name for each in module.classes if wanted(each) and each.name not in taken]
        if names:
            statements.add(import_of(module, names))
            required.add(module.artifact)
            taken.update(names)
    return frozenset(statements), frozenset(required)


def _module_imports(order: Order) -> tuple[frozenset[str], frozenset[str]]:
    return _named_imports(order, lambda _each: True)


def _uses(order: Order, body: str = "") -> tuple[str, ...]:
    """A line that says what a module builds on without naming it elsewhere, so that every import is used."""
    taken = {order.name, *RESERVED}
    names: list[str] = []
    for module in order.importable:
        for each in module.classes:
            if each.name not in taken and not re.search(rf"\b{each.name}\b", body):
                names.append(each.name)
                taken.add(each.name)
    return (f"BUILDS_ON: tuple[type, ...] = ({', '.join(names)},)",) if names else ()


def _told(artifact: Artifact) -> str:
    """What the docstring of the main class says: description and contract as what is asked for, never as what holds."""
    asked = f"The contract asks: {sentence(artifact.contract)}" if artifact.contract.strip() else ""
    parts = [f"To do: {sentence(artifact.description)}" if artifact.description.strip() else "", asked]
    return "\n\n".join(part for part in parts if part) or artifact.id


def _asked(clause: str) -> str:
    """What the docstring of an operation says: the clause of the contract it comes from, as asked and not as kept."""
    return f"The contract asks: {sentence(clause)}" if clause.strip() else "To do: its body."


_KINDS: dict[str, Callable[[Order], Skeleton]] = {
    "protocol": _protocol,
    "model": _model,
    "service": _service,
    "repository": _repository,
    "config": _config,
    "api": _api,
    "migration": _migration,
}
