"""Methods out of YAML documents.

Owns the shape of a file of methods: which keys there are and what may stand in them. What only the whole library can
tell (a task nobody decomposes, a result nobody produces) is checked in the module `checks` beside this one.
"""

from prefect_harmonic.planners.artifact import Effort, Priority
from prefect_harmonic.planners.gate.fields import id_problem, kind_problem
from prefect_harmonic.planners.gate.files import path_problem
from prefect_harmonic.planners.sources.methods.model import (
    AGENTS,
    TAGS,
    Condition,
    Method,
    Need,
    Piece,
    Scope,
    Share,
    Step,
    SubTask,
    Use,
)
from prefect_harmonic.planners.sources.methods.naming import filled, template_values, unknown_places
from prefect_harmonic.planners.sources.methods.nodes import Place, document_of
from prefect_harmonic.planners.words import words_of

_METHOD_KEYS = frozenset({"name", "task", "goals", "only_for", "when", "affinity", "phases", "priority", "steps"})
_TASK_KEYS = frozenset({"task", "subject", "each", "routed", "only_in", "when"})
_PIECE_KEYS = frozenset(
    {"artifact", "description", "contract", "consumes", "produces", "needs", "gathers", "informs", "contract_of"}
    | {"domain_type", "agent", "effort", "estimated_hours", "phase", "produces_file", "priority", "only_in", "not_in"}
    | {"merge_group", "splittable", "when", "final", "covers_all"}
)
_SHARE_KEYS = frozenset({"artifact", "description", "contract", "produces_file", "consumes"})
_MOST_HOURS = 2_000.0
_SAMPLE = template_values("subject", "it", "it") | template_values("goal", "it", "it") | {"number": "0001"}
"""What templates of names and paths are filled with to see whether a plan may have them."""


def methods_from(content: bytes, file: str) -> tuple[Method, ...]:
    """The methods in one file.

    Raises:
        MethodLibraryError: The first thing in it that is wrong, with file, line and field.
    """
    top = document_of(content, file).entries({"methods"}, {"methods"})
    methods = tuple(_method(place) for place in top["methods"].items())
    if not methods:
        top["methods"].refuse("is empty; it needs at least one method")
    return methods


def _method(place: Place) -> Method:
    entries = place.entries(_METHOD_KEYS, {"name", "task", "steps"})
    name = entries["name"].text()
    place = Place(place.file, place.node, name)
    entries = place.entries(_METHOD_KEYS)
    steps = tuple(
        _step(Place(step.file, step.node, f"steps[{at}]")) for at, step in enumerate(entries["steps"].items())
    )
    if not steps:
        entries["steps"].refuse("is empty; a method needs at least one step")
    return Method(
        name=name,
        task=entries["task"].text(),
        steps=steps,
        goals={key: value.number(0, 1) for key, value in entries["goals"].pairs() if _is_phrase(key, value)}
        if "goals" in entries
        else {},
        only_for=entries["only_for"].texts() if "only_for" in entries else (),
        when=_conditions(entries),
        affinity=_affinity(entries["affinity"]) if "affinity" in entries else {},
        phases=entries["phases"].texts() if "phases" in entries else (),
        priority=entries["priority"].choice(tuple(Priority)) if "priority" in entries else None,
        origin=(place.file, place.line),
    )


def _is_phrase(key: str, place: Place) -> bool:
    if key != "*" and not words_of(key):
        place.refuse(f"{key!r} has no words; give a phrase of a goal, or '*' for any goal")
    return True


def _affinity(place: Place) -> dict[str, float]:
    return {tag: value.number(-1, 1) for tag, value in place.entries(TAGS).items()}


def _step(place: Place) -> Step:
    keys = {key for key, _ in place.pairs()}
    if "artifact" in keys:
        return _piece(place)
    if "task" not in keys:
        place.refuse("must name an 'artifact' or a 'task'")
    return _subtask(place)


def _subtask(place: Place) -> SubTask:
    entries = place.entries(_TASK_KEYS, {"task"})
    return SubTask(
        task=entries["task"].text(),
        subject=_template(entries["subject"]) if "subject" in entries else "",
        each=Scope(entries["each"].choice(tuple(Scope))) if "each" in entries else None,
        is_routed=entries["routed"].truth() if "routed" in entries else True,
        only_in=entries["only_in"].choices(TAGS) if "only_in" in entries else frozenset(),
        when=_conditions(entries),
        line=place.line,
    )


def _piece(place: Place) -> Piece:
    entries = place.entries(_PIECE_KEYS, {"artifact", "description", "contract"})
    agents = entries["agent"].choice(AGENTS) if "agent" in entries else "builder"
    hours = entries["estimated_hours"].number(0, _MOST_HOURS) if "estimated_hours" in entries else None
    return Piece(
        artifact=_id(entries["artifact"]),
        description=_template(entries["description"]),
        contract=_template(entries["contract"]),
        consumes=tuple(map(_use, entries["consumes"].items())) if "consumes" in entries else (),
        produces=_templates(entries, "produces"),
        needs=tuple(map(_need, entries["needs"].items())) if "needs" in entries else (),
        gathers=_templates(entries, "gathers"),
        informs=_templates(entries, "informs"),
        contract_of=_templates(entries, "contract_of"),
        domain_type=_kind(entries["domain_type"]) if "domain_type" in entries else "component",
        agent=agents,
        effort=entries["effort"].choice(tuple(Effort)) if "effort" in entries else Effort.MEDIUM.value,
        estimated_hours=hours,
        phase=_kind(entries["phase"]) if "phase" in entries else None,
        produces_file=_file(entries["produces_file"]) if "produces_file" in entries else None,
        priority=entries["priority"].choice(tuple(Priority)) if "priority" in entries else None,
        only_in=entries["only_in"].choices(TAGS) if "only_in" in entries else frozenset(),
        not_in=entries["not_in"].choices(TAGS) if "not_in" in entries else frozenset(),
        merge_group=_id(entries["merge_group"]) if "merge_group" in entries else None,
        splittable=tuple(map(_share, entries["splittable"].items())) if "splittable" in entries else (),
        when=_conditions(entries),
        is_final=entries["final"].truth() if "final" in entries else False,
        covers_all=entries["covers_all"].truth() if "covers_all" in entries else False,
        line=place.line,
    )


def _use(place: Place) -> Use:
    if place.is_text:
        return Use(_template(place))
    entries = place.entries({"thing", "because", "only_in"}, {"thing"})
    return Use(
        thing=_template(entries["thing"]),
        because=_template(entries["because"]) if "because" in entries else "",
        only_in=entries["only_in"].choices(TAGS) if "only_in" in entries else frozenset(),
    )


def _need(place: Place) -> Need:
    entries = place.entries({"artifact", "because"}, {"artifact", "because"})
    return Need(artifact=_template(entries["artifact"]), because=_template(entries["because"]))


def _share(place: Place) -> Share:
    entries = place.entries(_SHARE_KEYS, {"artifact", "description"})
    return Share(
        artifact=_id(entries["artifact"]),
        description=_template(entries["description"]),
        contract=_template(entries["contract"]) if "contract" in entries else "",
        produces_file=_file(entries["produces_file"]) if "produces_file" in entries else None,
        consumes=entries["consumes"].texts() if "consumes" in entries else None,
    )


def _conditions(entries: dict[str, Place]) -> frozenset[str]:
    return entries["when"].choices(tuple(Condition)) if "when" in entries else frozenset()


def _templates(entries: dict[str, Place], key: str) -> tuple[str, ...]:
    return tuple(map(_template, entries[key].items())) if key in entries else ()


def _template(place: Place) -> str:
    text = place.text()
    if unknown := unknown_places(text):
        place.refuse(f"nothing fills in {{{unknown[0]}}}; a template may hold {{subject}}, {{Subject}} and their kin")
    return text


def _id(place: Place) -> str:
    """The template of a name that an artifact may have."""
    name = _template(place)
    if problem := id_problem(filled(name, _SAMPLE)):
        place.refuse(problem)
    return name


def _kind(place: Place) -> str:
    name = place.text()
    if problem := kind_problem(name):
        place.refuse(problem)
    return name


def _file(place: Place) -> str:
    """The template of a plain path within the workspace that an artifact may write."""
    path = _template(place)
    steps = path.split("/")
    if path.startswith("/") or "\\" in path or ":" in path or any(step in {"", ".", ".."} for step in steps):
        place.refuse(f"{path!r} must be a plain relative path within the workspace")
    if problem := path_problem(filled(path, _SAMPLE)):
        place.refuse(f"{path!r} {problem}; choose another")
    return path
