"""The method library: what it refuses, in which words, and how one's own methods join it."""

import re
from pathlib import Path

import pytest

from prefect_harmonic.errors import MethodLibraryError
from prefect_harmonic.planners.artifact import ArtifactLimits
from prefect_harmonic.planners.context import NO_PROJECT, ProjectContext
from prefect_harmonic.planners.gate.gate import lint
from prefect_harmonic.planners.sources.methods.library import MethodLibrary
from prefect_harmonic.planners.sources.methods.model import GOAL_TASK
from prefect_harmonic.planners.sources.methods.source import MethodSource
from prefect_harmonic.planners.sources.source import CandidateRequest
from prefect_harmonic.planners.variance import Style, Variation

DOCUMENT = Path(__file__).parents[3] / "docs" / "methods.md"
METHOD = """\
methods:
  - name: own
    task: own
    goals: {own thing: 1.0}
    steps:
      - artifact: OwnThing
        description: A thing of one's own
        contract: It is there
        produces: [own result]
        agent: builder
"""


async def _no_project() -> ProjectContext:
    return NO_PROJECT


def _with(folder: Path, content: str | bytes, name: str = "my.yaml") -> MethodLibrary:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return MethodLibrary.packaged().with_folder(folder)


def test_a_method_of_ones_own_is_planned_with(tmp_path: Path) -> None:
    """A requirement that its phrase names leads to its artifacts."""
    source = MethodSource(_with(tmp_path, METHOD))
    request = CandidateRequest(goal="Build an API with own thing", variation=Variation(index=0), context=_no_project)
    assert "OwnThing" in {artifact.id for artifact in source.plan(request, NO_PROJECT).artifacts}


def test_the_example_of_the_manual_loads_and_plans(tmp_path: Path) -> None:
    """The YAML of docs/methods.md is a method that works in every style."""
    examples = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 1
    source = MethodSource(_with(tmp_path, examples[0]))
    for style in Style:
        request = CandidateRequest(
            goal="Build a web service with auth, database and newsletter archive",
            variation=Variation(index=0, style=style, temperature=0),
            limits=ArtifactLimits(),
            context=_no_project,
        )
        plan = source.plan(request, NO_PROJECT)
        assert [str(finding) for finding in lint(plan)] == []
        assert "newsletter archive" in {covered for artifact in plan.artifacts for covered in artifact.covers}


def test_a_method_of_a_known_name_replaces_it(tmp_path: Path) -> None:
    """The library has as many methods as before."""
    packaged = MethodLibrary.packaged()
    library = _with(tmp_path, METHOD.replace("name: own", "name: audit-log").replace("task: own", "task: audit-log"))
    replaced = {method.name: method for method in library.methods}["audit-log"]
    assert len(packaged.methods) == len(library.methods)
    assert [piece.artifact for piece in replaced.pieces] == ["OwnThing"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("agent: builder", "agent: bilder", r"my.yaml:10: steps\[0\].agent: 'bilder' is none of .*mean 'builder'\?"),
        ("agent: builder", "agnet: builder", r"my.yaml:10: steps\[0\].agnet: unknown key; did you mean 'agent'\?"),
        ("agent: builder", "effort: huge", r"my.yaml:10: steps\[0\].effort: 'huge' is none of high, low, medium"),
        ("agent: builder", "estimated_hours: many", r"my.yaml:10: steps\[0\].estimated_hours: must be a number"),
        ("agent: builder", "estimated_hours: .nan", r"my.yaml:10: steps\[0\].estimated_hours: "),
        ("agent: builder", "produces_file: ../etc/x", r"my.yaml:10: steps\[0\].produces_file: .*plain relative path"),
        ("agent: builder", "produces_file: .git/config", r"my.yaml:10: steps\[0\].produces_file: .*reserved"),
        (
            "agent: builder",
            "produces_file: report.md",
            r"my.yaml:10: steps\[0\].produces_file: 'report.md' is in the place",
        ),
        ("agent: builder", "phase: a;b", r"my.yaml:10: steps\[0\].phase: 'a;b' must be a short name"),
        ("agent: builder", "domain_type: a;b", r"my.yaml:10: steps\[0\].domain_type: 'a;b' must be a short name"),
        (
            "artifact: OwnThing",
            "artifact: Own {Subject}",
            r"my.yaml:6: steps\[0\].artifact: 'Own It' must be .* without spaces",
        ),
        (
            "agent: builder",
            "consumes: [own reslt]",
            r"my.yaml:6: own.steps\[0\].consumes: .*did you mean 'own result'\?",
        ),
        ("agent: builder", "consumes: [own result]", r"own.steps\[0\].consumes: 'own result' is what the piece itself"),
        ("agent: builder", "only_in: [thorogh]", r"my.yaml:10: steps\[0\].only_in\[0\]: .*did you mean 'thorough'\?"),
        ("agent: builder", "contract: again", r"my.yaml:10: steps\[0\].contract: is given twice"),
        ("agent: builder", "merge_group: '{Subjekt}'", r"my.yaml:10: steps\[0\].merge_group: nothing fills in"),
        ("goals: {own thing: 1.0}", "goals: {own thing: 7}", r"my.yaml:4: own.goals.own thing: is 7"),
        ("goals: {own thing: 1.0}", "goals: [own thing]", r"my.yaml:4: own.goals: must be a mapping, not a list"),
        ("task: own", "task: []", r"my.yaml:3: own.task: must be a text, not a list"),
        ("agent: builder\n", "agent: builder\n      - task: unheard\n", r"my.yaml:11: own.steps\[1\].task: no method"),
        (
            "agent: builder\n",
            "agent: builder\n      - task: own\n",
            r"my.yaml:11: own.steps\[1\].task: leads back .*own → own",
        ),
        ("agent: builder", "agent: &a builder\n        phase: *a", r"my.yaml:11: \*a: aliases are not allowed"),
        ("agent: builder", "agent: !!python/object:os.system x", r"my.yaml:10: .*tags are not allowed"),
        ("agent: builder", "agent: [builder", r"my.yaml:1\d: file: is not valid YAML"),
        (METHOD, "", r"my.yaml:1: file: is empty"),
        (METHOD, "methods: []", r"my.yaml:1: methods: is empty"),
        (METHOD, "steps: []", r"my.yaml:1: steps: unknown key"),
        (METHOD, "- a", r"my.yaml:1: file: must be a mapping, not a list"),
    ],
)
def test_a_slip_is_told_with_file_line_and_field(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The message alone suffices to mend the file."""
    assert old in METHOD
    with pytest.raises(MethodLibraryError, match=message):
        _with(tmp_path, METHOD.replace(old, new))


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    """The line is that of the first byte that is no text."""
    with pytest.raises(MethodLibraryError, match=r"my.yaml:2: file: is not UTF-8"):
        _with(tmp_path, b"methods:\n  - name: \xff")


def test_two_methods_of_one_name_are_refused(tmp_path: Path) -> None:
    """The second is told where the first stands."""
    (tmp_path / "a.yaml").write_text(METHOD, encoding="utf-8")
    with pytest.raises(MethodLibraryError, match=r"my.yaml:2: own.name: .*a.yaml:2"):
        _with(tmp_path, METHOD)


def test_a_folder_without_methods_is_refused(tmp_path: Path) -> None:
    """Nothing is planned with a folder that was named by mistake."""
    with pytest.raises(MethodLibraryError, match="holds no"):
        MethodLibrary.packaged().with_folder(tmp_path)
    with pytest.raises(MethodLibraryError, match="is no folder"):
        MethodLibrary.packaged().with_folder(tmp_path / "nowhere")


def test_every_packaged_method_can_be_reached() -> None:
    """A task is named by phrases or by a step; a method that nothing leads to would be dead text."""
    library = MethodLibrary.packaged()
    led_to = {step.task for method in library.methods for step in method.subtasks} | {GOAL_TASK}
    for task, methods in library.by_task.items():
        assert task in led_to or any(method.goals for method in methods), task


def test_every_packaged_piece_has_a_contract_that_says_more_than_its_name() -> None:
    """A contract is what a reader checks the work by."""
    for method in MethodLibrary.packaged().methods:
        for piece in method.pieces:
            assert len(piece.contract.split()) >= 5, (method.name, piece.artifact)
            assert piece.phase is not None, (method.name, piece.artifact)
            assert piece.produces, (method.name, piece.artifact)
