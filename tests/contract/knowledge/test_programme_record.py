"""The record of a pursuit: one tree through plans, failures, changes and restarts, and nothing in it twice."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue
from support.clocks import MovableClock
from support.plans import named

from prefect_harmonic.errors import DatabaseBusyError, IllegalStepError, RefusedValueError, UnknownRecordError
from prefect_harmonic.planners.agent_choice import AgentChoice
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.evidence import Claim, Decision, Evidence, Grade, Source
from prefect_harmonic.planners.graph import ArtifactGraph
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.phases import phases_of
from prefect_harmonic.planners.programme.closing import Closing
from prefect_harmonic.planners.programme.evaluation import Criteria, Evaluation, EvaluationOutcome
from prefect_harmonic.planners.programme.opening import Opening, OpeningKind
from prefect_harmonic.tasks.programme_record import PROGRAMME_FILE, ProgrammeRecord
from prefect_harmonic.tasks.programme_status import programme_status, programmes
from prefect_harmonic.tasks.workspace import Workspace

ASK = named("Ask", phase="research", agent="researcher", effort="low", description="What there is.", priority="high")
BUILD = named("Build", "Ask", phase="build", agent="builder", domain_type="model", estimated_hours=2.0)
TEST = named("Test", "Build", phase="build", agent="builder")
PLAN = (ASK, BUILD, TEST)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder for the run."""
    return Workspace.opened(tmp_path / "out")


def graph(*artifacts: Artifact) -> ArtifactGraph:
    """A plan for the goal."""
    return ArtifactGraph(artifacts, goal="Ship it")


async def opened(kb: KnowledgeBase, workspace: Workspace, *artifacts: Artifact) -> ProgrammeRecord:
    """A record, with a plan where one is given."""
    record = await ProgrammeRecord.opened(kb, workspace, goal="Ship it", parameters={"candidates": 5})
    if artifacts:
        await record.plan_set(graph(*artifacts), phases_of(graph(*artifacts)))
    return record


def found(artifact: str, summary: str = "All of it was found.") -> Evidence:
    """What was found out for an artifact."""
    source = Source(path="README.md", line=3, quote="six", grade=Grade.DOCUMENTED)
    return Evidence(
        artifact=artifact,
        agent="researcher",
        summary=summary,
        confidence=0.8,
        claims=(Claim(text=f"{artifact} has six parts.", sources=(source,), confidence=0.9),),
        decisions=(Decision(title=f"How to do {artifact}", chosen="plainly"),),
        gaps=("no figures",),
        text=f"# {artifact}\n\nThe whole story.",
    )


async def made(record: ProgrammeRecord, *artifacts: str) -> None:
    """Has artifacts made one after the other."""
    for artifact in artifacts:
        await record.artifact_started(artifact)
        await record.artifact_ended(artifact, state="done", evidence=found(artifact))


async def node(kb: KnowledgeBase, record: ProgrammeRecord, title: str) -> str:
    """The id of the one node with this title that is still wanted."""
    tree = await kb.subtree(record.root)
    (only,) = [each.id for each in tree if each.title == title and not each.metadata.get("dropped")]
    return only


async def test_plan_becomes_a_tree_of_phases_and_leaves(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Goal, phases, artifacts: each leaf with its one agent, its effort and what it waits for."""
    record = await opened(kb, workspace, *PLAN)
    tree = await kb.subtree(record.root)
    assert [(each.title, each.depth) for each in tree] == [
        ("Ship it", 0),
        ("research", 1),
        ("build", 1),
        ("Ask", 2),
        ("Build", 2),
        ("Test", 2),
    ]
    build = await kb.get(await node(kb, record, "Build"))
    assert {key: build.metadata[key] for key in ("assigned_agent", "estimated_hours", "domain_type", "priority")} == {
        "assigned_agent": "builder",
        "estimated_hours": 2.0,
        "domain_type": "model",
        "priority": "normal",
    }
    assert [each.title for each in await kb.awaited(build.id)] == ["Ask"]
    assert (await kb.progress(record.root)).unassigned_leaves == ()
    assert (await kb.get(record.root)).metadata["parameters"] == {"candidates": 5}


async def test_agents_that_were_chosen_are_recorded_with_why(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Where the plan names none."""
    record = await opened(kb, workspace)
    plan = graph(named("Model", domain_type="model"))
    choices = {"Model": AgentChoice("builder", "its kind is what builder is for")}
    await record.plan_set(plan, phases_of(plan), agents=choices)
    leaf = await kb.get(await node(kb, record, "Model"))
    assert (leaf.agent, leaf.metadata["assigned_because"]) == ("builder", "its kind is what builder is for")


async def test_run_from_start_to_end(kb: KnowledgeBase, workspace: Workspace, clock: MovableClock) -> None:
    """Effort by the clock, findings kept, phases completed, the goal completed, and the status tells it."""
    record = await opened(kb, workspace, *PLAN)
    await record.artifact_started("Ask")
    clock.move(minutes=30)
    await record.artifact_ended("Ask", state="done", evidence=found("Ask"), seconds=1.0)
    await record.phase_ended("research")
    during = await programme_status(kb, record.root)
    assert (during.status, during.progress.whole.completed, during.progress.whole.total) == ("executing", 2, 5)
    await made(record, "Build", "Test")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    ask = await node(kb, record, "Ask")
    assert (await kb.effort(ask)).actual_hours == 0.5
    assert [claim.text for claim in await kb.claims(ask)] == ["Ask has six parts."]
    assert [each.decision.title for each in await kb.decisions(ask)] == ["How to do Ask"]
    assert (await kb.get(ask)).content == "# Ask\n\nThe whole story."
    assert (await kb.get(ask)).metadata["summary"] == "All of it was found. Ask has six parts."
    status = await programme_status(kb, record.root)
    assert (status.status, status.outcome, status.progress.whole.percent) == ("completed", "completed", 100.0)
    assert [(level.depth, level.total, level.completed) for level in status.progress.levels] == [(1, 2, 2), (2, 3, 3)]
    assert (status.artifacts.total, status.artifacts.completed) == (3, 3)
    assert (status.goal, status.workspace, status.blocked) == ("Ship it", str(workspace.root), ())
    assert (status.accuracy.by_agent["researcher"].accuracy, status.accuracy.count) == (0.5, 3)


async def test_summaries_that_go_up_are_short_and_the_whole_stays_below(
    kb: KnowledgeBase, workspace: Workspace
) -> None:
    """At most 1,000 characters at every node, whatever lies under it."""
    record = await opened(kb, workspace, *PLAN)
    for artifact in ("Ask", "Build", "Test"):
        await record.artifact_started(artifact)
        evidence = found(artifact, f"{artifact} says much. " * 40)
        await record.artifact_ended(artifact, state="done", evidence=evidence)
    await record.phase_ended("build")
    summary = (await kb.get(await node(kb, record, "build"))).metadata["summary"]
    assert isinstance(summary, str)
    assert summary.startswith("2 of 2 artifacts are there.")
    assert 500 <= len(summary) <= 1000


async def test_run_that_is_started_again_goes_on_in_the_same_tree(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Nothing is there twice, and what is done stays as it is."""
    first = await opened(kb, workspace, *PLAN)
    await made(first, "Ask")
    before = await kb.subtree(first.root)
    again = await opened(kb, workspace, *PLAN)
    await again.artifact_ended("Ask", state="kept", evidence=found("Ask"), seconds=1.0)
    assert again.root == first.root
    assert await kb.subtree(again.root) == before
    assert len(await kb.decisions(again.root)) == 1


async def test_work_of_a_killed_run_is_not_counted_and_starts_anew(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """The night after a crash is no effort."""
    first = await opened(kb, workspace, *PLAN)
    await first.artifact_started("Ask")
    clock.move(hours=8)
    again = await opened(kb, workspace, *PLAN)
    await again.artifact_started("Ask")
    clock.move(hours=1)
    await again.artifact_started("Ask")
    await again.artifact_ended("Ask", state="done", evidence=found("Ask"))
    account = await kb.effort(await node(kb, again, "Ask"))
    assert ([each.ended_as for each in account.stretches], account.actual_hours) == (["interrupted", "completed"], 1.0)


async def test_root_that_the_database_has_lost_is_begun_anew(kb: KnowledgeBase, workspace: Workspace, url: str) -> None:
    """Under its id; what was made is told as kept, with the time it took, and is no sample for estimates."""
    workspace.write_own(PROGRAMME_FILE, json.dumps({"version": 1, "root": "0" * 26, "goal": "Ship it"}))
    record = await opened(kb, workspace, *PLAN)
    assert record.root == "0" * 26
    await record.artifact_ended("Ask", state="kept", evidence=found("Ask"), seconds=7200)
    ask = await node(kb, record, "Ask")
    assert (await kb.get(ask)).status == "completed"
    assert (await kb.effort(ask)).actual_hours == 2.0
    assert await kb.learned_kinds(least=1) == ()


@pytest.mark.parametrize("content", ["", "no json", "[]", '{"root": 5}', '{"root": "../../etc"}'])
async def test_file_that_names_no_root_is_replaced(kb: KnowledgeBase, workspace: Workspace, content: str) -> None:
    """Whatever stands in it."""
    workspace.write_own(PROGRAMME_FILE, content)
    record = await opened(kb, workspace)
    assert json.loads((workspace.root / PROGRAMME_FILE).read_text())["root"] == record.root


async def test_completed_pursuit_is_followed_by_another(kb: KnowledgeBase, workspace: Workspace) -> None:
    """So is one of another goal; the newest is told first, and of runs that go on from each other only the last."""
    first = await opened(kb, workspace, ASK)
    await made(first, "Ask")
    await first.ended(outcome="converged")
    second = await opened(kb, workspace, ASK)
    other = await ProgrammeRecord.opened(kb, workspace, goal="Something else", parameters={})
    assert len({first.root, second.root, other.root}) == 3
    assert (await kb.get(second.root)).metadata["continues"] == first.root
    assert [each.id for each in await programmes(kb)] == [other.root, second.root]


async def test_failure_blocks_with_its_reason_and_a_retry_goes_on(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """The leaf, its phase and the goal; what depended on it never ran, and says so."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask")
    await record.artifact_started("Build")
    await record.artifact_ended("Build", state="failed", reason="no access")
    await record.artifact_ended("Test", state="blocked", reason="never ran: Build was not made")
    await record.phase_ended("build")
    await record.ended(outcome="failed")
    status = await programme_status(kb, record.root)
    assert (status.status, status.reason, status.outcome) == ("blocked", "failed", "failed")
    assert [(part.title, part.reason, part.is_waiting) for part in status.blocked] == [
        ("build", "Build, Test are not completed", False),
        ("Build", "no access", False),
        ("Test", "never ran: Build was not made", True),
    ]
    again = await opened(kb, workspace, *PLAN)
    await made(again, "Build", "Test")
    await again.phase_ended("build")
    await again.ended(outcome="completed")
    after = await programme_status(kb, again.root)
    assert (again.root, after.status, after.blocked) == (record.root, "completed", ())
    ended = [each.ended_as for each in (await kb.effort(await node(kb, again, "Build"))).stretches]
    assert ended == ["blocked", "completed"]


async def test_exhausted_run_is_no_success(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Though everything was made."""
    record = await opened(kb, workspace, ASK)
    await made(record, "Ask")
    await record.ended(outcome="exhausted", reason="confidence 0.40 after 5 iterations")
    status = await programme_status(kb, record.root)
    assert (status.status, status.outcome, status.reason) == (
        "blocked",
        "exhausted",
        "confidence 0.40 after 5 iterations",
    )


async def test_artifact_that_a_person_left_out_holds_nothing_up(kb: KnowledgeBase, workspace: Workspace) -> None:
    """And a changed plan does not bring it back."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask", "Build")
    await record.artifact_ended("Test", state="skipped", reason="a person said so")
    await record.plan_set(graph(*PLAN), phases_of(graph(*PLAN)), iteration=1)
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_changed_plan_touches_only_what_changes(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """New ones are added, dropped ones marked, kept ones exactly as they were; said twice it changes nothing more."""
    record = await opened(kb, workspace, *PLAN, named("Docs", "Ask", phase="build", agent="builder"))
    await made(record, "Ask")
    kept = [await kb.get(await node(kb, record, title)) for title in ("Ask", "Docs")]
    clock.move(hours=1)
    fill = named("GapFill-1", "Ask", phase="build", agent="researcher")
    after = graph(ASK, named("Build", "Ask GapFill-1", **BUILD.model_dump(exclude={"id", "requires"})), fill, *(
        named("Docs", "Ask", phase="build", agent="builder"),
    ))  # fmt: skip
    opening = Opening(key="gap-1", kind=OpeningKind.GAP, text="no load figures", origins=("Ask",))
    closings = [Closing(opening=opening, artifact="GapFill-1", iteration=1)]
    await record.plan_set(after, phases_of(after), iteration=1, closings=closings)
    once = await kb.subtree(record.root)
    await record.plan_set(after, phases_of(after), iteration=1, closings=closings)
    assert await kb.subtree(record.root) == once
    assert [await kb.get(each.id) for each in kept] == kept
    gap = await kb.get(await node(kb, record, "Gap Fill: no load figures"))
    assert (gap.metadata["added_by_eval"], gap.metadata["replanned_at_iteration"]) == (1, 1)
    (dropped,) = [each for each in once if each.title == "Test"]
    assert (dropped.metadata["dropped"], dropped.metadata["replanned_at_iteration"]) == (
        "the changed plan does without it",
        1,
    )
    assert [each.title for each in await kb.awaited(await node(kb, record, "Build"))] == ["Gap Fill: no load figures"]


async def test_unblocking_is_a_part_of_what_it_unblocks(kb: KnowledgeBase, workspace: Workspace) -> None:
    """One level deeper, linked as `unblocks`; then the blocked one is executed."""
    record = await opened(kb, workspace, ASK, BUILD)
    await made(record, "Ask")
    await record.artifact_started("Build")
    await record.artifact_ended("Build", state="failed", reason="no access")
    help_ = named("Unblock-Build", "Ask", phase="build", agent="builder", priority="high")
    after = graph(ASK, named("Build", "Ask Unblock-Build", phase="build", agent="builder"), help_)
    opening = Opening(key="failure-1", kind=OpeningKind.FAILURE, text="no access", origins=("Build",))
    closing = Closing(opening=opening, artifact="Unblock-Build", iteration=1)
    await record.plan_set(after, phases_of(after), iteration=1, closings=[closing])
    unblocking = await kb.get(await node(kb, record, "Unblock: no access"))
    build = await node(kb, record, "Build")
    assert (unblocking.parent, unblocking.depth, unblocking.metadata["priority"]) == (build, 3, "high")
    assert ("unblocks", build) in [(each.link_type, each.id) for each in await kb.links(unblocking.id, "from")]
    with pytest.raises(IllegalStepError, match="Unblock: no access"):
        await record.artifact_started("Build")
    await made(record, "Unblock-Build", "Build")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_completed_artifact_that_is_made_again_is_a_node_of_its_own(
    kb: KnowledgeBase, workspace: Workspace
) -> None:
    """What was done stays on record; the new one takes its place before what waits for it."""
    record = await opened(kb, workspace, *PLAN)
    await made(record, "Ask")
    await record.phase_ended("research")
    old = await node(kb, record, "Ask")
    await record.artifact_started("Ask")
    new = await node(kb, record, "Ask")
    assert (await kb.get(old)).metadata["dropped"] == f"made again as {new}"
    assert (await kb.get(new)).metadata["repeats"] == old
    assert [each.id for each in await kb.awaited(await node(kb, record, "Build"))] == [new]
    await record.artifact_ended("Ask", state="done", evidence=found("Ask"))
    await made(record, "Build", "Test")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


@pytest.mark.parametrize(("max_depth", "deepest"), [(1, 1), (2, 2), (3, 2)])
async def test_tree_stays_within_its_depth(
    kb: KnowledgeBase, workspace: Workspace, max_depth: int, deepest: int
) -> None:
    """A leaf at the limit is executed as it is, not dropped."""
    record = await ProgrammeRecord.opened(kb, workspace, goal="Ship it", parameters={}, max_depth=max_depth)
    await record.plan_set(graph(*PLAN), phases_of(graph(*PLAN)))
    await made(record, "Ask", "Build", "Test")
    await record.phase_ended("build")
    await record.ended(outcome="completed")
    assert max(each.depth for each in await kb.subtree(record.root)) == deepest
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_phase_that_an_artifact_moved_to_may_have_no_node(kb: KnowledgeBase, workspace: Workspace) -> None:
    """What is kept stays where it is in the tree; the phase still ends, and saying the plan again changes nothing."""
    record = await opened(kb, workspace, *PLAN)
    moved = graph(ASK, named("Build", "Ask", phase="later"), named("Test", "Build", phase="later"))
    await record.plan_set(moved, phases_of(moved), iteration=1)
    once = await kb.subtree(record.root)
    await record.plan_set(moved, phases_of(moved), iteration=1)
    assert await kb.subtree(record.root) == once
    await made(record, "Ask", "Build", "Test")
    await record.phase_ended("later")
    await record.ended(outcome="completed")
    assert (await programme_status(kb, record.root)).status == "completed"


async def test_run_that_stops_in_the_middle_leaves_nothing_executing(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """What was being made is blocked with the reason, and its clock stands."""
    record = await opened(kb, workspace, *PLAN)
    await record.artifact_started("Ask")
    clock.move(hours=1)
    await record.ended(outcome="stopped")
    clock.move(hours=5)
    status = await programme_status(kb, record.root)
    assert (status.status, status.executing, status.outcome) == ("blocked", (), "stopped")
    assert ("Ask", "the run ended before it was done") in [(part.title, part.reason) for part in status.blocked]
    assert (await kb.effort(await node(kb, record, "Ask"))).actual_hours == 1.0


def verdict(
    iteration: int, confidence: float, outcome: EvaluationOutcome, gaps: tuple[str, ...] = (), phase: str = "research"
) -> Evaluation:
    """An evaluation of a run."""
    return Evaluation(
        phase=phase, iteration=iteration, confidence=confidence, gaps=gaps, outcome=outcome, rationale="So it is."
    )


async def test_evaluations_keep_their_history(kb: KnowledgeBase, workspace: Workspace) -> None:
    """0.4 with a gap, replanned, 0.75 converged; told twice it is there once; the plan's change is kept too."""
    record = await opened(kb, workspace, *PLAN)
    first = verdict(1, 0.4, EvaluationOutcome.CONTINUE, ("dependency resolution strategy",))
    await record.evaluated(first)
    await record.evaluated(first)
    change: dict[str, JsonValue] = {
        "iteration": 1,
        "reason": "Replanned remaining phases",
        "difference": {"changes": []},
    }
    await record.replanned(change)
    await record.replanned(change)
    await record.evaluated(verdict(2, 0.75, EvaluationOutcome.CONVERGED, phase="analysis"))
    status = await programme_status(kb, record.root)
    assert [(each.iteration, each.confidence, each.decision) for each in status.evaluations] == [
        (1, 0.4, "replan"),
        (2, 0.75, "converge"),
    ]
    assert status.evaluations[0].gaps == ("dependency resolution strategy",)
    assert status.replannings == 1


async def test_more_iterations_than_the_criteria_allow_are_kept(kb: KnowledgeBase, workspace: Workspace) -> None:
    """A person may allow more; iterations that converged do not count up, and are all kept."""
    record = await opened(kb, workspace, *PLAN)
    criteria = Criteria(max_iterations=2)
    for iteration in (1, 1, 2, 3, 4, 5):
        outcome = EvaluationOutcome.EXHAUSTED if iteration > 1 else EvaluationOutcome.CONTINUE
        await record.evaluated(verdict(iteration, iteration / 10, outcome, phase=f"p{iteration}"), criteria=criteria)
    status = await programme_status(kb, record.root)
    assert [each.confidence for each in status.evaluations] == [0.1, 0.2, 0.3, 0.4, 0.5]


async def test_question_stays_open_until_it_is_answered(kb: KnowledgeBase, workspace: Workspace) -> None:
    """Asked twice it is one; answered twice it is answered; what nobody asked cannot be answered."""
    record = await opened(kb, workspace, *PLAN)
    question: dict[str, JsonValue] = {
        "key": "q1",
        "kind": "plateaued",
        "subject": "research",
        "text": "Go on?",
        "options": ["retry", "stop"],
    }
    for _ in range(2):
        await record.asked(question)
    assert (await programme_status(kb, record.root)).question == question
    for _ in range(2):
        await record.answered({"key": "q1", "action": "retry", "guidance": "", "by": "me"})
    assert (await programme_status(kb, record.root)).question is None
    with pytest.raises(UnknownRecordError, match="question"):
        await record.answered({"action": "stop"})
    assert (await programme_status(kb, record.root)).progress.whole.total == 5


async def test_busy_database_loses_nothing(kb: KnowledgeBase, workspace: Workspace, url: str) -> None:
    """The caller is told and goes on; the next call writes what was missed first, in order."""
    async with KnowledgeBase(url, patience_seconds=0.2) as hasty:
        record = await opened(hasty, workspace, *PLAN)
        await record.artifact_started("Ask")

        async def blocking(_transaction: object) -> None:
            with pytest.raises(DatabaseBusyError):
                await record.artifact_ended("Ask", state="done", evidence=found("Ask"))
            with pytest.raises(DatabaseBusyError):
                await record.artifact_started("Build")

        await kb.together(blocking)
        await record.artifact_ended("Build", state="done", evidence=found("Build"))
        await record.catch_up()
        assert (await programme_status(hasty, record.root)).progress.whole.completed == 2


async def test_refused_call_changes_nothing_and_holds_nothing_up(kb: KnowledgeBase, workspace: Workspace) -> None:
    """What waits does not start; unknown artifacts and states are told; the next call goes through."""
    record = await opened(kb, workspace, *PLAN)
    with pytest.raises(IllegalStepError, match="Ask"):
        await record.artifact_started("Build")
    with pytest.raises(UnknownRecordError, match="Nobody"):
        await record.artifact_started("Nobody")
    with pytest.raises(RefusedValueError, match="finished"):
        await record.artifact_ended("Ask", state="finished")
    with pytest.raises(UnknownRecordError, match="nowhere"):
        await record.phase_ended("nowhere")
    await made(record, "Ask")
    assert (await programme_status(kb, record.root)).progress.whole.completed == 1


async def test_kinds_are_learned_from_three_samples_on(
    kb: KnowledgeBase, workspace: Workspace, clock: MovableClock
) -> None:
    """Mean hours by agent, type and effort, with their spread; with two samples nothing is learned."""
    plan = [named(f"Model{n}", agent="builder", domain_type="model") for n in range(3)]
    record = await opened(kb, workspace, *plan)
    for number, artifact in enumerate(plan):
        assert await kb.learned_kinds() == ()
        await record.artifact_started(artifact.id)
        clock.move(hours=number + 1)
        await record.artifact_ended(artifact.id, state="done")
    (learned,) = await kb.learned_kinds()
    assert (learned.kind, learned.mean_hours) == ("builder/model/medium", 2.0)
    assert (learned.count, learned.spread_hours) == (3, 1.0)
