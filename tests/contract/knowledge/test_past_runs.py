"""Runs that are kept for later planning, and what finished artifacts took, on both databases."""

from pathlib import Path

import pytest
from support.clocks import MovableClock
from support.past import past_run

from prefect_harmonic.errors import UnknownRecordError
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.experience.finished_work import FinishedWork
from prefect_harmonic.planners.experience.past_run import PastRun
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.tasks.programme_record import ProgrammeRecord
from prefect_harmonic.tasks.workspace import Workspace


async def kept(kb: KnowledgeBase, number: int, **fields: object) -> PastRun:
    """A run that is kept under a tree of its own."""
    root = await kb.add(f"Goal {number}", metadata={"type": "plan"})
    run = past_run(number=number).model_copy(update={"id": root.id, **fields})
    await kb.keep_run(run)
    return run


async def test_run_comes_back_as_it_was_kept_and_only_to_who_uses_the_same_model(kb: KnowledgeBase) -> None:
    """The latest last; a time that nobody knows stays unknown."""
    one = await kept(kb, 1)
    other = await kept(kb, 2, seconds=None, outcome="inconclusive", project="p", is_declared=False)
    modelled = await kept(kb, 3, model="openai:m")
    assert await kb.past_runs(project="p") == (one, other)
    assert await kb.past_runs(model="openai:m") == (modelled,)


async def test_run_that_is_kept_again_takes_its_own_place_and_one_without_a_tree_is_refused(kb: KnowledgeBase) -> None:
    """A run is one run, however often it is carried on."""
    run = await kept(kb, 1)
    again = run.model_copy(update={"outcome": "accepted", "seconds": 5.0})
    await kb.keep_run(again)
    assert await kb.past_runs() == (again,)
    with pytest.raises(UnknownRecordError):
        await kb.keep_run(run.model_copy(update={"id": "nobody"}))


async def test_finished_work_has_its_run_its_kind_and_its_hours_by_the_clock(
    kb: KnowledgeBase, clock: MovableClock, tmp_path: Path
) -> None:
    """To the millisecond, which hours with six digits cannot tell; with stated hours where the plan had some."""
    graph = ArtifactGraph(
        [
            Artifact(id="Model", agent="builder", domain_type="model", effort="low"),
            Artifact(id="Study", agent="researcher", estimated_hours=2.0),
        ],
        goal="Build it",
    )
    workspace = Workspace.opened(tmp_path / "out")
    record = await ProgrammeRecord.opened(kb, workspace, goal="Build it", parameters={"model": "openai:m"})
    await record.plan_set(graph, phases_of(graph))
    for name, milliseconds in (("Model", 1), ("Study", 250)):
        await record.artifact_started(name)
        clock.move(milliseconds=milliseconds)
        await record.artifact_ended(name, state="done")
    model, study = await kb.finished_work(model="openai:m")
    known = {"run": record.root, "agent": "builder", "kind": "builder/model/low", "effort": "low"}
    assert model == FinishedWork(**known, hours=model.hours)
    assert [one.hours * 3600 for one in (model, study)] == pytest.approx([0.001, 0.25])
    assert study.stated_hours == 2.0
    assert await kb.finished_work() == ()
