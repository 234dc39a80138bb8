"""`advance_program`: run after run carries a programme on by the milestones that are due."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prefect.client.schemas.objects import FlowRun
from support.migration import artifact

from prefect_harmonic.deployments.schedules import cron_schedule
from prefect_harmonic.deployments.serve import deployments
from prefect_harmonic.errors import AgentError, OptionError, WorkspaceError
from prefect_harmonic.flows import advance_program
from prefect_harmonic.planners.artifact import Artifact
from prefect_harmonic.planners.assignment import Assignment
from prefect_harmonic.planners.evidence import Evidence
from prefect_harmonic.planners.knowledge.knowledge_base import KnowledgeBase
from prefect_harmonic.planners.plan import Plan
from prefect_harmonic.planners.programme.milestones import Milestone
from prefect_harmonic.tasks.agents.current import using_agents
from prefect_harmonic.tasks.agents.registry import Specialist
from prefect_harmonic.tasks.knowledge_address import knowledge_address
from prefect_harmonic.tasks.programme_status import programme_status

if TYPE_CHECKING:
    from flows.conftest import Cast

Advanced = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
QUARTERS = {
    "Q1": (date(2026, 1, 5), ["Survey", "Roadmap"]),
    "Q2": (date(2026, 4, 5), ["Foundation", "Training"]),
    "Q3": (date(2026, 7, 5), ["Pilot"]),
    "Q4": (date(2026, 10, 5), ["Core"]),
}
FIRST, SECOND, THIRD, FOURTH = (day for day, _ in QUARTERS.values())


def programme() -> tuple[Artifact, ...]:
    """A programme of four quarters, small enough to read."""
    return (
        artifact("Survey", "Q1", agent="code-analyzer"),
        artifact("Roadmap", "Q1", "Survey", agent="decision-log"),
        artifact("Foundation", "Q2", "Roadmap"),
        artifact("Training", "Q2", "Roadmap", agent="learning-path"),
        artifact("Pilot", "Q3", "Foundation", "Training"),
        artifact("Core", "Q4", "Pilot"),
    )


@pytest.fixture
def advanced(cast: "Cast", tmp_path: Path, quick_retries: None) -> Advanced:
    """Carries the programme on, on a day of the test's, with the cast."""

    async def advance(today: date, goal: str = "Modernize the platform", **options: Any) -> dict[str, Any]:
        project = tmp_path / "project"  # without one there would be nothing in which a gap could be looked up
        project.mkdir(exist_ok=True)
        given = {"plan": Plan(goal=goal, artifacts=programme()), "project": str(project), "retries": 0}
        with using_agents(*cast.specialists):
            outcome: dict[str, Any] = await advance_program(
                today=today, workspace=str(tmp_path / "out"), **{**given, **options}
            )
        return outcome

    return advance


def reviews_in(workspace: Path) -> list[str]:
    """Names of the reviews that are written."""
    return sorted(path.name for path in (workspace / "reviews").glob("*"))


def verdicts(run: Mapping[str, Any]) -> list[str | None]:
    """What the review of each milestone came to."""
    return [one["verdict"] for one in run["milestones"]]


async def test_each_run_does_one_quarter_and_repeats_nothing(
    advanced: Advanced, cast: "Cast", tmp_path: Path, latest_run: Callable[[str], Awaitable[FlowRun]]
) -> None:
    """Workflow 3: four runs a quarter apart, each carrying on where the last stopped, a review after each.

    In the knowledge base they are one tree for the whole year, completed at its end. What a schedule starts after the
    last review begins nothing anew.
    """
    ended, roots = [], set()
    for place, (day, expected) in enumerate(QUARTERS.values(), start=1):
        cast.called.clear()
        run = await advanced(day)
        ended.append(run["outcome"])
        roots.add(run["programme"])
        assert cast.called == expected
        assert reviews_in(tmp_path / "out") == [f"Q{number}.md" for number in range(1, place + 1)]
        assert (await latest_run("advance-program")).state_name == "Completed"
    assert ended == ["scheduled", "scheduled", "scheduled", "converged"]
    assert verdicts(run) == ["on course"] * 4
    assert [(one["name"], one["due"]) for one in run["milestones"]] == [
        (name, day.isoformat()) for name, (day, _) in QUARTERS.items()
    ]
    assert run["complete"]

    (root,) = roots
    async with KnowledgeBase(knowledge_address()) as kb:
        status = await programme_status(kb, root)
    assert status.status == "completed"
    assert status.progress.whole.percent == 100

    cast.called.clear()
    again = await advanced(FOURTH + timedelta(days=90))
    assert cast.called == []
    assert (again["outcome"], again["complete"], again["milestone"]) == ("converged", True, None)
    assert again["reviews"] == run["reviews"]


async def test_between_two_milestones_nothing_is_done_and_all_is_on_record(
    advanced: Advanced, cast: "Cast", tmp_path: Path, latest_run: Callable[[str], Awaitable[FlowRun]]
) -> None:
    """A run says when the next one is due: nothing is called, nothing is written, and the run is no failure.

    In the knowledge base the tree may be six deep, is still under way, and each review is a task with its day until
    held. A second goal does not write over a year's work.
    """
    run = await advanced(FIRST)
    async with KnowledgeBase(knowledge_address()) as kb:
        root, status = await kb.get(run["programme"]), await programme_status(kb, run["programme"])
        tasks = await kb.tasks()
        noted = [one.title for one in await kb.links(root.id) if one.type == "review"]
    assert root.metadata["max_depth"] == 6
    assert (status.status, status.outcome, status.reason) == ("executing", "scheduled", None)
    assert [(one.title, one.status.value, one.metadata["scheduled_date"]) for one in tasks] == [
        ("Review Q1 progress", "completed", "2026-04-05"),
        ("Review Q2 progress", "pending", "2026-07-05"),
        ("Review Q3 progress", "pending", "2026-10-05"),
        ("Review Q4 progress", "pending", "2027-01-05"),
    ]
    assert sorted(noted) == [f"Review of {name}" for name in QUARTERS]

    cast.called.clear()
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    run = await advanced(SECOND - timedelta(days=1))
    assert (run["outcome"], run["milestone"], run["due"]) == ("scheduled", "Q2", "2026-04-05")
    assert run["headline"] == "nothing was due: 1 of 4 milestones are reviewed; Q2 is due on 2026-04-05"
    assert cast.called == []
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before
    assert (await latest_run("advance-program")).state_name == "Completed"
    with pytest.raises(WorkspaceError, match="another programme"):
        await advanced(FIRST, goal="Modernize something else")
    assert cast.called == []


async def test_first_run_before_the_start_plans_and_waits(advanced: Advanced, cast: "Cast") -> None:
    """A programme can be set up before its first day."""
    run = await advanced(FIRST - timedelta(days=30), start=FIRST)
    assert (run["outcome"], run["milestone"], run["due"]) == ("scheduled", "Q1", "2026-01-05")
    assert cast.called == []
    await advanced(FIRST, start=FIRST)
    assert cast.called == ["Survey", "Roadmap"]


async def test_review_has_the_next_milestone_close_what_this_one_left_open(
    advanced: Advanced, cast: "Cast", tmp_path: Path
) -> None:
    """A gap that the criteria let pass gets its closing artifact in the plan of the next quarter, by one replanning."""
    cast.finds("Survey", {"gaps": ("who may switch the old platform off",)})
    run = await advanced(FIRST)
    assert [one["outcome"] for one in run["evaluations"]] == ["converged"]
    (closing,) = [one["artifact"] for replanning in run["replannings"] for one in replanning["closings"]]
    phases = {one["id"]: one.get("phase") for one in run["plan"]["artifacts"]}
    assert phases[closing] == "Q2"
    assert closing not in cast.called
    assert verdicts(run) == ["adjusted", None, None, None]
    text = (tmp_path / "out" / "reviews" / "Q1.md").read_text()
    assert text.startswith("# Review of Q1: adjusted\n")
    assert "- gap: who may switch the old platform off" in text
    assert closing in text
    assert json.loads((tmp_path / "out" / "plan.json").read_text()) == run["plan"]
    cast.called.clear()
    run = await advanced(SECOND)
    assert cast.called == [closing, "Foundation", "Training"]
    assert verdicts(run) == ["adjusted", "on course", None, None]


async def test_change_after_a_review_waits_for_approval_where_that_is_asked_for(
    advanced: Advanced, cast: "Cast", tmp_path: Path
) -> None:
    """The change is put before a person; a standing order to skip leaves the plan as it is."""
    cast.finds("Survey", {"gaps": ("who may switch the old platform off",)})
    run = await advanced(FIRST, approve_changes=True, on_escalation="skip")
    assert [asked["question"]["kind"] for asked in run["questions"]] == ["approval"]
    assert run["replannings"] == []
    assert run["outcome"] == "scheduled"
    assert "once a person approves it" in (tmp_path / "out" / "reviews" / "Q1.md").read_text()
    await advanced(SECOND, approve_changes=True, on_escalation="skip")
    assert cast.called == ["Survey", "Roadmap", "Foundation", "Training"]


async def test_interrupted_run_is_carried_on_without_repeating_finished_work(
    advanced: Advanced, cast: "Cast", tmp_path: Path
) -> None:
    """A run that is cut off in the middle of a quarter leaves what it finished; the next one does the rest."""
    await advanced(FIRST)
    begun, play = asyncio.Event(), cast.call

    async def stuck(assignment: Assignment) -> Evidence:
        if assignment.artifact.id == "Training":
            begun.set()
            await asyncio.Event().wait()
        return await play(assignment)

    cast.call = stuck  # type: ignore[method-assign]  # the cast with one who never ends
    cast.called.clear()
    work = asyncio.create_task(advanced(SECOND, max_parallel=1))
    async with asyncio.timeout(120):
        await begun.wait()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert cast.called == ["Foundation"]
    assert reviews_in(tmp_path / "out") == ["Q1.md"]
    cast.call = play  # type: ignore[method-assign]  # everybody works again
    cast.called.clear()
    run = await advanced(SECOND + timedelta(days=7))
    assert cast.called == ["Training"]
    assert run["artifacts"]["Foundation"]["state"] == "kept"
    assert verdicts(run) == ["on course", "on course", None, None]


async def test_review_that_could_not_be_written_changes_the_plan_only_once(
    advanced: Advanced, cast: "Cast", tmp_path: Path
) -> None:
    """What was decided before an interruption between plan and review is not decided again."""
    cast.finds("Survey", {"gaps": ("who may switch the old platform off",)})
    out = tmp_path / "out"
    out.mkdir()
    (out / "reviews").write_text("in the way")
    with pytest.raises(WorkspaceError):
        await advanced(FIRST)
    (out / "reviews").unlink()
    cast.called.clear()
    run = await advanced(FIRST + timedelta(days=2))
    assert cast.called == []
    assert len(run["replannings"]) == 1
    (review,) = run["reviews"]
    assert review["held"] == FIRST.isoformat()
    assert list(review["adjustment"]["closes"].values()) == ["who may switch the old platform off"]


async def test_settled_work_is_kept_though_the_project_has_changed(cast: "Cast", tmp_path: Path) -> None:
    """The assessment of the first quarter is not made again because the code moved on, as it is meant to."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "app.py").write_text("one = 1\n")
    readers = [Specialist(name=one.name, call=cast.call, is_reading_project=True) for one in cast.specialists]
    plan = Plan(goal="Modernize", artifacts=programme())
    for day, text in ((FIRST, "one = 1\n"), (SECOND, "one = 2\n")):
        (project / "app.py").write_text(text)
        cast.called.clear()
        with using_agents(*readers):
            await advance_program(plan=plan, today=day, project=str(project), workspace=str(tmp_path / "out"))
    assert cast.called == ["Foundation", "Training"]


async def test_missed_quarters_are_made_up_for_with_a_review_between(
    advanced: Advanced, cast: "Cast", tmp_path: Path
) -> None:
    """Where nothing ran for half a year, one run does all that is due, in order, and reviews each milestone."""
    cast.finds("Survey", {"gaps": ("who may switch the old platform off",)})
    run = await advanced(THIRD, start=FIRST)
    closing = run["replannings"][0]["closings"][0]["artifact"]
    assert cast.called == ["Survey", "Roadmap", closing, "Foundation", "Training", "Pilot"]
    assert [one["milestone"] for one in run["reviews"]] == ["Q1", "Q2", "Q3"]
    assert [one["planned"] for one in run["reviews"]] == ["2026-04-05", "2026-07-05", "2026-10-05"]
    assert "91 days late" in (tmp_path / "out" / "reviews" / "Q1.md").read_text()
    assert (run["milestone"], run["due"]) == ("Q4", "2026-10-05")


async def test_quarter_with_a_failure_is_not_reviewed_and_is_tried_again(
    advanced: Advanced, cast: "Cast", tmp_path: Path, latest_run: Callable[[str], Awaitable[FlowRun]]
) -> None:
    """What could not be made holds the programme up and fails the run; the next run goes on from there."""
    cast.finds("Roadmap", AgentError("decision-log", "Roadmap", "nobody decides"), {})
    cast.parts["Roadmap"].insert(1, AgentError("decision-log", "Roadmap", "nobody decides"))
    run = await advanced(FIRST)
    assert run["outcome"] == "stopped"
    assert not run["complete"]
    assert verdicts(run) == [None] * 4
    assert (await latest_run("advance-program")).state_name == "Failed"
    run = await advanced(FIRST + timedelta(days=7))
    assert run["outcome"] == "scheduled"
    assert verdicts(run) == ["on course", None, None, None]
    assert cast.called.count("Survey") == 1


async def test_stated_milestones_may_be_put_off(advanced: Advanced, cast: "Cast") -> None:
    """Days can change while the programme goes on, and names cannot."""
    plain = [Milestone(name=name, due=day) for name, (day, _) in QUARTERS.items()]
    await advanced(FIRST, milestones=plain)
    later = [plain[0], *(one.model_copy(update={"due": one.due + timedelta(days=30)}) for one in plain[1:])]
    cast.called.clear()
    run = await advanced(SECOND, milestones=later)
    assert (run["outcome"], run["due"], cast.called) == ("scheduled", "2026-05-05", [])
    await advanced(SECOND + timedelta(days=30))
    assert cast.called == ["Foundation", "Training"]
    with pytest.raises(OptionError, match="began with"):
        await advanced(THIRD, milestones=plain[:3])


def test_schedule_can_start_the_programme_with_parameters_of_its_own() -> None:
    """`harmonic serve --flow advance-program --cron …`: that deployment has the schedule, the others have none."""
    weekly = cron_schedule("0 6 * * mon", "UTC", {"goal": "Modernize", "start": "2026-01-05"}, "weekly")
    served = {one.flow_name: one for one in deployments("tested", {}, [weekly], scheduled="advance-program")}
    scheduled = {name: [one.parameters for one in deployment.schedules or ()] for name, deployment in served.items()}
    assert scheduled["advance-program"] == [{"goal": "Modernize", "start": "2026-01-05"}]
    assert [name for name, found in scheduled.items() if found] == ["advance-program"]
