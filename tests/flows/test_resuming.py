"""The same plan in the same workspace again: what still holds is kept, what changed is made again, nothing else."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.schemas.objects import FlowRun

from prefect_harmonic.errors import AgentError
from prefect_harmonic.planners.artifact import Artifact, Requirement
from prefect_harmonic.planners.evidence import ProducedFile
from prefect_harmonic.planners.plan import Plan

if TYPE_CHECKING:
    from flows.conftest import Happenings, Team

PlanOf = Callable[..., Plan]
CarriedOut = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


def artifact(name: str, *requires: str, **fields: Any) -> Artifact:
    """An artifact with its requirements as bare ids, and a file of its own."""
    own = {"produces_file": f"{name}.txt", **fields}
    return Artifact(id=name, requires=tuple(Requirement(id=one) for one in requires), **own)


def kept_and_done(outcome: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Ids of what was kept and of what was made."""
    found = {name: one["state"] for name, one in outcome["artifacts"].items()}
    kept = {name for name, state in found.items() if state == "kept"}
    return kept, {name for name, state in found.items() if state == "done"}


CONE = ("Root", "Left", "Right", "LeftLeaf", "Alone")


def tree(**changed: Artifact) -> tuple[Artifact, ...]:
    """Left and Right after Root, LeftLeaf after Left, and one that has to do with none of them."""
    plain = (
        artifact("Root"),
        artifact("Left", "Root"),
        artifact("Right", "Root"),
        artifact("LeftLeaf", "Left"),
        artifact("Alone"),
    )
    return tuple(changed.get(one.id, one) for one in plain)


async def test_unchanged_plan_is_not_made_again(
    carried_out: CarriedOut,
    plan_of: PlanOf,
    team: "Team",
    tmp_path: Path,
    latest_run: Callable[[str], Awaitable[FlowRun]],
    happenings: "Happenings",
) -> None:
    """A second run calls no specialist, leaves every file as it is, and is a success."""
    await carried_out(plan_of(*tree()))
    files = {name: (tmp_path / "out" / f"{name}.txt").stat().st_mtime_ns for name in CONE}
    team.called.clear()
    kept, done = kept_and_done(await carried_out(plan_of(*tree())))
    assert (kept, done) == (set(CONE), set())
    assert team.called == []
    assert {name: (tmp_path / "out" / f"{name}.txt").stat().st_mtime_ns for name in CONE} == files
    assert {f"artifact.kept {name}" for name in CONE} <= set(happenings.told)
    assert (await latest_run("execute-plan")).state_name == "Completed"


async def test_changed_artifact_and_its_cone_are_made_again_and_nothing_else(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """Another description of Left concerns Left and LeftLeaf."""
    await carried_out(plan_of(*tree()))
    team.called.clear()
    changed = artifact("Left", "Root", description="now with a description")
    kept, done = kept_and_done(await carried_out(plan_of(*tree(Left=changed))))
    assert (kept, done) == ({"Root", "Right", "Alone"}, {"Left", "LeftLeaf"})
    assert team.called == ["Left", "LeftLeaf"]


async def test_estimate_changes_nothing_about_what_is_made(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """Effort, priority and phase say when an artifact is made, not what it is."""
    await carried_out(plan_of(*tree()))
    team.called.clear()
    await carried_out(plan_of(*tree(Root=artifact("Root", effort="high", priority="critical", phase="first"))))
    assert team.called == []


async def test_new_version_of_an_agent_makes_its_artifacts_again(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """A specialist whose results would change says so by its version."""
    await carried_out(plan_of(*tree()))
    team.called.clear()
    team.version = "2"
    _, done = kept_and_done(await carried_out(plan_of(*tree())))
    assert done == set(CONE)
    assert sorted(team.called) == sorted(CONE)


@pytest.mark.parametrize(("is_reading_project", "expected"), [(True, set(CONE)), (False, set())])
async def test_changed_project_file_makes_again_what_agents_read_it_for(
    is_reading_project: bool,
    expected: set[str],
    carried_out: CarriedOut,
    plan_of: PlanOf,
    team: "Team",
    tmp_path: Path,
) -> None:
    """Only results that depend on the project's files are made again when one of them changes."""
    team.is_reading_project = is_reading_project
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("one = 1\n")
    await carried_out(plan_of(*tree()), project=str(project))
    _, unchanged = kept_and_done(await carried_out(plan_of(*tree()), project=str(project)))
    (project / "app.py").write_text("one = 2\n")
    _, done = kept_and_done(await carried_out(plan_of(*tree()), project=str(project)))
    assert (unchanged, done) == (set(), expected)


async def test_deleted_file_is_restored_without_its_agent(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path
) -> None:
    """Content survives, not only status."""
    await carried_out(plan_of(*tree()))
    team.called.clear()
    (tmp_path / "out" / "Left.txt").unlink()
    kept, _ = kept_and_done(await carried_out(plan_of(*tree())))
    assert kept == set(CONE)
    assert team.called == []
    assert (tmp_path / "out" / "Left.txt").read_text() == "made Left\n"


async def test_run_after_a_failure_makes_only_what_was_not_made(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team"
) -> None:
    """What failed and what it held up is made in the second run; the rest is kept."""
    team.failing("Left", AgentError("tester", "Left", "not today"))
    await carried_out(plan_of(*tree()))
    team.called.clear()
    kept, done = kept_and_done(await carried_out(plan_of(*tree())))
    assert (kept, done) == ({"Root", "Right", "Alone"}, {"Left", "LeftLeaf"})


async def test_damaged_books_cost_the_work_and_not_the_run(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path
) -> None:
    """An entry that cannot be read is as good as none."""
    await carried_out(plan_of(artifact("Root")))
    for entry in (tmp_path / "out" / ".harmonic" / "made").iterdir():
        entry.write_text("{")
    team.called.clear()
    _, done = kept_and_done(await carried_out(plan_of(artifact("Root"))))
    assert done == {"Root"}
    assert team.called == ["Root"]


async def test_kept_artifact_has_its_own_content_again(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path
) -> None:
    """A plan that is changed and changed back ends with the files of the first run."""
    for description, content in (("", "first"), ("another", "second"), ("", "never asked for")):
        team.files["A"] = [ProducedFile(path="A.txt", content=content)]
        outcome = await carried_out(plan_of(artifact("A", description=description)))
    assert kept_and_done(outcome) == ({"A"}, set())
    assert (tmp_path / "out" / "A.txt").read_text() == "first"


async def test_file_of_two_artifacts_ends_as_it_would_without_resuming(
    carried_out: CarriedOut, plan_of: PlanOf, team: "Team", tmp_path: Path
) -> None:
    """What the first writer makes again does not stay in the place of what the second one had written."""
    for name in ("A", "B"):
        team.files[name] = [ProducedFile(path="F.txt", content=f"by {name}")]
    for description in ("", "changed"):
        first = artifact("A", produces_file="F.txt", description=description)
        outcome = await carried_out(plan_of(first, artifact("B", produces_file="F.txt")))
    assert kept_and_done(outcome) == ({"B"}, {"A"})
    assert (tmp_path / "out" / "F.txt").read_text() == "by B"


async def test_file_that_a_person_changed_is_left_as_it_is(
    carried_out: CarriedOut, plan_of: PlanOf, tmp_path: Path
) -> None:
    """What no run has written is somebody's work."""
    await carried_out(plan_of(artifact("A")))
    (tmp_path / "out" / "A.txt").write_text("by hand")
    assert kept_and_done(await carried_out(plan_of(artifact("A")))) == ({"A"}, set())
    assert (tmp_path / "out" / "A.txt").read_text() == "by hand"
