"""What a model may build: the one file of its artifact, if that passes the checks which a skeleton has to pass.

It is parsed and never run. It has every name that the skeleton has, since what depends on it was promised these.
"""

import ast
from collections.abc import Sequence

from prefect_harmonic.planners.evidence import Claim, Evidence, Grade, ProducedFile, Source
from prefect_harmonic.planners.gate.files import path_problem
from prefect_harmonic.tasks.agents.builder.check import Checked, checked_text, compiled
from prefect_harmonic.tasks.agents.modelled.adding import Made, inline
from prefect_harmonic.tasks.agents.modelled.answer import MOST, StatedAnswer
from prefect_harmonic.tasks.agents.modelled.judging import Judgement
from prefect_harmonic.tasks.agents.modelled.material import Material
from prefect_harmonic.tasks.agents.modelled.shown import Shown
from prefect_harmonic.tasks.agents.python_syntax import syntax_tree
from prefect_harmonic.tasks.agents.wording import clipped, counted, listed, sentence, summary_of, title_of

MOST_CHARACTERS = 200_000
_DOCUMENTS = (".md", ".rst", ".txt")
_OF_THE_SKELETON = ("nothing in this file uses it yet", "the file holds only its contract", "is not valid: ")
"""What gaps say that another file does not have."""
_METHOD = (
    "A language model wrote the file from the contract, the skeleton and what required artifacts hold.",
    "It was read or compiled here and not run: nothing that a model wrote is run before a person has seen it.",
    "Every class and function that the skeleton promises to others is in it under the same name.",
    "What the model itself says to be missing or uncertain is in the list of what is left to be done.",
    "Whether the file does what its contract says was not tested; read it before anything depends on it.",
)


def built(answer: StatedAnswer, material: Material, shown: Shown) -> Judgement:
    """The file, if it can be used."""
    path = material.assignment.artifact.produces_file
    if path is None or path_problem(path):
        return Judgement(("this artifact has no file that could be written",), None)
    content = answer.content.replace("\r\n", "\n").rstrip() + "\n"
    skeleton = next((file.content for file in material.given.files if file.path == path), "")
    checked, problems = _problems(path, content, skeleton)
    if problems:
        return Judgement(problems, None)
    left = tuple(dict.fromkeys(clipped(each, 200) for each in answer.left[: MOST["left"]] if each.strip()))
    left = (*left, *_unwritten(path, content))
    return Judgement((), lambda made: _evidence(material, path, content, checked, left, made))


def _problems(path: str, content: str, skeleton: str) -> tuple[Checked, tuple[str, ...]]:
    if not content.strip():
        return Checked(), ("content is empty",)
    if len(content) > MOST_CHARACTERS or "\0" in content or content.encode("utf-8", "replace").decode() != content:
        return Checked(), (f"content is no text of at most {MOST_CHARACTERS:,} characters",)
    checked = compiled(path, content) if path.endswith(".py") else checked_text(path, content)
    if checked.problem:
        return checked, (f"{path} is not valid: {checked.problem}",)
    missing = sorted(_names(skeleton) - _names(content)) if path.endswith(".py") else []
    if missing:
        return checked, (f"{path} lacks {listed(missing, most=8)}, which others were promised",)
    return checked, ()


def _names(source: str) -> frozenset[str]:
    """Classes and functions of a module, with the public ones of each class; nothing of what is no Python."""
    try:
        tree = syntax_tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{one.name}" for one in methods if not one.name.startswith("_")}
    return frozenset(names)


def _unwritten(path: str, content: str) -> list[str]:
    """The functions of a module that only say that they are not written."""
    if not path.endswith(".py"):
        return []
    functions = [
        node for node in ast.walk(syntax_tree(content)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    raising = [node.name for node in functions if any(_is_not_implemented(one) for one in node.body)]
    return [f"the body of `{name}`" for name in raising]


def _is_not_implemented(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)


def _evidence(
    material: Material, path: str, content: str, checked: Checked, left: Sequence[str], made: Made
) -> Evidence:
    given = material.given
    source = Source(path=path, grade=Grade.MEASURED)
    head = f"{path} is a file of {counted(content.count(chr(10)), 'line')}, written by {made.label}."
    claims = [Claim(text=head, sources=(source,), confidence=1.0)]
    if checked.how:
        claims.append(Claim(text=f"{path} was {checked.how} without an error.", sources=(source,), confidence=0.95))
    if left:
        text = f"{path} leaves {counted(len(left), 'part')} to be done."
        claims.append(Claim(text=text, sources=(source,), confidence=0.95))
    # Nothing that hangs on the skeleton's own content holds any more; what it was made without still does.
    gaps = tuple(gap for gap in given.gaps if not any(told in gap for told in _OF_THE_SKELETON))
    told = [*(claim.text for claim in claims)]
    told += [f"Left to be done: {listed([clipped(each, 90) for each in left], most=3)}."] if left else []
    return given.model_copy(
        update={
            "summary": summary_of(told, _METHOD),
            "confidence": 0.6 if checked.how and not left else 0.5,
            "claims": tuple(claims),
            "gaps": gaps,
            "text": _text(material, path, checked, left, made),
            "data": {
                **given.data,
                **made.figures(),
                "left_count": len(left),
                "tests_passed": 0,
                "is_checked": bool(checked.how),
            },
            "files": (ProducedFile(path=path, content=content),),
        }
    )


def _text(material: Material, path: str, checked: Checked, left: Sequence[str], made: Made) -> str:
    check = checked.how or "nothing here can check this kind of file"
    lines = [
        f"# {title_of(material.assignment.artifact.id)}",
        "",
        f"File: `{path}`, written by {inline(made.label)}. Check: {check}; it was not run.",
        "",
        "## Left to be done",
        "",
        *([f"- {inline(sentence(each))}" for each in left] or ["Nothing that the model names."]),
    ]
    if path.lower().endswith(_DOCUMENTS):
        lines += ["", "What the document says was not checked against the project."]
    return "\n".join(lines) + "\n"
