"""The builder: the file of an artifact, as far as it can be made from words alone, and an honest list of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Source
from prefect_harmonic.tasks.agents.builder.check import Checked, checked_text, compiled, imported
from prefect_harmonic.tasks.agents.builder.contract import clauses_of
from prefect_harmonic.tasks.agents.builder.plain_files import has_known_form, plain_content
from prefect_harmonic.tasks.agents.builder.python_kinds import Order, kind_of, skeleton_of
from prefect_harmonic.tasks.agents.builder.python_tests import contract_tests
from prefect_harmonic.tasks.agents.builder.python_text import Skeleton, module_text, plain
from prefect_harmonic.tasks.agents.builder.requirements import required_modules
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, title_of, with_article

NAME = "builder"
_EXPERTISE = (
    "api build client component config configuration container controller dao deployment dockerfile documentation dto "
    "e2e endpoint entity frontend gateway handler implement implementation integration interface middleware migration "
    "model module pipeline port protocol repository resolver route router runbook schema script server service "
    "settings sql store test tests ui worker"
)
_METHOD = (
    "The builder works without a language model: it makes the form of a file and leaves the thinking to others.",
    "It reads operations and fields from the words of the contract alone.",
    "What is promised in words that it does not know stays in the list of what is left to be done.",
    "The check shows that a file is valid and fits beside what it requires, not that it does what the goal needs.",
    "Read the list of what is left in the full text before anything depends on this artifact.",
    "Once the bodies are written, the contract in the file says what each of them has to keep to.",
)


@dataclass(frozen=True, slots=True)
class Built:
    """A file and what is known about it."""

    file: ProducedFile | None
    kind: str
    checked: Checked
    left: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    is_drawn: bool = False


async def build(assignment: Assignment) -> Evidence:
    """The artifact's file with the proof that it is valid, and what is left to be done."""
    told = {field: plain(getattr(assignment.artifact, field)) for field in ("description", "contract")}
    artifact = assignment.artifact.model_copy(update=told)
    assignment = assignment.model_copy(update={"artifact": artifact})
    path = artifact.produces_file
    if path is None:
        built = Built(None, kind_of(artifact), Checked(), ("everything: the plan names no file for it",))
    elif not _is_inside(path):
        blocker = f"{clipped(path, 80)!r} is no path inside the workspace, so nothing was written"
        built = Built(None, kind_of(artifact), Checked(), blockers=(blocker,))
    elif path.endswith(".py"):
        built = await _python(assignment, path)
    else:
        built = _plain(assignment, path)
    return _evidence(assignment, built)


BUILDER = Specialist(
    name=NAME,
    call=build,
    version="4",
    expertise=frozenset(_EXPERTISE.split()),
)


async def _python(assignment: Assignment, path: str) -> Built:
    """A Python file, compiled and, if all that it imports are skeletons too, imported."""
    artifact = assignment.artifact
    modules = required_modules(assignment.inputs)
    order = Order(artifact, modules)
    kind = kind_of(artifact)
    skeleton = contract_tests(order) if kind == "test" else skeleton_of(order)
    content = _with_former(assignment, path, module_text(_head(artifact), skeleton))
    checked = compiled(path, content)
    if not checked.problem and _is_all_own(assignment):
        checked = await imported(path, content, _beside(assignment), is_test=kind == "test")
    gaps = (*_missing(assignment, skeleton), *_problem(path, checked), *_taken(assignment, path))
    return Built(ProducedFile(path=path, content=content), kind, checked, skeleton.left, gaps)


def _plain(assignment: Assignment, path: str) -> Built:
    content = plain_content(assignment, path)
    checked = checked_text(path, content)
    gaps = [*_problem(path, checked), *_taken(assignment, path)]
    left = [f"what `{clause}` asks for" for clause in clauses_of(assignment.artifact)]
    if not has_known_form(path):
        gaps.append(
            f"the builder knows no form for {PurePosixPath(path).suffix or path}: the file holds only its contract"
        )
    if _is_document(path):
        left = [f"whether the document keeps its promise: {clause}" for clause in clauses_of(assignment.artifact)]
        if not (assignment.inputs or assignment.background):
            gaps.append("nothing was handed over that the document could be made from")
    if not left:
        left = ["its content: neither contract nor description says what belongs into it"]
    kind = assignment.artifact.domain_type or ("document" if _is_document(path) else "file")
    is_drawn = _is_document(path) and bool(assignment.inputs or assignment.background)
    return Built(ProducedFile(path=path, content=content), kind, checked, tuple(left), tuple(gaps), is_drawn=is_drawn)


def _evidence(assignment: Assignment, built: Built) -> Evidence:
    artifact = assignment.artifact
    claims = _claims(artifact, built)
    return Evidence(
        artifact=artifact.id,
        agent=NAME,
        summary=summary_of([*(claim.text for claim in claims), *_honestly(built)], _METHOD),
        confidence=_confidence(built),
        claims=claims,
        gaps=built.gaps,
        blockers=built.blockers,
        text=_text(artifact, built),
        data={
            "kind": built.kind,
            "left_count": len(built.left),
            "tests_passed": built.checked.tests,
            "is_checked": bool(built.checked.how) and not built.checked.problem,
        },
        files=(built.file,) if built.file else (),
    )


def _claims(artifact: Artifact, built: Built) -> tuple[Claim, ...]:
    if built.file is None:
        return ()
    path = built.file.path
    measured = Source(path=path, grade=Grade.MEASURED)
    lines = counted(built.file.content.count("\n"), "line")
    what = f"a skeleton ({built.kind}) of {lines}"
    if built.is_drawn:
        what = f"{with_article(built.kind)} of {lines}, drawn from what was found and decided before"
    claims = [Claim(text=f"{path} is {what}.", sources=(measured,), confidence=1.0)]
    if built.checked.how and not built.checked.problem:
        tests = f"; {counted(built.checked.tests, 'test')} in it passed" if built.checked.tests else ""
        text = f"{path} was {built.checked.how} without an error{tests}."
        claims.append(Claim(text=text, sources=(measured,), confidence=0.95))
    if built.left and artifact.contract.strip():
        text = f"{path} does not keep its whole contract yet: it leaves {counted(len(built.left), 'part')} to be done."
        claims.append(Claim(text=text, sources=(measured,), confidence=0.95))
    return tuple(claims)


def _honestly(built: Built) -> list[str]:
    told = []
    if built.file is None and not built.blockers:
        told.append("No file was asked for; the full text holds the contract as a list to check the result against.")
    if built.left:
        told.append(f"Left to be done: {listed([clipped(each, 90) for each in built.left], most=3)}.")
    if built.gaps:
        told.append(f"Missing: {listed([clipped(each, 140) for each in built.gaps], most=2)}.")
    told += [sentence(blocker) for blocker in built.blockers]
    return told


def _confidence(built: Built) -> float:
    """About 0.6 for a skeleton that was checked: it is valid, and it is a skeleton."""
    if built.file is None:
        return 0.1 if built.blockers else 0.3
    if built.checked.problem:
        return 0.2
    base = 0.6 if built.checked.how else 0.5
    if built.checked.how == "compiled":
        base = 0.5
    return round(max(0.25, base - 0.08 * min(len(built.gaps), 4)), 2)


def _text(artifact: Artifact, built: Built) -> str:
    check = built.checked.problem or built.checked.how or "nothing here can check this kind of file"
    lines = [f"# {title_of(artifact.id)}", ""]
    if built.file:
        lines += [f"File: `{built.file.path}` ({built.kind}). Check: {clipped(check, 300)}.", ""]
    lines += ["## Contract, to check the result against", ""]
    lines += [f"- [ ] {sentence(clause)}" for clause in clauses_of(artifact)] or ["The artifact has no contract."]
    lines += ["", "## Left to be done", ""]
    lines += [f"- {sentence(each)}" for each in built.left] or ["Nothing that the builder knows of."]
    for heading, each in (("Missing", built.gaps), ("Blocked by", built.blockers)):
        if each:
            lines += ["", f"## {heading}", "", *(f"- {sentence(one)}" for one in each)]
    return "\n".join(lines) + "\n"


def _head(artifact: Artifact) -> str:
    """The docstring of a module: what it is and what it needs and why."""
    reasons = [f"{edge.id}: {edge.because}" for edge in artifact.requires if edge.because]
    told = f"To do: {sentence(artifact.description)}" if artifact.description.strip() else artifact.id
    return "\n\n".join([told, *([f"It requires {'; '.join(reasons)}"] if reasons else [])])


def _missing(assignment: Assignment, skeleton: Skeleton) -> list[str]:
    """Requirements and consumed things that nothing handed over provides."""
    gaps = []
    for edge in assignment.artifact.requires:
        evidence = assignment.inputs.get(edge.id)
        if evidence is None:
            gaps.append(f"{edge.id} is required and nothing of it was handed over")
        elif edge.because and _has_python(evidence) and edge.id not in skeleton.required:
            gaps.append(f"{edge.id} is required ({edge.because}) and nothing in this file uses it yet")
    return gaps


def _problem(path: str, checked: Checked) -> list[str]:
    return [f"{path} is not valid: {checked.problem}"] if checked.problem else []


def _taken(assignment: Assignment, path: str) -> list[str]:
    """A file of that name in the project is not looked into; it is said that it is there."""
    if assignment.project and (Path(assignment.project) / path).exists():
        return [f"the project already has {path}; the skeleton was made without it and does not take it over"]
    return []


def _with_former(assignment: Assignment, path: str, content: str) -> str:
    """The content behind what a required artifact already wrote into the same file."""
    for evidence in (*_by_name(assignment.inputs), *_by_name(assignment.background)):
        for file in evidence.files:
            if file.path == path:
                return f"{file.content.rstrip()}\n\n\n{content}"
    return content


def _by_name(evidence: Mapping[str, Evidence]) -> list[Evidence]:
    return [evidence[name] for name in sorted(evidence)]


def _is_all_own(assignment: Assignment) -> bool:
    """Whether every Python file that an import may reach is a skeleton of the builder, and none a model's."""
    known = (*assignment.inputs.values(), *assignment.background.values())
    return all(each.agent == NAME and "model" not in each.data for each in known if _has_python(each))


def _has_python(evidence: Evidence) -> bool:
    return any(file.path.endswith(".py") for file in evidence.files)


def _beside(assignment: Assignment) -> dict[str, str]:
    known = (*_by_name(assignment.background), *_by_name(assignment.inputs))
    return {file.path: file.content for each in known for file in each.files if file.path.endswith(".py")}


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path.replace("\\", "/"))
    is_named = bool(pure.name) and "\0" not in path
    return is_named and not pure.is_absolute() and ".." not in pure.parts and ":" not in pure.parts[0]


def _is_document(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in {".md", ".rst", ".txt"}
